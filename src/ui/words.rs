//! Every word of the window, in one place, so that other languages can follow. Failures are worded in
//! [`crate::advice`].
//!
//! Sentence case; "…" when more input follows; no full stop on a single sentence in a button or label.

use std::path::Path;
use std::time::Duration;

use crate::app::primary::{Verb, Why};
use crate::app::state::{Notice, Running, Seen, Step};
use crate::board::{Mcu, Mode, Model, Sighting, StrangerKind, Transport};
use crate::flash::plan::{Expectation, Plan, Route};
use crate::flash::{Outcome, Phase};
use crate::image::{Facts, Role, Variant};
use crate::report::mask_serial;

/// The name of the program.
pub const APP: &str = "Carto Flasher";
/// The back button.
pub const BACK: &str = "Back";
/// Takes something off the page.
pub const CLOSE: &str = "Close";
/// Opens the settings.
pub const SETTINGS: &str = "Settings";
/// Opens the about page.
pub const ABOUT: &str = "About";
/// Opens the log.
pub const LOG: &str = "Log";
/// What the log says when it is empty.
pub const LOG_EMPTY: &str = "Nothing was logged yet";
/// Copies the log.
pub const COPY_ALL: &str = "Copy all";
/// Badge.
pub const OFFLINE: &str = "Offline";
/// Badge.
pub const SIMULATED: &str = "Simulated";
/// What a file over the window is told.
pub const DROP_HERE: &str = "Drop to inspect this firmware";
/// Looks at the bus again.
pub const LOOK_AGAIN: &str = "Look again";
/// What screen readers and the tooltip call the report button.
pub const SAVE_REPORT: &str = "Save report…";
/// What screen readers call the cross of the log.
pub const CLOSE_LOG: &str = "Close the log";
/// Goes back to the firmware step.
pub const CHOOSE_FIRMWARE: &str = "Choose another file";
/// Goes back to the probe step.
pub const CHOOSE_PROBE: &str = "Choose a probe";
/// Goes to the probe's card, which says what keeps it closed.
pub const CHECK_ACCESS: &str = "Look at the probe";
/// More for experts.
pub const DETAILS: &str = "Details";

/// The title of a step in the rail.
pub fn step(step: Step) -> &'static str {
    match step {
        Step::Probe => "Probe",
        Step::Firmware => "Firmware",
        Step::Review => "Review",
        Step::Flash => "Flash",
        Step::Done => "Done",
    }
}

/// The words on the primary button.
pub fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::ChooseFirmware => "Choose firmware",
        Verb::Review => "Review",
        Verb::Flash => "Flash",
        Verb::TryAgain => "Try again",
        Verb::FlashAnother => "Flash another",
    }
}

/// Why the primary button cannot be pressed.
pub fn why(why: &Why) -> &'static str {
    match why {
        Why::StillLooking => "Looking at the USB ports",
        Why::NoProbe => "Plug a probe in first",
        Why::ChooseOne => "Choose one of the probes first",
        Why::NotUsable => "The probe cannot be opened yet",
        Why::ProbeGone => "The probe is unplugged: plug it in again",
        Why::NoFirmware => "Choose a firmware file first",
        Why::Reading => "Reading the file",
        Why::FileRefused => "This file cannot be used",
        Why::BootloaderMissing => "Add the Katapult file first",
        Why::Refused(_) => "This firmware does not go onto this probe",
    }
}

/// A notice: title and sentences.
pub fn notice(notice: &Notice) -> (String, String) {
    match notice {
        Notice::SettingsUnreadable(cause) => (
            "The settings could not be read".into(),
            format!("Everything is back to its default. {cause}."),
        ),
        Notice::SettingsUnsaved(cause) => (
            "The settings could not be saved".into(),
            format!("They hold until you close the window. {cause}."),
        ),
        Notice::FirmwareDropped { name } => (
            "The firmware chosen before is for another board".into(),
            format!("{name} does not fit this probe, so it was put aside. Choose another."),
        ),
        Notice::NoFileDialog => (
            "This system opened no file dialog".into(),
            "Drop the file on the window, or paste its path into the field.".into(),
        ),
        Notice::ReportSaved(path) => ("Report saved".into(), path_text(path)),
        Notice::ReportUnsaved(cause) => (
            "The report could not be saved".into(),
            format!("{cause}. Choose another folder."),
        ),
        Notice::FirstOfSeveralFiles => (
            "Several files were dropped".into(),
            "The first one was taken.".into(),
        ),
        Notice::WorkerMissing(cause) => (
            "The system refused to start a background task".into(),
            format!("Close other programs and try again. {cause}."),
        ),
    }
}

/// A path as people see it.
pub fn path_text(path: &Path) -> String {
    path.display().to_string()
}

/// A file's name without its folder.
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path_text(path),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// A number of bytes: `29,104 bytes` or `28.4 KiB`.
pub fn bytes(count: u64) -> String {
    const KIB: u64 = 1024;
    if count < KIB {
        return format!("{count} bytes");
    }
    format!("{:.1} KiB", count as f64 / KIB as f64)
}

