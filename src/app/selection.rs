//! Which probe and which firmware are chosen, and what a change of one means for what comes after it.

use std::sync::Arc;

use super::coach::{Glimpse, View};
use super::state::{AppState, Chosen, Notice, Picked, Running, Seen, Step};
use crate::board::{Mode, Sighting, StrangerKind, recognise};
use crate::flash::plan::{Request, Via, plan};
use crate::image::{Image, Role};
use crate::transport::{DeviceId, DeviceInfo};

/// Serial numbers shorter than an STM32's unique id are constants (the F042's DFU serial).
const UNIQUE_SERIAL_DIGITS: usize = 24;

/// Takes in a new list of the bus: keeps what is known, marks what is new, follows the chosen probe.
pub(super) fn see(state: &mut AppState, devices: Vec<DeviceInfo>) {
    let first_look = !state.bus.looked;
    let before = std::mem::take(&mut state.bus.devices);
    let newest_came = devices
        .iter()
        .any(|info| !before.iter().any(|seen| seen.info.id == info.id));
    let look = |info: DeviceInfo| {
        let known = before.iter().find(|seen| seen.info.id == info.id);
        let mark_stays = known.is_some_and(|seen| seen.just_plugged_in) && !newest_came;
        Seen {
            sighting: recognise(&info),
            running: known.map_or(Running::NotAsked, |seen| seen.running.clone()),
            just_plugged_in: mark_stays || (known.is_none() && !first_look),
            info,
        }
    };
    let related = |seen: &Seen| seen.sighting != Sighting::Unrelated;
    state.bus.devices = devices.into_iter().map(look).filter(related).collect();
    state.bus.looked = true;
    for seen in &state.bus.devices {
        state.met.meet(seen);
    }
    state.bus.failure = None;
    follow(state);
    if let Some(coach) = &mut state.coach {
        coach.see(coach_view(&state.bus.devices), state.now);
    }
    replan(state);
}

/// The bus as the coach sees it.
pub(super) fn coach_view(devices: &[Seen]) -> View {
    let glimpse = |seen: &Seen| {
        Some(Glimpse {
            id: seen.info.id.clone(),
            location: seen.info.location.clone(),
            mode: seen.mode()?,
            mcu: seen.mcu(),
            usable: seen.is_usable_probe(),
        })
    };
    let stranger = Sighting::Stranger(StrangerKind::OtherDfu);
    View {
        probes: devices.iter().filter_map(glimpse).collect(),
        stranger_in_dfu: devices.iter().any(|seen| seen.sighting == stranger),
    }
}

/// Finds the chosen probe again, lets go of one that left, takes the only one there is.
pub(super) fn follow(state: &mut AppState) {
    if let Some(chosen) = state.chosen.take() {
        let again = state
            .probes()
            .find(|seen| seen.info.id == chosen.id)
            .or_else(|| state.probes().find(|seen| is_same_probe(&chosen, seen)));
        state.chosen = match again {
            Some(seen) => Some(choice(seen, chosen.by_hand)),
            None if state.step == Step::Probe => None,
            None => Some(chosen),
        };
        if state.chosen.is_none() {
            // The next one may be another probe, for another host.
            state.options.variant = None;
        }
    }
    let undecided = state.step == Step::Probe && !state.chosen.as_ref().is_some_and(|c| c.by_hand);
    if undecided || state.chosen.is_none() {
        let only = only_probe(state).map(|seen| choice(seen, false));
        if undecided || only.is_some() {
            state.chosen = only;
        }
    }
}

fn only_probe(state: &AppState) -> Option<&Seen> {
    let mut probes = state.probes();
    let first = probes.next();
    first.filter(|_| probes.next().is_none())
}

fn choice(seen: &Seen, by_hand: bool) -> Chosen {
    Chosen {
        id: seen.info.id.clone(),
        location: seen.info.location.clone(),
        serial: unique_serial(&seen.info),
        mcu: seen.mcu(),
        by_hand,
    }
}

fn unique_serial(info: &DeviceInfo) -> Option<String> {
    let serial = info.serial.as_deref()?.trim();
    (serial.len() == UNIQUE_SERIAL_DIGITS).then(|| serial.to_ascii_uppercase())
}

/// True if a new enumeration is the chosen probe: same chip, and same serial or, without one, same socket.
fn is_same_probe(chosen: &Chosen, seen: &Seen) -> bool {
    let chips_agree = match (chosen.mcu, seen.mcu()) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    let same = match (&chosen.serial, unique_serial(&seen.info)) {
        (Some(one), Some(other)) => *one == other,
        _ => chosen.location.is_some() && chosen.location == seen.info.location,
    };
    chips_agree && same
}

/// The user chooses a probe. Firmware for another chip is dropped, and the user is told.
pub(super) fn choose(state: &mut AppState, id: &DeviceId) {
    let Some(seen) = state.probes().find(|seen| seen.info.id == *id) else {
        return;
    };
    let chosen = choice(seen, true);
    let mcu = chosen.mcu;
    let is_other = state.chosen.as_ref().is_none_or(|old| old.id != chosen.id);
    state.chosen = Some(chosen);
    if is_other {
        state.options.deployer_consent = false;
        state.options.variant = None;
    }
    let misfit = |picked: &Picked| {
        picked
            .image()
            .zip(mcu)
            .is_some_and(|(image, mcu)| image.facts().mcu != mcu)
    };
    if misfit(&state.firmware) {
        if let Some(image) = state.firmware.image() {
            let name = image.name().to_owned();
            state.notify(Notice::FirmwareDropped { name });
        }
        state.firmware = Picked::Nothing;
    }
    if misfit(&state.bootloader) {
        state.bootloader = Picked::Nothing;
    }
    replan(state);
}

/// Makes the plan again from what is chosen now.
pub(super) fn replan(state: &mut AppState) {
    state.verdict = request(state).map(|request| plan(&request).map(Arc::new));
    let reviewable = state.plan().is_some() && state.probe().is_some();
    if state.step == Step::Review && !reviewable && state.firmware == Picked::Nothing {
        state.step = Step::Firmware;
    }
}

/// What the user asks for, once probe and firmware are chosen.
pub(super) fn request(state: &AppState) -> Option<Request> {
    let image = state.firmware.image()?;
    Some(Request {
        device: state.probe()?.info.clone(),
        image: Image::clone(image),
        bootloader: state.bootloader.image().map(|image| Image::clone(image)),
        via: Via::Auto,
        backup: state.options.backup,
        deployer_consent: state.options.deployer_consent,
    })
}

/// True if the only thing missing is the bootloader that must go in front of an application.
pub fn needs_bootloader(state: &AppState) -> bool {
    let in_dfu = state.probe().and_then(Seen::mode) == Some(Mode::RomDfu);
    let is_app = state
        .firmware
        .image()
        .is_some_and(|image| image.facts().role == Role::App);
    in_dfu && is_app
}
