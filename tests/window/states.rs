//! States made by hand, as the program would come to them.

use std::sync::Arc;
use std::time::Duration;

use carto_flasher::app::coach::{Coach, Glimpse, View as BusView};
use carto_flasher::app::firmware::{FirmwareList, follow};
use carto_flasher::app::state::{AppState, FlashRun, Page, Picked, Running, Step, Work};
use carto_flasher::board::{Mcu, Mode, Model, Transport};
use carto_flasher::catalog::{Catalog, CatalogConfig, Status};
use carto_flasher::flash::plan::Plan;
use carto_flasher::flash::{
    Aftermath, Cause, FlashError, JobEnd, JobEvent, JobView, Outcome, Phase, Report,
};
use carto_flasher::settings::Settings;
use carto_flasher::transport::{Access, DeviceId, DeviceInfo, Location};

use crate::ui;

pub(crate) const F042: Mcu = Mcu::Stm32F042;
pub(crate) const G431: Mcu = Mcu::Stm32G431;

/// Puts the official list into a state; what `is_here` names is on this computer.
pub(crate) fn with_list(state: &mut AppState, is_here: impl Fn(&str) -> bool) {
    let config = CatalogConfig {
        cache_root: None,
        bundled: None,
        ..CatalogConfig::usual()
    };
    let listing = Catalog::open(config).listing();
    let status = |here| {
        if here {
            Status::Present
        } else {
            Status::NeedsDownload
        }
    };
    let statuses = listing.entries.iter();
    let statuses = statuses.map(|entry| (entry.id.clone(), status(is_here(&entry.id))));
    state.list = FirmwareList::default();
    state.list.statuses = Arc::new(statuses.collect());
    state.list.listing = Some(listing);
    state.list.revision = 1;
    state.step = Step::Firmware;
    follow(state);
}

/// A probe that runs this version, in the Firmware step.
pub(crate) fn running(mcu: Mcu, version: &str) -> AppState {
    let mut state = ui::state(vec![ui::running("a", mcu)]);
    state.bus.devices[0].running = Running::Version(version.into());
    with_list(&mut state, |_| false);
    state
}

/// A probe that was seen like this, in the Firmware step.
pub(crate) fn seen(device: DeviceInfo, settings: impl FnOnce(&mut Settings)) -> AppState {
    let mut state = ui::state(vec![device]);
    settings(&mut state.settings);
    with_list(&mut state, |_| false);
    state
}

pub(crate) fn secs(secs: f32) -> Duration {
    Duration::from_secs_f32(secs)
}

pub(crate) fn probe_found() -> AppState {
    let mut state = ui::state(vec![ui::running("a", F042)]);
    state.bus.devices[0].running = Running::Version("CARTOGRAPHER V3 6.1.0".into());
    state
}

pub(crate) fn picked() -> AppState {
    let mut state = probe_found();
    ui::pick(&mut state, ui::app_image(F042, Transport::Usb));
    state
}

pub(crate) fn reviewed() -> AppState {
    let mut state = picked();
    state.step = Step::Review;
    state
}

pub(crate) fn plan(state: &AppState) -> Arc<Plan> {
    Arc::clone(state.plan().unwrap())
}

pub(crate) fn run(state: &mut AppState, events: &[(f32, JobEvent)]) {
    let plan = plan(state);
    let mut view = JobView::new();
    view.apply(
        &JobEvent::Started {
            phases: plan.phases(),
        },
        Duration::ZERO,
    );
    for (at, event) in events {
        view.apply(event, secs(*at));
        state.now = secs(*at);
    }
    let ended = view.end.is_some();
    state.step = if ended { Step::Done } else { Step::Flash };
    state.run = Some(FlashRun {
        work: Work::Flash(plan),
        view,
        cancel_asked: false,
    });
}

pub(crate) fn phase_done(phase: Phase, from: f32, took: f32, total: u64) -> [(f32, JobEvent); 2] {
    [
        (from, JobEvent::PhaseStarted { phase, total }),
        (
            from + took,
            JobEvent::PhaseFinished {
                phase,
                took: secs(took),
            },
        ),
    ]
}

