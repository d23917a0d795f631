//! Real hardware, or the simulated bench that was asked for.

use std::path::Path;
use std::sync::Arc;

use carto_flasher::advice::CliFailure;
use carto_flasher::transport::native::{NativeHardware, RealClock};
use carto_flasher::transport::sim::SimHardware;
use carto_flasher::transport::{DeviceInfo, Hardware};

use crate::args::Common;
use crate::exit::Failure;

/// What the command works on.
pub(crate) enum Bench {
    /// The computer's own buses.
    Real(Box<NativeHardware>),
    /// The simulated bench.
    Simulated(SimHardware),
}

impl Bench {
    pub(crate) fn open(common: &Common) -> Result<Self, CliFailure> {
        let Some(spec) = &common.simulate else {
            return Ok(Self::Real(Box::new(NativeHardware::new())));
        };
        let bench = if common.real_time {
            SimHardware::from_spec(spec, Arc::new(RealClock::new()))
        } else {
            SimHardware::new_virtual(spec)
        };
        match bench {
            Ok(bench) => Ok(Self::Simulated(bench)),
            Err(error) => Err(CliFailure::BadBench {
                why: error.to_string(),
            }),
        }
    }

    pub(crate) fn hardware(&self) -> &dyn Hardware {
        match self {
            Self::Real(native) => native.as_ref(),
            Self::Simulated(bench) => bench,
        }
    }

    pub(crate) fn devices(&self) -> Result<Vec<DeviceInfo>, Failure> {
        self.hardware().list().map_err(|error| {
            CliFailure::NoUsb {
                why: error.to_string(),
            }
            .into()
        })
    }

    /// Writes what the simulated chip holds after its reset.
    pub(crate) fn dump(&self, to: Option<&Path>) -> Result<(), CliFailure> {
        let (Self::Simulated(bench), Some(path)) = (self, to) else {
            return Ok(());
        };
        std::fs::write(path, bench.dump(0)).map_err(|error| CliFailure::CannotWrite {
            path: path.to_owned(),
            why: error.to_string(),
        })
    }
}
