//! Everything that reads bytes from a device, a file or a network, as functions over bytes. Used by the bounded run
//! on stable Rust (`tests/fuzz_bounded.rs`) and by cargo-fuzz (`tests/fuzz`). A target panics where a promise is
//! broken, and returns otherwise.

use std::io::Write as _;

use carto_flasher::board::Mcu;
use carto_flasher::catalog::{embedded, live};
use carto_flasher::crash::Fate;
use carto_flasher::dfu::functional::FunctionalDescriptor;
use carto_flasher::dfu::layout::{MemoryLayout, identify_chip};
use carto_flasher::dfu::request::Command as DfuCommand;
use carto_flasher::dfu::status::Status;
use carto_flasher::image::{self, Image, Route};
use carto_flasher::katapult::frame::{Frame, FrameDecoder, Received};
use carto_flasher::katapult::message::{Command, Reply};
use carto_flasher::klipper::frame::BlockDecoder;
use carto_flasher::klipper::{dictionary, message, vlq};
use carto_flasher::settings::Settings;
use carto_flasher::transport::Hardware as _;
use carto_flasher::transport::sim::SimHardware;
use carto_flasher::update;

/// One target: its name, which is also that of its corpus, and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 17] = [
    ("layout", layout),
    ("functional", functional),
    ("get_status", get_status),
    ("katapult_frame", katapult_frame),
    ("katapult_connect", katapult_connect),
    ("klipper_frame", klipper_frame),
    ("dictionary", identify_dictionary),
    ("image_bin", image_bin),
    ("image_dfu", image_dfu),
    ("image_hex", image_hex),
    ("image_uf2", image_uf2),
    ("catalog_csv", catalog_csv),
    ("catalog_tree", catalog_tree),
    ("settings", settings),
    ("release", release),
    ("fate", fate),
    ("bench_spec", bench_spec),
];

/// The interface string of a DFU device.
pub fn layout(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _chip = identify_chip(&[&text, &text]);
    let Ok(layout) = MemoryLayout::parse(&text) else {
        return;
    };
    for address in [0, 0x0800_0000, 0x1fff_f800, u32::MAX] {
        let left = layout.readable_from(address);
        assert!(left <= 1 << 32);
        assert_eq!(layout.readable(address, 1), left > 0);
        assert!(left == 0 || layout.contains(address));
    }
}

/// The functional descriptor of a DFU device.
pub fn functional(data: &[u8]) {
    if let Ok(found) = FunctionalDescriptor::parse(data) {
        assert!((1..=4096).contains(&found.transfer_size));
        let again = FunctionalDescriptor::parse(&found.encode());
        assert_eq!(again, Ok(found));
    }
    if let Ok(command) = DfuCommand::decode(data) {
        assert_eq!(DfuCommand::decode(&command.encode()), Ok(command));
    }
}

/// The reply to GETSTATUS.
pub fn get_status(data: &[u8]) {
    if let Ok(status) = Status::decode(data) {
        assert!(data.len() >= 6);
        assert_eq!(Status::decode(&status.encode()), Ok(status));
    }
}

/// What comes over the port of a Katapult: cut differently, it is the same.
pub fn katapult_frame(data: &[u8]) {
    let mut at_once = FrameDecoder::new();
    let mut whole = frames(at_once.push(data));
    let mut byte_by_byte = FrameDecoder::new();
    let mut pieces = Vec::new();
    for byte in data {
        pieces.extend(frames(byte_by_byte.push(&[*byte])));
    }
    assert_eq!(whole, pieces);
    whole.extend(frames(at_once.flush()));
    for frame in whole {
        let _reply = Reply::decode(&frame);
        if let Some(command) = Command::decode(&frame) {
            let _wire = command.encode();
        }
        let mut decoder = FrameDecoder::new();
        assert_eq!(frames(decoder.push(&frame.encode())), [frame]);
    }
}

fn frames(received: Vec<Received>) -> Vec<Frame> {
    received
        .into_iter()
        .filter_map(|received| match received {
            Received::Frame(frame) => Some(frame),
            Received::Noise(_) => None,
        })
        .collect()
}

/// The payload of an ACK, to CONNECT among others.
pub fn katapult_connect(data: &[u8]) {
    for command in [0x11_u32, 0x12, 0x13, 0x14, 0x15, 0x16] {
        let payload = [&command.to_le_bytes(), data].concat();
        if let Some(frame) = Frame::new(0xa0, payload)
            && let Ok(Reply::Connected(info)) = Reply::decode(&frame)
        {
            // A byte that is no UTF-8 becomes three.
            assert!(info.mcu.len() <= 3 * data.len());
        }
    }
    if let Some(frame) = Frame::new(0xa0, data.to_vec()) {
        let _reply = Reply::decode(&frame);
    }
}