pub(crate) fn half_way() -> Vec<(f32, JobEvent)> {
    let mut events = Vec::new();
    events.extend(phase_done(Phase::EnterBootloader, 0.0, 1.2, 0));
    events.extend(phase_done(Phase::ReadBack, 1.2, 2.1, 32 * 1024));
    events.push((
        3.3,
        JobEvent::BackedUp {
            path: BACKUP.into(),
        },
    ));
    events.push((
        3.3,
        JobEvent::PhaseStarted {
            phase: Phase::Write,
            total: 21_096,
        },
    ));
    for (at, done) in [(3.8, 4096), (4.3, 8192), (4.8, 12_288)] {
        events.push((
            at,
            JobEvent::Progress {
                phase: Phase::Write,
                done,
            },
        ));
    }
    events
}

pub(crate) fn flashing() -> AppState {
    let mut state = reviewed();
    run(&mut state, &half_way());
    state
}

const BACKUP: &str = "/home/jane/carto-flasher/backups/stm32f042x6-backup-20260101-120000.bin";

pub(crate) fn report(outcome: Outcome) -> Report {
    Report {
        outcome,
        image_bytes: 21_096,
        pages_total: 21,
        pages_written: 19,
        bytes_verified: 21_096,
        backup: Some(BACKUP.into()),
        phases: vec![
            (Phase::EnterBootloader, secs(1.2)),
            (Phase::ReadBack, secs(2.1)),
            (Phase::Write, secs(2.6)),
            (Phase::Verify, secs(1.1)),
            (Phase::Start, secs(0.1)),
            (Phase::Confirm, secs(1.3)),
        ],
        warnings: Vec::new(),
    }
}

pub(crate) fn finished(state: &mut AppState, outcome: Outcome) {
    let mut events = half_way();
    events.push((
        5.9,
        JobEvent::PhaseFinished {
            phase: Phase::Write,
            took: secs(2.6),
        },
    ));
    events.extend(phase_done(Phase::Verify, 5.9, 1.1, 21_096));
    events.extend(phase_done(Phase::Start, 7.0, 0.1, 0));
    events.extend(phase_done(Phase::Confirm, 7.1, 1.3, 0));
    events.push((8.4, JobEvent::Finished(Box::new(report(outcome)))));
    run(state, &events);
}

pub(crate) fn done() -> AppState {
    let mut state = reviewed();
    let device = Box::new(ui::running("b", F042));
    let version = Some("CARTOGRAPHER V3 6.2.0".into());
    finished(&mut state, Outcome::Returned { device, version });
    state
}

pub(crate) fn failed(aftermath: Aftermath) -> AppState {
    let mcu = if aftermath == Aftermath::NeedsPads {
        G431
    } else {
        F042
    };
    let mut state = ui::state(vec![ui::dfu("a", mcu)]);
    ui::pick(&mut state, ui::combined_image(mcu, Transport::Usb));
    let error = FlashError {
        phase: Phase::Write,
        address: Some(0x0800_3000),
        cause: Cause::Disconnected,
        aftermath,
    };
    let mut events = half_way();
    events.push((5.0, JobEvent::Failed(Box::new(error))));
    run(&mut state, &events);
    state.bus.devices.clear();
    state
}

/// Stopped by the user in the middle of writing.
pub(crate) fn cancelled() -> AppState {
    let mut state = reviewed();
    let mut events = half_way();
    let aftermath = Aftermath::BootloaderStillThere;
    events.push((5.0, JobEvent::Cancelled { aftermath }));
    run(&mut state, &events);
    state
}

/// A backup that is there.
pub(crate) fn backed_up() -> AppState {
    let mut state = done();
    let report = report(Outcome::BackedUp);
    if let Some(run) = &mut state.run {
        let target = run.work.target().clone();
        run.work = Work::Backup(Box::new(target));
        run.view.end = Some(JobEnd::Finished(Box::new(report)));
    }
    state.firmware = Picked::Nothing;
    state
}

