//! Threads that wait for files and the network on behalf of the Firmware step.
//!
//! Bytes are counted on the way over the window's
//! channel.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::promise::{Promised, start};
use crate::app::event::{CatalogProgress, Event, Sender};
use crate::app::firmware::{OpenCatalog, Practice, Stock, practice_katapult};
use crate::board::{Mcu, Transport};
use crate::catalog::cache::{Cache, CacheError, Removed};
use crate::catalog::live::Listing;
use crate::catalog::select::Offer;
use crate::catalog::{self, BulkReport, Catalog, CatalogError, Entry, Note, Place};
use crate::image::{Image, ImageError, Role};
use crate::settings::Settings;
use crate::transport::{Clock, Hardware, OnBytes};

/// The opened catalog and what it knows.
pub(in crate::app) struct Opened {
    pub(in crate::app) catalog: Arc<Catalog>,
    pub(in crate::app) listing: Arc<Listing>,
    pub(in crate::app) stock: Stock,
}

/// What is to be got.
pub(in crate::app) enum Wanted {
    /// A row of the list.
    Offer(Box<Offer>),
    /// One file.
    Entry(Arc<Entry>),
    /// Firmware for the simulated bench.
    Practice(Practice),
    /// Katapult for it.
    PracticeKatapult {
        /// For which chip.
        mcu: Mcu,
        /// How it talks.
        transport: Transport,
    },
}

/// What came of it.
pub(in crate::app) struct Got {
    pub(in crate::app) result: Result<Loaded, Box<CatalogError>>,
    /// Where everything is now.
    pub(in crate::app) stock: Option<Stock>,
}

/// Firmware that was got.
pub(in crate::app) struct Loaded {
    pub(in crate::app) image: Arc<Image>,
    /// Katapult for a probe that turns out to have none, if it could be had.
    pub(in crate::app) bootloader: Option<Arc<Image>>,
    pub(in crate::app) from: Option<Place>,
    pub(in crate::app) notes: Vec<Note>,
}

/// What came of fetching everything.
pub(in crate::app) struct Fetched {
    pub(in crate::app) report: BulkReport,
    pub(in crate::app) stock: Stock,
}

/// What the source has now.
pub(in crate::app) struct Refreshed {
    pub(in crate::app) result: Result<catalog::Refreshed, CatalogError>,
    pub(in crate::app) stock: Stock,
}

/// What came of deleting everything.
pub(in crate::app) struct Emptied {
    pub(in crate::app) result: Result<Removed, CacheError>,
    pub(in crate::app) listing: Arc<Listing>,
    pub(in crate::app) stock: Stock,
}

/// How a worker does its work.
pub(in crate::app) struct Order {
    /// For its clock.
    pub(in crate::app) hardware: Arc<dyn Hardware>,
    pub(in crate::app) sender: Sender,
    /// Set by whoever does not want it any more.
    pub(in crate::app) stop: Arc<AtomicBool>,
    pub(in crate::app) ticket: u64,
}

