//! What a program is, by its vectors, Katapult's signature and Klipper's dictionary. Pure.
//!
//! All rules: protocols.md §1.5 "Raw .bin sanity", boards-and-firmware.md §1 "Katapult facts" and §2.

use super::{Facts, ImageError, Role, Variant};
use crate::board::{Chip, Mcu, Transport};
use crate::klipper::dictionary::{Dictionary, Search, search};

/// What stands right before Katapult's reset handler. Klipper itself looks for it there.
const SIGNATURE: &[u8; 8] = b"CanBoot!";
/// From a Katapult reset vector, which has the Thumb bit, back to the signature.
const RESET_TO_SIGNATURE: u32 = 9;
/// Bytes of the two vectors that are looked at.
const VECTORS: usize = 8;
/// Where else Klipper can be told to expect its bootloader (Klipper `src/stm32/Kconfig`).
const OTHER_APP_STARTS: [u32; 10] = [
    0x0800_0800,
    0x0800_1000,
    0x0800_4000,
    0x0800_5000,
    0x0800_7000,
    0x0800_8000,
    0x0800_8800,
    0x0800_9000,
    0x0800_c000,
    0x0801_0000,
];
/// USB manufacturer strings of Katapult, now and before 2023-07-31 (protocols.md §4.6).
const KATAPULT_NAMES: [&str; 2] = ["katapult", "CanBoot"];
/// Ends of RAM of other chips that Klipper boards have, for a better message.
const OTHER_CHIPS: [(u32, &str); 8] = [
    (0x2000_4000, "STM32F072"),
    (0x2000_5000, "STM32F103"),
    (0x2000_9000, "STM32G070"),
    (0x2000_a000, "STM32L412"),
    (0x2001_0000, "STM32F401"),
    (0x2002_0000, "STM32F4, STM32G4 or STM32H7"),
    (0x2002_4000, "STM32G0B1"),
    (0x2004_2000, "RP2040"),
];
/// Bytes Katapult keeps at the end of RAM (protocols.md §4.5).
const KATAPULT_RESERVE: u32 = 8;
/// How the second-stage loader in front of every RP2040 program begins (push, ldr).
const RP2040_BOOT2: [u8; 4] = [0x00, 0xb5, 0x32, 0x4b];

/// Whose initial stack pointer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stack {
    App,
    Katapult,
}

/// What a program is, and how many of its bytes are meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Recognized {
    pub(super) facts: Facts,
    pub(super) length: usize,
}

/// The supported chip with this initial stack pointer.
pub(super) fn chip_by_stack(stack_pointer: u32) -> Option<(&'static Chip, Stack)> {
    Mcu::ALL.map(Mcu::chip).into_iter().find_map(|chip| {
        if stack_pointer == chip.app_stack {
            Some((chip, Stack::App))
        } else if stack_pointer == chip.katapult_stack {
            Some((chip, Stack::Katapult))
        } else {
            None
        }
    })
}

/// Recognizes a program.
pub(super) fn recognize(program: &[u8]) -> Result<Recognized, ImageError> {
    let (stack_pointer, reset) = vectors(program).ok_or(ImageError::NotFirmware)?;
    match chip_by_stack(stack_pointer) {
        Some((chip, Stack::App)) => {
            let facts = recognize_app(program, chip, link_address(program, reset, chip))?;
            fits(program.len(), &facts)?;
            let length = program.len();
            Ok(Recognized { facts, length })
        }
        Some((chip, Stack::Katapult)) => {
            let recognized = recognize_katapult(program, chip)?;
            fits(recognized.length, &recognized.facts)?;
            Ok(recognized)
        }
        None => Err(foreign(program, stack_pointer, reset)),
    }
}

/// What can be said of a whole flash that was read from a chip. Only a contradiction is refused.
pub(super) fn recognize_dump(flash: &[u8], mcu: Mcu) -> Result<Facts, ImageError> {
    let of_stack = vectors(flash).and_then(|(stack_pointer, _)| chip_by_stack(stack_pointer));
    if let Some((chip, _)) = of_stack.filter(|(chip, _)| chip.mcu != mcu) {
        let named = chip.mcu.klipper_name().to_owned();
        return Err(ImageError::McuMismatch { stack: mcu, named });
    }
    let base = mcu.chip().flash_base;
    let mut facts = bare(Role::Dump, mcu, base);
    if let Search::Found { dictionary, .. } = search(flash) {
        check_mcu(mcu, &dictionary)?;
        describe(&mut facts, dictionary);
    }
    Ok(facts)
}

/// The Katapult at the start of these bytes: up to where the application goes, without blank flash.
pub(super) fn leading_katapult<'a>(flash: &'a [u8], chip: &Chip) -> Option<&'a [u8]> {
    let (stack_pointer, reset) = vectors(flash)?;
    if stack_pointer != chip.katapult_stack || !has_signature(flash, reset, chip) {
        return None;
    }
    let bootloader = flash.get(..app_offset(chip)).unwrap_or(flash);
    Some(trim_erased(bootloader))
}

