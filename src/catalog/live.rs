//! What upstream publishes now: its `firmware_list.csv` and the git tree listing of the GitHub API. Pure.
//!
//! Nothing in them is believed: paths are checked, sizes bounded, rows that are not understood are kept aside
//! with the reason.

mod merge;

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::cache::MAX_OBJECT;
use super::embedded;
use super::entry::{EntryRole, parse_version};
use super::fetch::{FetchError, looks_like_web_page};
use super::path::{BadPath, RepoPath, has_firmware_extension};
use crate::board::{Model, Transport};
use crate::digest::BlobSha1;
use crate::image::{FirmwareVersion, Variant};
pub use merge::{Authority, Disagreement, Field, Listing, merge};

/// The most bytes of `firmware_list.csv`; it has 12 KB.
pub const MAX_LIST: u64 = 512 * 1024;
/// The most bytes of the tree listing.
pub const MAX_TREE: u64 = 2 * 1024 * 1024;
/// More rows are not read.
const MAX_ROWS: usize = 5_000;
/// Strange text is shown cut to this many characters.
const MAX_SHOWN: usize = 120;

/// A row of upstream's list that is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Where it is.
    pub path: RepoPath,
    /// For which board.
    pub board: Model,
    /// What it is for.
    pub role: EntryRole,
    /// USB or CAN.
    pub transport: Transport,
    /// Full or lite.
    pub variant: Variant,
    /// Its version.
    pub version: FirmwareVersion,
    /// The oldest plugin that works with it.
    pub min_plugin: Option<FirmwareVersion>,
}

/// A row of upstream's list, or a file of its tree, that is not taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// What it calls itself, cut and without control characters.
    pub path: String,
    /// Why it is refused.
    pub why: Problem,
}

/// Why a row or a file is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "detail")]
pub enum Problem {
    /// Its path is not harmless.
    Path(BadPath),
    /// A field is not understood.
    Field(Field),
    /// It is larger than any chip.
    TooLarge {
        /// Its size in bytes.
        size: u64,
    },
    /// There is a row for this path already.
    Duplicate,
    /// There are more rows than are read.
    TooMany,
}

/// Upstream's list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List {
    /// What is understood.
    pub files: Vec<ListedFile>,
    /// What is not.
    pub refused: Vec<Refused>,
}

/// One file of the tree listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeFile {
    /// Below `firmware/`, not checked yet.
    pub path: String,
    /// Git blob hash.
    pub sha: String,
    /// Bytes.
    pub size: u64,
}

/// The files of the tree listing that are firmware by their place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    /// Hash and size of each.
    pub files: HashMap<RepoPath, (BlobSha1, u64)>,
    /// What is not taken over.
    pub refused: Vec<Refused>,
}

/// The fields of a row that are used. Upstream has more.
#[derive(Deserialize)]
struct Row {
    filepath: String,
    protocol: String,
    process: String,
    probe_version: String,
    firmware_version: String,
    #[serde(default)]
    can_speed: String,
    #[serde(default)]
    is_lite: String,
    #[serde(default)]
    min_plugin_version: String,
}

