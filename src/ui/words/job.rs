//! A job in words: before, during, after.

use std::path::Path;

use super::{address, by_id_path, bytes, done, exact_bytes, image_kind, path_text, version_text};
use crate::app::state::{AppState, Seen};
use crate::board::{Mcu, Mode, Model, Sighting, Transport, recognise};
use crate::catalog::cache::Removed;
use crate::flash::plan::{Expectation, Plan, Route};
use crate::flash::{Outcome, Phase};
use crate::image::{Facts, FirmwareVersion, Variant};
use crate::klipper::CanbusUuid;
use crate::transport::DeviceInfo;

/// What is written, in a line: the build as well, where the file tells it.
pub fn review_write(facts: &Facts) -> String {
    let kind = image_kind(facts);
    // Lite is in the version's own text.
    let full = facts.version.is_some() && facts.variant == Some(Variant::Full);
    let full = if full { " full" } else { "" };
    match facts.transport {
        Some(transport) => format!("{kind}{full} · {transport}"),
        None => format!("{kind}{full}"),
    }
}

/// On a V2, firmware alone does not make the probe answer on CAN.
pub const V2_STRAPS: &str = "A V2 does not switch by firmware alone";

/// Under it.
pub const V2_STRAPS_HOW: &str = "On a V2, two resistors on the board choose USB or CAN. Without moving them it will not answer on CAN. V3 switches by firmware.";

/// True if the chosen probe may be a V2: it has its chip, and nobody said that it is a V3.
pub fn may_be_v2(state: &AppState) -> bool {
    let mcu = state.probe().and_then(Seen::mcu);
    mcu == Some(Mcu::Stm32F042) && state.model != Some(Model::V3)
}

/// Which way the bytes go.
pub fn route(route: Route) -> &'static str {
    match route {
        Route::Dfu => "Through the chip's own bootloader (DFU)",
        Route::Katapult => "Through Katapult",
        Route::Touch => "Through Katapult: the running firmware is asked to start it",
    }
}

/// Where the bytes go.
pub fn review_where(address_from: u32, length: u64) -> String {
    format!("{} from {}", exact_bytes(length), address(address_from))
}

/// What the backup does.
pub fn review_backup(folder: Option<&Path>) -> String {
    match folder {
        Some(folder) => format!(
            "The whole flash is read first and kept in {}",
            path_text(folder)
        ),
        None => "The whole flash is read first and kept".into(),
    }
}

/// What the probe will be: title and sentences.
pub fn review_afterwards(expect: &Expectation, transport: Option<Transport>) -> (String, String) {
    match expect {
        Expectation::Firmware { version } => {
            let version = version
                .as_deref()
                .map_or_else(String::new, |v| format!(" {}", version_text(v)));
            (
                format!("The probe runs firmware{version} over USB"),
                "It restarts by itself. On the printer, restart Klipper and recalibrate.".into(),
            )
        }
        Expectation::NothingOnUsb => {
            let can = transport.map_or_else(|| "CAN".into(), |transport| transport.to_string());
            (
                format!("The probe talks {can} and vanishes from USB: that is success"),
                "Then unplug it, switch the printer off, and connect it to the CAN bus. The bus must run at the same bitrate.".into(),
            )
        }
        Expectation::Katapult => (
            "The probe has a new bootloader".into(),
            "Katapult starts the firmware behind it. If there is none it waits on USB: flash one right after.".into(),
        ),
        Expectation::Deployed => (
            "The probe waits in its new Katapult".into(),
            "It holds no firmware then: flash one right after.".into(),
        ),
        Expectation::Unknown => (
            "The probe is what the file held".into(),
            "It may or may not show up on USB.".into(),
        ),
    }
}

/// What happens if the probe is unplugged while it is written.
pub fn keep_plugged_in(mcu: Mcu) -> &'static str {
    match mcu {
        Mcu::Stm32F042 => {
            "If it is unplugged now, it comes back in its bootloader, and you can go on."
        }
        Mcu::Stm32G431 => {
            "If it is unplugged now, it may come back only with the help of its pads."
        }
    }
}

/// What stopping in the middle leaves.
pub fn stop_costs(mcu: Mcu) -> &'static str {
    match mcu {
        Mcu::Stm32F042 => {
            "The probe will have no working firmware until you flash it again. It stays in its bootloader, so that is easy."
        }
        Mcu::Stm32G431 => {
            "The probe will have no working firmware until you flash it again, perhaps with the help of its pads."
        }
    }
}

/// What deleting kept firmware frees, and what it leaves.
pub fn remove_costs(kept: Removed) -> String {
    format!(
        "This frees {}. It can be downloaded again. Backups stay, and so does what came with this program.",
        bytes(kept.bytes)
    )
}

/// How much firmware is kept.
pub fn kept(kept: Removed) -> String {
    match kept.files {
        0 => "Nothing yet".into(),
        _ => bytes(kept.bytes),
    }
}

/// In which phase it failed.
pub fn failed_in(phase_failed: Phase) -> String {
    format!("It stopped in \u{201c}{}\u{201d}", phase_failed.label())
}

/// What was done, in a line.
pub fn done_summary(plan: &Plan) -> String {
    let facts = plan.image.facts();
    let onto = plan.target.mcu.boards_label();
    format!(
        "{} is on the {onto}. Every byte was read back.",
        image_kind(facts)
    )
}

/// How much was verified.
pub fn done_verified(bytes: u64) -> String {
    format!("{}, read back and equal", exact_bytes(bytes))
}

