//! Every failure, refusal and diagnosis in the words that people read, in one reviewed file: `tests/messages.txt`.
//!
//! A change of words changes that file; `UPDATE_SNAPSHOTS=1 cargo test --test messages` writes it anew, and the diff
//! is what is reviewed. The rules that all words keep are checked here as well.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "test code: a panic is a failure"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use carto_flasher::advice::{self, Action, Advice, CliFailure};
use carto_flasher::board::{Mcu, Model, StrangerKind, Transport};
use carto_flasher::dfu::functional::FunctionalError;
use carto_flasher::dfu::status::{ShortStatus, State, StatusCode};
use carto_flasher::dfu::{DfuError, DfuStep};
use carto_flasher::flash::plan::Refusal;
use carto_flasher::flash::{Aftermath, Cause, FlashError, Phase};
use carto_flasher::image::{ArchiveKind, ComposeError, Image, ImageError, Misfit, Role, Variant};
use carto_flasher::katapult::KatapultError;
use carto_flasher::katapult::message::ReplyError;
use carto_flasher::transport::{Access, Doing, LinkError, LinkErrorKind};

const F042: Mcu = Mcu::Stm32F042;
const G431: Mcu = Mcu::Stm32G431;
const CAN: Transport = Transport::Can { bitrate: 1_000_000 };

/// One message: which case of the program it is for, and what is said.
struct Message {
    section: &'static str,
    case: String,
    said: Advice,
}

#[test]
fn the_words_are_the_reviewed_ones() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/messages.txt");
    let now = snapshot(&messages());
    if std::env::var("UPDATE_SNAPSHOTS").is_ok() {
        std::fs::write(&path, &now).unwrap();
    }
    let reviewed = std::fs::read_to_string(&path).unwrap_or_default();
    let first_difference = now.lines().zip(reviewed.lines()).position(|(a, b)| a != b);
    assert!(
        now == reviewed,
        "the words changed, first at line {:?} of tests/messages.txt: review them, then run \
         UPDATE_SNAPSHOTS=1 cargo test --test messages",
        first_difference.map(|line| line + 1)
    );
}

#[test]
fn every_case_of_every_error_is_worded() {
    let messages = messages();
    for (file, kind) in [
        ("src/image/error.rs", "ImageError"),
        ("src/image/error.rs", "ArchiveKind"),
        ("src/image/fit.rs", "Misfit"),
        ("src/image/compose.rs", "ComposeError"),
        ("src/flash/error.rs", "Cause"),
        ("src/flash/error.rs", "Aftermath"),
        ("src/flash/plan.rs", "Refusal"),
        ("src/board/identity.rs", "StrangerKind"),
        ("src/dfu/error.rs", "DfuError"),
        ("src/katapult/error.rs", "KatapultError"),
        ("src/transport/error.rs", "LinkErrorKind"),
        ("src/transport/device.rs", "Access"),
        ("src/advice/cli.rs", "CliFailure"),
    ] {
        for variant in variants(file, kind) {
            // Stopping is no failure: the engine makes it a terminal event of its own.
            if variant == "Cancelled" {
                continue;
            }
            let is_named = |message: &Message| {
                message
                    .case
                    .split(|letter: char| !letter.is_alphanumeric())
                    .any(|word| word == variant)
            };
            assert!(
                messages.iter().any(is_named),
                "{kind}::{variant} has no message here"
            );
        }
    }
}

/// The names of an enum's variants, read from its source.
fn variants(file: &str, kind: &str) -> Vec<String> {
    let source =
        std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let body = source
        .split(&format!("pub enum {kind} {{\n"))
        .nth(1)
        .unwrap();
    let body = body.split("\n}\n").next().unwrap();
    let names: Vec<String> = body
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))
        .map(|line| {
            line.chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect()
        })
        .collect();
    assert!(!names.is_empty(), "{kind} in {file}");
    names
}