/// A number of bytes, exactly: `29,104 bytes`.
pub fn exact_bytes(count: u64) -> String {
    format!("{} bytes", thousands(count))
}

/// Digits in groups of three.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len().saturating_sub(position)).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A time a person waited: `8.4 s`, `1 min 12 s`.
pub fn duration(time: Duration) -> String {
    let secs = time.as_secs();
    if secs < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {} s", secs / 60, secs % 60)
    }
}

/// A remaining time, without false precision.
pub fn remaining(time: Duration) -> String {
    match time.as_secs() {
        0 => "less than a second left".into(),
        1 => "1 second left".into(),
        secs if secs < 60 => format!("{secs} seconds left"),
        secs => format!("{} min {} s left", secs / 60, secs % 60),
    }
}

/// Bytes a second.
pub fn speed(bytes_per_second: f64) -> String {
    format!("{:.1} KiB/s", bytes_per_second / 1024.0)
}

/// A flash address.
pub fn address(address: u32) -> String {
    format!("{address:#010x}")
}

/// What a device on the bus is, as the title of its card.
pub fn device_title(seen: &Seen) -> String {
    match &seen.sighting {
        Sighting::Probe { mcu: Some(mcu), .. } => mcu.boards_label().to_owned(),
        Sighting::Probe {
            mcu: None,
            mode: Mode::RomDfu,
        } => "A device in DFU mode".to_owned(),
        Sighting::Probe { mcu: None, .. } => "A Cartographer probe".to_owned(),
        Sighting::Stranger(kind) => stranger_title(kind).to_owned(),
        Sighting::Unrelated => String::new(),
    }
}

/// What a device on the bus does, as the line under its title.
pub fn device_line(seen: &Seen) -> String {
    let Some(mode) = seen.mode() else {
        return match &seen.sighting {
            Sighting::Stranger(kind) => stranger_line(kind).to_owned(),
            _ => String::new(),
        };
    };
    match mode {
        Mode::Firmware => match &seen.running {
            Running::Version(version) => format!("USB · firmware {}", version_text(version)),
            Running::Silent => "USB · running firmware, version not told".into(),
            Running::NotAsked => "USB · running firmware".into(),
        },
        Mode::Katapult => "Katapult bootloader, no firmware running".into(),
        Mode::RomDfu => match seen.mcu() {
            Some(mcu) => format!("DFU mode · {}", mcu.label()),
            None => "DFU mode · chip not known yet".into(),
        },
    }
}

/// The number in a version text: `6.1.0` of `CARTOGRAPHER V4 6.1.0`.
pub fn version_text(version: &str) -> String {
    let is_number =
        |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.');
    let number = version.split_whitespace().find(is_number);
    let lite = version
        .split_whitespace()
        .any(|word| word.eq_ignore_ascii_case("lite"));
    match number {
        Some(number) if lite => format!("{number} lite"),
        Some(number) => number.to_owned(),
        None => version.to_owned(),
    }
}

/// Serial and socket of a device, masked.
pub fn device_place(seen: &Seen) -> String {
    // In DFU mode the F042's serial is a constant; it would only mislead.
    let tells_apart = seen.mode() != Some(Mode::RomDfu) || seen.mcu() == Some(Mcu::Stm32G431);
    let serial = seen
        .info
        .serial
        .as_deref()
        .filter(|serial| tells_apart && !serial.trim().is_empty());
    let serial = serial.map(|serial| format!("serial {}", mask_serial(serial)));
    let socket = seen
        .info
        .location
        .as_ref()
        .map(|location| format!("port {location}"));
    [serial, socket]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ")
}

fn stranger_title(kind: &StrangerKind) -> &'static str {
    match kind {
        StrangerKind::OtherDfu => "Another board in DFU mode",
        StrangerKind::OtherKlipper => "Another Klipper board",
        StrangerKind::OtherKatapult => "Another board in Katapult",
        StrangerKind::ProbeV1 => "Cartographer V1",
    }
}

fn stranger_line(kind: &StrangerKind) -> &'static str {
    match kind {
        StrangerKind::OtherDfu => {
            "Not a probe: its chip is that of a toolboard or mainboard. It is left alone"
        }
        StrangerKind::OtherKlipper | StrangerKind::OtherKatapult => "Not a probe. It is left alone",
        StrangerKind::ProbeV1 => {
            "V1 is updated by copying a UF2 file onto its drive: hold BOOTSEL while plugging it in"
        }
    }
}

/// The chosen probe in a word or two, for the rail.
pub fn probe_short(mcu: Option<Mcu>, mode: Option<Mode>) -> String {
    let board = match mcu {
        Some(Mcu::Stm32F042) => "V2/V3",
        Some(Mcu::Stm32G431) => "V4",
        None => "Unknown chip",
    };
    let mode = match mode {
        Some(Mode::Firmware) => " · USB",
        Some(Mode::Katapult) => " · Katapult",
        Some(Mode::RomDfu) => " · DFU",
        None => " · unplugged",
    };
    format!("{board}{mode}")
}

