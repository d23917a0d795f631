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

use carto_flasher::advice::CliFailure;
use carto_flasher::log::Memory;
use clap::Parser as _;
use tracing_subscriber::fmt::writer::MakeWriterExt as _;

use args::{Args, Command};
use exit::{Exit, Failure};
use interrupt::Interrupt;
use output::Output;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            error.print().ok();
            // --help and --version come this way too and are not failures.
            if !error.use_stderr() {
                return Exit::Done.into();
            }
            // Nothing was parsed, so a program that waits for JSON is known by this alone.
            let failure = Failure::from(CliFailure::Usage {
                why: first_line(&error),
            });
            if std::env::args_os().any(|argument| argument == "--json") {
                Output::new(true, Interrupt::default()).failure(&failure);
            }
            return failure.exit.into();
        }
    };
    let memory = Memory::default();
    start_log(args.common.log.as_deref(), memory.clone());
    crash::install(memory);
    let interrupt = Interrupt::watch(args.common.json);
    let mut output = Output::new(args.common.json, interrupt.clone());
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
    interrupt.listen();
    match done {
        Ok(()) => Exit::Done.into(),
        Err(failure) => {
            output.failure(&failure);
            failure.exit.into()
        }
    }
}

/// What the parser says, without its own "error:" and its usage.
fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

fn start_log(filter: Option<&str>, memory: Memory) {
    let Some(filter) = filter else { return };
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(std::io::stderr.and(move || memory.clone()))
        .init();
}
