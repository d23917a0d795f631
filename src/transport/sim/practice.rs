//! Practice firmware: images that have the structure of the official ones and no one's code in them.
//!
//! The simulated bench runs them, and tests need no download. What is true of them and of official images
//! alike: vectors, `CanBoot!`, sizes, the packed dictionary, USB strings, the combined layout
//! (boards-and-firmware.md §2). The rest is deterministic noise. A chip could not run them.

use miniz_oxide::deflate::compress_to_vec_zlib;
use serde_json::{Map, Value, json};

use crate::board::{Chip, Mcu, Transport};

/// Katapult's signature, right before its reset handler.
const SIGNATURE: &[u8; 8] = b"CanBoot!";
/// What a practice Katapult for CAN carries instead of USB descriptors, followed by the bitrate.
const CAN_MARKER: &[u8] = b"practice-can:";
/// Bitrate of an official CAN Katapult, which does not tell: the most common one.
const USUAL_BITRATE: u32 = 1_000_000;
/// 1d50:6177 as it stands in a device descriptor, USB 2.0 §9.6.1.
const KATAPULT_IDS: [u8; 4] = [0x50, 0x1d, 0x77, 0x61];
/// Entries of a Katapult's vector table come before the signature; this one is the reset vector's place in it.
const RESET_AFTER_SIGNATURE: u32 = 8;
/// Thumb bit of a vector, ARMv6-M and ARMv7-M architecture manuals, B1.5.3.
const THUMB: u32 = 1;

/// An application behind 8 KiB of Katapult: `role=App`.
pub fn app(mcu: Mcu, transport: Transport, version: &str) -> Vec<u8> {
    let chip = mcu.chip();
    let plan = AppPlan::of(mcu, transport);
    let mut image = noise(seed(version, mcu, transport), plan.length);
    vectors(&mut image, chip.app_stack, plan.reset, plan.vectors);
    // The address an application gives to VTOR or copies its vectors from.
    put(&mut image, plan.literal_at, &chip.app_start.to_le_bytes());
    if transport == Transport::Usb {
        let at = plan.strings_at;
        put(&mut image, at, &utf16("Cartographer"));
        put(
            &mut image,
            at.saturating_add(32),
            &utf16(mcu.klipper_name()),
        );
    }
    let packed = compress_to_vec_zlib(dictionary(mcu, transport, version).as_bytes(), 9);
    put(&mut image, plan.dictionary_at, &packed);
    image
}

/// Katapult alone: `role=Bootloader`.
pub fn katapult(mcu: Mcu, transport: Transport) -> Vec<u8> {
    let chip = mcu.chip();
    let length = match (mcu, transport) {
        (Mcu::Stm32F042, Transport::Usb) => 4640,
        (Mcu::Stm32F042, Transport::Can { .. }) => 4644,
        (Mcu::Stm32G431, Transport::Usb) => 5224,
        (Mcu::Stm32G431, Transport::Can { .. }) => 4488,
    };
    let signature_at = chip.katapult_signature_offset;
    let reset = chip
        .flash_base
        .saturating_add(signature_at)
        .saturating_add(RESET_AFTER_SIGNATURE)
        | THUMB;
    let mut image = noise(seed("katapult", mcu, transport), length);
    vectors(
        &mut image,
        chip.katapult_stack,
        reset,
        index(signature_at) / 4,
    );
    put(&mut image, index(signature_at), SIGNATURE);
    put(&mut image, 0x800, mcu.klipper_name().as_bytes());
    match transport {
        Transport::Usb => {
            put(&mut image, 0x900, &device_descriptor());
            put(&mut image, 0x920, &utf16("katapult"));
            put(&mut image, 0x940, &utf16(mcu.klipper_name()));
        }
        Transport::Can { bitrate } => {
            let marker = [CAN_MARKER, bitrate.to_string().as_bytes(), b"\0"].concat();
            put(&mut image, 0x900, &marker);
        }
    }
    image
}