#[test]
fn words_are_for_people() {
    for Message { case, said, .. } in messages() {
        let steps = said.steps.iter().map(|step| step.text.as_str());
        let texts: Vec<&str> = [said.title.as_str(), said.cause.as_str()]
            .into_iter()
            .chain(steps)
            .collect();
        for text in &texts {
            let lower = text.to_lowercase();
            for raw in [
                "error:", "libusb", "errno", "os error", "panicked", "unwrap", "none)", "some(",
            ] {
                assert!(!lower.contains(raw), "{case}: {text:?} holds {raw:?}");
            }
            assert!(
                !text.contains("  ") && text.trim() == *text,
                "{case}: spaces in {text:?}"
            );
            let first = text.chars().next().unwrap();
            // A sentence may begin with the name of a program, which keeps its own case.
            assert!(
                !first.is_lowercase() || text.contains('.'),
                "{case}: {text:?}"
            );
            let shouted = text
                .split(|letter: char| !letter.is_alphanumeric())
                .filter(|word| {
                    word.len() > 4 && word.chars().all(|letter| letter.is_ascii_uppercase())
                });
            for word in shouted {
                let is_name = [
                    "BOOT0",
                    "RESET",
                    "BOOTSEL",
                    "STM32",
                    "BOOTLOADER",
                    "CARTOGRAPHER",
                    "STM32F042",
                    "STM32G431",
                ];
                assert!(is_name.contains(&word), "{case}: {word} in {text:?}");
            }
        }
        assert!(
            !said.title.is_empty() && !said.title.ends_with('.'),
            "{case}: {:?}",
            said.title
        );
        assert!(
            said.title.chars().count() <= 70,
            "{case}: the title is long: {:?}",
            said.title
        );
        assert!(said.cause.ends_with('.'), "{case}: {:?}", said.cause);
        for step in &said.steps {
            assert!(!step.text.ends_with('.'), "{case}: {:?}", step.text);
        }
        let mut seen = BTreeSet::new();
        assert!(
            said.steps.iter().all(|step| seen.insert(&step.text)),
            "{case}: a step twice: {said}"
        );
    }
}

/// Nothing can be done about a chip that is locked forever, stopping was wanted, and nothing need be done elsewhere.
const WITHOUT_STEPS: [&str; 5] = [
    "read_protected_for_ever",
    "cancelled",
    "declined",
    "linux_only",
    "windows_only",
];

#[test]
fn every_failure_says_what_to_do() {
    for Message { case, said, .. } in messages() {
        let to_do = said
            .steps
            .iter()
            .filter(|step| step.action != Some(Action::SaveReport))
            .count();
        assert!(
            to_do > 0 || WITHOUT_STEPS.contains(&said.code),
            "{case}: {said}"
        );
    }
}

/// A code stands for one title (or one title with names in it), so that a script and a person mean the same.
#[test]
fn codes_are_stable_names() {
    let mut titles: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for Message { said, .. } in messages() {
        let is_name =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        assert!(said.code.chars().all(is_name), "{}", said.code);
        titles.entry(said.code).or_default().insert(said.title);
    }
    // One case, told of a file, of a part of one, and of a running bootloader.
    let several = ["other_app_start", "past_flash_end", "other_mcu"];
    for (code, titles) in titles {
        assert!(
            titles.len() == 1 || several.contains(&code),
            "{code}: {titles:?}"
        );
    }
}

/// The chip's own state in words a V4's owner can act on: the very words.
#[test]
fn a_v4_without_bootloader_is_told_of_its_pads() {
    let (_, steps) = advice::for_aftermath(Aftermath::NeedsPads, G431);
    assert!(
        steps
            .iter()
            .any(|step| step.text.to_lowercase().contains("bridge bt0 and 3v3")),
        "{steps:?}"
    );
}

