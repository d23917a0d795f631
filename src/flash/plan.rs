//! A job as data, made and refused before anything is opened. Pure.

use thiserror::Error;

use super::event::{Phase, PhaseInfo, Unit};
use crate::board::{Mcu, Mode, Sighting, StrangerKind, Transport, recognise};
use crate::image::{self, ComposeError, Image, Misfit, Role};
use crate::transport::{Access, DeviceInfo};

/// Which bootloader the user wants to go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Via {
    /// Katapult where the probe runs firmware or Katapult, DFU where it is in DFU mode.
    #[default]
    Auto,
    /// Katapult only.
    Katapult,
    /// DFU only.
    Dfu,
}

/// How the bootloader is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// It is in DFU mode.
    Dfu,
    /// It is in Katapult.
    Katapult,
    /// It runs firmware: the 1200-baud touch first, then whichever bootloader comes.
    Touch,
}

/// What the user asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The probe as it was listed.
    pub device: DeviceInfo,
    /// What to write.
    pub image: Image,
    /// A Katapult image to put in front of an application that goes through DFU.
    pub bootloader: Option<Image>,
    /// Through which bootloader.
    pub via: Via,
    /// Read the whole flash and keep it before writing.
    pub backup: bool,
    /// The user accepts what a deployer risks.
    pub deployer_consent: bool,
}

/// What should be on USB when all went well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// Running firmware, with this version text where the image tells.
    Firmware {
        /// The image's version text.
        version: Option<String>,
    },
    /// Katapult on USB, or the firmware behind it if there is one: the image is a bootloader.
    Katapult,
    /// Katapult on USB: the image is a deployer that installs one.
    Deployed,
    /// Nothing: the image talks CAN.
    NothingOnUsb,
    /// Whatever the backup held.
    Unknown,
}

/// A probe that can be worked on, and how its bootloader is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The probe as it was listed.
    pub device: DeviceInfo,
    /// Its chip.
    pub mcu: Mcu,
    /// How its bootloader is reached.
    pub route: Route,
}

/// A job that may be run. Whoever holds one has passed every refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The probe.
    pub target: Target,
    /// What is written: already composed with its bootloader if it needed one.
    pub image: Image,
    /// What is written instead if a touch lands in DFU mode because there is no Katapult.
    pub image_for_dfu: Option<Image>,
    /// What should come back.
    pub expect: Expectation,
    /// Read the whole flash and keep it before writing.
    pub backup: bool,
}

/// Why a job is not started. Nothing was opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The device is somebody else's.
    #[error("the device is not a Cartographer probe ({0:?})")]
    Stranger(StrangerKind),
    /// The device is not a probe at all.
    #[error("the device is not a probe")]
    NotAProbe,
    /// The device is there but cannot be opened.
    #[error("the device cannot be opened ({0:?})")]
    NotUsable(Access),
    /// The device's chip is not known.
    #[error("the chip could not be recognised")]
    ChipUnknown,
    /// The image does not go onto this probe this way.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// Application and bootloader do not go together.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// DFU was asked for, and the probe is not in DFU mode.
    #[error("the probe is not in DFU mode")]
    NotInDfu,
    /// Katapult was asked for, and the probe is in DFU mode.
    #[error("the probe is in DFU mode, not in Katapult")]
    NotInKatapult,
}

/// Makes the plan for a request, or says why not.
///
/// # Errors
/// Every reason not to start; the user is told and nothing was touched.
pub fn plan(request: &Request) -> Result<Plan, Refusal> {
    let target = target(&request.device, request.via)?;
    let (route, mcu) = (target.route, target.mcu);
    let image = match route {
        Route::Dfu => image_for_dfu(request, mcu)?,
        Route::Katapult | Route::Touch => {
            check_for_katapult(request, mcu)?;
            request.image.clone()
        }
    };
    let fallback = (route == Route::Touch)
        .then(|| image_for_dfu(request, mcu).ok())
        .flatten();
    Ok(Plan {
        target,
        expect: expectation(&image),
        image,
        image_for_dfu: fallback,
        backup: request.backup,
    })
}

/// Says how a probe's bootloader is reached, or why it cannot be worked on.
///
/// # Errors
/// Every reason not to start; nothing was touched.
pub fn target(device: &DeviceInfo, via: Via) -> Result<Target, Refusal> {
    let (mode, mcu) = probe_of(device)?;
    Ok(Target {
        device: device.clone(),
        mcu,
        route: route(mode, via)?,
    })
}

