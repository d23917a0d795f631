//! What this program is built from, and under which terms: `assets/licenses.csv`, which
//! `packaging/release/licenses` writes from Cargo.lock. Pure; the full texts are in the packages.

use std::sync::LazyLock;

use serde::Deserialize;

const LIST: &str = include_str!("../../assets/licenses.csv");

/// The letter of this system in the list.
const HERE: char = if cfg!(windows) {
    'w'
} else if cfg!(target_os = "macos") {
    'm'
} else {
    'l'
};

/// One of the works that others made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Part {
    /// Its name; `NAME (in PACKAGE)` for what comes inside of a package under terms of its own.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its terms, as an SPDX expression.
    pub license: String,
    /// Where its source is; empty if it does not tell.
    pub repository: String,
    /// The systems whose program holds it, a letter each; empty for what only helps to build.
    systems: String,
}

impl Part {
    /// True if every word is somewhere in its name or its terms, whatever the case.
    pub fn matches(&self, query: &str) -> bool {
        let text = format!("{} {} {}", self.name, self.version, self.license).to_lowercase();
        query
            .split_whitespace()
            .all(|word| text.contains(&word.to_lowercase()))
    }
}

/// As one line, for the clipboard.
impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.name, self.version, self.license)?;
        if !self.repository.is_empty() {
            write!(f, ", {}", self.repository)?;
        }
        Ok(())
    }
}

/// What the program for this system holds, by name.
pub fn parts() -> &'static [Part] {
    static PARTS: LazyLock<Vec<Part>> = LazyLock::new(|| {
        all()
            .into_iter()
            .filter(|part| part.systems.contains(HERE))
            .collect()
    });
    &PARTS
}

fn all() -> Vec<Part> {
    csv::Reader::from_reader(LIST.as_bytes())
        .into_deserialize()
        .filter_map(Result::ok)
        .collect()
}

#[cfg(test)]
mod tests;
