//! Firmware for the simulated bench: made on the spot, so that a whole flash can be practiced without a file and
//! without a network. No printer can run it. Pure.

use super::need::Need;
use crate::board::{Mcu, Transport};
use crate::image::{FirmwareVersion, Image, ImageError, Route};
use crate::transport::sim::practice;

/// One practice firmware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Practice {
    /// For which chip.
    pub mcu: Mcu,
    /// How it talks.
    pub transport: Transport,
    /// With or without Katapult.
    pub route: Route,
    /// Its version.
    pub version: FirmwareVersion,
}

impl Practice {
    /// Two versions, newest first: one to update the usual bench to, and the one that it runs. What the real board
    /// has does not matter: none of this ever gets there.
    pub(super) fn for_need(need: &Need) -> [Self; 2] {
        let version = |major, minor| FirmwareVersion {
            major,
            minor,
            patch: 0,
        };
        [version(6, 2), version(6, 1)].map(|version| Self {
            mcu: need.mcu,
            transport: need.transport,
            route: need.route,
            version,
        })
    }

    /// Names the row.
    pub fn id(&self) -> String {
        format!("practice-{}-{}-{}", self.board(), self.version, self.bus())
    }

    /// The version text as such a probe reports it.
    fn version_text(&self) -> String {
        format!(
            "CARTOGRAPHER {} {}",
            self.board().to_uppercase(),
            self.version
        )
    }

    fn board(&self) -> &'static str {
        match self.mcu {
            Mcu::Stm32F042 => "v3",
            Mcu::Stm32G431 => "v4",
        }
    }

    fn bus(&self) -> String {
        match self.transport {
            Transport::Usb => "usb".to_owned(),
            Transport::Can { bitrate } => format!("can-{bitrate}"),
        }
    }

    /// The firmware and, where it goes through Katapult, the Katapult for a probe that has lost its own.
    pub(in crate::app) fn images(&self) -> Result<(Image, Option<Image>), ImageError> {
        let version = self.version_text();
        let name = format!("{}.bin", self.id());
        match self.route {
            Route::Dfu => {
                let bytes = practice::combined(self.mcu, self.transport, &version);
                Ok((Image::parse(&name, bytes)?, None))
            }
            Route::Katapult => {
                let bytes = practice::app(self.mcu, self.transport, &version);
                let katapult = katapult(self.mcu, self.transport)?;
                Ok((Image::parse(&name, bytes)?, Some(katapult)))
            }
        }
    }
}

/// The practice Katapult.
pub(in crate::app) fn katapult(mcu: Mcu, transport: Transport) -> Result<Image, ImageError> {
    let image = Image::parse("practice-katapult.bin", practice::katapult(mcu, transport))?;
    Ok(image.with_known_transport(transport))
}
