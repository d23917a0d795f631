//! What the workers of the Firmware step bring, taken in; and the list kept in step with it.

use std::sync::Arc;

use super::rows;
use super::{Bulk, Load, Refresh, Stock};
use crate::app::event::CatalogProgress;
use crate::app::state::{AppState, Notice, Picked, Step};
use crate::app::workers::catalog::Fetched;
use crate::app::workers::promise::{Came, Promised, take};
use crate::app::{App, selection, with_sources};
use crate::catalog::fetch::FetchError;
use crate::catalog::{CatalogError, Place, Status};

impl App {
    /// Takes in progress; what an older worker says is dropped.
    pub(in crate::app) fn take_in_progress(&mut self, progress: CatalogProgress) {
        match progress {
            CatalogProgress::Loading { ticket, bytes } => {
                let present = self.shelf.loading.as_ref().map(|loading| loading.ticket);
                if present == Some(ticket)
                    && let Some(choice) = &mut self.state.list.choice
                    && let Load::Loading { received, .. } = &mut choice.load
                {
                    *received = bytes;
                }
            }
            CatalogProgress::Fetching {
                done: now_done,
                total: now_total,
                bytes: now_bytes,
                id: now_id,
            } => {
                if let Some(Bulk::Running {
                    done,
                    total,
                    bytes,
                    id,
                    ..
                }) = &mut self.state.list.bulk
                {
                    (*done, *total, *bytes, *id) = (now_done, now_total, now_bytes, now_id);
                }
            }
        }
    }

    /// Takes in what the workers brought and keeps the list in step. Never blocks.
    pub(in crate::app) fn follow_firmware(&mut self) {
        if let Came::This(opened) = take(&mut self.shelf.opening) {
            self.shelf.catalog = Some(opened.catalog);
            self.state.list.listing = Some(opened.listing);
            self.see_stock(opened.stock);
        }
        self.take_in_loaded();
        self.take_in_katapult();
        self.take_in_fetched();
        self.take_in_refreshed();
        self.take_in_emptied();
        rows::follow(&mut self.state);
        self.drop_outdated_loading();
        self.load_what_is_here();
        self.name_official();
    }

    fn take_in_loaded(&mut self) {
        let Some(loading) = self.shelf.loading.take_if(|loading| {
            // Asked first: a promise can only be taken out of its owner.
            loading.promise.ready().is_some()
        }) else {
            return;
        };
        let then_review = matches!(
            self.state.list.choice.as_ref().map(|choice| &choice.load),
            Some(Load::Loading {
                then_review: true,
                ..
            })
        );
        let Some(Some(got)) = loading.promise.ready() else {
            self.set_load(Load::NotYet);
            return;
        };
        if let Some(stock) = &got.stock {
            self.see_stock(stock.clone());
        }
        match &got.result {
            Ok(loaded) => {
                self.state.firmware = Picked::Image {
                    path: None,
                    image: Arc::clone(&loaded.image),
                };
                self.state.bootloader = match &loaded.bootloader {
                    Some(image) => Picked::Image {
                        path: None,
                        image: Arc::clone(image),
                    },
                    None => Picked::Nothing,
                };
                self.state.options.deployer_consent = false;
                self.set_load(Load::Loaded {
                    from: loaded.from,
                    notes: loaded.notes.clone(),
                });
                selection::replan(&mut self.state);
                if loaded.from == Some(Place::Network) {
                    self.state.list.unreachable = false;
                }
                // The row tells where its bytes are now, also from the review on.
                rows::follow(&mut self.state);
                if then_review && self.state.step == Step::Firmware {
                    self.run_one(crate::app::Command::GoTo(Step::Review));
                }
            }
            Err(error) => {
                tracing::warn!("{}: {}", loading.id, with_sources(error.as_ref()));
                self.see_reachability(Some(error));
                self.set_load(Load::Failed(error.clone()));
            }
        }
    }

    fn take_in_katapult(&mut self) {
        let Came::This(got) = take(&mut self.shelf.katapult) else {
            return;
        };
        match got.result {
            Ok(loaded) => {
                self.state.bootloader = Picked::Image {
                    path: None,
                    image: loaded.image,
                };
                selection::replan(&mut self.state);
            }
            Err(error) => {
                tracing::warn!("{}", with_sources(error.as_ref()));
                self.state.list.refresh = Some(Refresh::Failed(error));
            }
        }
    }

