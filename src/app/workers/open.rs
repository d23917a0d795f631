//! The thread that has the desktop open a folder or a page: the program for it may take its time.

use std::thread::Builder;

use crate::app::event::{Event, Sender};
use crate::app::state::Notice;
use crate::doctor::{CommandError, CommandLine};
use crate::transport::native::Os;

/// Has the desktop open a folder or an address.
pub(in crate::app) fn open(what: String, sender: Sender) -> std::io::Result<()> {
    Builder::new()
        .name("desktop-opener".into())
        .spawn(move || {
            let command = command(Os::HERE, &what);
            if let Err(error) = outcome(Os::HERE, command.run()) {
                tracing::warn!("{error}");
                sender.send(Event::Say(Notice::NotOpened(what)));
            }
        })
        .map(drop)
}

fn command(os: Os, what: &str) -> CommandLine {
    let program = match os {
        Os::Linux => "xdg-open",
        Os::MacOs => "open",
        Os::Windows => "explorer",
    };
    CommandLine::new(program, &[what])
}

/// Windows' explorer ends with code 1 even when it did what it should.
fn outcome(os: Os, result: Result<(), CommandError>) -> Result<(), CommandError> {
    match result {
        Err(CommandError::Failed { .. }) if os == Os::Windows => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_desktop_has_its_opener() {
        let words = |os| command(os, "/a b").to_string();
        assert_eq!(words(Os::Linux), "xdg-open '/a b'");
        assert_eq!(words(Os::MacOs), "open '/a b'");
        assert_eq!(words(Os::Windows), "explorer '/a b'");
    }

    #[test]
    fn explorers_exit_code_means_nothing() {
        let failed = || {
            Err(CommandError::Failed {
                command: "explorer".into(),
                code: Some(1),
            })
        };
        assert!(outcome(Os::Windows, failed()).is_ok());
        assert!(outcome(Os::Linux, failed()).is_err());
    }
}