fn snapshot(messages: &[Message]) -> String {
    let mut text = String::from(
        "Everything this program says when something does not go well. Made by tests/messages.rs; see there.\n",
    );
    let mut section = "";
    for message in messages {
        if message.section != section {
            section = message.section;
            write!(text, "\n\n==== {section} ====\n").unwrap();
        }
        let Advice {
            code,
            title,
            cause,
            steps,
            ..
        } = &message.said;
        write!(text, "\n-- {} [{code}]\n{title}\n{cause}\n", message.case).unwrap();
        for (number, step) in steps.iter().enumerate() {
            let button = step
                .action
                .map(|action| format!("  <{action:?}>"))
                .unwrap_or_default();
            writeln!(text, "  {}. {step}{button}", number + 1).unwrap();
        }
    }
    text
}

fn messages() -> Vec<Message> {
    let mut all = Vec::new();
    let mut add = |section, case: String, said| {
        all.push(Message {
            section,
            case,
            said,
        });
    };
    for aftermath in AFTERMATHS {
        for mcu in Mcu::ALL {
            let error = failed(Phase::Write, Cause::Disconnected, aftermath);
            add(
                "Unplugged",
                format!("{aftermath:?}, {}", mcu.label()),
                advice::for_flash_error(&error, mcu),
            );
        }
    }
    for aftermath in AFTERMATHS {
        add(
            "Stopped by the user",
            format!("{aftermath:?}"),
            advice::for_cancelled(aftermath, G431),
        );
    }
    for (cause, aftermath) in causes() {
        let case = match &cause {
            Cause::Link(error) => format!("Link {:?}, {aftermath:?}", error.kind),
            Cause::Dfu(error) => format!("Dfu {}, {aftermath:?}", name_of(error)),
            Cause::Katapult(error) => format!("Katapult {}, {aftermath:?}", name_of(error)),
            other => format!("{}, {aftermath:?}", name_of(other)),
        };
        add(
            "A job that failed",
            case,
            advice::for_flash_error(&failed(Phase::Write, cause, aftermath), F042),
        );
    }
    for refusal in refusals() {
        let case = match &refusal {
            Refusal::Stranger(kind) => format!("Stranger {kind:?}"),
            Refusal::NotUsable(access) => format!("NotUsable {access:?}"),
            other => name_of(other),
        };
        add(
            "A job that was not started",
            case,
            advice::for_refusal(&refusal),
        );
    }
    for failure in cli_failures() {
        add(
            "The command line",
            name_of(&failure),
            advice::for_cli_failure(&failure),
        );
    }
    for misfit in misfits() {
        add(
            "A file that does not go there",
            format!("Misfit {}", name_of(&misfit)),
            advice::for_refusal(&Refusal::Misfit(misfit)),
        );
    }
    for error in compose_errors() {
        add(
            "Two files that do not go together",
            format!("Compose {}", name_of(&error)),
            advice::for_compose_error(&error),
        );
    }
    for error in image_errors() {
        let case = match &error {
            ImageError::Archive { kind } => format!("Archive {kind:?}"),
            other => name_of(other),
        };
        add(
            "A file that is no firmware",
            case,
            advice::for_image_error(&error),
        );
    }
    add(
        "A file that is no firmware",
        "a backup without firmware".to_owned(),
        advice::for_backup_without_app(&PathBuf::from("backup.bin")),
    );
    all
}

/// The name of a variant.
fn name_of(error: &impl std::fmt::Debug) -> String {
    let text = format!("{error:?}");
    text.chars()
        .take_while(|letter| letter.is_alphanumeric())
        .collect()
}

const AFTERMATHS: [Aftermath; 9] = [
    Aftermath::Untouched,
    Aftermath::UnchangedOrErased,
    Aftermath::BootloaderStillThere,
    Aftermath::BootloaderWhilePowered,
    Aftermath::ReturnsToDfuOnReplug,
    Aftermath::NeedsPads,
    Aftermath::TornFirstPage,
    Aftermath::WrittenNotVerified,
    Aftermath::Complete,
];

fn failed(phase: Phase, cause: Cause, aftermath: Aftermath) -> FlashError {
    FlashError {
        phase,
        address: None,
        cause,
        aftermath,
    }
}

fn link(kind: LinkErrorKind) -> LinkError {
    LinkError::new(kind, Doing::Receiving)
}