/// Katapult, blank flash up to the application's place, and the application: `role=Combined`.
pub fn combined(mcu: Mcu, transport: Transport, version: &str) -> Vec<u8> {
    let chip = mcu.chip();
    let mut image = katapult(mcu, transport);
    image.resize(index(chip.app_start.saturating_sub(chip.flash_base)), 0xff);
    image.extend_from_slice(&app(mcu, transport, version));
    image
}

/// A program in the application's place that carries a Katapult: `role=Deployer`.
pub fn deployer(mcu: Mcu, transport: Transport) -> Vec<u8> {
    let chip = mcu.chip();
    // boards-and-firmware.md §2 "Deployers".
    let (embedded_at, reset, tail) = match (mcu, transport) {
        (Mcu::Stm32F042, _) => (0x538, 0x0800_2071, 4),
        (Mcu::Stm32G431, Transport::Can { .. }) => (0x58c, 0x0800_2079, 8),
        (Mcu::Stm32G431, Transport::Usb) => (0x5cc, 0x0800_2079, 8),
    };
    let mut image = noise(seed("deployer", mcu, transport), embedded_at);
    vectors(&mut image, chip.app_stack, reset, 24);
    image.extend_from_slice(&katapult(mcu, transport));
    image.resize(image.len().saturating_add(tail), 0);
    image
}

/// How the Katapult at the start of these bytes talks, or nothing if they do not start with a Katapult.
///
/// Also true of official builds, except that those for CAN do not tell their bitrate.
pub fn katapult_transport(flash: &[u8]) -> Option<Transport> {
    let chip = Mcu::ALL
        .map(Mcu::chip)
        .into_iter()
        .find(|chip| starts_with_katapult(flash, chip))?;
    let limit = index(chip.app_start.saturating_sub(chip.flash_base));
    let bootloader = flash.get(..limit).unwrap_or(flash);
    if find(bootloader, &utf16("katapult")).is_some() {
        return Some(Transport::Usb);
    }
    let bitrate = find(bootloader, CAN_MARKER)
        .and_then(|at| bootloader.get(at.saturating_add(CAN_MARKER.len())..))
        .map(|rest| {
            rest.iter()
                .map_while(|byte| char::from(*byte).to_digit(10))
                .take(7)
                .fold(0_u32, |sum, digit| sum * 10 + digit)
        })
        .filter(|bitrate| *bitrate > 0)
        .unwrap_or(USUAL_BITRATE);
    Some(Transport::Can { bitrate })
}

fn starts_with_katapult(flash: &[u8], chip: &Chip) -> bool {
    let stack = flash.first_chunk::<4>().copied().map(u32::from_le_bytes);
    let signature = flash
        .get(index(chip.katapult_signature_offset)..)
        .and_then(|rest| rest.first_chunk::<8>());
    stack == Some(chip.katapult_stack) && signature == Some(SIGNATURE)
}

/// Where things are in an application. Lengths and reset vectors are those of 6.1.0.
struct AppPlan {
    length: usize,
    reset: u32,
    vectors: usize,
    literal_at: usize,
    strings_at: usize,
    dictionary_at: usize,
}

impl AppPlan {
    fn of(mcu: Mcu, transport: Transport) -> Self {
        let usb = transport == Transport::Usb;
        match mcu {
            Mcu::Stm32F042 => Self {
                length: if usb { 21_096 } else { 21_028 },
                reset: if usb { 0x0800_46ad } else { 0x0800_4561 },
                vectors: 48,
                literal_at: 0x0400,
                strings_at: 0x0800,
                dictionary_at: 0x3190,
            },
            Mcu::Stm32G431 => Self {
                length: if usb { 33_880 } else { 33_008 },
                reset: if usb { 0x0800_6ea5 } else { 0x0800_6a89 },
                vectors: 102,
                literal_at: 0x0400,
                strings_at: 0x0800,
                dictionary_at: 0x5f00,
            },
        }
    }
}

