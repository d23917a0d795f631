//! What the tests of whole jobs share: a bench, an image, a job run to its end.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses its own part"
)]

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use carto_flasher::board::{Mcu, Transport};
use carto_flasher::flash::engine::{self, Patience, Reporter};
use carto_flasher::flash::plan::{Plan, Refusal, Request, Via, plan};
use carto_flasher::flash::{BackupStore, JobEnd, JobEvent, Report};
use carto_flasher::image::Image;
use carto_flasher::transport::sim::{SimHardware, practice};
use carto_flasher::transport::{DeviceInfo, Hardware as _};

/// The version that test images carry; benches hold an older one.
pub const NEW_VERSION: [(Mcu, &str); 2] = [
    (Mcu::Stm32F042, "CARTOGRAPHER V3 6.1.0"),
    (Mcu::Stm32G431, "CARTOGRAPHER V4 6.2.0"),
];

pub fn new_version(mcu: Mcu) -> &'static str {
    NEW_VERSION.iter().find(|(of, _)| *of == mcu).unwrap().1
}

pub fn combined(mcu: Mcu, transport: Transport) -> Image {
    Image::parse(
        "combined.bin",
        practice::combined(mcu, transport, new_version(mcu)),
    )
    .unwrap()
}

pub fn app(mcu: Mcu, transport: Transport) -> Image {
    Image::parse("app.bin", practice::app(mcu, transport, new_version(mcu))).unwrap()
}

pub fn katapult(mcu: Mcu, transport: Transport) -> Image {
    Image::parse("katapult.bin", practice::katapult(mcu, transport)).unwrap()
}

pub fn bench(spec: &str) -> SimHardware {
    SimHardware::new_virtual(spec).unwrap_or_else(|error| panic!("{spec}: {error}"))
}

/// A bench with this probe, whose flash holds these bytes.
pub fn bench_holding(persona: &str, contents: &[u8]) -> SimHardware {
    // Read at once: the bench does not need the file any more.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, contents).unwrap();
    bench(&format!("{persona},holds={}", file.path().display()))
}

/// How many erases and programs the chips of a bench have seen.
pub fn writes(bench: &SimHardware) -> usize {
    bench.trace().writes().len()
}

/// The only device of a bench.
pub fn device(bench: &SimHardware) -> DeviceInfo {
    let mut devices = bench.list().unwrap();
    assert_eq!(devices.len(), 1, "{devices:?}");
    devices.remove(0)
}

pub fn request(bench: &SimHardware, image: Image) -> Request {
    Request {
        device: device(bench),
        image,
        bootloader: None,
        via: Via::Auto,
        backup: true,
        deployer_consent: false,
    }
}

pub fn plan_for(bench: &SimHardware, image: Image) -> Result<Plan, Refusal> {
    plan(&request(bench, image))
}

/// Remembers every event; stops the job once `cancel_at` progress events came.
#[derive(Default)]
pub struct Heard {
    pub events: Vec<JobEvent>,
    pub cancel_after: Option<usize>,
    /// Plugged in again as soon as the job waits for it.
    pub plug_again: Option<SimHardware>,
}

impl Reporter for Heard {
    fn event(&mut self, event: JobEvent) {
        if let (JobEvent::WaitingForProbe { .. }, Some(bench)) = (&event, &self.plug_again) {
            bench.plug(0);
        }
        self.events.push(event);
    }

    fn cancelled(&self) -> bool {
        self.cancel_after.is_some_and(|n| self.events.len() >= n)
    }
}

/// Keeps backups in memory.
#[derive(Default)]
pub struct Kept(pub Vec<Vec<u8>>);

impl BackupStore for Kept {
    fn save(&mut self, _: Mcu, _: SystemTime, bytes: &[u8]) -> std::io::Result<PathBuf> {
        self.0.push(bytes.to_vec());
        Ok(PathBuf::from("kept"))
    }
}

/// A job that ran to its end, and everything that can be asked of it.
pub struct Ran {
    pub end: JobEnd,
    pub events: Vec<JobEvent>,
    pub backups: Vec<Vec<u8>>,
}

impl Ran {
    pub fn report(&self) -> &Report {
        match &self.end {
            JobEnd::Finished(report) => report,
            other => panic!("not finished: {other:?}\nevents: {:#?}", self.lifecycle()),
        }
    }

    pub fn error(&self) -> &carto_flasher::flash::FlashError {
        match &self.end {
            JobEnd::Failed(error) => error,
            other => panic!("not failed: {other:?}"),
        }
    }

    pub fn lifecycle(&self) -> Vec<&JobEvent> {
        self.events
            .iter()
            .filter(|event| !matches!(event, JobEvent::Progress { .. }))
            .collect()
    }
}

pub fn run(bench: &SimHardware, plan: &Plan) -> Ran {
    run_with(bench, plan, Duration::ZERO, Heard::default())
}

pub fn run_with(bench: &SimHardware, plan: &Plan, reconnect: Duration, mut heard: Heard) -> Ran {
    let mut kept = Kept::default();
    let end = engine::run(plan, bench, &mut kept, Patience { reconnect }, &mut heard);
    check_contract(&heard.events);
    Ran {
        end,
        events: heard.events,
        backups: kept.0,
    }
}

pub fn flash(bench: &SimHardware, image: Image) -> Ran {
    let plan = plan_for(bench, image).unwrap();
    run(bench, &plan)
}

/// Reads only what the image covers: for sweeps.
pub fn flash_without_backup(bench: &SimHardware, image: &Image) -> Ran {
    let mut request = request(bench, image.clone());
    request.backup = false;
    run(bench, &plan(&request).unwrap())
}

/// The order of events that `flash::JobEvent` promises.
pub fn check_contract(events: &[JobEvent]) {
    assert!(
        matches!(events.first(), Some(JobEvent::Started { .. })),
        "{events:?}"
    );
    let is_terminal = |event: &JobEvent| {
        matches!(
            event,
            JobEvent::Finished(_) | JobEvent::Failed(_) | JobEvent::Cancelled { .. }
        )
    };
    assert_eq!(events.iter().filter(|event| is_terminal(event)).count(), 1);
    assert!(is_terminal(events.last().unwrap()));
    let mut running = None;
    for event in events {
        match event {
            JobEvent::PhaseStarted { phase, .. } => running = Some(*phase),
            JobEvent::Progress { phase, .. } => {
                assert_eq!(running, Some(*phase), "progress outside its phase");
            }
            JobEvent::PhaseFinished { phase, .. } => {
                assert_eq!(
                    running.take(),
                    Some(*phase),
                    "a phase ended that was not running"
                );
            }
            _ => {}
        }
    }
}