/// One thing to do after a success.
pub struct NowStep {
    /// In words.
    pub text: String,
    /// What is copied for it: its name and itself.
    pub copy: Option<(&'static str, String)>,
}

impl NowStep {
    fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            copy: None,
        }
    }

    fn copying(self, name: &'static str, code: impl Into<String>) -> Self {
        Self {
            copy: Some((name, code.into())),
            ..self
        }
    }
}

/// What to do after a success. `before` is the probe as it ran its old firmware, `uuid` its name on the CAN bus, both
/// where they are known; `plugin` is the oldest cartographer3d-plugin that works with this firmware.
pub fn now_what(
    outcome: &Outcome,
    before: Option<&DeviceInfo>,
    uuid: Option<CanbusUuid>,
    plugin: Option<FirmwareVersion>,
) -> Vec<NowStep> {
    let (mut steps, runs) = match outcome {
        Outcome::ReleaseBoot0 => (
            vec![
                NowStep::new("Take the bridge off BOOT0: the chip started in DFU mode again"),
                NowStep::new("Unplug the probe and plug it in"),
            ],
            false,
        ),
        Outcome::ReplugToStart => (
            vec![NowStep::new(
                "Unplug the probe and plug it in: that starts the new firmware",
            )],
            true,
        ),
        Outcome::NowOnCan => (
            vec![
                NowStep::new("Unplug the probe from this computer"),
                NowStep::new(
                    "Switch the printer off completely, then connect the probe to the CAN bus",
                ),
                canbus_step(uuid),
            ],
            true,
        ),
        Outcome::Returned { device, .. } if runs_firmware(device) => (
            vec![
                NowStep::new("Unplug the probe and plug it into the printer"),
                serial_step(before, device),
            ],
            true,
        ),
        Outcome::Returned { .. } => (
            vec![NowStep::new(
                "The probe is ready for firmware: flash it next",
            )],
            false,
        ),
        Outcome::BackedUp => (Vec::new(), false),
    };
    if runs {
        let plugin = plugin.map(|plugin| {
            format!("Update cartographer3d-plugin on the printer to {plugin} or newer")
        });
        steps.extend(plugin.map(NowStep::new));
        steps.push(NowStep::new(
            "On the printer, restart Klipper and recalibrate the probe",
        ));
    }
    steps
}

/// What came back tells, not what was written: a bootloader starts the firmware behind it.
fn runs_firmware(device: &DeviceInfo) -> bool {
    matches!(
        recognise(device),
        Sighting::Probe {
            mode: Mode::Firmware,
            ..
        }
    )
}

fn canbus_step(uuid: Option<CanbusUuid>) -> NowStep {
    match uuid {
        Some(uuid) => NowStep::new("Put this line into printer.cfg")
            .copying(done::PRINTER_CFG, format!("canbus_uuid: {uuid}")),
        None => NowStep::new(
            "Ask for the probe's canbus_uuid with this command, and put it into printer.cfg",
        )
        .copying(done::CAN_QUERY, done::CAN_QUERY_COMMAND),
    }
}

/// The path may change with the firmware's USB strings: V3 5.x to 6.x does.
fn serial_step(before: Option<&DeviceInfo>, now: &DeviceInfo) -> NowStep {
    let Some(path) = by_id_path(now) else {
        return NowStep::new("Check the serial: line in printer.cfg: new firmware may change it");
    };
    let step = match before.and_then(by_id_path) {
        Some(old) if old == path => "The path is the same as before: printer.cfg can stay as it is",
        Some(_) => "The path changed: replace the serial: line in printer.cfg with this one",
        None => "Check that printer.cfg has this serial: line",
    };
    NowStep::new(step).copying(done::PRINTER_CFG, format!("serial: {path}"))
}

/// How much was written.
pub fn done_written(pages_written: u32, pages_total: u32) -> String {
    match pages_total.saturating_sub(pages_written) {
        0 => format!("{pages_written} pages, all of them"),
        _ if pages_written == 0 => "Nothing: the probe already held exactly this".into(),
        1 => format!("{pages_written} of {pages_total} pages; 1 was right already"),
        same => format!("{pages_written} of {pages_total} pages; {same} were right already"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Hardware as _;
    use crate::transport::sim::SimHardware;

    #[test]
    fn what_came_back_decides_what_to_do_next() {
        let next = |bench: &str| {
            let bench = SimHardware::new_virtual(bench).unwrap();
            let device = bench.list().unwrap().remove(0);
            let outcome = Outcome::Returned {
                device: Box::new(device),
                version: None,
            };
            now_what(&outcome, None, None, None)
        };
        let flash_next = next("v3-katapult");
        assert_eq!(flash_next.len(), 1, "nothing for the printer yet");
        assert!(flash_next[0].text.contains("flash it next") && flash_next[0].copy.is_none());
        let printer = next("v3-usb");
        assert!(printer[0].text.contains("into the printer") && printer[1].copy.is_some());
    }

    #[test]
    fn pages_that_were_right_already_are_told() {
        assert_eq!(done_written(21, 21), "21 pages, all of them");
        assert_eq!(done_written(3, 21), "3 of 21 pages; 18 were right already");
        assert_eq!(done_written(20, 21), "20 of 21 pages; 1 was right already");
        assert_eq!(
            done_written(0, 21),
            "Nothing: the probe already held exactly this"
        );
    }
}
