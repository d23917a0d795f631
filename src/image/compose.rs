//! Katapult and an application -> one image for DFU, and the parts of such an image. Pure.
//!
//! Katapult without its trailing 0xFF, 0xFF up to 0x2000, the application: that is the official combined image
//! byte for byte, wherever upstream did not read one back from a chip (boards-and-firmware.md §2).

use thiserror::Error;

use super::recognize::{app_offset, katapult_transport, leading_katapult, trim_erased};
use super::{Facts, Image, Role};
use crate::board::{Mcu, Transport};

/// Why two images do not make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// The first image holds no Katapult.
    #[error("a {role:?} image holds no bootloader")]
    NotABootloader {
        /// What it is.
        role: Role,
    },
    /// The second image holds no application.
    #[error("a {role:?} image holds no application")]
    NotAnApp {
        /// What it is.
        role: Role,
    },
    /// They are for different chips.
    #[error("the bootloader is for {bootloader:?}, the application for {app:?}")]
    OtherMcu {
        /// The bootloader's chip.
        bootloader: Mcu,
        /// The application's chip.
        app: Mcu,
    },
    /// The application does not run behind Katapult.
    #[error("the application is linked for {image:#010x}, its place is {app_start:#010x}")]
    WrongLinkAddress {
        /// Where it would run.
        image: u32,
        /// Where it would be put.
        app_start: u32,
    },
    /// One talks USB and the other CAN, or at another bitrate: the probe could not be reached to update it.
    #[error("the bootloader talks {bootloader}, the application {app}")]
    TransportConflict {
        /// The bootloader's.
        bootloader: Transport,
        /// The application's.
        app: Transport,
    },
    /// The application talks USB, and the bootloader does not: the next update could not reach the probe.
    #[error("the bootloader does not talk USB, the application does")]
    BootloaderNotForUsb,
    /// Together they do not fit.
    #[error("together they have {length} bytes, the flash has {flash_size}")]
    PastFlashEnd {
        /// Bytes of both.
        length: usize,
        /// Bytes of flash.
        flash_size: u32,
    },
}

/// Puts an application behind a Katapult. Both may be taken from a combined image or a backup.
pub fn compose(bootloader: &Image, app: &Image) -> Result<Image, ComposeError> {
    let bootloader = bootloader_part(bootloader).ok_or(ComposeError::NotABootloader {
        role: bootloader.facts.role,
    })?;
    let app = app_part(app).ok_or(ComposeError::NotAnApp {
        role: app.facts.role,
    })?;
    let chip = app.facts.mcu.chip();
    if bootloader.facts.mcu != app.facts.mcu {
        return Err(ComposeError::OtherMcu {
            bootloader: bootloader.facts.mcu,
            app: app.facts.mcu,
        });
    }
    if app.facts.link_address != chip.app_start {
        return Err(ComposeError::WrongLinkAddress {
            image: app.facts.link_address,
            app_start: chip.app_start,
        });
    }
    match (bootloader.facts.transport, app.facts.transport) {
        (Some(bootloader), Some(app)) if bootloader != app => {
            return Err(ComposeError::TransportConflict { bootloader, app });
        }
        // A Katapult for USB has its strings; one without them talks CAN at a bitrate that it does not tell.
        (None, Some(Transport::Usb)) => return Err(ComposeError::BootloaderNotForUsb),
        _ => {}
    }
    let mut bytes = trim_erased(&bootloader.bytes).to_vec();
    bytes.resize(app_offset(chip), 0xff);
    bytes.extend_from_slice(&app.bytes);
    if u32::try_from(bytes.len()).map_or(true, |length| length > chip.flash_size) {
        return Err(ComposeError::PastFlashEnd {
            length: bytes.len(),
            flash_size: chip.flash_size,
        });
    }
    let facts = Facts {
        role: Role::Combined,
        link_address: chip.flash_base,
        ..app.facts
    };
    let name = format!("{} + {}", bootloader.name, app.name);
    Ok(Image::new(name, bytes, facts))
}

/// The Katapult in an image: itself, or the front of a combined image or backup.
pub fn bootloader_part(image: &Image) -> Option<Image> {
    let facts = &image.facts;
    match facts.role {
        Role::Bootloader => Some(image.clone()),
        Role::Combined | Role::Dump => {
            let bytes = leading_katapult(&image.bytes, facts.mcu.chip())?;
            let part = Facts {
                role: Role::Bootloader,
                mcu: facts.mcu,
                link_address: facts.mcu.chip().flash_base,
                transport: katapult_transport(bytes),
                version: None,
                variant: None,
            };
            Some(Image::new(image.name.clone(), bytes.to_vec(), part))
        }
        Role::App | Role::Deployer => None,
    }
}

/// Whether the Katapult at the start of a chip's flash talks USB; `None` if there is no Katapult.
pub fn katapult_talks_usb(flash: &[u8], mcu: Mcu) -> Option<bool> {
    let katapult = leading_katapult(flash, mcu.chip())?;
    Some(katapult_transport(katapult) == Some(Transport::Usb))
}

/// The application in an image: itself, or the back of a combined image or backup. It can go through Katapult.
pub fn app_part(image: &Image) -> Option<Image> {
    let chip = image.facts.mcu.chip();
    let bytes = match image.facts.role {
        Role::App => return Some(image.clone()),
        Role::Combined => image.bytes.get(app_offset(chip)..)?,
        // A backup goes on to the end of flash; what was never written does not belong to the application.
        Role::Dump => trim_erased(image.bytes.get(app_offset(chip)..)?),
        Role::Bootloader | Role::Deployer => return None,
    };
    let part = Image::parse(&image.name, bytes.to_vec()).ok()?;
    let fits = part.facts.role == Role::App
        && part.facts.mcu == chip.mcu
        && part.facts.link_address == chip.app_start;
    fits.then_some(part)
}

#[cfg(test)]
mod tests;