/// What an image is, in a line.
pub fn image_kind(facts: &Facts) -> String {
    let role = match facts.role {
        Role::App => "Firmware",
        Role::Bootloader => "Katapult bootloader",
        Role::Combined => "Katapult + firmware",
        Role::Deployer => "Katapult deployer",
        Role::Dump => "Backup of a whole probe",
    };
    let version = facts
        .version
        .as_deref()
        .map(|version| format!(" {}", version_text(version)));
    format!("{role}{}", version.unwrap_or_default())
}

/// Full or lite.
pub fn variant(variant: Variant) -> &'static str {
    match variant {
        Variant::Full => "Full",
        Variant::Lite => "Lite, for hosts that cannot keep up",
    }
}

/// USB or CAN of an image.
pub fn transport(transport: Option<Transport>) -> String {
    transport.map_or_else(
        || "Not told by the file".into(),
        |transport| transport.to_string(),
    )
}

/// The firmware in a word or two, for the rail.
pub fn image_short(facts: &Facts) -> String {
    let kind = match (facts.role, &facts.version) {
        (Role::Dump, _) => "Backup".into(),
        (Role::Bootloader, _) => "Katapult".into(),
        (Role::Deployer, _) => "Deployer".into(),
        (Role::App | Role::Combined, Some(version)) => version_text(version),
        (Role::App | Role::Combined, None) => "Firmware".into(),
    };
    match facts.transport {
        Some(Transport::Usb) => format!("{kind} · USB"),
        Some(Transport::Can { .. }) => format!("{kind} · CAN"),
        None => kind,
    }
}

/// Which way the bytes go.
pub fn route(route: Route) -> &'static str {
    match route {
        Route::Dfu => "Through the chip's own bootloader (DFU)",
        Route::Katapult => "Through Katapult",
        Route::Touch => "Through Katapult: the running firmware is asked to start it",
    }
}

/// A phase of a job.
pub fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::EnterBootloader => "Enter bootloader",
        Phase::ReadBack => "Read back",
        Phase::Write => "Erase and write",
        Phase::Verify => "Verify",
        Phase::Start => "Start",
        Phase::Confirm => "Confirm",
    }
}

/// Board names on the coach's cards: title and how to tell.
pub fn model(model: Model) -> (&'static str, &'static str) {
    match model {
        Model::V2 => (
            "V2",
            "Separate D+ and D− holes, USB/CAN straps at both sides",
        ),
        Model::V3 => ("V3", "BOOT0 and RESET printed beside pads on the rear"),
        Model::V4 => (
            "V4",
            "One board with the coil; a 2 × 2 of holes at its edge",
        ),
        Model::V1 => ("V1", "Raspberry Pi chip"),
        Model::Ht => ("HT", "High-temperature board"),
    }
}

/// How a job ended, in the rail.
pub mod rail {
    /// Well.
    pub const VERIFIED: &str = "Verified";
    /// Not well.
    pub const FAILED: &str = "Not finished";
    /// The user stopped it.
    pub const STOPPED: &str = "Stopped";
}

/// Words of the probe step.
pub mod probe {
    /// Before the first look.
    pub const LOOKING: &str = "Looking at the USB ports…";
    /// Title when nothing is there.
    pub const PLUG_IN: &str = "Plug the probe into this computer with its USB cable";
    /// Under it.
    pub const PLUG_IN_HOW: &str = "Unplug it from the printer first. This page goes on by itself as soon as the probe shows up.";
    /// Title of the list below.
    pub const NOTHING_HAPPENS: &str = "Nothing happens?";
    /// The likeliest reason.
    pub const CAN_REASON: &str = "The probe may be flashed for CAN.";
    /// Reasons, most likely first: a bold beginning and the rest.
    pub const REASONS: [(&str, &str); 5] = [
        (
            CAN_REASON,
            "Then it shows nothing on USB, and that is normal. DFU mode reaches it.",
        ),
        (
            "The cable may only charge.",
            "Use the cable that came with the probe, or another data cable.",
        ),
        (
            "The port may not like it.",
            "Try another port, or go through a USB 2 hub.",
        ),
        (
            "A right-angle probe has its plug reversed.",
            "Its four wires run in the opposite order; check them against the labels.",
        ),
        (
            "Never connect 24 V.",
            "The probe takes 5 V only; 24 V destroys it.",
        ),
    ];
    /// Opens the coach.
    pub const USE_DFU: &str = "Use DFU mode…";
    /// Starts practice.
    pub const PRACTISE: &str = "Practice on a simulated probe";
    /// Title for one.
    pub const ONE: &str = "One probe found";
    /// Title for several.
    pub const SEVERAL: &str = "Which probe?";
    /// Title when only things that are no probes are there.
    pub const NONE_OF_THESE: &str = "No probe found yet";
    /// Under it.
    pub const NONE_OF_THESE_HOW: &str =
        "These are on the bus, but none is a probe this program can flash.";
    /// Several F042 in DFU mode.
    pub const TWINS: &str = "These probes look alike in DFU mode";
    /// Under it.
    pub const TWINS_HOW: &str =
        "This chip has no serial number in DFU mode. Unplug all but the one you want to flash.";
    /// Badge.
    pub const JUST_NOW: &str = "Just plugged in";
    /// Chooses one of several.
    pub const CHOOSE: &str = "Choose this one";
    /// It is chosen.
    pub const CHOSEN: &str = "Chosen";
    /// Title of the side doors.
    pub const ALSO: &str = "Also possible";
    /// Side door.
    pub const OPEN_FILE: &str = "Open a firmware file…";
    /// Side door.
    pub const BACK_UP: &str = "Back up this probe";
    /// The bus cannot be read.
    pub const BUS_FAILED: &str = "The USB bus cannot be read";
    /// Under it.
    pub const BUS_FAILED_HOW: &str = "The system did not list its USB devices. Plug the probe in again, or start the computer again.";
}

