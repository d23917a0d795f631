//! What a running job tells.
//!
//! The contract: [`JobEvent::Started`] is first and carries every phase of the job. For each phase that runs,
//! `PhaseStarted`, any number of `Progress`, `Retry` and `Warning`, then `PhaseFinished`. A phase that turns
//! out to be needless is `PhaseSkipped`. `Verify` contains the writing of the last page, the one that makes the
//! rest bootable. After `WaitingForProbe` the phases start again from the first. Exactly one of `Finished`, `Failed`, `Cancelled` is last.
//! Everything but `Progress` is always delivered; `Progress` is thinned to 20 a second by the job.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::{Aftermath, FlashError};
use crate::transport::DeviceInfo;

/// The parts of a job, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Ask the firmware for its bootloader and find the same probe again.
    EnterBootloader,
    /// Read what is there: protection test, backup, comparison.
    ReadBack,
    /// Erase and write the pages that differ.
    Write,
    /// Read every byte back and compare.
    Verify,
    /// Leave the bootloader.
    Start,
    /// Wait for the expected device and ask it who it is.
    Confirm,
}

impl Phase {
    /// Its name, as a person reads it.
    pub fn label(self) -> &'static str {
        match self {
            Self::EnterBootloader => "Enter bootloader",
            Self::ReadBack => "Read back",
            Self::Write => "Erase and write",
            Self::Verify => "Verify",
            Self::Start => "Start",
            Self::Confirm => "Confirm",
        }
    }
}

/// What the numbers of a phase count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Nothing: the phase is a wait.
    Wait,
}

/// One phase as announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseInfo {
    /// Which.
    pub phase: Phase,
    /// What it counts.
    pub unit: Unit,
    /// How much there is at most; the phase may say less when it starts.
    pub total: u64,
    /// False while cancelling would leave the probe without firmware.
    pub cancel_is_free: bool,
}

/// One thing that happened in a job.
#[derive(Debug, Clone, PartialEq)]
pub enum JobEvent {
    /// First event: the whole list of phases.
    Started {
        /// In order.
        phases: Vec<PhaseInfo>,
    },
    /// A phase began.
    PhaseStarted {
        /// Which.
        phase: Phase,
        /// Its total, now that it is known.
        total: u64,
    },
    /// A phase got on.
    Progress {
        /// Which.
        phase: Phase,
        /// How much of its total is done.
        done: u64,
    },
    /// Something is tried again.
    Retry {
        /// In which phase.
        phase: Phase,
        /// 2 for the second try.
        attempt: u32,
        /// Why, as a sentence for the log.
        because: String,
    },
    /// The probe left the bus in mid-job; the job goes on when it is back.
    WaitingForProbe {
        /// What it is now, and so how it comes back.
        aftermath: Aftermath,
        /// How long the job waits.
        timeout: Duration,
    },
    /// What was on the probe is kept in this file, whatever comes of the rest.
    BackedUp {
        /// The file.
        path: PathBuf,
    },
    /// Worth knowing, changes nothing.
    Warning {
        /// For the log and the result page.
        text: String,
    },
    /// A phase is done.
    PhaseFinished {
        /// Which.
        phase: Phase,
        /// How long it took.
        took: Duration,
    },
    /// A phase was not needed.
    PhaseSkipped {
        /// Which.
        phase: Phase,
    },
    /// Last event of a job that did what it should.
    Finished(Box<Report>),
    /// Last event of a job that failed.
    Failed(Box<FlashError>),
    /// Last event of a job the user stopped.
    Cancelled {
        /// What the probe is now.
        aftermath: Aftermath,
    },
}

/// How a successful job ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Outcome {
    /// The expected device came back.
    Returned {
        /// It.
        device: Box<DeviceInfo>,
        /// Its version text, if it is firmware and was asked.
        version: Option<String>,
    },
    /// The flash was read and kept; nothing was written.
    BackedUp,
    /// A CAN image: nothing is expected on USB, and nothing came.
    NowOnCan,
    /// Written and verified; it did not show itself yet. Unplugging and plugging in starts it.
    ReplugToStart,
    /// Written and verified, but the chip came back in DFU mode: BOOT0 is still bridged.
    ReleaseBoot0,
}

/// What a successful job did, in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// Bytes of the image.
    pub image_bytes: u64,
    /// Pages of flash the image covers.
    pub pages_total: u32,
    /// Pages written.
    pub pages_written: u32,
    /// Bytes read back and compared.
    pub bytes_verified: u64,
    /// Where the backup is, if one was taken.
    #[serde(serialize_with = "crate::files::as_text_if_any")]
    pub backup: Option<PathBuf>,
    /// How long each phase took.
    pub phases: Vec<(Phase, Duration)>,
    /// Things worth knowing.
    pub warnings: Vec<String>,
}