pub(crate) fn coach_state(
    model: Option<Model>,
    before: Option<Mode>,
    after: &[Option<Mode>],
) -> AppState {
    let mut state = ui::state(Vec::new());
    let view = |mode: Option<Mode>, id: usize| BusView {
        probes: mode
            .into_iter()
            .map(|mode| glimpse(&id.to_string(), mode))
            .collect(),
        stranger_in_dfu: false,
    };
    let mut coach = Coach::start(model, view(before, 0), Duration::ZERO);
    for (mode, id) in after.iter().zip(1..) {
        coach.see(view(*mode, id), secs(id as f32));
    }
    state.now = secs(after.len() as f32);
    state.coach = Some(coach);
    state.page = Some(Page::Coach);
    state
}

/// A V3 in DFU mode that Windows gave another driver.
pub(crate) fn coach_blocked() -> AppState {
    let mut device = ui::dfu("a", F042);
    device.access = Access::WrongDriver { bound: None };
    let mut state = ui::state(vec![device]);
    let blocked = Glimpse {
        usable: false,
        ..glimpse("a", Mode::RomDfu)
    };
    let view = BusView {
        probes: vec![blocked],
        stranger_in_dfu: false,
    };
    state.coach = Some(Coach::start(Some(Model::V3), view, Duration::ZERO));
    state.page = Some(Page::Coach);
    state
}

pub(crate) fn glimpse(id: &str, mode: Mode) -> Glimpse {
    Glimpse {
        id: DeviceId(id.into()),
        location: Some(Location("1-2".into())),
        mode,
        mcu: Some(F042),
        usable: true,
    }
}

/// A probe that Linux does not let this user open.
pub(crate) fn not_permitted() -> AppState {
    use carto_flasher::doctor::linux::rule;
    use carto_flasher::doctor::{Diagnosis, Repair, Situation};
    let mut device = ui::running("a", G431);
    device.access = Access::NotPermitted;
    let mut state = ui::state(vec![device.clone()]);
    state.diagnoses = vec![Diagnosis {
        device: Some(device.id),
        situation: Situation::UdevRuleMissing,
        evidence: Vec::new(),
        repair: Some(Repair::InstallUdevRule {
            path: "/etc/udev/rules.d/70-carto-flasher.rules".into(),
            contents: "SUBSYSTEM==\"usb\", TAG+=\"uaccess\"",
            command: rule::install_command(Some("/usr/bin/carto-flasher-cli".as_ref())),
        }),
    }];
    state
}

/// A probe in DFU mode for which Windows has no driver.
pub(crate) fn no_driver() -> AppState {
    use carto_flasher::doctor::windows::Instance;
    use carto_flasher::doctor::windows::helper::{Action, Request};
    use carto_flasher::doctor::{Diagnosis, Repair, Situation};
    let mut device = ui::dfu("a", G431);
    device.access = carto_flasher::transport::Access::WrongDriver { bound: None };
    let mut state = ui::state(vec![device.clone()]);
    let request = Request {
        action: Action::Install,
        instance: Instance::parse(r"USB\VID_0483&PID_DF11\206A36945253").unwrap(),
    };
    state.diagnoses = vec![Diagnosis {
        device: Some(device.id),
        situation: Situation::NoDriver,
        evidence: Vec::new(),
        repair: Some(Repair::InstallWinUsb {
            command: Some(request.command(r"C:\carto-flasher\carto-flasher-winusb.exe".as_ref())),
        }),
    }];
    state
}

/// A probe in DFU mode that was switched to CAN; it was met on USB before if `met`.
pub(crate) fn now_on_can(mcu: Mcu, met: bool) -> AppState {
    let mut state = ui::state(vec![ui::dfu("a", mcu)]);
    if met {
        state.met.meet(&ui::seen(ui::running("before", mcu)));
    }
    let can = Transport::Can { bitrate: 1_000_000 };
    ui::pick(&mut state, ui::combined_image(mcu, can));
    finished(&mut state, Outcome::NowOnCan);
    state
}

/// A coach that has waited for a probe in vain.
pub(crate) fn waited_in_vain(model: Model) -> AppState {
    let mut state = coach_state(Some(model), None, &[]);
    state.now = Duration::from_secs(30);
    if let Some(coach) = &mut state.coach {
        coach.tick(state.now);
    }
    state
}
