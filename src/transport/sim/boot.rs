//! What a chip starts, decided from the contents of its flash alone. Pure: no time, no bus.

use super::contents::PLAIN_BOOTLOADER;
use super::deployer::embedded_katapult;
use super::flash::{ERASED, index};
use super::practice;
use crate::board::{Chip, Transport};
use crate::klipper::dictionary::{self, Dictionary};

/// Katapult's signature, 9 bytes before its entry point (protocols.md §1.5).
const KATAPULT_SIGNATURE: &[u8; 8] = b"CanBoot!";
const SIGNATURE_BEFORE_ENTRY: u32 = 9;

/// What a chip runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Boots {
    /// ST's bootloader.
    RomDfu,
    /// Katapult, built for USB.
    KatapultUsb,
    /// Katapult, built for CAN: nothing on USB.
    KatapultCan,
    /// An application.
    App {
        /// How it talks; unknown if its dictionary cannot be read, and then it is not on USB.
        transport: Option<Transport>,
        /// The version text of its dictionary.
        version: Option<String>,
    },
    /// A program that replaces Katapult, and then starts it.
    Deployer,
    /// Nothing that works.
    Dead,
}

/// Why the chip starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// Power came.
    PowerOn,
    /// The reset pin, or software that resets.
    Reset,
    /// A reset with Katapult's request to stay, or the second of two quick ones (protocols.md §4.5).
    ResetIntoKatapult,
    /// A reset with Katapult's request to start the application at once (protocols.md §4.5).
    ResetIntoApp,
    /// Firmware asks for the ROM bootloader (protocols.md §2.1 "Software entry").
    IntoRom,
    /// ROM jumps to the image at this address (protocols.md §2.2).
    Jump(u32),
}

/// Everything the decision needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub(super) cause: Cause,
    /// BOOT0 is held.
    pub(super) boot0: bool,
    /// Flash was blank when power came: F042 remembers it until power goes (protocols.md §2.1).
    pub(super) blank_at_power_on: bool,
}

/// Says what starts.
pub(super) fn decide(chip: &Chip, flash: &[u8], start: Start) -> Boots {
    if let Cause::Jump(address) = start.cause {
        return jump(chip, flash, address, start);
    }
    if start.boot0 || start.cause == Cause::IntoRom {
        return Boots::RomDfu;
    }
    let blank = word(flash, 0) == Some(u32::MAX);
    // The ROM that runs because flash was blank notices when it no longer is (protocols.md §2.1).
    let considered_blank = blank && (start.blank_at_power_on || start.cause == Cause::PowerOn);
    if chip.blank_returns_to_dfu && considered_blank {
        return Boots::RomDfu;
    }
    from_base(chip, flash, start.cause == Cause::ResetIntoKatapult)
}

/// True if Katapult is in its place.
pub(super) fn has_katapult(chip: &Chip, flash: &[u8]) -> bool {
    base_program(chip, flash) == Some(BaseProgram::Katapult)
}

/// True if there is something in the application's place that Katapult would start: it looks at one word and no
/// further (protocols.md §0.2).
pub(super) fn katapult_would_start(chip: &Chip, flash: &[u8]) -> bool {
    !matches!(word(flash, app_offset(chip)), None | Some(0 | u32::MAX))
}

/// What is in the bootloader's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BaseProgram {
    Katapult,
    /// Something of the bench's own that only starts the application.
    Plain,
}

fn base_program(chip: &Chip, flash: &[u8]) -> Option<BaseProgram> {
    let stack = word(flash, 0)?;
    let entry = word(flash, 4)?;
    let ours = chip.flash_base..chip.app_start;
    if stack != chip.katapult_stack || !ours.contains(&entry) {
        return None;
    }
    let before_entry = entry.checked_sub(chip.flash_base + SIGNATURE_BEFORE_ENTRY)?;
    let signed_with = |signature: &[u8; 8]| {
        [before_entry, chip.katapult_signature_offset]
            .into_iter()
            .any(|offset| bytes_at(flash, offset, 8) == Some(signature))
    };
    if signed_with(KATAPULT_SIGNATURE) {
        Some(BaseProgram::Katapult)
    } else if signed_with(PLAIN_BOOTLOADER) {
        Some(BaseProgram::Plain)
    } else {
        None
    }
}

fn from_base(chip: &Chip, flash: &[u8], stay: bool) -> Boots {
    match base_program(chip, flash) {
        Some(BaseProgram::Katapult) if stay || !katapult_would_start(chip, flash) => {
            katapult(chip, flash)
        }
        Some(BaseProgram::Katapult | BaseProgram::Plain) => application(chip, flash),
        None => Boots::Dead,
    }
}

