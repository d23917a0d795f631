//! The elevated helper on Windows: binds Windows' own WinUSB to one ST bootloader, or takes it away again.
//!
//! ```text
//! carto-flasher-winusb install USB\VID_0483&PID_DF11\INSTANCE
//! carto-flasher-winusb restore USB\VID_0483&PID_DF11\INSTANCE
//! ```
//!
//! It serves one request and ends; it reads no file, asks no network, and unpacks nothing. Which steps are taken,
//! and what is refused, is decided and tested in `carto_flasher::doctor::windows::helper`; exit codes are there too.

#[cfg(windows)]
mod setup;

use std::io::Write as _;
use std::process::ExitCode;

use carto_flasher::advice;
use carto_flasher::doctor::windows::helper::{Outcome, Request};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let outcome =
        Request::parse(&arguments).map_or_else(|refused| refused, |request| serve(&request));
    writeln!(std::io::stderr(), "{}", advice::for_driver_outcome(outcome)).ok();
    ExitCode::from(outcome.code())
}

#[cfg(windows)]
fn serve(request: &Request) -> Outcome {
    use carto_flasher::doctor::windows::{device_tree, helper};

    let Some(node) = device_tree::read(request.instance.as_str()) else {
        return Outcome::Gone;
    };
    let steps = match helper::plan(request.action, &node) {
        Ok(steps) => steps,
        Err(refused) => return refused,
    };
    if steps.is_empty() {
        return Outcome::AlreadyDone;
    }
    if !setup::is_elevated() {
        return Outcome::NotElevated;
    }
    setup::run(&request.instance, &steps)
}

/// Elsewhere there is nothing to bind.
#[cfg(not(windows))]
fn serve(_request: &Request) -> Outcome {
    Outcome::NoInboxDriver
}
