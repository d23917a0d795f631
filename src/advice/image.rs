//! A file that cannot be used, or not on this probe.

use std::path::Path;

use super::{Action, Advice};
use crate::board::Mcu;
use crate::image::{ComposeError, ImageError, Misfit, Role};

const CHOOSE: &str = "Choose a firmware file for this probe, or take one from the list";

/// What an image is for, in words.
pub fn role_label(role: Role) -> &'static str {
    match role {
        Role::App => "Firmware (without bootloader)",
        Role::Bootloader => "Katapult bootloader",
        Role::Combined => "Firmware with bootloader",
        Role::Deployer => "Katapult deployer",
        Role::Dump => "Backup of a whole flash",
    }
}

/// A file that is not firmware this program can use.
pub fn for_image_error(error: &ImageError) -> Advice {
    not_a_file(error)
        .unwrap_or_else(|| not_firmware(error))
        .button(Action::ChooseFirmware, CHOOSE)
        .details(error)
}

/// A backup whose firmware part cannot go back through Katapult.
pub fn for_backup_without_app(file: &Path) -> Advice {
    Advice::new(
        "backup_without_firmware",
        "The backup holds no complete firmware",
        format!(
            "Through Katapult only the firmware can be put back, and {} holds none that starts behind Katapult.",
            file.display()
        ),
    )
    .button(Action::OpenDfuCoach, "Bring the probe into DFU mode: there the whole flash can be put back")
}

/// What the file is, where it is not firmware at all.
fn not_a_file(error: &ImageError) -> Option<Advice> {
    Some(match error {
        ImageError::Unreadable { path, kind } => Advice::new(
            "unreadable_file",
            "The file cannot be read",
            format!("The system said \"{kind}\" about {}.", path.display()),
        ),
        ImageError::NotAFile { path } => {
            Advice::new("not_a_file", "This is not a file", format!("{} is a folder or a device.", path.display()))
        }
        ImageError::TooLarge { size, .. } => Advice::new(
            "too_large",
            "The file is too large to be firmware",
            format!("It has {size} bytes; the largest probe has 128 KiB of flash."),
        ),
        ImageError::Empty => Advice::new(
            "empty_file",
            "The file is empty",
            "A download may have been cut off before it began.",
        ),
        ImageError::Erased | ImageError::Zeros => Advice::new(
            "blank_file",
            "The file is blank",
            "It holds nothing but one value: it was read from an erased chip, or it is damaged.",
        ),
        ImageError::Html => Advice::new(
            "web_page",
            "The file is a web page",
            "A page was saved instead of the file behind it.",
        )
        .step("On GitHub open the file and use \"Download raw file\""),
        ImageError::Text { .. } => {
            Advice::new("text_file", "The file is text", "Firmware files are not readable text, and this one is.")
        }
        ImageError::Elf => Advice::new(
            "elf_file",
            "The file is an ELF executable",
            "It is what the linker made; the firmware is the .bin beside it.",
        ),
        ImageError::Archive { .. } => Advice::new(
            "archive",
            "The file is an archive",
            "The firmware is inside it.",
        )
        .step("Unpack it and choose the .bin file in it"),
        ImageError::Uf2 { for_v1: true, .. } => Advice::new(
            "uf2_for_v1",
            "This is firmware for a V1 probe",
            "A V1 probe has an RP2040 and takes this file by copying; V2, V3 and V4 cannot use it.",
        )
        .step("For a V1 probe: hold BOOTSEL while plugging it in and copy the file onto the drive that appears"),
        ImageError::Uf2 { .. } => Advice::new(
            "uf2",
            "The file is UF2",
            "It is made for boards that take files by copying. Probes V2, V3 and V4 do not.",
        ),
        _ => return None,
    })
}

fn not_firmware(error: &ImageError) -> Advice {
    match error {
        ImageError::DfuSuffixCrc { .. }
        | ImageError::DfuSuffixLength { .. }
        | ImageError::DfuSe(_)
        | ImageError::Hex(_)
        | ImageError::Truncated { .. } => Advice::new(
            "damaged_file",
            "The file is damaged",
            "Its parts do not fit together: it may have been cut off or changed on the way.",
        )
        .step("Download it again"),
        ImageError::DfuSuffixDevice { .. } => Advice::new(
            "file_for_another_device",
            "The file is for another device",
            "It names a device that is not an ST bootloader.",
        ),
        ImageError::OutsideFlash { .. } => Advice::new(
            "outside_flash",
            "The file wants to write elsewhere than flash",
            "It would change option bytes or other memory, which this program never does.",
        ),
        ImageError::Overlap { .. } | ImageError::Gap { .. } | ImageError::WrongPlace { .. } => {
            Advice::new(
                "bad_addresses",
                "The addresses in the file do not make sense",
                "It leaves out pages, writes some twice, or puts the program where it cannot run.",
            )
        }
        ImageError::OtherChip { name, .. } => Advice::new(
            "other_chip",
            "The file is for another chip",
            name.as_deref().map_or_else(
                || "No Cartographer probe has the memory it was built for.".to_owned(),
                |name| format!("It was built for {name}, which no Cartographer probe has."),
            ),
        ),
        ImageError::UnexpectedStack { .. } | ImageError::McuMismatch { .. } => Advice::new(
            "contradictory_file",
            "The file contradicts itself",
            "It names one chip and was built for the memory of another.",
        ),
        ImageError::UnknownProgram { .. } => Advice::new(
            "unknown_program",
            "The file is not Cartographer firmware",
            "It is a program for the right chip, but neither Cartographer firmware nor Katapult.",
        ),
        ImageError::CombinedWithoutApp { .. } => Advice::new(
            "combined_without_app",
            "The firmware in the file is damaged",
            "It begins with Katapult, but what follows is not firmware.",
        ),
        ImageError::PastFlashEnd { .. } => Advice::new(
            "past_flash_end",
            "The file does not fit into the chip",
            "It ends behind the end of flash.",
        ),
        ImageError::DumpSize {
            mcu,
            length,
            expected,
        } => Advice::new(
            "not_a_backup",
            "The file is not a backup of this probe",
            format!(
                "A backup of an {} has {expected} bytes; the file has {length}.",
                mcu.label()
            ),
        ),
        _ => Advice::new(
            "not_firmware",
            "The file is not firmware for a probe",
            "It does not begin as a program for these chips does.",
        ),
    }
}

