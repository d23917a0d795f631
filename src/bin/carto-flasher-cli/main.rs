//! The command line: the same engine as the window, headless.
//!
//! Exit codes are stable: see [`exit::Exit`]. With `--json` the last line on standard output is one JSON object
//! with a stable `code`.

mod args;
mod backup;
mod choose;
mod completions;
mod crash;
mod devices;
mod doctor;
mod exit;
mod firmware;
mod flash;
mod hardware;
mod inspect;
mod interrupt;
mod manual;
mod output;
mod pick;
#[cfg(feature = "usbip")]
mod sim;

use std::process::ExitCode;

use carto_flasher::log::Memory;
use clap::Parser as _;
use tracing_subscriber::fmt::writer::MakeWriterExt as _;

use args::{Args, Command};
use exit::Exit;
use output::Output;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // --help and --version come this way too and are not failures.
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
            error.print().ok();
            return exit.into();
        }
    };
    let memory = Memory::default();
    start_log(args.common.log.as_deref(), memory.clone());
    crash::install(memory);
    let mut output = Output::new(args.common.json);
    let done = match &args.command {
        Command::Devices(command) => devices::run(&args.common, command, &mut output),
        Command::Inspect(command) => inspect::run(command, &mut output),
        Command::Flash(command) => flash::run(&args.common, command, &mut output),
        Command::Backup(command) => backup::run(&args.common, command, &mut output),
        Command::Restore(command) => flash::restore(&args.common, command, &mut output),
        Command::Firmware(command) => firmware::run(command, &mut output),
        Command::Doctor(command) => doctor::run(&args.common, command, &mut output),
        Command::Completions(command) => {
            completions::run(command);
            Ok(())
        }
        Command::Manual(command) => manual::run(command),
        #[cfg(feature = "usbip")]
        Command::Sim(command) => sim::run(command, &mut output),
    };
    match done {
        Ok(()) => Exit::Done.into(),
        Err(failure) => {
            output.failure(&failure);
            failure.exit.into()
        }
    }
}

fn start_log(filter: Option<&str>, memory: Memory) {
    let Some(filter) = filter else { return };
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(std::io::stderr.and(move || memory.clone()))
        .init();
}