    fn take_in_fetched(&mut self) {
        let is_ready = |(promise, _): &mut (Promised<Fetched>, _)| promise.ready().is_some();
        let Some((promise, _)) = self.shelf.fetching.take_if(is_ready) else {
            return;
        };
        let Some(Some(fetched)) = promise.try_take().ok() else {
            self.state.list.bulk = None;
            return;
        };
        self.see_reachability(fetched.report.stopped.as_ref());
        self.see_stock(fetched.stock);
        self.state.list.bulk = Some(Bulk::Ended(Box::new(fetched.report)));
    }

    fn take_in_refreshed(&mut self) {
        let refreshed = match take(&mut self.shelf.refreshing) {
            Came::NothingYet => return,
            Came::Died => {
                self.state.list.refresh = None;
                return;
            }
            Came::This(refreshed) => refreshed,
        };
        self.state.list.refresh = Some(match refreshed.result {
            Ok(news) => {
                self.state.list.listing = Some(news.listing);
                Refresh::Done {
                    changed: news.changed,
                    tree_problem: news.tree_problem,
                }
            }
            Err(error) => {
                tracing::warn!("{}", with_sources(&error));
                self.see_reachability(Some(&error));
                Refresh::Failed(Box::new(error))
            }
        });
        self.see_stock(refreshed.stock);
    }

    fn take_in_emptied(&mut self) {
        let emptied = match take(&mut self.shelf.emptying) {
            Came::NothingYet => return,
            Came::Died => {
                self.state.list.removing = false;
                return;
            }
            Came::This(emptied) => emptied,
        };
        self.state.list.removing = false;
        self.state.list.listing = Some(emptied.listing);
        self.see_stock(emptied.stock);
        self.state.notify(match emptied.result {
            Ok(removed) => Notice::FirmwareRemoved(removed),
            Err(error) => {
                tracing::warn!("{}", with_sources(&error));
                Notice::FirmwareNotRemoved(with_sources(&error))
            }
        });
    }

    fn see_stock(&mut self, stock: Stock) {
        let list = &mut self.state.list;
        list.statuses = Arc::new(stock.statuses);
        list.kept = stock.kept;
        list.folder = stock.folder;
        list.revision = list.revision.saturating_add(1);
    }

    fn see_reachability(&mut self, error: Option<&CatalogError>) {
        let why = error.and_then(CatalogError::fetch);
        self.state.list.unreachable = matches!(why, Some(FetchError::Offline { .. }));
    }

    /// Another row was chosen meanwhile, or a file of the user's came.
    fn drop_outdated_loading(&mut self) {
        let Some(loading) = &self.shelf.loading else {
            return;
        };
        let choice = self.state.list.choice.as_ref();
        let is_chosen = choice.is_some_and(|choice| choice.id == loading.id);
        let own_file = self.state.firmware != Picked::Nothing;
        if !is_chosen || own_file {
            self.shelf.loading = None;
            if is_chosen {
                self.set_load(Load::NotYet);
            }
        }
    }

    /// What was preselected and is on this computer is got at once, so that it can be looked at.
    fn load_what_is_here(&mut self) {
        let state = &self.state;
        let Some(choice) = &state.list.choice else {
            return;
        };
        let is_here = |state: &AppState| {
            let row = state.list.chosen_row();
            row.is_some_and(|row| row.status > Status::NeedsDownload)
        };
        if state.step == Step::Firmware
            && state.firmware == Picked::Nothing
            && choice.load == Load::NotYet
            && !choice.by_hand
            && is_here(state)
        {
            self.load(false);
        }
    }

    /// Says which official file the firmware on the page is.
    fn name_official(&mut self) {
        let Some(catalog) = &self.shelf.catalog else {
            return;
        };
        let image = self.state.firmware.image();
        let known = self.state.list.official.as_ref().map(|(sha256, _)| sha256);
        if known.map(String::as_str) != image.map(|image| image.sha256()) {
            let official = image.map(|image| (image.sha256().to_owned(), catalog.official(image)));
            self.state.list.official = official;
        }
    }
}