impl Target {
    /// The phases of reading this probe's whole flash.
    pub fn backup_phases(&self) -> Vec<PhaseInfo> {
        let flash_size = u64::from(self.mcu.chip().flash_size);
        let mut phases = vec![
            phase(Phase::EnterBootloader, Unit::Wait, 0, true),
            phase(Phase::ReadBack, Unit::Bytes, flash_size, true),
        ];
        if self.route == Route::Touch {
            phases.push(phase(Phase::Start, Unit::Wait, 0, true));
        }
        phases
    }
}

fn phase(phase: Phase, unit: Unit, total: u64, cancel_is_free: bool) -> PhaseInfo {
    PhaseInfo {
        phase,
        unit,
        total,
        cancel_is_free,
    }
}

impl Plan {
    /// The phases of this job, in order, with their largest totals.
    pub fn phases(&self) -> Vec<PhaseInfo> {
        let bytes = self.image.bytes().len() as u64;
        let read = if self.backup {
            u64::from(self.target.mcu.chip().flash_size)
        } else {
            bytes
        };
        vec![
            phase(Phase::EnterBootloader, Unit::Wait, 0, true),
            phase(Phase::ReadBack, Unit::Bytes, read, true),
            phase(Phase::Write, Unit::Bytes, bytes, false),
            phase(Phase::Verify, Unit::Bytes, bytes, false),
            phase(Phase::Start, Unit::Wait, 0, true),
            phase(Phase::Confirm, Unit::Wait, 0, true),
        ]
    }

    /// True if what is written includes the bootloader.
    pub fn writes_bootloader(&self) -> bool {
        self.image.facts().role != Role::App && self.image.facts().role != Role::Deployer
    }
}

fn probe_of(device: &DeviceInfo) -> Result<(Mode, Mcu), Refusal> {
    match recognise(device) {
        Sighting::Stranger(kind) => Err(Refusal::Stranger(kind)),
        Sighting::Unrelated => Err(Refusal::NotAProbe),
        Sighting::Probe { .. } if !device.access.is_usable() => {
            Err(Refusal::NotUsable(device.access.clone()))
        }
        Sighting::Probe { mode, mcu } => Ok((mode, mcu.ok_or(Refusal::ChipUnknown)?)),
    }
}

fn route(mode: Mode, via: Via) -> Result<Route, Refusal> {
    match (mode, via) {
        (Mode::RomDfu, Via::Auto | Via::Dfu) => Ok(Route::Dfu),
        (Mode::RomDfu, Via::Katapult) => Err(Refusal::NotInKatapult),
        (Mode::Firmware | Mode::Katapult, Via::Dfu) => Err(Refusal::NotInDfu),
        (Mode::Firmware, Via::Auto | Via::Katapult) => Ok(Route::Touch),
        (Mode::Katapult, Via::Auto | Via::Katapult) => Ok(Route::Katapult),
    }
}

/// The image for the ROM bootloader: an application gets the bootloader that was given with it.
fn image_for_dfu(request: &Request, mcu: Mcu) -> Result<Image, Refusal> {
    let composed;
    let image = match &request.bootloader {
        Some(bootloader) if request.image.facts().role == Role::App => {
            composed = image::compose(bootloader, &request.image)?;
            &composed
        }
        _ => &request.image,
    };
    image::fit(image, mcu, image::Route::Dfu)?;
    Ok(image.clone())
}

fn check_for_katapult(request: &Request, mcu: Mcu) -> Result<(), Refusal> {
    match image::fit(&request.image, mcu, image::Route::Katapult) {
        Err(Misfit::DeployerNeedsConsent) if request.deployer_consent => Ok(()),
        other => Ok(other?),
    }
}

fn expectation(image: &Image) -> Expectation {
    let facts = image.facts();
    match (facts.role, facts.transport) {
        (Role::Dump, _) => Expectation::Unknown,
        (_, Some(Transport::Can { .. })) => Expectation::NothingOnUsb,
        (Role::App | Role::Combined, _) => Expectation::Firmware {
            version: facts.version.clone(),
        },
        (Role::Bootloader, Some(Transport::Usb)) => Expectation::Katapult,
        (Role::Deployer, Some(Transport::Usb)) => Expectation::Deployed,
        // A deployer or Katapult of unknown build: it may come back or not.
        (Role::Bootloader | Role::Deployer, _) => Expectation::Unknown,
    }
}