/// Words for a probe that cannot be opened: title, what to do.
pub fn blocked(access: &crate::transport::Access) -> (String, String) {
    use crate::transport::Access;
    match access {
        Access::Usable => (String::new(), String::new()),
        Access::NotPermitted if cfg!(target_os = "linux") => (
            "This user may not open the probe".into(),
            "Linux needs a udev rule for it. This page goes on by itself once the rule is there.".into(),
        ),
        Access::NotPermitted if cfg!(target_os = "macos") => (
            "macOS has not allowed this accessory yet".into(),
            "Answer the system's question with Allow, or plug the probe in again to be asked again.".into(),
        ),
        Access::NotPermitted => (
            "The system does not let this user open the probe".into(),
            "Close other programs that may use it and plug it in again.".into(),
        ),
        Access::WrongDriver { bound: Some(driver) } => (
            format!("The driver {driver} is bound to the probe"),
            "This program needs WinUSB. Change the driver of this one device, then plug it in again.".into(),
        ),
        Access::WrongDriver { bound: None } => (
            "No driver is bound to the probe".into(),
            "This program needs WinUSB. Bind it to this one device, then plug it in again.".into(),
        ),
        Access::Busy { holder: Some(holder) } => (
            format!("{holder} uses the probe"),
            "Close or stop that program; this page goes on by itself.".into(),
        ),
        Access::Busy { holder: None } => (
            "Another program uses the probe".into(),
            "Stop Klipper, or close the program that has the port open; this page goes on by itself.".into(),
        ),
    }
}

/// Words of the firmware step.
pub mod firmware {
    /// Title.
    pub const TITLE: &str = "Which firmware?";
    /// Title of the drop zone.
    pub const DROP: &str = "Drop a firmware file anywhere in this window";
    /// Under it.
    pub const DROP_KINDS: &str = "A .bin from Cartographer, your own build, or a backup made here";
    /// Label of the path field.
    pub const PATH: &str = "Or open it, or paste its path";
    /// Hint in it.
    pub const PATH_HINT: &str = "/folder/firmware.bin";
    /// Button beside it.
    pub const OPEN: &str = "Open…";
    /// Reads the path.
    pub const INSPECT: &str = "Inspect";
    /// Drops the file.
    pub const ANOTHER: &str = "Choose another";
    /// It fits.
    pub const FITS: &str = "Fits this probe";
    /// Without a probe nothing can be said.
    pub const NO_PROBE: &str = "No probe is plugged in, so nothing can be said about the fit yet";
    /// The inspector's rows.
    pub const FILE: &str = "File";
    /// Row.
    pub const FOR: &str = "For";
    /// Row.
    pub const TALKS: &str = "Talks";
    /// Row.
    pub const VERSION: &str = "Version";
    /// Row.
    pub const VARIANT: &str = "Variant";
    /// Row.
    pub const ADDRESS: &str = "Address";
    /// Row.
    pub const SIZE: &str = "Size";
    /// Row.
    pub const SHA256: &str = "SHA-256";
    /// Title of the bootloader card.
    pub const NEEDS_KATAPULT: &str = "In DFU mode, Katapult is written with it";
    /// Under it.
    pub const NEEDS_KATAPULT_WHY: &str = "This file is the firmware alone. It starts only with the Katapult bootloader in front of it. Add the Katapult file for this board, or choose a file that holds both.";
    /// Opens it.
    pub const OPEN_KATAPULT: &str = "Add a Katapult file…";
    /// Row.
    pub const KATAPULT: &str = "Katapult";
    /// Consent.
    pub const DEPLOYER: &str = "This replaces the bootloader";
    /// Why.
    pub const DEPLOYER_WHY: &str = "A deployer runs once and writes a new Katapult over the old one. If power goes in that second, the probe needs its pads. Keep the cable still.";
    /// Box.
    pub const DEPLOYER_YES: &str = "I understand, replace the bootloader";
}

/// What is said while a file is read.
pub fn reading(path: &Path) -> String {
    format!("Reading {}…", file_name(path))
}