fn causes() -> Vec<(Cause, Aftermath)> {
    use Aftermath::{BootloaderStillThere, Complete, NeedsPads, ReturnsToDfuOnReplug, Untouched};
    let kinds = [
        LinkErrorKind::Disconnected,
        LinkErrorKind::Stalled,
        LinkErrorKind::TimedOut,
        LinkErrorKind::NotPermitted,
        LinkErrorKind::Busy,
        LinkErrorKind::NoDriver,
        LinkErrorKind::NotFound,
        LinkErrorKind::Overflow,
        LinkErrorKind::Io,
        LinkErrorKind::Other,
    ];
    let mut causes: Vec<(Cause, Aftermath)> = kinds
        .map(|kind| (Cause::Link(link(kind)), Untouched))
        .to_vec();
    causes.push((
        Cause::Link(link(LinkErrorKind::Busy).with_detail("klippy (1234)")),
        Untouched,
    ));
    causes.push((
        Cause::Link(link(LinkErrorKind::TimedOut)),
        ReturnsToDfuOnReplug,
    ));
    let (doing, state) = (DfuStep::Write, State::DfuError);
    let dfu = [
        DfuError::Link(link(LinkErrorKind::TimedOut)),
        DfuError::NotDfuSe(FunctionalError::Missing),
        DfuError::NoFlashAlt,
        DfuError::Refused {
            doing,
            status: StatusCode::ErrWrite,
            state,
            address: Some(0x0800_0400),
        },
        DfuError::Refused {
            doing,
            status: StatusCode::ErrVendor,
            state,
            address: None,
        },
        DfuError::Stuck {
            doing,
            state: State::DfuDnBusy,
            waited: Duration::from_secs(5),
        },
        DfuError::Manifesting {
            state: State::DfuManifest,
        },
        DfuError::UnexpectedState {
            doing,
            state: State::AppIdle,
            status: StatusCode::Ok,
        },
        DfuError::ShortRead {
            address: 0x0800_0000,
            expected: 2048,
            received: 12,
        },
        DfuError::OutsideLayout {
            address: 0,
            length: 4,
        },
        DfuError::Misaligned {
            address: 0x0800_0001,
            length: 3,
        },
        DfuError::ShortStatus(ShortStatus { received: 3 }),
    ];
    causes.extend(dfu.map(|error| (Cause::Dfu(error), ReturnsToDfuOnReplug)));
    let katapult = [
        KatapultError::Link(link(LinkErrorKind::Io)),
        KatapultError::Mute,
        KatapultError::StoppedAnswering {
            address: Some(0x0800_2000),
        },
        KatapultError::BlockRefused {
            address: 0x0800_2040,
        },
        KatapultError::Refused { command: 0x13 },
        KatapultError::Nack { address: None },
        KatapultError::BadReply(ReplyError::NoCommand),
        KatapultError::WrongAddress {
            expected: 0x0800_2000,
            answered: 0x0800_2040,
        },
        KatapultError::UnsupportedBlockSize { block_size: 3 },
        KatapultError::BadRange {
            address: 0,
            length: 64,
        },
    ];
    causes.extend(katapult.map(|error| (Cause::Katapult(error), BootloaderStillThere)));
    causes.push((Cause::Katapult(KatapultError::Mute), Untouched));
    let page = 0x0800_0400;
    causes.extend([
        (
            Cause::VerifyMismatch {
                address: page,
                differing_bytes: 17,
            },
            BootloaderStillThere,
        ),
        (
            Cause::VerifyMismatch {
                address: page,
                differing_bytes: 17,
            },
            ReturnsToDfuOnReplug,
        ),
        (Cause::WriteProtected { address: page }, Untouched),
        (Cause::TouchIgnored, Untouched),
        (Cause::WrongDeviceReturned, Untouched),
        (Cause::LandedInDfu, Untouched),
        (Cause::BootloaderPending, BootloaderStillThere),
        (
            Cause::OtherAppStart {
                app_start: 0x0800_4000,
                image: 0x0800_2000,
            },
            Untouched,
        ),
        (Cause::Ambiguous { count: 2 }, Untouched),
        (Cause::ReadProtected { level: 1 }, Untouched),
        (Cause::ReadProtected { level: 2 }, Untouched),
        (
            Cause::BackupFailed {
                reason: "no space left on device".to_owned(),
            },
            Untouched,
        ),
        (Cause::DidNotStart, Complete),
        (Cause::NotDeployed, Complete),
        (
            Cause::VersionMismatch {
                expected: "CARTOGRAPHER V3 6.1.0".to_owned(),
                reported: "CARTOGRAPHER V3 5.1.0".to_owned(),
            },
            Complete,
        ),
        (Cause::PlanOutdated, Untouched),
        (Cause::Crashed, NeedsPads),
    ]);
    causes
}

