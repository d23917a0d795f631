//! `doctor install-winusb` and `doctor restore-driver`: the elevated helper, asked from a terminal.

use carto_flasher::advice::{self, CliFailure};
use carto_flasher::doctor::windows::helper::{Action, Outcome, Request};
use carto_flasher::doctor::windows::{self, Instance};
use carto_flasher::transport::native::Os;
use serde_json::json;

use crate::args::Driver;
use crate::exit::{Exit, Failure};
use crate::output::Output;

pub(super) fn change(action: Action, which: &Driver, output: &mut Output) -> Result<(), Failure> {
    if Os::HERE != Os::Windows {
        return Err(CliFailure::WindowsOnly.into());
    }
    let instance = instance(which)?;
    let helper = windows::helper_beside_us().ok_or_else(|| failed(Outcome::NotStarted))?;
    let outcome = windows::run_elevated(&Request { action, instance }.command(&helper));
    if !outcome.is_done() {
        return Err(failed(outcome));
    }
    let said = advice::for_driver_outcome(outcome);
    output.say(&said.to_string());
    output.answer(|| json!({ "ok": true, "exit": 0, "code": said.code }));
    Ok(())
}

fn instance(which: &Driver) -> Result<Instance, Failure> {
    if let Some(text) = &which.instance {
        return Instance::parse(text).map_err(|_refused| failed(Outcome::NotABootloader));
    }
    let mut present = windows::present_bootloaders();
    match (present.pop(), present.as_slice()) {
        (Some(only), []) => Ok(only),
        (None, _) => Err(CliFailure::NoBootloader.into()),
        (Some(last), rest) => {
            let named = rest.iter().chain([&last]).map(Instance::as_str);
            let names = named.map(str::to_owned).collect();
            Err(CliFailure::SeveralBootloaders { names }.into())
        }
    }
}

fn failed(outcome: Outcome) -> Failure {
    Failure::new(Exit::Refused, advice::for_driver_outcome(outcome))
}