/// Words of the review step.
pub mod review {
    /// Title.
    pub const TITLE: &str = "This is what will happen";
    /// Row.
    pub const WRITE: &str = "Write";
    /// Row.
    pub const ONTO: &str = "Onto";
    /// Row.
    pub const WAY: &str = "Way";
    /// Row.
    pub const WHERE: &str = "Where";
    /// Row.
    pub const BOOTLOADER: &str = "Bootloader";
    /// Stays.
    pub const BOOTLOADER_STAYS: &str = "Stays as it is";
    /// Is written.
    pub const BOOTLOADER_WRITTEN: &str = "Katapult is written too";
    /// Row.
    pub const SHA256: &str = "SHA-256";
    /// Title of the backup card.
    pub const BACKUP: &str = "Keep a backup of what is on the probe now";
    /// Title of the last card.
    pub const AFTERWARDS: &str = "Afterwards";
    /// Nothing to plan yet.
    pub const NOTHING: &str = "The probe is not there";
    /// Under it.
    pub const NOTHING_HOW: &str = "Plug it in again: this page goes on by itself.";
}

/// Where the bytes go.
pub fn review_where(address_from: u32, length: u64) -> String {
    format!("{} from {}", exact_bytes(length), address(address_from))
}

/// What the backup does.
pub fn review_backup(folder: Option<&Path>) -> String {
    match folder {
        Some(folder) => format!(
            "The whole flash is read first and kept in {}",
            path_text(folder)
        ),
        None => "The whole flash is read first and kept".into(),
    }
}

/// What the probe will be: title and sentences.
pub fn review_afterwards(expect: &Expectation, transport: Option<Transport>) -> (String, String) {
    match expect {
        Expectation::Firmware { version } => {
            let version = version
                .as_deref()
                .map_or_else(String::new, |v| format!(" {}", version_text(v)));
            (
                format!("The probe runs firmware{version} over USB"),
                "It restarts by itself. On the printer, restart Klipper and recalibrate.".into(),
            )
        }
        Expectation::NothingOnUsb => {
            let can = transport.map_or_else(|| "CAN".into(), |transport| transport.to_string());
            (
                format!("The probe talks {can} and vanishes from USB: that is success"),
                "Then unplug it, switch the printer off, and connect it to the CAN bus. The bus must run at the same bitrate.".into(),
            )
        }
        Expectation::Katapult => (
            "The probe waits in Katapult".into(),
            "It holds no firmware then: flash one right after.".into(),
        ),
        Expectation::Unknown => (
            "The probe is what the file held".into(),
            "It may or may not show up on USB.".into(),
        ),
    }
}

/// Words of the flash step.
pub mod flash {
    /// Title.
    pub const TITLE: &str = "Flashing";
    /// Title of a backup.
    pub const TITLE_BACKUP: &str = "Backing up";
    /// Before the first event.
    pub const STARTING: &str = "Starting…";
    /// Stops.
    pub const STOP: &str = "Stop…";
    /// It was asked to stop.
    pub const STOPPING: &str = "Stopping after this block…";
    /// Do not unplug.
    pub const KEEP: &str = "Keep the probe plugged in";
    /// While nothing is written.
    pub const KEEP_SAFE: &str = "If it is unplugged now, nothing is lost: it is still what it was.";
    /// What happened besides.
    pub const NOTES: &str = "Worth knowing";
    /// It left in the middle.
    pub const PLUG_IN_AGAIN: &str = "The probe left: plug it in again and flashing goes on";
}

/// What happens if the probe is unplugged while it is written.
pub fn keep_plugged_in(mcu: Mcu) -> &'static str {
    match mcu {
        Mcu::Stm32F042 => {
            "If it is unplugged now, it comes back in its bootloader when plugged in again, and you can go on."
        }
        Mcu::Stm32G431 => {
            "If it is unplugged now, it has no firmware. It can always be rescued, but perhaps only with its pads."
        }
    }
}

/// How long the job still waits for the probe.
pub fn waits_for(time: Duration) -> String {
    format!("Waiting {} more seconds", time.as_secs())
}

/// Progress in numbers.
pub fn progress_bytes(done: u64, total: u64) -> String {
    format!("{} of {}", bytes(done), bytes(total))
}

/// How long it has run.
pub fn elapsed(time: Duration) -> String {
    format!("{} s so far", time.as_secs())
}

/// Words of questions.
pub mod question {
    /// Closing while flashing.
    pub const CLOSE: &str = "Close while the probe is being flashed?";
    /// Its safe answer.
    pub const CLOSE_NO: &str = "Keep flashing";
    /// Its other answer.
    pub const CLOSE_YES: &str = "Stop and close";
    /// Stopping.
    pub const STOP: &str = "Stop flashing?";
    /// Its safe answer.
    pub const STOP_NO: &str = "Keep flashing";
    /// Its other answer.
    pub const STOP_YES: &str = "Stop";
    /// Stopping is free.
    pub const STOP_FREE: &str = "Nothing was written yet: the probe stays what it was.";
}

/// What stopping in the middle leaves.
pub fn stop_costs(mcu: Mcu) -> &'static str {
    match mcu {
        Mcu::Stm32F042 => {
            "The probe will have no working firmware until you flash it again. It stays in its bootloader, so that is easy."
        }
        Mcu::Stm32G431 => {
            "The probe will have no working firmware until you flash it again, perhaps with the help of its pads."
        }
    }
}

