//! A user of the command line with a home of their own: nothing of whoever runs the tests is read or written.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses its own part"
)]

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

/// Where the systems look for a user's folders; Windows also asks elsewhere, which cannot be moved.
const FOLDERS: [&str; 7] = [
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "XDG_RUNTIME_DIR",
    "LOCALAPPDATA",
    "APPDATA",
];

pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A path as an argument.
    pub fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Writes a file, and gives its path as an argument.
    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.path(name), bytes).unwrap();
        self.text(name)
    }

    /// Where the settings are, on Linux.
    pub fn settings(&self) -> PathBuf {
        self.path("XDG_CONFIG_HOME/carto-flasher/settings.json")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let kept = self.text("kept");
        let kept = match arguments {
            ["firmware" | "flash", ..] => vec!["--cache", &kept],
            _ => Vec::new(),
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_carto-flasher-cli"));
        command
            .args([arguments, &kept].concat())
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.folder.path())
            .envs(FOLDERS.map(|name| (name, self.path(name))));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs with `--json` and returns the exit code and the object.
    pub fn json(&self, arguments: &[&str]) -> (i32, Value) {
        answer(&mut self.command(&[arguments, &["--json"]].concat()))
    }

    /// Flashes a probe of a bench, and gives what the chip holds afterwards.
    pub fn flash(&self, bench: &str, arguments: &[&str]) -> (i32, Value, Vec<u8>) {
        self.write("flash", bench, arguments)
    }

    /// As [`Self::flash`], for any command that writes.
    pub fn write(&self, command: &str, bench: &str, arguments: &[&str]) -> (i32, Value, Vec<u8>) {
        let dump = self.text("dump.bin");
        let fixed = [
            command,
            "--simulate",
            bench,
            "--yes",
            "--simulate-dump",
            &dump,
        ];
        let (exit, answer) = self.json(&[&fixed, arguments].concat());
        (exit, answer, std::fs::read(&dump).unwrap_or_default())
    }

    /// As [`Self::json`], with the code for itself.
    pub fn fails(&self, arguments: &[&str]) -> (i32, String, Value) {
        let (exit, answer) = self.json(arguments);
        let code = answer["code"].as_str().unwrap_or_default().to_owned();
        (exit, code, answer)
    }
}

/// The exit code and the object of a command that answers in JSON.
pub fn answer(command: &mut Command) -> (i32, Value) {
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(text.trim())
        .unwrap_or_else(|error| panic!("{error}: {text:?} {:?}", output.stderr));
    (output.status.code().unwrap(), value)
}
