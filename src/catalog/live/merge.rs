//! Upstream's list and tree laid over the embedded list. What this program knows stays; what upstream adds is
//! added; where they differ, both are kept and the difference is told. Pure.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;

use super::{List, ListedFile, Refused, Tree};
use crate::board::{Model, Transport};
use crate::catalog::entry::{Entry, EntryRole, Origin};
use crate::catalog::path::RepoPath;
use crate::digest::BlobSha1;
use crate::image::Variant;

/// What a list was fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authority<'a> {
    /// The root it was fetched from.
    pub source: &'a str,
    /// It is upstream's own, which has a tree listing and all files; a mirror may have only some.
    pub is_upstream: bool,
    /// The tree listing is as new as the list.
    pub tree_is_fresh: bool,
}

/// Everything that is known to exist, and where the lists differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Embedded entries first, in their order.
    pub entries: Vec<Arc<Entry>>,
    /// What does not fit together.
    pub disagreements: Vec<Disagreement>,
    /// The root of the fetched list, if there is one.
    pub source: Option<String>,
}

/// A part of what a list says about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The whole row.
    Row,
    /// Board.
    Board,
    /// Process: DFU or update.
    Role,
    /// Protocol and CAN speed.
    Transport,
    /// Full or lite.
    Variant,
    /// Version.
    Version,
    /// Oldest plugin.
    MinPlugin,
    /// Git blob hash.
    Hash,
}

/// Something that does not fit together. Shown, never resolved in silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Disagreement {
    /// The list says something else about a file this program knows. The file is proven by its hash, so what
    /// this program knows is used, except that the newer of two plugin versions is asked for.
    Differs {
        /// The file.
        path: RepoPath,
        /// What differs.
        field: Field,
    },
    /// Upstream has other bytes under a name this program knows. Both are listed.
    Replaced {
        /// The file.
        path: RepoPath,
        /// The hash this program knows.
        known: Option<BlobSha1>,
        /// The hash upstream has.
        upstream: BlobSha1,
    },
    /// Upstream's list has no row any more for a file that it had.
    Withdrawn {
        /// The file.
        path: RepoPath,
    },
    /// A list has it, the tree does not.
    Missing {
        /// The file.
        path: RepoPath,
    },
    /// The tree has it and no list says what it is: not offered.
    Unlisted {
        /// The file.
        path: RepoPath,
        /// Its size in bytes.
        size: u64,
    },
    /// A row or a file that was refused.
    Refused(Refused),
}

/// Lays a fetched list over the embedded one.
pub fn merge(
    embedded: &[Arc<Entry>],
    list: &List,
    tree: Option<&Tree>,
    authority: Authority<'_>,
) -> Listing {
    let mut merger = Merger {
        tree,
        authority,
        taken_ids: embedded.iter().map(|entry| entry.id.clone()).collect(),
        entries: Vec::with_capacity(embedded.len()),
        added: Vec::new(),
        disagreements: Vec::new(),
    };
    for entry in embedded {
        let row = list.files.iter().find(|row| row.path == entry.path);
        merger.known(entry, row);
    }
    let known: HashSet<_> = embedded.iter().map(|entry| &entry.path).collect();
    for row in list.files.iter().filter(|row| !known.contains(&row.path)) {
        merger.new_row(row);
    }
    if let Some(tree) = tree {
        let listed: HashSet<_> = list.files.iter().map(|row| &row.path).collect();
        let mut unlisted: Vec<_> = tree
            .files
            .iter()
            .filter(|(path, _)| !known.contains(path) && !listed.contains(path))
            .map(|(path, (_, size))| (path.clone(), *size))
            .collect();
        unlisted.sort();
        for (path, size) in unlisted {
            merger
                .disagreements
                .push(Disagreement::Unlisted { path, size });
        }
    }
    let refused = list
        .refused
        .iter()
        .chain(tree.iter().flat_map(|tree| &tree.refused));
    merger
        .disagreements
        .extend(refused.cloned().map(Disagreement::Refused));
    merger.entries.append(&mut merger.added);
    Listing {
        entries: merger.entries,
        disagreements: merger.disagreements,
        source: Some(authority.source.to_owned()),
    }
}

struct Merger<'a> {
    tree: Option<&'a Tree>,
    authority: Authority<'a>,
    taken_ids: HashSet<String>,
    entries: Vec<Arc<Entry>>,
    added: Vec<Arc<Entry>>,
    disagreements: Vec<Disagreement>,
}