/// How a Katapult talks, where its bytes tell: builds for USB carry their USB strings. Those for CAN show
/// nothing by which their bitrate could be known.
pub(super) fn katapult_transport(bootloader: &[u8]) -> Option<Transport> {
    KATAPULT_NAMES
        .iter()
        .any(|name| {
            let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            contains(bootloader, &wide)
        })
        .then_some(Transport::Usb)
}

/// Bytes in front of the application.
pub(super) fn app_offset(chip: &Chip) -> usize {
    index(chip.app_start.saturating_sub(chip.flash_base))
}

/// Without the 0xFF at the end.
pub(super) fn trim_erased(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|byte| *byte != 0xff)
        .map_or(0, |last| last.saturating_add(1));
    bytes.get(..end).unwrap_or(bytes)
}

fn recognize_app(program: &[u8], chip: &Chip, link_address: u32) -> Result<Facts, ImageError> {
    let mcu = chip.mcu;
    let (_, reset) = vectors(program).ok_or(ImageError::NotFirmware)?;
    check_reset(program, reset, link_address)?;
    match search(program) {
        Search::Found { dictionary, .. } => {
            check_mcu(mcu, &dictionary)?;
            let mut facts = bare(Role::App, mcu, link_address);
            describe(&mut facts, dictionary);
            Ok(facts)
        }
        Search::CutOff { .. } => Err(ImageError::Truncated {
            length: program.len(),
            at_least: None,
        }),
        Search::Nothing => {
            let embedded = (link_address == chip.app_start)
                .then(|| embedded_katapult(program, chip))
                .flatten()
                .ok_or(ImageError::UnknownProgram { mcu })?;
            check_name(embedded, mcu)?;
            let mut facts = bare(Role::Deployer, mcu, link_address);
            facts.transport = katapult_transport(embedded);
            Ok(facts)
        }
    }
}

fn recognize_katapult(program: &[u8], chip: &Chip) -> Result<Recognized, ImageError> {
    let mcu = chip.mcu;
    let (_, reset) = vectors(program).ok_or(ImageError::NotFirmware)?;
    check_reset(program, reset, chip.flash_base)?;
    if !has_signature(program, reset, chip) {
        return Err(ImageError::UnknownProgram { mcu });
    }
    let (bootloader, app) = program
        .split_at_checked(app_offset(chip))
        .unwrap_or((program, &[]));
    check_name(bootloader, mcu)?;
    if trim_erased(app).is_empty() {
        let mut facts = bare(Role::Bootloader, mcu, chip.flash_base);
        facts.transport = katapult_transport(bootloader);
        let length = bootloader.len();
        return Ok(Recognized { facts, length });
    }
    let not_an_app = ImageError::CombinedWithoutApp { mcu };
    match vectors(app) {
        Some((stack_pointer, reset)) if stack_pointer == chip.app_stack => {
            if link_address(app, reset, chip) != chip.app_start {
                return Err(not_an_app);
            }
        }
        _ => return Err(not_an_app),
    }
    let facts = match recognize_app(app, chip, chip.app_start) {
        Ok(facts) if facts.role == Role::App => Facts {
            role: Role::Combined,
            link_address: chip.flash_base,
            ..facts
        },
        Err(error @ (ImageError::Truncated { .. } | ImageError::McuMismatch { .. })) => {
            return Err(error);
        }
        Ok(_) | Err(_) => return Err(not_an_app),
    };
    let length = program.len();
    Ok(Recognized { facts, length })
}

/// Where an application is linked.
///
/// A reset vector below `app_start` tells. Above, it can be anywhere in the program, but every application holds
/// its own start as a literal, to set VTOR or copy its vectors; another start in its place is believed.
fn link_address(program: &[u8], reset: u32, chip: &Chip) -> u32 {
    if reset < chip.app_start {
        return chip.flash_base;
    }
    let holds = |start: u32| {
        let literal = start.to_le_bytes();
        let (words, _) = program.as_chunks::<4>();
        words.contains(&literal)
    };
    if holds(chip.app_start) {
        return chip.app_start;
    }
    OTHER_APP_STARTS
        .into_iter()
        .find(|start| reset > *start && holds(*start))
        .unwrap_or(chip.app_start)
}

/// The Katapult that a deployer carries (protocols.md §4.8): a signature, and in front of it a vector table that
/// says the signature is there.
fn embedded_katapult<'a>(program: &'a [u8], chip: &Chip) -> Option<&'a [u8]> {
    program
        .windows(SIGNATURE.len())
        .enumerate()
        .filter(|(_, window)| window == SIGNATURE)
        .filter_map(|(at, _)| program.get(at.checked_sub(index(chip.katapult_signature_offset))?..))
        .find(|rest| vectors(rest).is_some_and(|(_, reset)| has_signature(rest, reset, chip)))
}

