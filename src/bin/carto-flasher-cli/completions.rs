//! `completions`: a script that completes this command line, for the shell that asks.

use std::io::Write as _;

use clap::CommandFactory as _;

use crate::args::{Args, Completions};

pub(crate) fn run(command: &Completions) {
    let mut program = Args::command();
    let name = program.get_name().to_owned();
    // Into memory first: the generator takes a closed pipe for a reason to panic.
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut program, name.as_str(), &mut script);
    // Its bash script (4.6.11) names the program with hyphens in two ways and then finds no subcommand.
    let script = String::from_utf8_lossy(&script)
        .replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__"));
    std::io::stdout().write_all(script.as_bytes()).ok();
}
