//! `devices`: what is on the bus.

use carto_flasher::board::{Mode, Sighting, recognise};
use carto_flasher::klipper;
use carto_flasher::transport::{Access, DeviceInfo, Hardware};
use serde_json::json;

use crate::args::{Common, Devices};
use crate::choose::describe;
use crate::exit::Failure;
use crate::hardware::Bench;
use crate::output::Output;

pub(crate) fn run(common: &Common, command: &Devices, output: &mut Output) -> Result<(), Failure> {
    let bench = Bench::open(common)?;
    let mut rows = Vec::new();
    for device in bench.devices()? {
        let sighting = recognise(&device);
        if sighting == Sighting::Unrelated {
            continue;
        }
        let runs = matches!(
            sighting,
            Sighting::Probe {
                mode: Mode::Firmware,
                ..
            }
        );
        let version = if runs && device.access.is_usable() && !command.no_identify {
            ask(bench.hardware(), &device, output)
        } else {
            None
        };
        let version_text = version
            .as_deref()
            .map(|v| format!(", {v}"))
            .unwrap_or_default();
        let access = match &device.access {
            Access::Usable => String::new(),
            Access::NotPermitted => cannot("no permission"),
            Access::WrongDriver { .. } => cannot("the driver is not WinUSB"),
            Access::Busy { .. } => cannot("another program uses it"),
        };
        output.say(&format!("{}{version_text}{access}", describe(&device)));
        rows.push(json!({ "device": device, "sighting": sighting, "version": version }));
    }
    if rows.is_empty() {
        output.say("No probe was found. A probe that was flashed for CAN shows nothing on USB: use DFU mode");
    }
    bench.dump(common.simulate_dump.as_deref())?;
    output.answer(|| json!({ "ok": true, "exit": 0, "code": "done", "devices": rows }));
    Ok(())
}

fn cannot(why: &str) -> String {
    format!(" [cannot be opened: {why}; see `carto-flasher-cli doctor`]")
}

fn ask(hardware: &dyn Hardware, device: &DeviceInfo, output: &mut Output) -> Option<String> {
    match klipper::ask(hardware, &device.id) {
        Ok(identity) => Some(identity.version),
        Err(error) => {
            output.say(&format!(
                "{}: its version could not be asked: {error}",
                device.id
            ));
            None
        }
    }
}