fn katapult(chip: &Chip, flash: &[u8]) -> Boots {
    let own = flash.get(..index(app_offset(chip))).unwrap_or(flash);
    match practice::katapult_transport(own) {
        Some(Transport::Usb) => Boots::KatapultUsb,
        _ => Boots::KatapultCan,
    }
}

fn application(chip: &Chip, flash: &[u8]) -> Boots {
    let offset = app_offset(chip);
    let stack = word(flash, offset);
    let entry = offset.checked_add(4).and_then(|at| word(flash, at));
    let sound = stack == Some(chip.app_stack)
        && entry.is_some_and(|entry| {
            entry % 2 == 1 && (chip.app_start..chip.flash_end()).contains(&entry)
        });
    if !sound {
        return Boots::Dead;
    }
    let body = flash.get(index(offset)..).unwrap_or_default();
    // First: behind a short deployer there may still be the dictionary of the application before it.
    if embedded_katapult(chip, body).is_some() {
        return Boots::Deployer;
    }
    let dictionary = dictionary::find(body);
    Boots::App {
        transport: dictionary.as_ref().and_then(Dictionary::transport),
        version: dictionary.map(|dictionary| dictionary.version),
    }
}

/// `leave`: a jump, not a reset (protocols.md §2.2).
fn jump(chip: &Chip, flash: &[u8], address: u32, start: Start) -> Boots {
    if address == chip.app_start {
        return application(chip, flash);
    }
    if address != chip.flash_base {
        return Boots::Dead;
    }
    match base_program(chip, flash) {
        // It resets at once, and BOOT0 counts again.
        Some(BaseProgram::Katapult) if katapult_would_start(chip, flash) => decide(
            chip,
            flash,
            Start {
                cause: Cause::Reset,
                ..start
            },
        ),
        // Without VTOR its interrupts go to the ROM: it has to be replugged (protocols.md §2.2, inferred).
        Some(BaseProgram::Katapult) if chip.blank_returns_to_dfu => Boots::Dead,
        Some(BaseProgram::Katapult) => katapult(chip, flash),
        Some(BaseProgram::Plain) => application(chip, flash),
        None => Boots::Dead,
    }
}

/// True if code would run that is not whole: neither the bootloader nor the application that would run is among
/// `complete`, images of either kind or of both in one.
pub(super) fn is_incomplete(chip: &Chip, flash: &[u8], complete: &[&[u8]]) -> bool {
    let split = index(app_offset(chip));
    let start = Start {
        cause: Cause::PowerOn,
        boot0: false,
        blank_at_power_on: false,
    };
    let runs_app = match decide(chip, flash, start) {
        Boots::RomDfu | Boots::Dead => return false,
        Boots::App { .. } | Boots::Deployer => true,
        Boots::KatapultUsb | Boots::KatapultCan => false,
    };
    let (base, app) = flash.split_at_checked(split).unwrap_or((flash, &[]));
    let parts = || complete.iter().map(|image| parts(chip, image));
    let base_is_whole = parts().any(|(known, _)| !known.is_empty() && base.starts_with(known));
    let app_is_whole = parts().any(|(_, known)| !known.is_empty() && app.starts_with(known));
    !base_is_whole || (runs_app && !app_is_whole)
}

/// The bootloader and the application in an image, without padding.
fn parts<'a>(chip: &Chip, image: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    if word(image, 4).is_some_and(|entry| entry >= chip.app_start) {
        return (&[], without_padding(image));
    }
    let (base, app) = image
        .split_at_checked(index(app_offset(chip)))
        .unwrap_or((image, &[]));
    (without_padding(base), without_padding(app))
}

fn without_padding(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|byte| *byte != ERASED)
        .map_or(0, |last| last.saturating_add(1));
    bytes.get(..end).unwrap_or(bytes)
}

fn app_offset(chip: &Chip) -> u32 {
    chip.app_start.saturating_sub(chip.flash_base)
}

/// The word at an offset.
pub(super) fn word(bytes: &[u8], offset: u32) -> Option<u32> {
    bytes_at(bytes, offset, 4)?
        .try_into()
        .ok()
        .map(u32::from_le_bytes)
}

fn bytes_at(bytes: &[u8], offset: u32, length: usize) -> Option<&[u8]> {
    let offset = index(offset);
    bytes.get(offset..offset.checked_add(length)?)
}

#[cfg(test)]
mod tests;