/// Parses upstream's list. `url` is only for the error.
pub fn parse_list(bytes: &[u8], url: &str) -> Result<List, FetchError> {
    let not_csv = |reason| FetchError::NotCsv {
        url: url.to_owned(),
        reason,
    };
    if looks_like_web_page(bytes) {
        return Err(FetchError::WebPage {
            url: url.to_owned(),
        });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(bytes);
    let header = reader
        .headers()
        .map_err(|_not_text| not_csv("its first line is not text"))?;
    for column in [
        "filepath",
        "protocol",
        "process",
        "probe_version",
        "firmware_version",
    ] {
        if !header.iter().any(|name| name == column) {
            return Err(not_csv("a column is missing"));
        }
    }
    let mut list = List::default();
    let mut seen = HashSet::new();
    for (row, number) in reader.deserialize::<Row>().zip(0..) {
        if number >= MAX_ROWS {
            list.refused.push(refused("", Problem::TooMany));
            break;
        }
        let Ok(row) = row else {
            list.refused.push(refused("", Problem::Field(Field::Row)));
            continue;
        };
        match listed_file(&row) {
            Ok(file) if !seen.insert(file.path.clone()) => {
                list.refused
                    .push(refused(&row.filepath, Problem::Duplicate));
            }
            Ok(file) => list.files.push(file),
            Err(why) => list.refused.push(refused(&row.filepath, why)),
        }
    }
    if list.files.is_empty() {
        return Err(not_csv("it has no usable row"));
    }
    Ok(list)
}

fn listed_file(row: &Row) -> Result<ListedFile, Problem> {
    let path = RepoPath::parse(&row.filepath).map_err(Problem::Path)?;
    let wrong = Problem::Field;
    // Upstream keeps HT below V3 (boards-and-firmware.md §2 "Upstream inconsistencies").
    let is_ht = path.as_str().split('/').any(|part| part == "HT");
    let board = if is_ht {
        Model::Ht
    } else {
        embedded::board(&row.probe_version.to_ascii_lowercase()).ok_or(wrong(Field::Board))?
    };
    Ok(ListedFile {
        path,
        board,
        role: role(&row.process).ok_or(wrong(Field::Role))?,
        transport: transport(&row.protocol, &row.can_speed).ok_or(wrong(Field::Transport))?,
        variant: variant(&row.is_lite).ok_or(wrong(Field::Variant))?,
        version: parse_version(&row.firmware_version).ok_or(wrong(Field::Version))?,
        min_plugin: match row.min_plugin_version.as_str() {
            "" => None,
            text => Some(parse_version(text).ok_or(wrong(Field::MinPlugin))?),
        },
    })
}

fn role(process: &str) -> Option<EntryRole> {
    match process.to_ascii_lowercase().as_str() {
        "dfu" => Some(EntryRole::Combined),
        "update" => Some(EntryRole::App),
        _ => None,
    }
}

fn transport(protocol: &str, can_speed: &str) -> Option<Transport> {
    match protocol.to_ascii_lowercase().as_str() {
        "usb" => Some(Transport::Usb),
        "can" => {
            let bitrate = can_speed.parse().ok()?;
            // ISO 11898-1 classic CAN ends at 1 Mbit/s; no host uses less than 10 kbit/s.
            (10_000..=1_000_000)
                .contains(&bitrate)
                .then_some(Transport::Can { bitrate })
        }
        _ => None,
    }
}

fn variant(is_lite: &str) -> Option<Variant> {
    match is_lite.to_ascii_lowercase().as_str() {
        "yes" | "true" => Some(Variant::Lite),
        "no" | "false" | "" => Some(Variant::Full),
        _ => None,
    }
}

/// Parses the GitHub API's recursive tree listing and keeps what is below `firmware/`.
pub fn parse_tree(bytes: &[u8], url: &str) -> Result<Vec<TreeFile>, FetchError> {
    #[derive(Deserialize)]
    struct Answer {
        tree: Vec<Item>,
    }
    #[derive(Deserialize)]
    struct Item {
        path: String,
        #[serde(rename = "type")]
        kind: String,
        sha: String,
        #[serde(default)]
        size: u64,
    }
    if looks_like_web_page(bytes) {
        return Err(FetchError::WebPage {
            url: url.to_owned(),
        });
    }
    let answer: Answer = serde_json::from_slice(bytes).map_err(|error| FetchError::NotTree {
        url: url.to_owned(),
        detail: error.to_string(),
    })?;
    Ok(answer
        .tree
        .into_iter()
        .filter(|item| item.kind == "blob")
        .filter_map(|item| {
            let path = item.path.strip_prefix("firmware/")?;
            has_firmware_extension(path).then(|| TreeFile {
                path: path.to_owned(),
                sha: item.sha,
                size: item.size,
            })
        })
        .collect())
}

/// Checks the files of a tree listing.
pub fn check_tree(files: &[TreeFile]) -> Tree {
    let mut tree = Tree::default();
    for (file, number) in files.iter().zip(0..) {
        if number >= MAX_ROWS {
            tree.refused.push(refused("", Problem::TooMany));
            break;
        }
        let checked = || {
            let path = RepoPath::parse(&file.path).map_err(Problem::Path)?;
            let sha = file
                .sha
                .parse()
                .map_err(|_bad| Problem::Field(Field::Hash))?;
            if file.size > MAX_OBJECT {
                return Err(Problem::TooLarge { size: file.size });
            }
            Ok((path, sha))
        };
        match checked() {
            Ok((path, sha)) => {
                tree.files.insert(path, (sha, file.size));
            }
            Err(why) => tree.refused.push(refused(&file.path, why)),
        }
    }
    tree
}

fn refused(path: &str, why: Problem) -> Refused {
    Refused {
        path: path
            .chars()
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .take(MAX_SHOWN)
            .collect(),
        why,
    }
}

#[cfg(test)]
mod tests;