impl Merger<'_> {
    /// A file of the embedded list.
    fn known(&mut self, entry: &Arc<Entry>, row: Option<&ListedFile>) {
        let path = &entry.path;
        let mut kept = Arc::clone(entry);
        match row {
            Some(row) => {
                for field in differences(entry, row) {
                    let path = path.clone();
                    self.disagreements
                        .push(Disagreement::Differs { path, field });
                }
                if row.min_plugin > entry.min_plugin {
                    Arc::make_mut(&mut kept).min_plugin = row.min_plugin;
                }
            }
            None if entry.listed && self.authority.is_upstream => {
                let path = path.clone();
                self.disagreements.push(Disagreement::Withdrawn { path });
            }
            None => {}
        }
        self.entries.push(kept);
        let Some(tree) = self.tree else { return };
        match tree.files.get(path) {
            Some((blob, size)) if entry.git_blob_sha1 != Some(*blob) => {
                self.disagreements.push(Disagreement::Replaced {
                    path: path.clone(),
                    known: entry.git_blob_sha1,
                    upstream: *blob,
                });
                self.added.push(Arc::new(Entry {
                    id: format!("{}-{}", entry.id, blob.short()),
                    size: Some(*size),
                    sha256: None,
                    git_blob_sha1: Some(*blob),
                    recomposes: entry.recomposes.map(|_| false),
                    note: None,
                    origin: self.origin(),
                    ..Entry::clone(entry)
                }));
            }
            None if self.authority.tree_is_fresh => {
                let path = path.clone();
                self.disagreements.push(Disagreement::Missing { path });
            }
            _ => {}
        }
    }

    /// A row about a file this program does not know.
    fn new_row(&mut self, row: &ListedFile) {
        let in_tree = self.tree.and_then(|tree| tree.files.get(&row.path));
        if in_tree.is_none() && self.tree.is_some() && self.authority.tree_is_fresh {
            let path = row.path.clone();
            self.disagreements.push(Disagreement::Missing { path });
            return;
        }
        let id = self.free_id(row);
        self.added.push(Arc::new(Entry {
            id,
            path: row.path.clone(),
            board: row.board,
            role: row.role,
            transport: row.transport,
            variant: Some(row.variant),
            version: Some(row.version),
            size: in_tree.map(|(_, size)| *size),
            sha256: None,
            git_blob_sha1: in_tree.map(|(blob, _)| *blob),
            min_plugin: row.min_plugin,
            listed: true,
            archived: row.path.as_str().contains("/archive/"),
            recomposes: (row.role == EntryRole::Combined).then_some(false),
            note: None,
            origin: self.origin(),
        }));
    }

    fn origin(&self) -> Origin {
        Origin::Fetched {
            source: self.authority.source.to_owned(),
            needs_hash: self.authority.is_upstream,
        }
    }

    fn free_id(&mut self, row: &ListedFile) -> String {
        let first = id(row);
        let mut id = first.clone();
        let mut number = 2_u32;
        while !self.taken_ids.insert(id.clone()) {
            id = format!("{first}-{number}");
            number = number.saturating_add(1);
        }
        id
    }
}

/// As in the embedded list: `v4-6.3.0-can-1m-full-combined`.
fn id(row: &ListedFile) -> String {
    let board = match row.board {
        Model::V1 => "v1",
        Model::V2 => "v2",
        Model::V3 => "v3",
        Model::V4 => "v4",
        Model::Ht => "ht",
    };
    let transport = match row.transport {
        Transport::Usb => "usb".to_owned(),
        Transport::Can { bitrate } if bitrate % 1_000_000 == 0 => {
            format!("can-{}m", bitrate / 1_000_000)
        }
        Transport::Can { bitrate } => format!("can-{}k", bitrate / 1000),
    };
    let variant = match row.variant {
        Variant::Full => "full",
        Variant::Lite => "lite",
    };
    let suffix = match row.role {
        EntryRole::Combined => "-combined",
        _ => "",
    };
    format!("{board}-{}-{transport}-{variant}{suffix}", row.version)
}

fn differences(entry: &Entry, row: &ListedFile) -> Vec<Field> {
    [
        (entry.board != row.board, Field::Board),
        (entry.role != row.role, Field::Role),
        (entry.transport != row.transport, Field::Transport),
        (entry.variant != Some(row.variant), Field::Variant),
        (entry.version != Some(row.version), Field::Version),
        (entry.min_plugin != row.min_plugin, Field::MinPlugin),
    ]
    .into_iter()
    .filter_map(|(differs, field)| differs.then_some(field))
    .collect()
}
