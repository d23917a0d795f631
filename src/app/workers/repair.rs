//! The thread that repairs: it asks for administrator rights, so it waits for a person.

use std::path::{Path, PathBuf};
use std::thread::Builder;

use super::super::event::{Event, Sender};
use crate::doctor::{self, CommandLine};

/// The command line that does what needs administrator rights: it lies beside this program.
pub(in crate::app) fn helper() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let name = format!("carto-flasher-cli{}", std::env::consts::EXE_SUFFIX);
    Some(program.parent()?.join(name)).filter(|path| path.is_file())
}

/// The command that installs the udev rule, as it is shown and as it is run.
pub(in crate::app) fn install_command(helper: &Path) -> CommandLine {
    doctor::elevated_install(helper)
}

/// Asks for administrator rights and has the helper change a driver.
pub(in crate::app) fn install_winusb(command: CommandLine, sender: Sender) -> std::io::Result<()> {
    Builder::new()
        .name("repair".into())
        .spawn(move || {
            tracing::info!("asking for administrator rights: {command}");
            sender.send(Event::DriverChanged(doctor::windows::run_elevated(
                &command,
            )));
        })
        .map(drop)
}

/// Asks for administrator rights and installs the udev rule.
pub(in crate::app) fn install_rule(helper: &Path, sender: Sender) -> std::io::Result<()> {
    let command = install_command(helper);
    Builder::new()
        .name("repair".into())
        .spawn(move || {
            tracing::info!("asking for administrator rights: {command}");
            let result = command.run();
            sender.send(Event::Repaired(doctor::elevation_outcome(&result)));
        })
        .map(drop)
}
