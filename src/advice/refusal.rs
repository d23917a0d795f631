//! A job that was not started.

use super::{Action, Advice, LOOK_AT_CARD, doctor, image};
use crate::board::StrangerKind;
use crate::flash::plan::Refusal;
use crate::transport::Access;

const CHOOSE_PROBE: &str = "Choose the Cartographer probe instead";

/// Why a job is not started, and what to do instead. Nothing was touched.
pub fn for_refusal(refusal: &Refusal) -> Advice {
    let advice = match refusal {
        Refusal::Stranger(kind) => stranger(kind),
        Refusal::NotAProbe => Advice::new(
            "not_a_probe",
            "This is not a probe",
            "The device that was chosen is something else.",
        )
        .button(Action::ChooseProbe, CHOOSE_PROBE),
        Refusal::NotUsable(access) => not_usable(access),
        Refusal::ChipUnknown => Advice::new(
            "chip_unknown",
            "The probe's chip could not be recognized",
            "It cannot be asked what it is, so nothing is written to it.",
        )
        .step("Unplug it and plug it in again"),
        Refusal::Misfit(misfit) => return image::for_misfit(misfit),
        Refusal::Compose(error) => return image::for_compose_error(error),
        Refusal::NotInDfu => Advice::new(
            "not_in_dfu",
            "The probe is not in DFU mode",
            "You asked for DFU, and it runs firmware or Katapult.",
        )
        .button(
            Action::OpenDfuCoach,
            "Enter DFU mode: the pictures show how",
        ),
        Refusal::NotInKatapult => Advice::new(
            "not_in_katapult",
            "The probe is in DFU mode, not in Katapult",
            "Katapult cannot be reached from DFU mode.",
        )
        .step("Flash through DFU, or unplug the probe and plug it in without touching the pads"),
    };
    advice.details(refusal)
}

fn stranger(kind: &StrangerKind) -> Advice {
    match kind {
        StrangerKind::OtherDfu => Advice::new(
            "stranger_in_dfu",
            "This device in DFU mode is not a Cartographer probe",
            "Its chip is another one: probably a toolboard or a mainboard. Flashing it would break it.",
        )
        .step("Unplug that board, and bring the probe into DFU mode"),
        StrangerKind::OtherKlipper => Advice::new(
            "stranger_klipper",
            "This is another Klipper board",
            "It says so itself, and this program only writes to Cartographer probes.",
        )
        .button(Action::ChooseProbe, CHOOSE_PROBE),
        StrangerKind::OtherKatapult => Advice::new(
            "stranger_katapult",
            "This Katapult belongs to another board",
            "Its chip is not one that Cartographer probes have.",
        )
        .button(Action::ChooseProbe, CHOOSE_PROBE),
        StrangerKind::ProbeV1 => Advice::new(
            "probe_v1",
            "This is a V1 probe",
            "It has an RP2040 and takes its firmware as a file.",
        )
        .step("Hold BOOTSEL while plugging it in and copy the .uf2 file onto the drive that appears"),
    }
}

fn not_usable(access: &Access) -> Advice {
    match access {
        Access::Usable => Advice::new(
            "not_a_probe",
            "This is not a probe",
            "The device that was chosen is something else.",
        )
        .button(Action::ChooseProbe, CHOOSE_PROBE),
        Access::NotPermitted => Advice::new(
            "not_permitted",
            "The system does not allow this program to use the probe",
            "It is there, but it may not be opened.",
        )
        .button(Action::OpenDoctor, LOOK_AT_CARD),
        Access::WrongDriver { bound } => Advice::new(
            "no_driver",
            "Windows has no usable driver for the probe",
            bound.as_deref().map_or_else(
                || "No driver is bound to it.".to_owned(),
                |driver| format!("The driver bound to it is {driver}; it must be WinUSB."),
            ),
        )
        .button(Action::OpenDoctor, LOOK_AT_CARD),
        Access::Busy { holder } => doctor::close_holder(
            Advice::new(
                "busy",
                "Another program uses the probe",
                holder.as_deref().map_or_else(
                    || "The system does not say which.".to_owned(),
                    |holder| format!("It is held by {holder}."),
                ),
            ),
            holder.as_deref(),
        ),
    }
}
