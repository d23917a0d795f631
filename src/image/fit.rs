//! Whether an image may go to a probe, and by which route. Pure.

use thiserror::Error;

use super::{Image, Role};
use crate::board::Mcu;

/// How an image would get to the probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// Through the chip's ROM bootloader, which writes anywhere in flash.
    Dfu,
    /// Through Katapult, which writes only behind itself.
    Katapult,
}

/// Why an image may not go there. What to offer instead: [`crate::advice`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Misfit {
    /// It is for another chip.
    #[error("the file is for {file:?}, the probe has {probe:?}")]
    OtherMcu {
        /// The image's.
        file: Mcu,
        /// The probe's.
        probe: Mcu,
    },
    /// An application alone does not start after DFU: it needs Katapult in front of it.
    #[error("an application needs its bootloader in front of it")]
    AppWithoutBootloader,
    /// A deployer is started by Katapult: in DFU mode Katapult itself can be written.
    #[error("a deployer is of no use in DFU mode")]
    DeployerOnDfu,
    /// It begins where Katapult is, which Katapult cannot replace.
    #[error("{role:?} images cannot go through Katapult")]
    NotThroughKatapult {
        /// What the image is.
        role: Role,
    },
    /// It replaces Katapult, with a moment in which the probe has none.
    #[error("a deployer replaces the bootloader and needs consent")]
    DeployerNeedsConsent,
    /// It ends behind the end of flash.
    #[error("the image ends at {image_end:#010x}, flash at {flash_end:#010x}")]
    PastFlashEnd {
        /// First address behind the image.
        image_end: u64,
        /// First address behind flash.
        flash_end: u32,
    },
    /// An application for another place than behind 8 KiB of Katapult.
    #[error("the application is linked for {image:#010x}, its place is {app_start:#010x}")]
    WrongLinkAddress {
        /// Where it would run.
        image: u32,
        /// Where applications run on this chip.
        app_start: u32,
    },
}

/// Says whether an image may go to a chip by a route.
pub fn fit(image: &Image, mcu: Mcu, route: Route) -> Result<(), Misfit> {
    let facts = image.facts();
    if facts.mcu != mcu {
        return Err(Misfit::OtherMcu {
            file: facts.mcu,
            probe: mcu,
        });
    }
    let chip = mcu.chip();
    let length = u64::try_from(image.bytes().len()).unwrap_or(u64::MAX);
    let image_end = u64::from(facts.link_address).saturating_add(length);
    if image_end > u64::from(chip.flash_end()) {
        return Err(Misfit::PastFlashEnd {
            image_end,
            flash_end: chip.flash_end(),
        });
    }
    let app_start = chip.app_start;
    match (facts.role, route) {
        (Role::App, _) if facts.link_address != app_start => Err(Misfit::WrongLinkAddress {
            image: facts.link_address,
            app_start,
        }),
        (Role::App, Route::Dfu) => Err(Misfit::AppWithoutBootloader),
        (Role::Deployer, Route::Dfu) => Err(Misfit::DeployerOnDfu),
        (Role::Deployer, Route::Katapult) => Err(Misfit::DeployerNeedsConsent),
        (role @ (Role::Bootloader | Role::Combined | Role::Dump), Route::Katapult) => {
            Err(Misfit::NotThroughKatapult { role })
        }
        (Role::App, Route::Katapult)
        | (Role::Bootloader | Role::Combined | Role::Dump, Route::Dfu) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Transport;
    use crate::transport::sim::practice;

    fn parse(bytes: Vec<u8>) -> Image {
        Image::parse("x.bin", bytes).unwrap()
    }

    #[test]
    fn each_role_has_its_route() {
        for mcu in Mcu::ALL {
            let usb = Transport::Usb;
            let app = parse(practice::app(mcu, usb, "v"));
            let bootloader = parse(practice::katapult(mcu, usb));
            let combined = parse(practice::combined(mcu, usb, "v"));
            let deployer = parse(practice::deployer(mcu, usb));
            let mut flash = practice::combined(mcu, usb, "v");
            flash.resize(mcu.chip().flash_size as usize, 0xff);
            let dump = Image::parse_dump("d.bin", flash, mcu).unwrap();
            let not_through = |role| Err(Misfit::NotThroughKatapult { role });
            for (image, dfu, katapult) in [
                (&app, Err(Misfit::AppWithoutBootloader), Ok(())),
                (&bootloader, Ok(()), not_through(Role::Bootloader)),
                (&combined, Ok(()), not_through(Role::Combined)),
                (
                    &deployer,
                    Err(Misfit::DeployerOnDfu),
                    Err(Misfit::DeployerNeedsConsent),
                ),
                (&dump, Ok(()), not_through(Role::Dump)),
            ] {
                assert_eq!(fit(image, mcu, Route::Dfu), dfu);
                assert_eq!(fit(image, mcu, Route::Katapult), katapult);
                for probe in Mcu::ALL.into_iter().filter(|probe| *probe != mcu) {
                    for route in [Route::Dfu, Route::Katapult] {
                        let expected = Err(Misfit::OtherMcu { file: mcu, probe });
                        assert_eq!(fit(image, probe, route), expected);
                    }
                }
            }
        }
    }

    #[test]
    fn an_app_for_another_place_goes_nowhere() {
        let mcu = Mcu::Stm32G431;
        let mut bytes = practice::app(mcu, Transport::Usb, "v");
        // A reset vector right behind the vectors of a program without bootloader.
        bytes[4..8].copy_from_slice(&0x0800_0199_u32.to_le_bytes());
        let image = parse(bytes);
        assert_eq!(image.facts().link_address, 0x0800_0000);
        for route in [Route::Dfu, Route::Katapult] {
            assert_eq!(
                fit(&image, mcu, route),
                Err(Misfit::WrongLinkAddress {
                    image: 0x0800_0000,
                    app_start: 0x0800_2000
                })
            );
        }
    }
}
