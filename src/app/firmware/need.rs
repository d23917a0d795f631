//! What firmware the probe needs, as far as probe and user have told. Pure.

use crate::app::state::{AppState, Running, Seen};
use crate::board::{Mcu, Mode, Model, Transport};
use crate::catalog::select;
use crate::image::{FirmwareVersion, Route, Variant};
use crate::settings::Settings;

/// What the list is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// The board.
    pub board: Model,
    /// Its chip.
    pub mcu: Mcu,
    /// Through which bootloader.
    pub route: Route,
    /// How it shall talk.
    pub transport: Transport,
    /// Full or lite.
    pub variant: Variant,
}

/// What is known of the need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// There is no probe, or nothing is known of it.
    NoProbe,
    /// Only the user can know whether it shall talk USB or CAN.
    UsbOrCan(Mcu),
    /// A change from USB to CAN changes Katapult too, and that takes DFU mode: Katapult and firmware must talk the
    /// same, or the probe could not be updated any more (boards-and-firmware.md §5.5 and §5.7).
    SwitchNeedsDfu(Transport),
    /// All of it.
    Known(Need),
}

/// What is known of the need.
pub fn asked(state: &AppState) -> Asked {
    let Some(seen) = state.probe() else {
        return Asked::NoProbe;
    };
    let (Some(mode), Some(mcu)) = (seen.mode(), seen.mcu()) else {
        return Asked::NoProbe;
    };
    let known = |route, transport| {
        Asked::Known(Need {
            board: board(state, mcu),
            mcu,
            route,
            transport,
            variant: variant(state, seen),
        })
    };
    let wanted = state.options.wanted;
    match mode {
        Mode::RomDfu => match wanted.or_else(|| remembered(state, seen)) {
            Some(transport) => known(Route::Dfu, transport),
            None => Asked::UsbOrCan(mcu),
        },
        // What can be seen on USB talks USB.
        Mode::Firmware | Mode::Katapult => match wanted {
            Some(can @ Transport::Can { .. }) => Asked::SwitchNeedsDfu(can),
            _ => known(Route::Katapult, Transport::Usb),
        },
    }
}

/// Full or lite: as the user says for this job, else what is usual.
fn variant(state: &AppState, seen: &Seen) -> Variant {
    let runs = runs_lite(state, seen).then_some(Variant::Lite);
    let usual = select::usual_variant(state.settings.prefer_lite, runs);
    state.options.variant.unwrap_or(usual)
}

/// True if the probe runs lite firmware, or ran it in this socket before it came into a bootloader.
fn runs_lite(state: &AppState, seen: &Seen) -> bool {
    running_variant(seen).map_or_else(
        || {
            let socket = &state.list.ran_lite;
            socket.is_some() && *socket == seen.info.location
        },
        |variant| variant == Variant::Lite,
    )
}

/// The version a running probe told.
pub(super) fn running_version(seen: &Seen) -> Option<FirmwareVersion> {
    FirmwareVersion::from_text(running_text(seen)?)
}

/// Full or lite, from the version a running probe told.
pub(super) fn running_variant(seen: &Seen) -> Option<Variant> {
    running_text(seen).map(Variant::from_text)
}

fn running_text(seen: &Seen) -> Option<&str> {
    match &seen.running {
        Running::Version(text) => Some(text),
        Running::NotAsked | Running::Silent => None,
    }
}

/// True if the firmware that is about to be written is full and the probe's is lite.
pub fn leaves_lite(state: &AppState) -> bool {
    let full = state
        .firmware
        .image()
        .is_some_and(|image| image.facts().variant == Some(Variant::Full));
    full && state.probe().is_some_and(|seen| runs_lite(state, seen))
}

/// What a probe in DFU mode most likely shall talk: what it talked just now, else what was chosen last time.
fn remembered(state: &AppState, seen: &Seen) -> Option<Transport> {
    let spoke = &state.list.spoke_usb;
    let same_socket = spoke.is_some() && *spoke == seen.info.location;
    if same_socket {
        Some(Transport::Usb)
    } else {
        state.settings.transport
    }
}

/// CAN as it was chosen last, or as most adapters are set.
pub fn usual_can(settings: &Settings) -> Transport {
    let can = |transport: &Transport| matches!(transport, Transport::Can { .. });
    let usual = Transport::Can {
        bitrate: select::USUAL_BITRATE,
    };
    settings.transport.filter(can).unwrap_or(usual)
}

/// As the user says, else what is usual for the chip.
pub(super) fn board(state: &AppState, mcu: Mcu) -> Model {
    let told = state.model.filter(|model| model.mcu() == Some(mcu));
    told.unwrap_or_else(|| select::usual_board(mcu))
}