/// What comes over the port of running firmware: cut differently, it is the same.
pub fn klipper_frame(data: &[u8]) {
    let whole = BlockDecoder::new().push(data);
    let mut decoder = BlockDecoder::new();
    let mut pieces = Vec::new();
    for byte in data {
        pieces.extend(decoder.push(&[*byte]));
    }
    assert_eq!(format!("{whole:?}"), format!("{pieces:?}"));
    let _request = message::Identify::decode(data);
    let _response = message::IdentifyResponse::decode(data);
    let mut rest = data;
    while let Some((_, behind)) = vlq::decode(rest) {
        assert!(behind.len() < rest.len());
        rest = behind;
    }
}

/// The dictionary of firmware: packed as it comes, packed by us so that its inside is met, and inside an image.
pub fn identify_dictionary(data: &[u8]) {
    let _found = dictionary::parse_stream(data);
    let _in_image = dictionary::search(data);
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(data, 1);
    if let Ok(dictionary) = dictionary::parse_stream(&packed) {
        let _transport = dictionary.transport();
    }
}

/// A file of raw bytes.
pub fn image_bin(data: &[u8]) {
    image_named("firmware.bin", data);
    for mcu in Mcu::ALL {
        let _dump = Image::parse_dump("backup.bin", data.to_vec(), mcu);
    }
}

/// A DfuSe file.
pub fn image_dfu(data: &[u8]) {
    image_named("firmware.dfu", data);
}

/// An Intel HEX file.
pub fn image_hex(data: &[u8]) {
    image_named("firmware.hex", data);
}

/// A UF2 file.
pub fn image_uf2(data: &[u8]) {
    image_named("firmware.uf2", data);
}

fn image_named(name: &str, data: &[u8]) {
    let Ok(parsed) = Image::parse(name, data.to_vec()) else {
        return;
    };
    let facts = parsed.facts();
    let chip = facts.mcu.chip();
    let end = u64::from(facts.link_address) + parsed.bytes().len() as u64;
    assert!(!parsed.bytes().is_empty());
    assert!(facts.link_address >= chip.flash_base && end <= u64::from(chip.flash_end()));
    for mcu in Mcu::ALL {
        let _through_dfu = image::fit(&parsed, mcu, Route::Dfu);
        let _through_katapult = image::fit(&parsed, mcu, Route::Katapult);
    }
    if let (Some(bootloader), Some(app)) =
        (image::bootloader_part(&parsed), image::app_part(&parsed))
    {
        let _both = image::compose(&bootloader, &app);
    }
}

/// The lists of firmware: ours and upstream's.
pub fn catalog_csv(data: &[u8]) {
    let _ours = embedded::parse(&String::from_utf8_lossy(data));
    let _theirs = live::parse_list(data, "https://example.invalid/list.csv");
}

/// The listing of upstream's tree.
pub fn catalog_tree(data: &[u8]) {
    if let Ok(files) = live::parse_tree(data, "https://example.invalid/tree") {
        let _checked = live::check_tree(&files);
    }
}

/// The settings file.
pub fn settings(data: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(data).expect("room for it");
    let (settings, _warning) = Settings::load(file.path());
    // What was read can be kept and is the same then.
    settings.save(file.path()).expect("it can be saved");
    let (again, warning) = Settings::load(file.path());
    assert!(warning.is_none(), "{warning:?}");
    assert_eq!(again, settings);
}

/// GitHub's answer about the latest release of this program.
pub fn release(data: &[u8]) {
    if let Some(release) = update::parse(data) {
        let page = release.page();
        assert!(
            page.starts_with("https://github.com/carto-flasher/"),
            "{page}"
        );
        assert!(page.is_ascii() && page.len() < 200, "{page}");
        let present = update::present().expect("this version is one");
        let version = release.version.to_string();
        assert!(!release.is_news(&present, Some(&version)));
        assert!(!release.is_news(&release.version, None));
    }
}

/// What a program that failed tells the one that explains it.
pub fn fate(data: &[u8]) {
    if let Some(fate) = Fate::parse(&String::from_utf8_lossy(data)) {
        assert_eq!(Fate::parse(&fate.line()), Some(fate));
    }
}

/// What follows `--simulate`. Files are left alone.
pub fn bench_spec(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if text.contains("holds") {
        return;
    }
    if let Ok(bench) = SimHardware::new_virtual(&text) {
        assert!(bench.probe_count() <= 16);
        let devices = bench.list().expect("a bench can be listed");
        assert!(devices.len() <= bench.probe_count());
    }
}