/// A dictionary as large and as varied as a real one. Names are made up; keys sort so that `version` is last.
fn dictionary(mcu: Mcu, transport: Transport, version: &str) -> String {
    let mut config = Map::new();
    config.insert("ADC_MAX".into(), json!(4095));
    config.insert("MCU".into(), json!(mcu.klipper_name()));
    config.insert("STATS_SUMSQ_BASE".into(), json!(256));
    let clock: u64 = match mcu {
        Mcu::Stm32F042 => 48_000_000,
        Mcu::Stm32G431 => 170_000_000,
    };
    config.insert("CLOCK_FREQ".into(), json!(clock));
    match transport {
        Transport::Usb => {
            config.insert("RESERVE_PINS_USB".into(), json!("PA11,PA12"));
        }
        Transport::Can { bitrate } => {
            config.insert("CANBUS_FREQUENCY".into(), json!(bitrate));
            config.insert("RESERVE_PINS_CAN".into(), json!("PB8,PB9"));
        }
    }
    let mut pick = Noise::new(mcu.chip().flash_size.into());
    let mut commands = messages(&mut pick, 112, 2);
    commands.insert("identify offset=%u count=%c".into(), json!(1));
    let mut responses = messages(&mut pick, 76, 120);
    responses.insert("identify_response offset=%u data=%.*s".into(), json!(0));
    let pins: Map<String, Value> = ["PA0", "PB0", "PC0", "PF0"]
        .iter()
        .zip((0..).step_by(16))
        .map(|(pin, first)| ((*pin).to_owned(), json!([first, 16])))
        .collect();
    json!({
        "app": "Cartographer",
        "build_versions": "",
        "commands": commands,
        "config": config,
        "enumerations": { "pin": pins },
        "responses": responses,
        "version": version,
    })
    .to_string()
}

fn messages(pick: &mut Noise, count: u32, first_id: u32) -> Map<String, Value> {
    const NOUNS: [&str; 12] = [
        "coil", "sample", "stream", "sensor", "trigger", "clock", "counter", "window", "filter",
        "queue", "buffer", "level",
    ];
    const VERBS: [&str; 12] = [
        "set", "query", "start", "stop", "report", "attach", "reset", "config", "arm", "flush",
        "probe", "trim",
    ];
    const KINDS: [&str; 5] = ["%c", "%u", "%hu", "%i", "%hi"];
    let mut all = Map::new();
    for id in (first_id..).take(index(count)) {
        let mut text = format!(
            "practice_{}_{}_{:x}",
            pick.one_of(&VERBS),
            pick.one_of(&NOUNS),
            pick.next() % 0xfff
        );
        for _ in 0..pick.next() % 4 {
            let field = format!(" {}={}", pick.one_of(&NOUNS), pick.one_of(&KINDS));
            text.push_str(&field);
        }
        all.insert(text, json!(id));
    }
    all
}

/// Initial stack pointer, reset vector, and handlers that all point behind the table.
fn vectors(image: &mut [u8], stack: u32, reset: u32, entries: usize) {
    put(image, 0, &stack.to_le_bytes());
    for entry in 1..entries {
        put(image, entry.saturating_mul(4), &reset.to_le_bytes());
    }
}

