//! The thread that repairs: it asks for administrator rights, so it waits for a person.

use std::thread::Builder;

use super::super::event::{Event, Sender};
use crate::doctor::{self, CommandLine};

/// Asks for administrator rights and has the helper change a driver.
pub(in crate::app) fn change_driver(command: CommandLine, sender: Sender) -> std::io::Result<()> {
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

/// Asks for administrator rights and runs this: it installs the udev rule, has it applied again, or removes it.
pub(in crate::app) fn change_rule(command: &CommandLine, sender: Sender) -> std::io::Result<()> {
    let command = command.with_pkexec();
    Builder::new()
        .name("repair".into())
        .spawn(move || {
            tracing::info!("asking for administrator rights: {command}");
            let result = command.run();
            sender.send(Event::Repaired(doctor::elevation_outcome(&result)));
        })
        .map(drop)
}
