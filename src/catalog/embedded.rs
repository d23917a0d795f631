//! The list inside this program: `firmware-cache/catalog.csv`, whose schema is in the README beside it. Pure.

use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use thiserror::Error;

use super::entry::{Entry, Origin, parse_version};
use super::path::RepoPath;
use crate::board::{Model, Transport};
use crate::digest::Sha256;
use crate::image::{FirmwareVersion, Image, Variant};

/// The list as it is in the repository.
pub const LIST: &str = include_str!("../../firmware-cache/catalog.csv");

/// The embedded list, parsed at first use.
pub fn entries() -> &'static [Arc<Entry>] {
    static ENTRIES: OnceLock<Vec<Arc<Entry>>> = OnceLock::new();
    // A test proves that every row parses, so nothing is dropped here.
    ENTRIES.get_or_init(|| parse(LIST).into_iter().flatten().map(Arc::new).collect())
}

/// A row that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("row {row}: {column} is not understood")]
pub struct BadRow {
    /// Counted from 1, without the header.
    pub row: usize,
    /// The column that is wrong; `row` if it is the whole row.
    pub column: &'static str,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    path: String,
    board: String,
    role: String,
    transport: String,
    bitrate: String,
    variant: String,
    version: String,
    size: String,
    sha256: String,
    git_blob_sha1: String,
    min_plugin: String,
    listed: String,
    archived: String,
    recomposes: String,
    note: String,
}

/// Parses a list of this program's schema, row by row.
pub fn parse(list: &str) -> Vec<Result<Entry, BadRow>> {
    csv::Reader::from_reader(list.as_bytes())
        .into_deserialize::<Row>()
        .zip(1..)
        .map(|(row, number)| {
            let bad = |column| BadRow {
                row: number,
                column,
            };
            entry(&row.map_err(|_not_csv| bad("row"))?).map_err(bad)
        })
        .collect()
}

fn entry(row: &Row) -> Result<Entry, &'static str> {
    if row.id.is_empty() {
        return Err("id");
    }
    Ok(Entry {
        id: row.id.clone(),
        path: RepoPath::parse(&row.path).map_err(|_bad| "path")?,
        board: board(&row.board).ok_or("board")?,
        role: required(&row.role).ok_or("role")?,
        transport: transport(&row.transport, &row.bitrate).ok_or("transport")?,
        variant: variant(&row.variant)?,
        version: optional_version(&row.version).map_err(|()| "version")?,
        size: Some(required(&row.size).ok_or("size")?),
        sha256: Some(required(&row.sha256).ok_or("sha256")?),
        git_blob_sha1: Some(required(&row.git_blob_sha1).ok_or("git_blob_sha1")?),
        min_plugin: optional_version(&row.min_plugin).map_err(|()| "min_plugin")?,
        listed: yes_or_no(&row.listed).ok_or("listed")?,
        archived: yes_or_no(&row.archived).ok_or("archived")?,
        recomposes: match row.recomposes.as_str() {
            "" => None,
            text => Some(yes_or_no(text).ok_or("recomposes")?),
        },
        note: Some(row.note.clone()).filter(|note| !note.is_empty()),
        origin: Origin::Embedded,
    })
}