/// Words of the done step.
pub mod done {
    /// Title.
    pub const SUCCESS: &str = "Done and verified";
    /// Title for a backup.
    pub const SUCCESS_BACKUP: &str = "Backed up";
    /// Under it.
    pub const BACKUP_SUMMARY: &str =
        "The whole flash was read and kept. Open the file here to write it back.";
    /// Title for a cancelled job.
    pub const STOPPED: &str = "Stopped";
    /// Title of the numbers.
    pub const NUMBERS: &str = "In numbers";
    /// Title of what to do.
    pub const NOW_WHAT: &str = "Now what";
    /// Row.
    pub const WRITTEN: &str = "Written";
    /// Row.
    pub const VERIFIED: &str = "Verified";
    /// Row.
    pub const TOOK: &str = "Took";
    /// Row.
    pub const BACKUP: &str = "Backup";
    /// Row.
    pub const REPORTS: &str = "The probe reports";
    /// Title over what the probe is now.
    pub const NOW_IT_IS: &str = "What the probe is now";
    /// Title over steps.
    pub const WHAT_TO_DO: &str = "What to do";
    /// Name of the serial line to copy.
    pub const SERIAL_LINE: &str = "For printer.cfg, in [mcu scanner] or [scanner]";
    /// Name of the CAN line to copy.
    pub const CAN_LINE: &str = "For printer.cfg, in [mcu scanner] or [scanner]";
}

/// In which phase it failed.
pub fn failed_in(phase_failed: Phase) -> String {
    format!("It stopped in \u{201c}{}\u{201d}", phase(phase_failed))
}

/// What was done, in a line.
pub fn done_summary(plan: &Plan) -> String {
    let facts = plan.image.facts();
    let onto = plan.target.mcu.boards_label();
    format!(
        "{} is on the {onto}; every byte was read back and is right.",
        image_kind(facts)
    )
}

/// How much was verified.
pub fn done_verified(bytes: u64) -> String {
    format!("{}, read back and equal", exact_bytes(bytes))
}

/// What to do after a success.
pub fn now_what(outcome: &Outcome, transport: Option<Transport>) -> Vec<&'static str> {
    match outcome {
        Outcome::ReleaseBoot0 => vec![
            "Take the bridge off BOOT0: the chip started in DFU mode again",
            "Unplug the probe and plug it in",
        ],
        Outcome::ReplugToStart => vec![
            "Unplug the probe and plug it in: that starts the new firmware",
            "On the printer, restart Klipper and recalibrate the probe",
        ],
        Outcome::NowOnCan => vec![
            "Unplug the probe from this computer",
            "Switch the printer off completely, then connect the probe to the CAN bus",
            "Put the line below into printer.cfg, start Klipper and recalibrate",
        ],
        Outcome::Returned { .. } if matches!(transport, Some(Transport::Usb)) => vec![
            "Unplug the probe and plug it into the printer",
            "Check the serial path in printer.cfg: new firmware may change it",
            "Restart Klipper and recalibrate the probe",
        ],
        Outcome::Returned { .. } => vec!["The probe is ready for firmware: flash it next"],
        Outcome::BackedUp => Vec::new(),
    }
}

/// The path by which Linux knows this probe, from its USB strings (systemd's `60-serial.rules`).
pub fn by_id_path(device: &crate::transport::DeviceInfo) -> Option<String> {
    let part = |text: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "#+-.:=@_".contains(c);
        text.trim()
            .chars()
            .map(|c| if fits(c) { c } else { '_' })
            .collect::<String>()
    };
    let manufacturer = part(device.manufacturer.as_deref()?);
    let product = match device.product.as_deref().map(str::trim) {
        Some(product) if !product.is_empty() => part(product),
        _ => format!("{:04x}", device.ids.product),
    };
    let serial = part(device.serial.as_deref()?);
    Some(format!(
        "/dev/serial/by-id/usb-{manufacturer}_{product}_{serial}-if00"
    ))
}

/// How much was written.
pub fn done_written(pages_written: u32, pages_total: u32) -> String {
    match pages_total.saturating_sub(pages_written) {
        0 => format!("{pages_written} pages, all of them"),
        _ if pages_written == 0 => "Nothing: the probe already held exactly this".into(),
        same => format!("{pages_written} of {pages_total} pages; {same} were right already"),
    }
}

