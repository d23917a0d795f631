//! What the user asks for in the Firmware step, done; and what its workers bring, taken in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use poll_promise::Promise;

use super::rows::{self, Item};
use super::{Ask, Bulk, Load, Refresh};
use crate::app::event::{CatalogProgress, Purpose};
use crate::app::selection::{self, needs_bootloader};
use crate::app::state::{AppState, Picked, Step};
use crate::app::workers::catalog::{self as workers, Fetched, Got, Opened, Wanted};
use crate::app::{App, with_sources};
use crate::board::Transport;
use crate::catalog::fetch::FetchError;
use crate::catalog::select;
use crate::catalog::{Catalog, CatalogConfig, CatalogError, Place, Status};
use crate::settings::Settings;

/// Opens the catalog as the settings say. Called by a worker.
pub type OpenCatalog = Arc<dyn Fn(&Settings) -> Catalog + Send + Sync>;

/// The catalog of an installed program.
pub fn open_usual(settings: &Settings) -> Catalog {
    let mut config = CatalogConfig::usual().with_offline(settings.offline);
    if let Some(folder) = &settings.cache_folder {
        config = config.with_cache_root(folder);
    }
    if let Some(source) = &settings.source_url {
        config = config.with_source(source);
    }
    Catalog::open(config)
}

/// A promise of a worker; `None` from one that died.
type Awaited<T> = Option<Promise<Option<T>>>;

/// The catalog and the workers on it.
#[derive(Default)]
pub(in crate::app) struct Shelf {
    catalog: Option<Arc<Catalog>>,
    opening: Awaited<Opened>,
    loading: Option<Loading>,
    katapult: Awaited<Got>,
    fetching: Option<(Promise<Option<Fetched>>, Arc<AtomicBool>)>,
    refreshing: Awaited<workers::Refreshed>,
    /// Progress of an older worker is dropped.
    ticket: u64,
}

struct Loading {
    id: String,
    promise: Promise<Option<Got>>,
    stop: Arc<AtomicBool>,
    ticket: u64,
}

impl Drop for Loading {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// What came of a promise.
enum Came<T> {
    /// Nothing yet, or nobody promised anything.
    NothingYet,
    /// The worker died.
    Died,
    /// This.
    This(T),
}

/// Takes what a promise brought; puts it back if it is not there yet.
fn take<T: Send>(slot: &mut Awaited<T>) -> Came<T> {
    match slot.take().map(Promise::try_take) {
        None => Came::NothingYet,
        Some(Ok(Some(result))) => Came::This(result),
        Some(Ok(None)) => Came::Died,
        Some(Err(promise)) => {
            *slot = Some(promise);
            Came::NothingYet
        }
    }
}

impl App {
    /// Opens the catalog, anew if the settings changed.
    pub(in crate::app) fn open_catalog(&mut self) {
        self.shelf = Shelf {
            ticket: self.shelf.ticket,
            ..Shelf::default()
        };
        let list = &mut self.state.list;
        list.unreachable = false;
        list.bulk = None;
        list.refresh = None;
        if let Some(choice) = &mut list.choice
            && matches!(choice.load, Load::Loading { .. })
        {
            choice.load = Load::NotYet;
        }
        let open = Arc::clone(&self.services.catalog);
        let settings = self.state.settings.clone();
        let opening = workers::open(open, settings, self.sender.clone());
        self.shelf.opening = self.started(opening);
    }

    pub(in crate::app) fn ask_firmware(&mut self, ask: Ask) {
        match ask {
            Ask::Choose(id) => {
                let usable = self.state.list.row(&id).map(|row| row.unusable.is_none());
                if usable == Some(true) {
                    rows::set_choice(&mut self.state, Some(id), true);
                    self.load(false);
                }
            }
            Ask::Install => self.load(true),
            Ask::Update => self.update(),
            Ask::StopLoading => {
                self.shelf.loading = None;
                self.set_load(Load::NotYet);
                // Stays where it is put, even if it could be had without the network.
                if let Some(choice) = &mut self.state.list.choice {
                    choice.by_hand = true;
                }
            }
            Ask::Instead => {
                self.run_one(crate::app::Command::Forget(Purpose::Firmware));
                self.run_one(crate::app::Command::Forget(Purpose::Bootloader));
                rows::follow(&mut self.state);
                self.load(false);
            }
            Ask::AddKatapult => self.add_katapult(),
            Ask::FetchAll => self.fetch_all(),
            Ask::StopFetching => {
                if let Some((_, stop)) = &self.shelf.fetching {
                    stop.store(true, Ordering::Relaxed);
                }
                if let Some(Bulk::Running { stopping, .. }) = &mut self.state.list.bulk {
                    *stopping = true;
                }
            }
            Ask::DismissFetched => self.state.list.bulk = None,
            Ask::Refresh => self.refresh(),
            Ask::DismissRefreshed => self.state.list.refresh = None,
        }
    }

    fn update(&mut self) {
        if self.state.is_flashing() {
            return;
        }
        let recommended = self.state.list.recommended().map(|row| row.id.clone());
        rows::set_choice(&mut self.state, recommended, false);
        self.run_one(crate::app::Command::GoTo(Step::Firmware));
        self.load(true);
    }

