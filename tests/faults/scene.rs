//! What a fault strikes: a probe with something in its flash, and a job that writes an image onto it.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use carto_flasher::board::{Mcu, Transport};
use carto_flasher::flash::engine::{self, Patience, Reporter};
use carto_flasher::flash::plan::{Plan, plan};
use carto_flasher::flash::{JobEnd, JobEvent};
use carto_flasher::image::Image;
use carto_flasher::transport::Clock;
use carto_flasher::transport::sim::{Boots, SimHardware, VirtualClock};

use crate::support::{self, Kept, app, check_contract, combined, request};

/// Where an application starts, from the start of flash.
pub const APP_OFFSET: usize = 0x2000;
/// No job may take longer than this in virtual time, whatever strikes it; waiting for a hand is not counted.
pub const LONGEST: Duration = Duration::from_mins(2);

/// Through which bootloader a job goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    Dfu,
    Katapult,
}

impl Engine {
    /// The faults that mean something to it. A stalled serial port is one whose endpoint was halted: the system reports
    /// an error and the port stays. A control transfer is never doubled: the bus cannot do that.
    pub fn faults(self) -> &'static [&'static str] {
        match self {
            Self::Dfu => &[
                "unplug", "stall", "timeout", "short", "corrupt", "delay", "busy", "silence",
            ],
            Self::Katapult => &[
                "unplug",
                "stall",
                "timeout",
                "short",
                "corrupt",
                "duplicate",
                "delay",
                "busy",
                "silence",
            ],
        }
    }
}

/// One fault: its kind and the number of the transfer it strikes.
pub type Fault = (&'static str, u64);

/// A probe as it is before the job, and the job.
pub struct Scene {
    pub engine: Engine,
    /// The board, and what is special about the job.
    pub name: &'static str,
    pub mcu: Mcu,
    pub image: Image,
    persona: String,
    /// The last complete contents of the chip: what it may still boot.
    pub complete: Vec<u8>,
    /// What it holds when the job starts.
    pub contents: Vec<u8>,
    contents_file: tempfile::NamedTempFile,
    /// Transfers of the job without a fault.
    pub transfers: u64,
}

impl Scene {
    fn new(
        engine: Engine,
        name: &'static str,
        persona: String,
        mcu: Mcu,
        contents: Vec<u8>,
    ) -> Self {
        let image = match engine {
            Engine::Dfu => combined(mcu, Transport::Usb),
            Engine::Katapult => app(mcu, Transport::Usb),
        };
        let mut scene = Self {
            engine,
            name,
            mcu,
            image,
            persona,
            complete: contents.clone(),
            contents,
            contents_file: tempfile::NamedTempFile::new().unwrap(),
            transfers: 0,
        };
        scene.settle();
        scene
    }

    /// Every kind of job, by the name of its report.
    pub const NAMES: [&'static str; 6] = [
        "Dfu V3",
        "Dfu V4",
        "Dfu V4 new Katapult",
        "Dfu V4 blank",
        "Katapult V3",
        "Katapult V4",
    ];

    pub fn all() -> Vec<Self> {
        Self::NAMES.into_iter().map(Self::named).collect()
    }

    pub fn named(name: &'static str) -> Self {
        let (engine, board) = name.split_once(' ').unwrap();
        let (engine, mode) = match engine {
            "Dfu" => (Engine::Dfu, "dfu"),
            _ => (Engine::Katapult, "katapult"),
        };
        let (mcu, persona) = match &board[..2] {
            "V3" => (Mcu::Stm32F042, format!("v3-{mode}")),
            _ => (Mcu::Stm32G431, format!("v4-{mode}")),
        };
        let held = support::bench(&persona).dump(0);
        let contents = match board {
            "V4 new Katapult" => with_another_katapult(held),
            "V4 blank" => vec![0xff; held.len()],
            _ => held,
        };
        Self::new(engine, board, persona, mcu, contents)
    }

    /// Writes the contents where the bench finds them, and counts the transfers of the job.
    fn settle(&mut self) {
        std::fs::write(&self.contents_file, &self.contents).unwrap();
        let played = self.play(&[], Hands::default());
        assert!(
            matches!(played.end, JobEnd::Finished(_)),
            "{}: {:?}",
            self.name,
            played.end
        );
        self.transfers = played.bench.trace().count();
    }

    /// The same job on the same chip after a first try that was unplugged half-way through the writing.
    pub fn resumed(mut self) -> Self {
        let clean = self.play(&[], Hands::default());
        let trace = clean.bench.trace();
        let half_way = trace.writes()[trace.writes().len() / 2].at;
        let transfer = trace
            .transfers()
            .find(|transfer| transfer.at >= half_way)
            .unwrap()
            .number;
        let torn = self.play(&[("unplug", transfer)], Hands::default());
        assert!(matches!(torn.end, JobEnd::Failed(_)));
        self.contents = torn.bench.dump(0);
        assert_ne!(self.contents, self.complete);
        self.settle();
        self
    }

    fn contents_path(&self) -> &Path {
        self.contents_file.path()
    }

    /// Runs the job once with these faults.
    pub fn play(&self, faults: &[Fault], hands: Hands) -> Played {
        let mut spec = format!("{},holds={}", self.persona, self.contents_path().display());
        for (kind, transfer) in faults {
            write!(spec, ",fault={kind}@{transfer}").unwrap();
        }
        let clock = Arc::new(BoundedClock::default());
        let bench = SimHardware::from_spec(&spec, clock).unwrap();
        let plan = self.plan(&bench);
        play_on(bench, &plan, hands)
    }

    pub fn plan(&self, bench: &SimHardware) -> Plan {
        let mut request = request(bench, self.image.clone());
        // Through DFU the backup is part of it. Through Katapult it would only be more of the same transfers.
        request.backup = self.engine == Engine::Dfu;
        plan(&request).unwrap()
    }

    /// True if flash holds the image.
    pub fn is_written(&self, held: &[u8]) -> bool {
        let at = match self.engine {
            Engine::Dfu => 0,
            Engine::Katapult => APP_OFFSET,
        };
        held[at..].starts_with(self.image.bytes())
    }

    /// What the chip does at its next power-on.
    pub fn next_start(&self, bench: &SimHardware) -> NextStart {
        let held = bench.dump(0);
        match bench.what_boots(0) {
            Boots::RomDfu => NextStart::RomDfu,
            Boots::KatapultUsb => NextStart::Katapult,
            Boots::App { .. } if self.is_whole(&held) => NextStart::WholeFirmware,
            Boots::App { .. } => NextStart::Torn,
            Boots::KatapultCan | Boots::Deployer | Boots::Dead => NextStart::Dead,
        }
    }

    /// Bootloader and application are both complete ones.
    fn is_whole(&self, held: &[u8]) -> bool {
        let (base, app) = held.split_at(APP_OFFSET);
        let (old_base, old_app) = self.complete.split_at(APP_OFFSET);
        let (new_base, new_app) = match self.engine {
            Engine::Dfu => self.image.bytes().split_at(APP_OFFSET),
            Engine::Katapult => (old_base, self.image.bytes()),
        };
        (base == old_base || base == new_base) && (app == old_app || app.starts_with(new_app))
    }
}

/// What a chip does when power comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStart {
    RomDfu,
    Katapult,
    WholeFirmware,
    /// An application of which a part is missing.
    Torn,
    /// Nothing, or nothing that shows itself on USB.
    Dead,
}

