//! `manual`: the manual pages, one for each command. Packages are its only users.

use clap::CommandFactory as _;

use crate::args::{Args, Manual};
use crate::exit::{Exit, Failure};

pub(crate) fn run(command: &Manual) -> Result<(), Failure> {
    clap_mangen::generate_to(Args::command(), &command.folder).map_err(|error| {
        Failure::plain(
            Exit::Refused,
            "cannot_write",
            "The manual pages could not be written".to_owned(),
            format!("{}: {error}", command.folder.display()),
        )
    })
}