impl Order {
    fn go_on(&self) -> ControlFlow<()> {
        if self.stop.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// Opens the catalog and looks what is on this computer: names and sizes, no contents.
pub(in crate::app) fn open(
    open: OpenCatalog,
    settings: Settings,
    sender: Sender,
) -> std::io::Result<Promised<Opened>> {
    start("catalog", sender, move || {
        let catalog = Arc::new(open(&settings));
        Opened {
            listing: catalog.listing(),
            stock: stock(&catalog),
            catalog,
        }
    })
}

/// Gets firmware: from the cache, the folder beside the program, or the network.
pub(in crate::app) fn load(
    wanted: Wanted,
    catalog: Option<Arc<Catalog>>,
    order: Order,
) -> std::io::Result<Promised<Got>> {
    let sender = order.sender.clone();
    start("firmware-loader", sender, move || {
        let catalog = catalog.as_deref();
        let mut bytes = 0_u64;
        let on_bytes = &mut |more| {
            bytes = bytes.saturating_add(more);
            let ticket = order.ticket;
            let progress = CatalogProgress::Loading { ticket, bytes };
            order.sender.send(Event::Catalog(progress));
            order.go_on()
        };
        let result = get(wanted, catalog, order.hardware.clock(), on_bytes);
        Got {
            result: result.map_err(Box::new),
            stock: catalog.map(stock),
        }
    })
}

/// Gets everything there is into the cache, and checks what is there already.
pub(in crate::app) fn fetch_all(
    catalog: Arc<Catalog>,
    order: Order,
) -> std::io::Result<Promised<Fetched>> {
    let sender = order.sender.clone();
    start("firmware-fetcher", sender, move || {
        let report = catalog.fetch_all(order.hardware.clock(), &mut |progress| {
            order.sender.send(Event::Catalog(CatalogProgress::Fetching {
                done: progress.files_done,
                total: progress.files_total,
                bytes: progress.bytes_fetched,
                id: progress.id.to_owned(),
            }));
            order.go_on()
        });
        Fetched {
            report,
            stock: stock(&catalog),
        }
    })
}

/// Asks the source what there is now.
pub(in crate::app) fn refresh(
    catalog: Arc<Catalog>,
    hardware: Arc<dyn Hardware>,
    sender: Sender,
) -> std::io::Result<Promised<Refreshed>> {
    start("firmware-list", sender, move || Refreshed {
        result: catalog.refresh(hardware.clock()),
        stock: stock(&catalog),
    })
}

/// Deletes everything that was kept. What lies beside the program is not touched.
pub(in crate::app) fn remove_everything(
    catalog: Arc<Catalog>,
    sender: Sender,
) -> std::io::Result<Promised<Emptied>> {
    start("firmware-remover", sender, move || Emptied {
        result: catalog.remove_everything(),
        listing: catalog.listing(),
        stock: stock(&catalog),
    })
}

fn stock(catalog: &Catalog) -> Stock {
    let listing = catalog.listing();
    let of = |entry: &Arc<Entry>| (entry.id.clone(), catalog.status(entry));
    Stock {
        statuses: listing.entries.iter().map(of).collect(),
        kept: catalog.cache().map(Cache::kept).unwrap_or_default(),
        folder: catalog.cache().map(|cache| cache.folder().to_owned()),
    }
}

fn get(
    wanted: Wanted,
    catalog: Option<&Catalog>,
    clock: &dyn Clock,
    on_bytes: &mut OnBytes<'_>,
) -> Result<Loaded, CatalogError> {
    let not_firmware = |id: String| move |why: ImageError| CatalogError::NotFirmware { id, why };
    let made = |image: Image, bootloader: Option<Image>| Loaded {
        image: Arc::new(image),
        bootloader: bootloader.map(Arc::new),
        from: None,
        notes: Vec::new(),
    };
    match wanted {
        Wanted::Practice(practice) => {
            let images = practice.images().map_err(not_firmware(practice.id()))?;
            Ok(made(images.0, images.1))
        }
        Wanted::PracticeKatapult { mcu, transport } => {
            let id = "practice-katapult".to_owned();
            let image = practice_katapult(mcu, transport).map_err(not_firmware(id))?;
            Ok(made(image, None))
        }
        Wanted::Entry(entry) => {
            let catalog = catalog.ok_or_else(|| unknown(&entry.id))?;
            let loaded = catalog.load(&entry, clock, on_bytes)?;
            parse(&entry, loaded)
        }
        Wanted::Offer(offer) => {
            let catalog = catalog.ok_or_else(|| unknown(offer.id()))?;
            let loaded = catalog.load_offer(&offer, clock, on_bytes)?;
            let mut loaded = parse(offer.source.firmware(), loaded)?;
            if loaded.image.facts().role == Role::App {
                loaded.bootloader =
                    bootloader_for(offer.source.firmware(), catalog, clock, on_bytes);
            }
            Ok(loaded)
        }
    }
}

fn parse(entry: &Entry, loaded: catalog::Loaded) -> Result<Loaded, CatalogError> {
    let image = loaded
        .image(entry)
        .map_err(|why| CatalogError::NotFirmware {
            id: entry.id.clone(),
            why,
        })?;
    Ok(Loaded {
        image: Arc::new(image),
        bootloader: None,
        from: Some(loaded.from),
        notes: loaded.notes,
    })
}

/// Katapult for a probe whose own turns out to be broken: then the touch ends in DFU mode, and the firmware alone
/// would not start (boards-and-firmware.md §5.8). The flash works without it in most cases, so not having it is no
/// failure.
fn bootloader_for(
    app: &Entry,
    catalog: &Catalog,
    clock: &dyn Clock,
    on_bytes: &mut OnBytes<'_>,
) -> Option<Arc<Image>> {
    let entry = catalog.bootloader(app)?;
    let loaded = catalog.load(&entry, clock, on_bytes).ok()?;
    loaded.image(&entry).ok().map(Arc::new)
}

fn unknown(id: &str) -> CatalogError {
    CatalogError::UnknownId { id: id.to_owned() }
}
