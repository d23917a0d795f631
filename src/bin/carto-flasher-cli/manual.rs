//! `manual`: the manual pages, one for each command. Packages are its only users.

use carto_flasher::advice::CliFailure;
use clap::CommandFactory as _;

use crate::args::{Args, Manual};
use crate::exit::Failure;

pub(crate) fn run(command: &Manual) -> Result<(), Failure> {
    clap_mangen::generate_to(Args::command(), &command.folder).map_err(|error| {
        CliFailure::CannotWrite {
            path: command.folder.clone(),
            why: error.to_string(),
        }
        .into()
    })
}