/// Words of the DFU coach.
pub mod coach {
    /// Title.
    pub const TITLE: &str = "DFU mode, step by step";
    /// Which board.
    pub const WHICH: &str = "Which board do you have?";
    /// How to tell.
    pub const HOW_TO_TELL: &str = "How do I tell?";
    /// How, at length.
    pub const TELL: [&str; 3] = [
        "V4 is one board: the coil and the electronics share it. Near its edge are four holes marked BT0, 3V3, RST and GND.",
        "V3 is a small board of 22 × 14 mm on top of the coil board. RESET and BOOT0 are printed sideways, next to two pairs of pads.",
        "V2 looks like V3, but D+ and D− have holes of their own, and USB and CAN are printed beside small resistors.",
    ];
    /// Changes the board.
    pub const OTHER_BOARD: &str = "Another board";
    /// The success page.
    pub const SUCCESS: &str = "DFU mode";
    /// Under it.
    pub const SUCCESS_LINE: &str = "The probe is ready. You can put the tweezers down";
    /// Its button.
    pub const GO_ON: &str = "Choose firmware";
    /// Flash through Katapult.
    pub const FLASH_FROM_KATAPULT: &str = "Flash from here";
    /// Other ways.
    pub const OTHER_WAYS: &str = "Other ways to hold BOOT0";
    /// Which.
    pub const WAYS: [&str; 3] = [
        "A printed clip, the PadPusher3000, presses both BOOT0 pads of a V2 or V3.",
        "A drop of solder across the two BOOT0 pads does it too. Remove it after flashing, or the probe starts in DFU mode forever.",
        "On V4 a 2 mm jumper fits the holes BT0 and 3V3.",
    ];
    /// The LED.
    pub const LED: &str =
        "Is the blue light on, even blinking? Then firmware still runs: DFU mode is dark.";
    /// A warning for V4.
    pub const V4_NEVER: &str = "Only bridge sideways, inside one box. Bridging down the column, 3V3 to GND, is a short circuit.";
    /// Hints after silence.
    pub const SILENCE: [&str; 4] = [
        "Is the cable the one that came with the probe? Many cables only charge.",
        "Is the plug the right way round? On right-angle probes the four wires run in reverse.",
        "Try another USB port, or a USB 2 hub between.",
        "A V2 made for CAN does not reach USB at all: it needs Katapult over CAN or an ST-Link.",
    ];
}

/// What the coach says: title and sentences.
pub fn coach_says(
    saying: &crate::app::coach::Saying,
    model: Option<Model>,
    tries: u32,
) -> (String, String) {
    use crate::app::coach::{Came, Saying};
    let v4 = matches!(model, Some(Model::V4 | Model::Ht));
    let (title, text) = match saying {
        Saying::ChooseBoard => (coach::WHICH, "The drawing then shows which pads to touch."),
        Saying::HoldAndPlugIn if v4 => (
            "Bridge BT0 and 3V3, and plug the cable in",
            "The cable goes into the probe first. Bridge box 1 with tweezers, keep it bridged, and plug the other end into this computer.",
        ),
        Saying::HoldAndPlugIn => (
            "Bridge the two BOOT0 pads, and plug the cable in",
            "The cable goes into the probe first. Press tweezers across both pads marked 1, keep them there, and plug the other end into this computer.",
        ),
        Saying::HoldAndReset if v4 => (
            "Unplug the probe from the computer",
            "Firmware is running. Unplug the USB end, bridge BT0 and 3V3 (box 1), keep them bridged, and plug it in again.",
        ),
        Saying::HoldAndReset => (
            "Hold 1, tap 2, let go",
            "Bridge the two BOOT0 pads (1) and keep them bridged. Tap the two RESET pads (2) for a moment. Then let go of both.",
        ),
        Saying::Gone if v4 => (
            "Good, it is off. Keep bridging",
            "Hold BT0 and 3V3 bridged and plug it in now.",
        ),
        Saying::Gone => ("It restarts…", "Keep BOOT0 bridged a moment longer."),
        Saying::CameBackAsFirmware { .. } if v4 => (
            "It started its firmware: BT0 was not bridged",
            "Plugging in worked. The bridge between BT0 and 3V3 must already be there when power comes. Unplug it and try again.",
        ),
        Saying::CameBackAsFirmware {
            came: Came::AfterReset,
        } => (
            "RESET worked, but BOOT0 was not held",
            "Hold 1, then tap 2. Scratch lightly with the tweezers: the coating of the pads can be thin.",
        ),
        Saying::CameBackAsFirmware {
            came: Came::AfterPlugIn,
        } => (
            "It started its firmware: BOOT0 was not held",
            "Hold 1 while you plug in. Or, as it is plugged in now: hold 1, then tap 2.",
        ),
        Saying::Katapult { just_now: true, .. } => (
            "You tapped RESET twice: the probe is in Katapult",
            "That is enough. Firmware can be flashed from here, DFU mode is not needed.",
        ),
        Saying::Katapult {
            just_now: false, ..
        } => (
            "The probe is in Katapult, and that is enough",
            "Firmware can be flashed from here, DFU mode is not needed.",
        ),
        Saying::NothingForAWhile => (
            "Nothing on the USB bus yet",
            "Keep trying; this page goes on by itself. Meanwhile, check these:",
        ),
        Saying::StrangerInDfu => (
            "A board is in DFU mode, but it is no probe",
            "It looks like a toolboard or mainboard and is left alone. Unplug it, so that nothing is mixed up, and put the probe into DFU mode.",
        ),
        Saying::Blocked { .. } => (
            "DFU mode works, but the system does not let us in",
            "The pads are done: the probe stays in DFU mode. Allow access to it, and this page goes on.",
        ),
        Saying::Success { .. } => (coach::SUCCESS, coach::SUCCESS_LINE),
    };
    let text = match (saying, tries) {
        (Saying::CameBackAsFirmware { .. }, 3..) => {
            format!(
                "{text} That was try {tries}; most people need a few. Nothing can break by trying."
            )
        }
        (Saying::CameBackAsFirmware { .. }, 2) => {
            format!("{text} That was the second try; this takes a little practice.")
        }
        _ => text.to_owned(),
    };
    (title.to_owned(), text)
}

