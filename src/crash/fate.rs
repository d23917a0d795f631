//! What became of the probe when the window failed: told by the program that failed to the one that explains it, one
//! line of JSON at a time.

use serde::{Deserialize, Serialize};

/// What became of the probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// None was being written.
    NotConcerned,
    /// It is still being written: the job goes on without the window.
    BeingWritten,
    /// The job ended.
    Ended {
        /// It did what it should.
        good: bool,
        /// How, in a few words.
        title: String,
        /// What the probe is now and what to do, in lines.
        lines: Vec<String>,
    },
    /// Nobody knows: the program that failed ended before its job.
    Unknown,
}

impl Fate {
    /// As a line.
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From a line. `None` for what is none.
    pub fn parse(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }

    /// What is to be believed once no more lines come.
    #[must_use]
    pub fn at_the_end(self) -> Self {
        match self {
            Self::BeingWritten => Self::Unknown,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_understood_again() {
        let ended = Fate::Ended {
            good: false,
            title: "Stopped\nhere".into(),
            lines: vec!["1. \"Try\" again".into()],
        };
        for fate in [Fate::NotConcerned, Fate::BeingWritten, ended, Fate::Unknown] {
            assert!(!fate.line().contains('\n'));
            assert_eq!(Fate::parse(&fate.line()), Some(fate));
        }
        assert_eq!(Fate::parse("anything else"), None);
    }

    #[test]
    fn silence_in_mid_write_means_that_nobody_knows() {
        assert_eq!(Fate::BeingWritten.at_the_end(), Fate::Unknown);
        assert_eq!(Fate::NotConcerned.at_the_end(), Fate::NotConcerned);
    }
}
