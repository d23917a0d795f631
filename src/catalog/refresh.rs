//! Asks upstream what it has now.

use std::sync::Arc;
use std::time::Duration;

use super::Catalog;
use super::cache::{Cache, CacheError};
use super::error::CatalogError;
use super::fetch::{FetchError, Reply, Request, Validators};
use super::live::{self, Listing, MAX_LIST, MAX_TREE, TreeFile};
use super::remember::Remembered;
use crate::transport::Clock;

/// The most time for a list.
const WITHIN: Duration = Duration::from_mins(1);

/// What asking upstream gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Refreshed {
    /// What exists now.
    pub listing: Arc<Listing>,
    /// False if upstream says that nothing has changed.
    pub changed: bool,
    /// Why there is no tree listing, or only an older one. Files that are new since then cannot be proven.
    pub tree_problem: Option<FetchError>,
    /// Why the list could not be kept for the next time.
    pub not_kept: Option<CacheError>,
}

impl Catalog {
    /// Asks upstream what it has now. What cannot be had leaves what is known as it is.
    pub fn refresh(&self, clock: &dyn Clock) -> Result<Refreshed, CatalogError> {
        if self.config.offline {
            return Err(FetchError::OfflineMode.into());
        }
        let base = self.base.clone()?;
        let old = self
            .cache
            .as_ref()
            .and_then(Cache::list)
            .and_then(|bytes| Remembered::from_bytes(&bytes))
            .filter(|old| old.source == base.as_str())
            .filter(|old| live::parse_list(old.list.as_bytes(), &old.source).is_ok());
        let url = base.list();
        let known = old.as_ref().map(|old| &old.list_validators);
        let fetched = self.fetch_text(&url, MAX_LIST, known, clock)?;
        let mut changed = fetched.is_some();
        let (list, list_validators) = match (fetched, &old) {
            (Some((bytes, validators)), _) => {
                live::parse_list(&bytes, &url)?;
                (String::from_utf8_lossy(&bytes).into_owned(), validators)
            }
            (None, Some(old)) => (old.list.clone(), old.list_validators.clone()),
            (None, None) => return Err(unasked_for(&url).into()),
        };
        let mut remembered = Remembered {
            source: base.as_str().to_owned(),
            is_upstream: self.config.tree_url.is_some(),
            list,
            list_validators,
            tree: None,
            tree_validators: Validators::default(),
            tree_is_fresh: false,
        };
        let tree_problem = match self.fetch_tree(old.as_ref(), clock) {
            Ok(Some((tree, validators, tree_changed))) => {
                changed |= tree_changed;
                remembered.tree = Some(tree);
                remembered.tree_validators = validators;
                remembered.tree_is_fresh = true;
                None
            }
            Ok(None) => None,
            Err(why) => {
                if let Some(old) = old {
                    remembered.tree = old.tree;
                    remembered.tree_validators = old.tree_validators;
                }
                Some(why)
            }
        };
        let not_kept = match &self.cache {
            Some(cache) => cache.set_list(&remembered.to_bytes()).err(),
            None => Some(CacheError::NoFolder),
        };
        let listing = live::parse_list(remembered.list.as_bytes(), &url)
            .map(|list| remembered.merge(&self.embedded, &list))?;
        Ok(Refreshed {
            listing: self.set_listing(listing),
            changed,
            tree_problem,
            not_kept,
        })
    }

    /// The files of the tree and whether they changed; nothing if this source has no tree listing.
    fn fetch_tree(
        &self,
        old: Option<&Remembered>,
        clock: &dyn Clock,
    ) -> Result<Option<(Vec<TreeFile>, Validators, bool)>, FetchError> {
        let Some(url) = &self.config.tree_url else {
            return Ok(None);
        };
        let kept = old.and_then(|old| Some((old.tree.as_ref()?, &old.tree_validators)));
        let known = kept.map(|(_, validators)| validators);
        Ok(Some(
            match (self.fetch_text(url, MAX_TREE, known, clock)?, kept) {
                (Some((bytes, validators)), _) => {
                    (live::parse_tree(&bytes, url)?, validators, true)
                }
                (None, Some((tree, validators))) => (tree.clone(), validators.clone(), false),
                (None, None) => return Err(unasked_for(url)),
            },
        ))
    }

    /// Nothing if it is still what it was.
    fn fetch_text(
        &self,
        url: &str,
        max_bytes: u64,
        validators: Option<&Validators>,
        clock: &dyn Clock,
    ) -> Result<Option<(Vec<u8>, Validators)>, FetchError> {
        let request = Request {
            url,
            max_bytes,
            expected_bytes: None,
            validators,
            within: WITHIN,
        };
        let mut body = Vec::new();
        let on_bytes = &mut |_| std::ops::ControlFlow::Continue(());
        match self.fetch.get(&request, clock, &mut body, on_bytes)? {
            Reply::NotModified => Ok(None),
            Reply::Whole(validators) => Ok(Some((body, validators))),
        }
    }
}

fn unasked_for(url: &str) -> FetchError {
    FetchError::Protocol {
        url: url.to_owned(),
        detail: "\"not modified\" without having been asked".to_owned(),
    }
}
