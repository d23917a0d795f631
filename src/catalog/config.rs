//! How a catalog is set up.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cache::Cache;
use super::embedded;
use super::entry::Entry;
use super::fetch::{BaseUrl, UPSTREAM, UPSTREAM_TREE};
use crate::settings::Settings;

/// How a catalog is set up.
#[derive(Debug, Clone)]
pub struct CatalogConfig {
    /// The folder for kept files; nothing is kept without one.
    pub cache_root: Option<PathBuf>,
    /// A folder with firmware files that is only read.
    pub bundled: Option<PathBuf>,
    /// Where upstream's repository is served: `firmware_list.csv` and `firmware/…` below it.
    pub base_url: String,
    /// Where the tree listing is served; a mirror has none.
    pub tree_url: Option<String>,
    /// Never ask the network.
    pub offline: bool,
    /// The list of what is known without the network.
    pub list: Cow<'static, str>,
}

impl CatalogConfig {
    /// As an installed program uses it: the system's folder for caches, `firmware-cache` beside the program,
    /// upstream.
    pub fn usual() -> Self {
        Self {
            cache_root: Cache::usual_root().ok(),
            bundled: std::env::current_exe()
                .ok()
                .map(where_it_is)
                .and_then(|program| bundled_folder(&program)),
            base_url: UPSTREAM.to_owned(),
            tree_url: Some(UPSTREAM_TREE.to_owned()),
            offline: false,
            list: Cow::Borrowed(embedded::LIST),
        }
    }

    /// As a person has set this program.
    #[must_use]
    pub fn with_settings(mut self, settings: &Settings) -> Self {
        if let Some(folder) = &settings.cache_folder {
            self = self.with_cache_root(folder);
        }
        if let Some(source) = &settings.source_url {
            self = self.with_source(source);
        }
        self.with_offline(settings.offline)
    }

    /// With kept files elsewhere.
    #[must_use]
    pub fn with_cache_root(mut self, root: &Path) -> Self {
        self.cache_root = Some(root.to_owned());
        self
    }

    /// From a mirror: the tree listing is asked for only from upstream.
    #[must_use]
    pub fn with_source(mut self, base_url: &str) -> Self {
        let is_upstream = BaseUrl::parse(base_url).is_ok_and(|base| base.is_upstream());
        base_url.clone_into(&mut self.base_url);
        self.tree_url = is_upstream.then(|| UPSTREAM_TREE.to_owned());
        self
    }

    /// Never asking the network.
    #[must_use]
    pub fn with_offline(mut self, offline: bool) -> Self {
        self.offline = offline;
        self
    }

    pub(super) fn embedded_entries(&self) -> Vec<Arc<Entry>> {
        match &self.list {
            Cow::Borrowed(list) if std::ptr::eq(*list, embedded::LIST) => {
                embedded::entries().to_vec()
            }
            list => embedded::parse(list)
                .into_iter()
                .flatten()
                .map(Arc::new)
                .collect(),
        }
    }
}

/// On macOS a program started through a link, as Homebrew makes one for the command line, is told the link.
fn where_it_is(program: PathBuf) -> PathBuf {
    if cfg!(target_os = "macos") {
        program.canonicalize().unwrap_or(program)
    } else {
        program
    }
}

/// Where firmware that came with this program is: beside it, or in the Resources of its macOS bundle, in which what is
/// beside the program must be signed code.
fn bundled_folder(program: &Path) -> Option<PathBuf> {
    let folder = program.parent()?;
    let holder = match folder.parent() {
        Some(contents) if folder.ends_with("Contents/MacOS") => contents.join("Resources"),
        _ => folder.to_owned(),
    };
    Some(holder.join("firmware-cache"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firmware_that_came_with_the_program() {
        for (program, folder) in [
            (
                "/opt/carto-flasher/carto-flasher",
                "/opt/carto-flasher/firmware-cache",
            ),
            (
                "/Applications/Carto Flasher.app/Contents/MacOS/carto-flasher-cli",
                "/Applications/Carto Flasher.app/Contents/Resources/firmware-cache",
            ),
            ("/MacOS/carto-flasher", "/MacOS/firmware-cache"),
        ] {
            assert_eq!(
                bundled_folder(Path::new(program)).as_deref(),
                Some(Path::new(folder))
            );
        }
        assert_eq!(bundled_folder(Path::new("/")), None);
    }
}