fn refusals() -> Vec<Refusal> {
    vec![
        Refusal::Stranger(StrangerKind::OtherDfu),
        Refusal::Stranger(StrangerKind::OtherKlipper),
        Refusal::Stranger(StrangerKind::OtherKatapult),
        Refusal::Stranger(StrangerKind::ProbeV1),
        Refusal::NotAProbe,
        Refusal::NotUsable(Access::Usable),
        Refusal::NotUsable(Access::NotPermitted),
        Refusal::NotUsable(Access::WrongDriver { bound: None }),
        Refusal::NotUsable(Access::WrongDriver {
            bound: Some("STTub30".to_owned()),
        }),
        Refusal::NotUsable(Access::Busy { holder: None }),
        Refusal::NotUsable(Access::Busy {
            holder: Some("klippy (1234)".to_owned()),
        }),
        Refusal::ChipUnknown,
        Refusal::NotInDfu,
        Refusal::NotInKatapult,
    ]
}

fn misfits() -> [Misfit; 7] {
    [
        Misfit::OtherMcu {
            file: G431,
            probe: F042,
        },
        Misfit::AppWithoutBootloader,
        Misfit::DeployerOnDfu,
        Misfit::NotThroughKatapult {
            role: Role::Combined,
        },
        Misfit::DeployerNeedsConsent,
        Misfit::PastFlashEnd {
            image_end: 0x0802_0000,
            flash_end: 0x0800_8000,
        },
        Misfit::WrongLinkAddress {
            image: 0x0800_4000,
            app_start: 0x0800_2000,
        },
    ]
}

fn compose_errors() -> [ComposeError; 7] {
    [
        ComposeError::NotABootloader { role: Role::App },
        ComposeError::NotAnApp {
            role: Role::Bootloader,
        },
        ComposeError::OtherMcu {
            bootloader: F042,
            app: G431,
        },
        ComposeError::WrongLinkAddress {
            image: 0x0800_4000,
            app_start: 0x0800_2000,
        },
        ComposeError::TransportConflict {
            bootloader: Transport::Usb,
            app: CAN,
        },
        ComposeError::BootloaderNotForUsb,
        ComposeError::PastFlashEnd {
            length: 40_000,
            flash_size: 32_768,
        },
    ]
}