fn has_signature(bootloader: &[u8], reset: u32, chip: &Chip) -> bool {
    reset
        .checked_sub(RESET_TO_SIGNATURE)
        .and_then(|address| address.checked_sub(chip.flash_base))
        .map(index)
        .filter(|offset| *offset < app_offset(chip))
        .and_then(|offset| bootloader.get(offset..))
        .is_some_and(|rest| rest.starts_with(SIGNATURE))
}

/// The reset handler is Thumb code inside the program, behind the vectors.
fn check_reset(program: &[u8], reset: u32, link_address: u32) -> Result<(), ImageError> {
    let offset = reset
        .checked_sub(link_address)
        .filter(|offset| offset & 1 == 1)
        .map(index)
        .filter(|offset| *offset > VECTORS)
        .ok_or(ImageError::NotFirmware)?;
    // One instruction of two bytes at least; the offset has the Thumb bit.
    let at_least = offset.saturating_add(1);
    if program.len() < at_least {
        return Err(ImageError::Truncated {
            length: program.len(),
            at_least: Some(at_least),
        });
    }
    Ok(())
}

fn check_mcu(mcu: Mcu, dictionary: &Dictionary) -> Result<(), ImageError> {
    match &dictionary.mcu {
        Some(named) if Mcu::from_klipper_name(named) != Some(mcu) => Err(ImageError::McuMismatch {
            stack: mcu,
            named: named.clone(),
        }),
        _ => Ok(()),
    }
}

/// Katapult has its chip's name in it, for CONNECT.
fn check_name(bootloader: &[u8], mcu: Mcu) -> Result<(), ImageError> {
    let names = |mcu: Mcu| contains(bootloader, mcu.klipper_name().as_bytes());
    match Mcu::ALL
        .into_iter()
        .find(|other| *other != mcu && names(*other))
    {
        Some(other) if !names(mcu) => Err(ImageError::McuMismatch {
            stack: mcu,
            named: other.klipper_name().to_owned(),
        }),
        _ => Ok(()),
    }
}

fn fits(length: usize, facts: &Facts) -> Result<(), ImageError> {
    let chip = facts.mcu.chip();
    let room = chip.flash_end().saturating_sub(facts.link_address);
    if length <= index(room) {
        Ok(())
    } else {
        Err(ImageError::PastFlashEnd {
            mcu: facts.mcu,
            link_address: facts.link_address,
            length,
        })
    }
}

/// Says what a program is that fits none of our chips.
fn foreign(program: &[u8], stack_pointer: u32, reset: u32) -> ImageError {
    let dictionary = match search(program) {
        Search::Found { dictionary, .. } => dictionary.mcu,
        Search::CutOff { .. } | Search::Nothing => None,
    };
    if let Some(mcu) = dictionary.as_deref().and_then(Mcu::from_klipper_name) {
        return ImageError::UnexpectedStack { mcu, stack_pointer };
    }
    if dictionary.is_some() {
        return ImageError::OtherChip {
            stack_pointer,
            name: dictionary,
        };
    }
    if program.starts_with(&RP2040_BOOT2) {
        return ImageError::OtherChip {
            stack_pointer,
            name: Some("RP2040".to_owned()),
        };
    }
    // RAM of any Cortex-M, and Thumb code in the flash of any STM32.
    let in_ram =
        stack_pointer.is_multiple_of(4) && (0x2000_0008..=0x2010_0000).contains(&stack_pointer);
    let in_flash = reset & 1 == 1 && (0x0800_0008..0x0820_0000).contains(&reset);
    if !in_ram || !in_flash {
        return ImageError::NotFirmware;
    }
    let name = OTHER_CHIPS
        .iter()
        .find(|(end, _)| {
            stack_pointer == *end || stack_pointer.saturating_add(KATAPULT_RESERVE) == *end
        })
        .map(|(_, name)| (*name).to_owned());
    ImageError::OtherChip {
        stack_pointer,
        name,
    }
}

fn bare(role: Role, mcu: Mcu, link_address: u32) -> Facts {
    Facts {
        role,
        mcu,
        link_address,
        transport: None,
        version: None,
        variant: None,
    }
}

fn describe(facts: &mut Facts, dictionary: Dictionary) {
    facts.transport = dictionary.transport();
    facts.variant = Some(Variant::from_text(&dictionary.version));
    facts.version = Some(dictionary.version);
}

fn vectors(program: &[u8]) -> Option<(u32, u32)> {
    let (words, _) = program.first_chunk::<VECTORS>()?.as_chunks::<4>();
    match words {
        [stack, reset] => Some((u32::from_le_bytes(*stack), u32::from_le_bytes(*reset))),
        _ => None,
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