/// A Katapult whose code differs in its first and in its last page.
fn with_another_katapult(mut flash: Vec<u8>) -> Vec<u8> {
    for at in [0x7f0, 0x1010] {
        flash[at] ^= 0x55;
    }
    flash
}

/// A job that ran to its end on a bench, which is left as it is.
pub struct Played {
    pub bench: SimHardware,
    pub end: JobEnd,
    pub took: Duration,
}

/// Runs a job on a bench.
pub fn play_on(bench: SimHardware, plan: &Plan, mut hands: Hands) -> Played {
    use carto_flasher::transport::Hardware as _;
    let began = bench.clock().now();
    let patience = Patience {
        reconnect: hands.patience,
    };
    hands.bench = Some(bench.clone());
    let end = engine::run(plan, &bench, &mut Kept::default(), patience, &mut hands);
    check_contract(&hands.events);
    let took = bench.clock().now().saturating_sub(began);
    Played { bench, end, took }
}

/// Somebody at the desk who plugs the probe in again when the job asks for it.
#[derive(Default)]
pub struct Hands {
    bench: Option<SimHardware>,
    pub events: Vec<JobEvent>,
    patience: Duration,
    /// Bridges BOOT0 before plugging in.
    bridge: bool,
}

impl Hands {
    /// Plugs the probe in when asked to; through DFU with BOOT0 bridged, where the chip needs that.
    pub fn that_help(engine: Engine, mcu: Mcu) -> Self {
        Self {
            patience: Duration::from_mins(1),
            bridge: engine == Engine::Dfu && mcu == Mcu::Stm32G431,
            ..Self::default()
        }
    }
}

impl Hands {
    /// The same without tweezers: a V4 then comes back in the Katapult that guards it, if there is one.
    pub fn without_pads(mut self) -> Self {
        self.bridge = false;
        self
    }
}

impl Reporter for Hands {
    fn event(&mut self, event: JobEvent) {
        if let (JobEvent::WaitingForProbe { .. }, Some(bench)) = (&event, &self.bench) {
            bench.hold_boot0(0, self.bridge);
            bench.plug(0);
        }
        if !matches!(event, JobEvent::Progress { .. }) {
            self.events.push(event);
        }
    }

    fn cancelled(&self) -> bool {
        false
    }
}

/// Virtual time that ends: a job that hangs in it fails instead.
#[derive(Default)]
struct BoundedClock(VirtualClock);

impl Clock for BoundedClock {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) {
        self.0.sleep(duration);
        // The job, its waiting for hands, and the second run.
        assert!(self.0.now() < 8 * LONGEST, "the job hangs in virtual time");
    }

    fn wall(&self) -> std::time::SystemTime {
        self.0.wall()
    }
}