fn required<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// Nothing for an empty text.
fn optional_version(text: &str) -> Result<Option<FirmwareVersion>, ()> {
    match text {
        "" => Ok(None),
        _ => parse_version(text).map(Some).ok_or(()),
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn variant(text: &str) -> Result<Option<Variant>, &'static str> {
    match text {
        "" => Ok(None),
        "full" => Ok(Some(Variant::Full)),
        "lite" => Ok(Some(Variant::Lite)),
        _ => Err("variant"),
    }
}

pub(super) fn board(text: &str) -> Option<Model> {
    match text {
        "v1" => Some(Model::V1),
        "v2" => Some(Model::V2),
        "v3" => Some(Model::V3),
        "v4" => Some(Model::V4),
        "ht" => Some(Model::Ht),
        _ => None,
    }
}

fn transport(kind: &str, bitrate: &str) -> Option<Transport> {
    match kind {
        "usb" if bitrate.is_empty() => Some(Transport::Usb),
        "can" => Some(Transport::Can {
            bitrate: required(bitrate)?,
        }),
        _ => None,
    }
}

/// The file of a list that an image is, archived or not, also out of another container: upstream has only `.bin`.
pub fn official(entries: &[Arc<Entry>], image: &Image) -> Option<Arc<Entry>> {
    let as_a_file = image.sha256().parse().ok();
    let without_container = Some(Sha256::of(image.bytes()));
    [as_a_file, without_container]
        .into_iter()
        .flatten()
        .find_map(|sha256| {
            let same = entries.iter().filter(|entry| entry.sha256 == Some(sha256));
            // Upstream has some files twice; the one outside the archive is the better name.
            same.min_by_key(|entry| entry.archived).cloned()
        })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;
    use crate::catalog::entry::EntryRole;

    #[test]
    fn every_row_parses() {
        let rows = parse(LIST);
        assert_eq!(rows.len(), 121);
        for row in rows {
            row.unwrap();
        }
        assert_eq!(entries().len(), 121);
    }

    #[test]
    fn rows_agree_with_upstream_facts() {
        let mut roles = BTreeMap::new();
        for entry in entries() {
            *roles.entry(entry.role).or_insert(0) += 1;
        }
        // boards-and-firmware.md §2: 74 rows listed, 38 combined of which 30 can be recomposed.
        let expected = [
            (EntryRole::App, 64),
            (EntryRole::Combined, 38),
            (EntryRole::Bootloader, 10),
            (EntryRole::Deployer, 8),
            (EntryRole::Uf2, 1),
        ];
        assert_eq!(roles, BTreeMap::from(expected));
        assert_eq!(entries().iter().filter(|e| e.listed).count(), 74);
        assert_eq!(
            entries()
                .iter()
                .filter(|e| e.recomposes == Some(true))
                .count(),
            30
        );
        let distinct: HashSet<_> = entries().iter().filter_map(|e| e.sha256).collect();
        assert_eq!(distinct.len(), 114);
    }

    #[test]
    fn ids_and_paths_are_unique() {
        let ids: HashSet<_> = entries().iter().map(|e| &e.id).collect();
        let paths: HashSet<_> = entries().iter().map(|e| &e.path).collect();
        assert_eq!((ids.len(), paths.len()), (121, 121));
    }

    #[test]
    fn rows_are_consistent_in_themselves() {
        for entry in entries() {
            let firmware = matches!(entry.role, EntryRole::App | EntryRole::Combined);
            assert_eq!(entry.variant.is_some(), firmware, "{}", entry.id);
            assert_eq!(
                entry.recomposes.is_some(),
                entry.role == EntryRole::Combined,
                "{}",
                entry.id
            );
            let needs_version = firmware || entry.role == EntryRole::Uf2;
            assert_eq!(entry.version.is_some(), needs_version, "{}", entry.id);
            if let Some(mcu) = entry.board.mcu() {
                assert!(
                    entry.size.unwrap() <= u64::from(mcu.chip().flash_size),
                    "{}",
                    entry.id
                );
            }
            assert_eq!(
                entry.archived,
                entry.path.as_str().contains("/archive/"),
                "{}",
                entry.id
            );
        }
    }

    #[test]
    fn only_v4_6_2_0_needs_a_plugin() {
        for entry in entries() {
            let new = entry.board == Model::V4 && entry.version == parse_version("6.2.0");
            assert_eq!(
                entry.min_plugin,
                parse_version("1.6.0").filter(|_| new),
                "{}",
                entry.id
            );
        }
    }

    #[test]
    fn a_bad_row_names_its_column() {
        let header = LIST.lines().next().unwrap();
        let good = LIST.lines().nth(1).unwrap();
        let cases = [
            (good.replacen("v1-2.0.0-usb", "", 1), "id"),
            (good.replacen("v1/carto", "../carto", 1), "path"),
            (good.replacen(",v1,", ",v9,", 1), "board"),
            (good.replacen(",uf2,", ",uf3,", 1), "role"),
            (good.replacen(",usb,", ",can,", 1), "transport"),
            (good.replacen(",2.0.0,", ",2.0,", 1), "version"),
            (good.replacen(",37888,", ",many,", 1), "size"),
            ("a,b".to_owned(), "row"),
        ];
        for (row, column) in cases {
            let parsed = parse(&format!("{header}\n{row}\n"));
            assert_eq!(parsed, [Err(BadRow { row: 1, column })], "{row}");
        }
    }
}