/// Words of the practice bench.
pub mod bench {
    /// Title.
    pub const TITLE: &str = "Practice bench";
    /// Button.
    pub const PLUG_IN: &str = "Plug in (P)";
    /// Button.
    pub const UNPLUG: &str = "Unplug (P)";
    /// Button.
    pub const HOLD: &str = "Hold BOOT0 (B)";
    /// Button.
    pub const LET_GO: &str = "Let go of BOOT0 (B)";
    /// Button.
    pub const TAP: &str = "Tap RESET (R)";
    /// Button.
    pub const LEAVE: &str = "Leave practice";
}

/// Words of the settings.
pub mod settings {
    /// Title.
    pub const TITLE: &str = "Settings";
    /// Group.
    pub const LOOK: &str = "Look";
    /// Choice.
    pub const THEME: &str = "Theme";
    /// Its values.
    pub const THEMES: [&str; 3] = ["System", "Light", "Dark"];
    /// Choice.
    pub const TEXT: &str = "Text size";
    /// Its values.
    pub const TEXTS: [&str; 5] = ["80 %", "100 %", "125 %", "150 %", "200 %"];
    /// Switch.
    pub const STILL: &str = "Pictures stand still";
    /// Group.
    pub const SAFETY: &str = "Safety";
    /// Switch.
    pub const BACKUP: &str = "Back up the probe before every flash";
    /// Row.
    pub const FOLDER: &str = "Backups go to";
    /// Button.
    pub const CHOOSE_FOLDER: &str = "Choose folder…";
    /// Button.
    pub const DEFAULT_FOLDER: &str = "Use the default";
    /// Group.
    pub const FIRMWARE: &str = "Firmware";
    /// Switch.
    pub const OFFLINE: &str = "Work offline: never use the network";
    /// Switch.
    pub const LITE: &str =
        "Prefer lite firmware, for slow hosts such as Creality K1, Qidi or Raspberry Pi 2";
    /// Field.
    pub const SOURCE: &str = "Source of firmware";
    /// Its hint.
    pub const SOURCE_HINT: &str = "The official source";
}

/// Words of the about page.
pub mod about {
    /// Title.
    pub const TITLE: &str = "About Carto Flasher";
    /// What it is.
    pub const WHAT: &str = "Puts firmware on Cartographer bed probes over USB, verifies every byte, and leaves the probe recoverable whatever happens.";
    /// Whose.
    pub const WHOSE: &str = "Not affiliated with Cartographer3D. MIT or Apache 2.0, as you like.";
    /// No spying.
    pub const PRIVACY: &str =
        "Nothing about you, your printer or your probe is ever sent anywhere.";
    /// Group.
    pub const KEYS: &str = "Keys";
    /// Keys and what they do.
    pub const KEY_LIST: [(&str, &str); 8] = [
        ("Tab, Shift+Tab", "next and previous control"),
        ("Enter or Space", "press it"),
        ("Ctrl+Enter", "the main button of the page"),
        ("Alt+Left", "back"),
        ("Ctrl+O", "open a firmware file"),
        ("Ctrl+L", "log"),
        ("Ctrl+Comma", "settings"),
        ("Escape", "close a page or a question"),
    ];
    /// Row.
    pub const VERSION: &str = "Version";
    /// Row.
    pub const SYSTEM: &str = "System";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_like_numbers() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(29_104), "29,104");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(bytes(512), "512 bytes");
        assert_eq!(bytes(29_104), "28.4 KiB");
        assert_eq!(duration(Duration::from_millis(8_420)), "8.4 s");
        assert_eq!(duration(Duration::from_secs(72)), "1 min 12 s");
        assert_eq!(
            remaining(Duration::from_millis(400)),
            "less than a second left"
        );
        assert_eq!(remaining(Duration::from_secs(12)), "12 seconds left");
    }

    #[test]
    fn a_version_text_is_shortened_to_its_number() {
        let rows = [
            ("CARTOGRAPHER V4 6.1.0", "6.1.0"),
            ("CARTOGRAPHER V3 6.2.0 lite", "6.2.0 lite"),
            ("CARTOGRAPHER 5.1.0", "5.1.0"),
            ("my own build", "my own build"),
        ];
        for (text, short) in rows {
            assert_eq!(version_text(text), short);
        }
    }

    #[test]
    fn pages_that_were_right_already_are_told() {
        assert_eq!(done_written(21, 21), "21 pages, all of them");
        assert_eq!(done_written(3, 21), "3 of 21 pages; 18 were right already");
        assert_eq!(
            done_written(0, 21),
            "Nothing: the probe already held exactly this"
        );
    }
}