fn image_errors() -> Vec<ImageError> {
    let path = PathBuf::from("firmware.bin");
    // The two whose inside is not public are met through a file.
    let of_file = |name: &str, bytes: &[u8]| Image::parse(name, bytes.to_vec()).unwrap_err();
    let mut errors = vec![
        ImageError::Unreadable {
            path: path.clone(),
            kind: std::io::ErrorKind::PermissionDenied,
        },
        ImageError::NotAFile { path },
        ImageError::TooLarge {
            size: 5_000_000,
            limit: 2_097_152,
        },
        ImageError::Empty,
        ImageError::Erased,
        ImageError::Zeros,
        ImageError::Html,
        ImageError::Text {
            first_line: "# README".to_owned(),
        },
        ImageError::Elf,
        ImageError::Uf2 {
            family: Some(0xe48b_ff56),
            for_v1: true,
        },
        ImageError::Uf2 {
            family: None,
            for_v1: false,
        },
        ImageError::DfuSuffixCrc {
            stored: 1,
            computed: 2,
        },
        ImageError::DfuSuffixLength { length: 3 },
        ImageError::DfuSuffixDevice {
            vendor: 0x1209,
            product: 1,
        },
        of_file("firmware.dfu", b"DfuSe\x01\x00"),
        of_file("firmware.hex", b":10000000\n"),
        ImageError::OutsideFlash {
            address: 0x1fff_f800,
            length: 16,
        },
        ImageError::Overlap {
            address: 0x0800_0000,
        },
        ImageError::Gap {
            from: 0x0800_0400,
            to: 0x0800_2000,
        },
        ImageError::WrongPlace {
            placed_at: 0x0800_0000,
            linked_at: 0x0800_2000,
        },
        ImageError::NotFirmware,
        ImageError::OtherChip {
            stack_pointer: 0x2000_5000,
            name: Some("stm32f103".to_owned()),
        },
        ImageError::OtherChip {
            stack_pointer: 0x2000_5000,
            name: None,
        },
        ImageError::UnexpectedStack {
            mcu: F042,
            stack_pointer: 0x2000_5000,
        },
        ImageError::McuMismatch {
            stack: F042,
            named: "stm32g431xx".to_owned(),
        },
        ImageError::Truncated {
            length: 700,
            at_least: None,
        },
        ImageError::UnknownProgram { mcu: F042 },
        ImageError::CombinedWithoutApp { mcu: F042 },
        ImageError::PastFlashEnd {
            mcu: F042,
            link_address: 0x0800_2000,
            length: 40_000,
        },
        ImageError::DumpSize {
            mcu: F042,
            length: 100,
            expected: 32_768,
        },
    ];
    errors.extend(
        [
            ArchiveKind::Zip,
            ArchiveKind::Gzip,
            ArchiveKind::Xz,
            ArchiveKind::Bzip2,
            ArchiveKind::SevenZip,
            ArchiveKind::Rar,
            ArchiveKind::Zstd,
        ]
        .map(|kind| ImageError::Archive { kind }),
    );
    errors
}

fn cli_failures() -> Vec<CliFailure> {
    let path = PathBuf::from("out.bin");
    let why = "what the system said".to_owned();
    let name = "1-2".to_owned();
    vec![
        CliFailure::Usage {
            why: "unexpected argument '--fast' found".to_owned(),
        },
        CliFailure::ContradictoryOptions {
            why: "Only CAN has a bitrate",
        },
        CliFailure::BadBench { why: why.clone() },
        CliFailure::NeedsYes,
        CliFailure::Declined,
        CliFailure::Stopped,
        CliFailure::NoBackupFolder,
        CliFailure::NoSuchDevice {
            name: name.clone(),
            count: 2,
        },
        CliFailure::SeveralMatch { name },
        CliFailure::NoProbe,
        CliFailure::SeveralProbes {
            probes: vec![
                "1-2: V3, in DFU mode".to_owned(),
                "1-3: V4, running firmware".to_owned(),
            ],
        },
        CliFailure::OnlyStrangers,
        CliFailure::NoUsb { why: why.clone() },
        CliFailure::FileExists { path: path.clone() },
        CliFailure::CannotWrite {
            path,
            why: why.clone(),
        },
        CliFailure::NoSuchBuild {
            board: Model::V4,
            transport: CAN,
            variant: Variant::Lite,
        },
        CliFailure::NotServed,
        CliFailure::WrongFiles {
            folders: vec!["/cache".to_owned(), "/beside".to_owned()],
        },
        CliFailure::LinuxOnly,
        CliFailure::WindowsOnly,
        CliFailure::NoBootloader,
        CliFailure::SeveralBootloaders {
            names: vec!["A".to_owned(), "B".to_owned()],
        },
        CliFailure::NoServer { why: why.clone() },
        CliFailure::NoVhci { why },
    ]
}
