//! What the user asks for in the Firmware step, done: it starts the workers that [`super::arrive`] hears of.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::rows::{self, Item};
use super::shelf::{Loading, Shelf};
use super::{Ask, Bulk, Load, Refresh, need};
use crate::app::App;
use crate::app::event::Purpose;
use crate::app::selection::needs_bootloader;
use crate::app::state::{Question, Step};
use crate::app::workers::catalog::{self as workers, Wanted};
use crate::app::workers::promise::{Awaited, Promised};
use crate::board::Transport;
use crate::catalog::select;

impl App {
    /// Opens the catalog, anew if the settings changed.
    pub(in crate::app) fn open_catalog(&mut self) {
        self.shelf = Shelf {
            ticket: self.shelf.ticket,
            ..Shelf::default()
        };
        let list = &mut self.state.list;
        list.unreachable = false;
        list.removing = false;
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
            Ask::RemoveEverything => {
                if self.state.can_remove_firmware() {
                    self.state.question = Some(Question::RemoveFirmware);
                }
            }
            Ask::RemoveEverythingNow => self.remove_everything(),
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
    pub(super) fn load(&mut self, then_review: bool) {
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
        let Some(facts) = self.state.firmware.image().map(|image| image.facts()) else {
            return;
        };
        let mcu = facts.mcu;
        let transport = facts.transport.unwrap_or(Transport::Usb);
        let wanted = if self.state.simulated {
            Wanted::PracticeKatapult { mcu, transport }
        } else {
            let board = need::board(&self.state, mcu);
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

    fn remove_everything(&mut self) {
        self.state.question = None;
        let (true, Some(catalog)) = (self.state.can_remove_firmware(), &self.shelf.catalog) else {
            return;
        };
        let started = workers::remove_everything(Arc::clone(catalog), self.sender.clone());
        self.shelf.emptying = self.started(started);
        self.state.list.removing = self.shelf.emptying.is_some();
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

    pub(super) fn set_load(&mut self, load: Load) {
        if let Some(choice) = &mut self.state.list.choice {
            choice.load = load;
        }
    }

    fn next_ticket(&mut self) -> u64 {
        self.shelf.ticket = self.shelf.ticket.saturating_add(1);
        self.shelf.ticket
    }

    fn started<T: Send>(&mut self, started: std::io::Result<Promised<T>>) -> Awaited<T> {
        match started {
            Ok(promise) => Some(promise),
            Err(error) => {
                self.worker_missing(&error);
                None
            }
        }
    }
}