/// An image that does not go onto this probe this way.
pub fn for_misfit(misfit: &Misfit) -> Advice {
    let advice = match misfit {
        Misfit::OtherMcu { file, probe } => Advice::new(
            "other_mcu",
            format!("The file is for a {}", file.boards_label()),
            format!(
                "It was built for {}; this probe is a {} and has {}.",
                with_article(*file),
                probe.boards_label(),
                with_article(*probe)
            ),
        )
        .button(Action::ChooseFirmware, format!("Choose a file for {}", probe.boards_label())),
        Misfit::AppWithoutBootloader => Advice::new(
            "app_without_bootloader",
            "This firmware needs its bootloader",
            "In DFU mode the bootloader is written too. The file holds firmware alone, and alone it would not start.",
        )
        .button(Action::ChooseFirmware, "Choose the combined file (Katapult and firmware)")
        .step("Or give Katapult's file too, and both are written as one: --with-bootloader on the command line"),
        Misfit::DeployerOnDfu => Advice::new(
            "deployer_on_dfu",
            "A deployer is of no use in DFU mode",
            "It exchanges the bootloader from within; in DFU mode the bootloader can be written directly.",
        )
        .button(Action::ChooseFirmware, "Choose the combined file (Katapult and firmware)"),
        Misfit::NotThroughKatapult { role } => Advice::new(
            "not_through_katapult",
            "This file cannot go through Katapult",
            format!("{} begins where Katapult itself is, and Katapult cannot replace itself.", role_label(*role)),
        )
        .button(Action::ChooseFirmware, "Choose the file that holds the firmware alone")
        .button(Action::OpenDfuCoach, "Or bring the probe into DFU mode: there this file can be written"),
        Misfit::DeployerNeedsConsent => Advice::new(
            "deployer_needs_consent",
            "This file replaces the bootloader",
            "For about a third of a second the probe has no bootloader. If its power goes in that moment, only DFU mode helps. \
             Afterwards the probe may be on CAN, and it has no firmware until you flash one.",
        )
        .step("Safer: bring the probe into DFU mode and write a combined file")
        .step("To do it all the same, accept the risk: --accept-deployer-risk on the command line"),
        Misfit::PastFlashEnd { .. } => Advice::new(
            "past_flash_end",
            "The file does not fit into the chip",
            "It ends behind the end of flash.",
        )
        .button(Action::ChooseFirmware, CHOOSE),
        Misfit::WrongLinkAddress { image, app_start } => Advice::new(
            "other_app_start",
            "The file was built for another bootloader",
            format!("It runs at {image:#010x}; behind Katapult firmware starts at {app_start:#010x}."),
        )
        .button(Action::ChooseFirmware, "Choose a file with an 8 KiB bootloader offset"),
    };
    advice.details(misfit)
}

/// A bootloader and firmware that do not go together.
pub fn for_compose_error(error: &ComposeError) -> Advice {
    let advice = match error {
        ComposeError::NotABootloader { .. } => Advice::new(
            "no_bootloader_in_file",
            "The bootloader's file holds no bootloader",
            "Katapult is expected there.",
        ),
        ComposeError::NotAnApp { .. } => Advice::new(
            "no_app_in_file",
            "The firmware's file holds no firmware",
            "It holds only a bootloader.",
        ),
        ComposeError::OtherMcu { bootloader, app } => Advice::new(
            "parts_for_different_chips",
            "Bootloader and firmware are for different chips",
            format!(
                "The bootloader is for {}, the firmware for {}.",
                with_article(*bootloader),
                with_article(*app)
            ),
        ),
        ComposeError::WrongLinkAddress { image, app_start } => Advice::new(
            "other_app_start",
            "The firmware was built for another bootloader",
            format!(
                "It runs at {image:#010x}; behind Katapult firmware starts at {app_start:#010x}."
            ),
        ),
        ComposeError::TransportConflict { bootloader, app } => Advice::new(
            "parts_for_different_transports",
            "Bootloader and firmware talk differently",
            format!(
                "The bootloader talks {bootloader}, the firmware {app}: the next update could not reach the probe."
            ),
        ),
        ComposeError::BootloaderNotForUsb => Advice::new(
            "parts_for_different_transports",
            "Bootloader and firmware talk differently",
            "The bootloader talks CAN, the firmware USB: the next update could not reach the probe.",
        ),
        ComposeError::PastFlashEnd { .. } => Advice::new(
            "past_flash_end",
            "Bootloader and firmware do not fit into the chip",
            "Together they are larger than its flash.",
        ),
    };
    advice
        .button(
            Action::ChooseFirmware,
            "Choose two files that belong together",
        )
        .details(error)
}

fn with_article(mcu: Mcu) -> String {
    format!("an {}", mcu.label())
}
