//! The last fetched list, as it is kept between runs. Pure. What is read back is checked as if it had just been
//! fetched.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::fetch::Validators;
use super::live::{self, Authority, List, Listing, TreeFile};

/// What is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Remembered {
    /// The root it came from.
    pub source: String,
    pub is_upstream: bool,
    /// The list as it came.
    pub list: String,
    pub list_validators: Validators,
    /// The firmware files of the tree listing, if one was ever got.
    pub tree: Option<Vec<TreeFile>>,
    pub tree_validators: Validators,
    pub tree_is_fresh: bool,
}

impl Remembered {
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // Strings and numbers only: this cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The embedded list with this one over it; nothing if it is no list after all.
    pub(super) fn listing(&self, embedded: &[Arc<Entry>]) -> Option<Listing> {
        let list = live::parse_list(self.list.as_bytes(), &self.source).ok()?;
        Some(self.merge(embedded, &list))
    }

    pub(super) fn merge(&self, embedded: &[Arc<Entry>], list: &List) -> Listing {
        let tree = self.tree.as_deref().map(live::check_tree);
        let authority = Authority {
            source: &self.source,
            is_upstream: self.is_upstream,
            tree_is_fresh: self.tree_is_fresh,
        };
        live::merge(embedded, list, tree.as_ref(), authority)
    }
}
