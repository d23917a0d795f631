//! What the catalog costs: `cargo bench --no-default-features --bench catalog`.
//!
//! Choosing for one board should take less than 1 ms, hashing all 121 images less than 50 ms.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "measures real time and prints it"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use carto_flasher::board::{Model, Transport};
use carto_flasher::catalog::digest::Sha256;
use carto_flasher::catalog::select::{self, Filter, Wanted};
use carto_flasher::catalog::{Catalog, CatalogConfig, embedded};
use carto_flasher::image::{Route, Variant};

fn main() {
    let started = Instant::now();
    let entries = embedded::entries();
    report("parse the embedded list, once", started.elapsed());

    let filter = Filter {
        board: Some(Model::V4),
        ..Filter::default()
    };
    let wanted = Wanted {
        board: Model::V4,
        transport: Transport::Usb,
        variant: Variant::Full,
        route: Route::Dfu,
    };
    let choosing = best_of(|| {
        black_box(select::list(entries, &filter));
        black_box(select::recommend(entries, &wanted));
    });
    report("list and choose for one board", choosing);

    let images: Vec<Vec<u8>> = entries
        .iter()
        .map(|entry| vec![0xa5; usize::try_from(entry.size.unwrap()).unwrap()])
        .collect();
    let hashing = best_of(|| {
        for image in &images {
            black_box(Sha256::of(image));
        }
    });
    report("hash 121 images", hashing);

    let folder = tempfile::tempdir().unwrap();
    let config = CatalogConfig::usual().with_cache_root(folder.path());
    let catalog = Catalog::open(config.clone());
    for image in &images {
        catalog.cache().unwrap().store(image).unwrap();
    }
    let opening = best_of(|| {
        let catalog = Catalog::open(config.clone());
        for entry in &catalog.listing().entries {
            black_box(catalog.status(entry));
        }
    });
    report("open, and look where 121 images are", opening);
}

fn best_of(mut work: impl FnMut()) -> Duration {
    let run = |_| {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    (0..20).map(run).min().unwrap_or_default()
}

fn report(what: &str, took: Duration) {
    println!("{what:40} {:>10.3} ms", took.as_secs_f64() * 1000.0);
}