/// A USB 1.1 CDC device descriptor with Katapult's numbers, USB 2.0 §9.6.1.
fn device_descriptor() -> [u8; 18] {
    let [v0, v1, p0, p1] = KATAPULT_IDS;
    [
        18, 1, 0x00, 0x02, 2, 0, 0, 16, v0, v1, p0, p1, 0x00, 0x01, 1, 2, 3, 1,
    ]
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn put(image: &mut [u8], at: usize, bytes: &[u8]) {
    let target = at
        .checked_add(bytes.len())
        .and_then(|end| image.get_mut(at..end));
    debug_assert!(target.is_some(), "{at:#x} is past the end");
    if let Some(target) = target {
        target.copy_from_slice(bytes);
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// FNV-1a over everything that makes one image differ from another.
fn seed(text: &str, mcu: Mcu, transport: Transport) -> u64 {
    text.bytes()
        .chain(mcu.klipper_name().bytes())
        .chain(transport.to_string().bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut noise = Noise::new(seed);
    std::iter::repeat_with(|| noise.next())
        .flat_map(u32::to_le_bytes)
        .take(length)
        .collect()
}

/// A small linear congruential generator: the same noise on every machine.
struct Noise(u64);

impl Noise {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u32 {
        // Constants of Knuth's MMIX generator, TAOCP 3.3.4; the high half is the good one.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let [.., a, b, c, d] = (self.0 >> 32).to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    fn one_of(&mut self, words: &[&'static str]) -> &'static str {
        let at = index(self.next()).checked_rem(words.len()).unwrap_or(0);
        words.get(at).copied().unwrap_or("word")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::klipper::dictionary::{Search, search};

    const CAN: Transport = Transport::Can { bitrate: 500_000 };

    #[test]
    fn apps_have_vectors_and_a_dictionary_of_real_size() {
        for mcu in Mcu::ALL {
            for transport in [Transport::Usb, CAN] {
                let image = app(mcu, transport, "CARTOGRAPHER V9 6.1.0");
                assert_eq!(image[..4], mcu.chip().app_stack.to_le_bytes());
                assert_eq!(image.len() % 4, 0);
                let Search::Found { range, dictionary } = search(&image) else {
                    panic!("no dictionary");
                };
                assert!((2000..3200).contains(&range.len()), "{}", range.len());
                assert_eq!(image[range.start..range.start + 2], [0x78, 0xda]);
                assert_eq!(dictionary.version, "CARTOGRAPHER V9 6.1.0");
                assert_eq!(dictionary.mcu.as_deref(), Some(mcu.klipper_name()));
                assert_eq!(dictionary.transport(), Some(transport));
            }
        }
    }

    #[test]
    fn images_are_the_same_every_time_and_differ_from_each_other() {
        let one = app(Mcu::Stm32F042, CAN, "a");
        assert_eq!(one, app(Mcu::Stm32F042, CAN, "a"));
        assert_ne!(one, app(Mcu::Stm32F042, CAN, "b"));
    }

    #[test]
    fn katapults_tell_how_they_talk() {
        for mcu in Mcu::ALL {
            for transport in [Transport::Usb, CAN] {
                let image = katapult(mcu, transport);
                assert_eq!(katapult_transport(&image), Some(transport));
                let whole = combined(mcu, transport, "v");
                assert_eq!(katapult_transport(&whole), Some(transport));
                assert_eq!(katapult_transport(&app(mcu, transport, "v")), None);
                assert_eq!(katapult_transport(&deployer(mcu, transport)), None);
            }
        }
        assert_eq!(katapult_transport(&[]), None);
        assert_eq!(katapult_transport(&[0xff; 9000]), None);
    }

    #[test]
    fn sizes_are_the_official_ones() {
        let sizes = |mcu, transport| {
            (
                katapult(mcu, transport).len(),
                deployer(mcu, transport).len(),
            )
        };
        assert_eq!(sizes(Mcu::Stm32F042, Transport::Usb).0, 4640);
        assert_eq!(sizes(Mcu::Stm32F042, CAN).0, 4644);
        assert_eq!(sizes(Mcu::Stm32G431, Transport::Usb), (5224, 6716));
        assert_eq!(sizes(Mcu::Stm32G431, CAN), (4488, 5916));
        for mcu in Mcu::ALL {
            let whole = combined(mcu, CAN, "v");
            let chip = mcu.chip();
            assert!(whole.len() <= chip.flash_size as usize);
            assert_eq!(whole[0x2000..], app(mcu, CAN, "v"));
        }
    }
}