    /// Gets the bytes of the chosen row.
    fn load(&mut self, then_review: bool) {
        let list = &mut self.state.list;
        let Some(choice) = &mut list.choice else {
            return;
        };
        let id = choice.id.clone();
        match &mut choice.load {
            Load::Loading {
                then_review: then, ..
            } => {
                *then |= then_review;
                return;
            }
            Load::Loaded { .. } => {
                if then_review {
                    self.run_one(crate::app::Command::GoTo(Step::Review));
                }
                return;
            }
            Load::NotYet | Load::Failed(_) => {}
        }
        let Some(row) = list.row(&id) else {
            return;
        };
        let total = row.size();
        let (wanted, transport, mcu) = match &row.item {
            Item::Practice(practice) => (
                Wanted::Practice(*practice),
                practice.transport,
                practice.mcu,
            ),
            Item::Official(offer) => {
                let board = offer.source.firmware().board;
                let Some(mcu) = board.mcu() else {
                    return;
                };
                (Wanted::Offer(offer.clone()), row.transport, mcu)
            }
        };
        tracing::info!("getting {id} for {} over {transport}", mcu.label());
        let catalog = self.shelf.catalog.clone();
        let ticket = self.next_ticket();
        let stop = Arc::new(AtomicBool::new(false));
        let order = workers::Order {
            hardware: Arc::clone(&self.bus.hardware),
            sender: self.sender.clone(),
            stop: Arc::clone(&stop),
            ticket,
        };
        let started = workers::load(wanted, catalog, order);
        if let Some(promise) = self.started(started) {
            self.set_load(Load::Loading {
                received: 0,
                total,
                then_review,
            });
            self.shelf.loading = Some(Loading {
                id,
                promise,
                stop,
                ticket,
            });
        }
    }

    fn add_katapult(&mut self) {
        if !needs_bootloader(&self.state) {
            return;
        }
        let Some((facts, seen)) = self.state.firmware.image().zip(self.state.probe()) else {
            return;
        };
        let (mcu, transport) = (facts.facts().mcu, facts.facts().transport);
        let transport = transport.unwrap_or(Transport::Usb);
        let wanted = if self.state.simulated {
            Wanted::PracticeKatapult { mcu, transport }
        } else {
            let told = self.state.model.filter(|model| model.mcu() == seen.mcu());
            let board = told.unwrap_or_else(|| select::usual_board(mcu));
            let listing = self.state.list.listing.as_ref();
            let entry = listing.and_then(|l| select::bootloader(&l.entries, board, transport));
            let Some(entry) = entry else {
                return;
            };
            Wanted::Entry(entry)
        };
        let order = workers::Order {
            hardware: Arc::clone(&self.bus.hardware),
            sender: self.sender.clone(),
            stop: Arc::default(),
            ticket: self.next_ticket(),
        };
        let started = workers::load(wanted, self.shelf.catalog.clone(), order);
        self.shelf.katapult = self.started(started);
    }

    fn fetch_all(&mut self) {
        let (None, Some(catalog)) = (&self.shelf.fetching, self.shelf.catalog.clone()) else {
            return;
        };
        let stop = Arc::new(AtomicBool::new(false));
        let order = workers::Order {
            hardware: Arc::clone(&self.bus.hardware),
            sender: self.sender.clone(),
            stop: Arc::clone(&stop),
            ticket: self.next_ticket(),
        };
        let started = workers::fetch_all(catalog, order);
        if let Some(promise) = self.started(started) {
            self.shelf.fetching = Some((promise, stop));
            self.state.list.bulk = Some(Bulk::Running {
                done: 0,
                total: self.state.list.counts().1,
                bytes: 0,
                id: String::new(),
                stopping: false,
            });
        }
    }

    fn refresh(&mut self) {
        let (None, Some(catalog)) = (&self.shelf.refreshing, self.shelf.catalog.clone()) else {
            return;
        };
        self.state.list.unreachable = false;
        let hardware = Arc::clone(&self.bus.hardware);
        let started = workers::refresh(catalog, hardware, self.sender.clone());
        self.shelf.refreshing = self.started(started);
        if self.shelf.refreshing.is_some() {
            self.state.list.refresh = Some(Refresh::Running);
        }
    }

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
            self.see_statuses(opened.statuses);
        }
        self.take_in_loaded();
        self.take_in_katapult();
        self.take_in_fetched();
        self.take_in_refreshed();
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
        if let Some(statuses) = &got.statuses {
            self.see_statuses(statuses.clone());
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
        let is_ready = |(promise, _): &mut (Promise<Option<Fetched>>, _)| promise.ready().is_some();
        let Some((promise, _)) = self.shelf.fetching.take_if(is_ready) else {
            return;
        };
        let Some(Some(fetched)) = promise.try_take().ok() else {
            self.state.list.bulk = None;
            return;
        };
        self.see_reachability(fetched.report.stopped.as_ref());
        self.see_statuses(fetched.statuses);
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
        self.see_statuses(refreshed.statuses);
    }

    fn see_statuses(&mut self, statuses: super::Statuses) {
        let list = &mut self.state.list;
        list.statuses = Arc::new(statuses);
        list.revision = list.revision.saturating_add(1);
    }

    fn see_reachability(&mut self, error: Option<&CatalogError>) {
        let why = error.and_then(CatalogError::fetch);
        self.state.list.unreachable = matches!(why, Some(FetchError::Offline { .. }));
    }

    fn set_load(&mut self, load: Load) {
        if let Some(choice) = &mut self.state.list.choice {
            choice.load = load;
        }
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
        let sha256 = self.state.firmware.image().map(|image| image.sha256());
        let known = self.state.list.official.as_ref().map(|(sha256, _)| sha256);
        if known.map(String::as_str) != sha256 {
            let official = sha256.map(|hash| (hash.to_owned(), catalog.official_name(hash)));
            self.state.list.official = official;
        }
    }

    fn next_ticket(&mut self) -> u64 {
        self.shelf.ticket = self.shelf.ticket.saturating_add(1);
        self.shelf.ticket
    }

    fn started<T: Send>(&mut self, started: std::io::Result<Promise<T>>) -> Option<Promise<T>> {
        match started {
            Ok(promise) => Some(promise),
            Err(error) => {
                self.worker_missing(&error);
                None
            }
        }
    }
}
