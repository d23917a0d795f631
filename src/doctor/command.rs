//! Commands that repair: made as data, shown before they are run.

use std::process::{Command, Stdio};

use serde::Serialize;
use thiserror::Error;

/// A program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommandLine {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl CommandLine {
    /// A command of fixed words.
    pub fn new(program: impl Into<String>, arguments: &[&str]) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
        }
    }

    /// The same, asking for the password in a window and not in a terminal: polkit's agent shows exactly this
    /// command.
    #[must_use]
    pub fn with_pkexec(&self) -> Self {
        let mut command = self.clone();
        if command.program == "sudo" {
            "pkexec".clone_into(&mut command.program);
        }
        command
    }

    /// Runs it to its end, with no input and its output thrown away.
    pub fn run(&self) -> Result<(), CommandError> {
        let status = without_console(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|error| CommandError::NotStarted {
                command: self.to_string(),
                reason: error.to_string(),
            })?;
        if status.success() {
            Ok(())
        } else {
            Err(CommandError::Failed {
                command: self.to_string(),
                code: status.code(),
            })
        }
    }
}

/// A command for which Windows shows no console window, also if this program has none itself.
pub(crate) fn without_console(program: &str) -> Command {
    #[cfg_attr(
        not(windows),
        expect(unused_mut, reason = "other systems show none anyway")
    )]
    let mut command = Command::new(program);
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt as _;
        /// Win32 "Process Creation Flags".
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        command.creation_flags(CREATE_NO_WINDOW);
    }
    command
}

/// As it would be typed into a shell.
impl std::fmt::Display for CommandLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&quoted(&self.program))?;
        for argument in &self.arguments {
            write!(f, " {}", quoted(argument))?;
        }
        Ok(())
    }
}

impl From<&CommandLine> for String {
    fn from(command: &CommandLine) -> Self {
        command.to_string()
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// A command did not do its work.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommandError {
    /// It could not be started.
    #[error("{command} could not be started: {reason}")]
    NotStarted {
        /// The command.
        command: String,
        /// What the system said.
        reason: String,
    },
    /// It ended with an error.
    #[error("{command} ended with {}", .code.map_or_else(|| "a signal".to_owned(), |code| format!("code {code}")))]
    Failed {
        /// The command.
        command: String,
        /// Its exit code, unless a signal ended it.
        code: Option<i32>,
    },
}

/// What came of asking for administrator rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Elevation {
    /// Granted, and the command did its work.
    Done,
    /// The person closed the question.
    Dismissed,
    /// Not granted.
    NotAuthorized,
    /// There is no way to ask here: the command has to be run in a terminal.
    Unavailable,
    /// Granted, but the command failed.
    Failed {
        /// Its exit code, unless a signal ended it.
        code: Option<i32>,
    },
}

/// What the end of a `pkexec` command means (pkexec(1): 126 dismissed, 127 not authorized or no agent).
pub fn elevation_outcome(result: &Result<(), CommandError>) -> Elevation {
    match result {
        Ok(()) => Elevation::Done,
        Err(CommandError::NotStarted { .. }) => Elevation::Unavailable,
        Err(CommandError::Failed {
            code: Some(126), ..
        }) => Elevation::Dismissed,
        Err(CommandError::Failed {
            code: Some(127), ..
        }) => Elevation::NotAuthorized,
        Err(CommandError::Failed { code, .. }) => Elevation::Failed { code: *code },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let command = CommandLine::new("sudo", &["/opt/carto flasher/carto-flasher-cli", "doctor"]);
        assert_eq!(
            command.to_string(),
            "sudo '/opt/carto flasher/carto-flasher-cli' doctor"
        );
        assert_eq!(
            command.with_pkexec().to_string(),
            "pkexec '/opt/carto flasher/carto-flasher-cli' doctor"
        );
        assert_eq!(
            CommandLine::new("x", &["it's", "", "a*"]).to_string(),
            r"x 'it'\''s' '' 'a*'"
        );
    }

    #[test]
    fn ends_of_elevation() {
        let failed = |code| {
            Err(CommandError::Failed {
                command: String::new(),
                code,
            })
        };
        let table = [
            (Ok(()), Elevation::Done),
            (failed(Some(126)), Elevation::Dismissed),
            (failed(Some(127)), Elevation::NotAuthorized),
            (failed(Some(3)), Elevation::Failed { code: Some(3) }),
            (failed(None), Elevation::Failed { code: None }),
            (
                Err(CommandError::NotStarted {
                    command: String::new(),
                    reason: String::new(),
                }),
                Elevation::Unavailable,
            ),
        ];
        for (result, outcome) in table {
            assert_eq!(elevation_outcome(&result), outcome);
        }
    }

    #[cfg(unix)]
    #[test]
    fn running() {
        assert_eq!(CommandLine::new("true", &[]).run(), Ok(()));
        assert_eq!(
            CommandLine::new("sh", &["-c", "exit 3"]).run(),
            Err(CommandError::Failed {
                command: "sh -c 'exit 3'".into(),
                code: Some(3)
            })
        );
        assert!(matches!(
            CommandLine::new("/no/such/program", &[]).run(),
            Err(CommandError::NotStarted { .. })
        ));
    }
}
