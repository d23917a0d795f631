//! The program after a crash, in a process of its own: says what happened, where the report is, and what became of the
//! probe. Without pixels; `ui::crash_window` draws it.
//!
//! The program that failed goes on with its flash job and tells its end over standard input.

use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use super::event::Wake;
use super::workers;
use crate::crash::Fate;

/// Lines longer than this together are no story of ours.
const MAX_TOLD: u64 = 64 * 1024;

/// What the user asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Shows the folder of the report.
    OpenFolder,
    /// Starts the program again and closes this.
    StartAgain,
    /// Closes this.
    Close,
}

/// What is shown.
pub struct Explainer {
    /// The report, if one could be written.
    pub report: Option<PathBuf>,
    /// What became of the probe.
    pub fate: Fate,
    /// The window should close.
    pub closed: bool,
    told: Receiver<Fate>,
    sender: super::Sender,
}

impl Explainer {
    /// Starts listening to the program that failed.
    pub fn new(report: Option<PathBuf>, wake: Wake) -> Self {
        let (tell, told) = channel();
        let listening = workers::explain::listen(tell, wake);
        if let Err(error) = listening {
            tracing::warn!("the end of the job will not be heard: {error}");
        }
        Self {
            report,
            fate: Fate::NotConcerned,
            closed: false,
            told,
            // What cannot be opened is said nowhere: the path stands on the page.
            sender: super::channel().0,
        }
    }

    /// Takes in what was told. Never blocks.
    pub fn logic(&mut self) {
        loop {
            match self.told.try_recv() {
                Ok(fate) => self.fate = fate,
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return,
            }
        }
    }

    /// Does what was asked.
    pub fn run(&mut self, ask: Ask) {
        match ask {
            Ask::OpenFolder => {
                let folder = self.report.as_deref().and_then(Path::parent);
                if let Some(folder) = folder {
                    let folder = folder.display().to_string();
                    workers::open::open(folder, self.sender.clone()).ok();
                }
            }
            Ask::StartAgain => {
                let started = std::env::current_exe()
                    .and_then(|program| std::process::Command::new(program).spawn());
                match started {
                    Ok(_child) => self.closed = true,
                    Err(error) => tracing::error!("the program did not start: {error}"),
                }
            }
            Ask::Close => self.closed = true,
        }
    }
}

/// Reads what is told to its end.
pub(super) fn read(from: impl Read, tell: &Sender<Fate>, wake: &Wake) {
    let mut last = Fate::NotConcerned;
    let say = |fate: Fate| {
        tell.send(fate).ok();
        wake();
    };
    for line in BufReader::new(from.take(MAX_TOLD)).lines() {
        let Ok(line) = line else { break };
        if let Some(fate) = Fate::parse(&line) {
            last = fate.clone();
            say(fate);
        }
    }
    say(last.at_the_end());
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn told(text: &str) -> Vec<Fate> {
        let (tell, told) = channel();
        let wake: Wake = Arc::new(|| ());
        read(text.as_bytes(), &tell, &wake);
        drop(tell);
        told.iter().collect()
    }

    #[test]
    fn the_story_is_followed_to_its_end() {
        let ended = Fate::Ended {
            good: true,
            title: "Done".into(),
            lines: Vec::new(),
        };
        let text = format!("{}\nnoise\n{}\n", Fate::BeingWritten.line(), ended.line());
        assert_eq!(
            told(&text),
            [Fate::BeingWritten, ended.clone(), ended],
            "and it stays so"
        );
    }

    #[test]
    fn a_story_without_an_end_is_unknown() {
        let text = format!("{}\n", Fate::BeingWritten.line());
        assert_eq!(told(&text), [Fate::BeingWritten, Fate::Unknown]);
        assert_eq!(told(""), [Fate::NotConcerned]);
    }
}
