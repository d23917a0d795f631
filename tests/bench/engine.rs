//! What the program's own work costs, without window, devices and network:
//! `cargo bench --no-default-features --bench engine`. The figures stand in README.md.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "measures; what fails here fails loudly"
)]

#[path = "../fuzz/seeds.rs"]
#[allow(dead_code, reason = "only its containers are wanted")]
mod seeds;
#[path = "../support/mod.rs"]
mod support;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use carto_flasher::board::{Mcu, Model, Transport};
use carto_flasher::catalog::select::{self, Filter, Wanted};
use carto_flasher::catalog::{Catalog, CatalogConfig, Entry, embedded};
use carto_flasher::dfu::layout::MemoryLayout;
use carto_flasher::digest::Sha256;
use carto_flasher::flash::plan::plan;
use carto_flasher::image::{Image, Route, Variant};
use carto_flasher::katapult::frame::FrameDecoder;
use carto_flasher::katapult::message::{Command, Reply};
use carto_flasher::klipper::frame::{Block, BlockDecoder, Sequence};
use carto_flasher::klipper::{dictionary, message};
use carto_flasher::transport::OnBytes;
use carto_flasher::transport::native::RealClock;
use carto_flasher::transport::sim::practice;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const F042: Mcu = Mcu::Stm32F042;
const G431: Mcu = Mcu::Stm32G431;
const USB: Transport = Transport::Usb;

/// A file becomes an image.
fn parsing(criterion: &mut Criterion) {
    let app = practice::app(G431, USB, "CARTOGRAPHER V4 6.2.0");
    let combined = practice::combined(G431, USB, "CARTOGRAPHER V4 6.2.0");
    let uf2 = seeds::seeds("image_uf2").remove(0).1;
    let files = [
        ("app.bin", app),
        ("combined.dfu", seeds::dfuse(&combined)),
        ("combined.hex", seeds::hex(&combined)),
        ("combined.bin", combined),
        // Recognised and refused.
        ("v1.uf2", uf2),
    ];
    let mut group = criterion.benchmark_group("parse");
    for (name, bytes) in files {
        let size = bytes.len();
        group.bench_function(format!("{name}, {size} bytes"), |bencher| {
            bencher.iter_batched(
                || bytes.clone(),
                |bytes| black_box(Image::parse(name, bytes)),
                BatchSize::SmallInput,
            );
        });
    }
    let layout = "@Internal Flash   /0x08000000/64*02Kg";
    group.bench_function("layout string", |bencher| {
        bencher.iter(|| MemoryLayout::parse(black_box(layout)));
    });
    let image = practice::app(G431, USB, "CARTOGRAPHER V4 6.2.0");
    group.bench_function("find the dictionary in an app", |bencher| {
        bencher.iter(|| dictionary::find(black_box(&image)));
    });
    group.finish();
}

/// Frames of both serial protocols: the blocks of one G431 application.
fn codecs(criterion: &mut Criterion) {
    let app = practice::app(G431, USB, "CARTOGRAPHER V4 6.2.0");
    let blocks: Vec<Command> = (0_u32..)
        .zip(app.chunks(64))
        .map(|(number, block)| Command::SendBlock {
            address: 0x0800_2000 + number * 64,
            data: block.to_vec(),
        })
        .collect();
    let replies: Vec<u8> = blocks
        .iter()
        .map(|block| {
            let address = block.address().unwrap();
            Reply::Written { address }.encode().unwrap()
        })
        .collect::<Vec<_>>()
        .concat();
    let mut group = criterion.benchmark_group("frame codec");
    group.throughput(Throughput::Bytes(app.len() as u64));
    group.bench_function("Katapult, encode the blocks of an app", |bencher| {
        bencher.iter(|| {
            for block in &blocks {
                black_box(block.encode());
            }
        });
    });
    group.bench_function("Katapult, decode their answers", |bencher| {
        bencher.iter(|| black_box(FrameDecoder::new().push(black_box(&replies))));
    });
    let content = message::IdentifyResponse {
        offset: 0,
        data: vec![0x5a; 40],
    };
    let block = Block {
        sequence: Sequence::new(1),
        content: content.encode().unwrap(),
    };
    let wire = block.encode().unwrap();
    group.throughput(Throughput::Bytes(wire.len() as u64));
    group.bench_function("Klipper, encode one identify reply", |bencher| {
        bencher.iter(|| black_box(&block).encode());
    });
    group.bench_function("Klipper, decode it", |bencher| {
        bencher.iter(|| BlockDecoder::new().push(black_box(&wire)));
    });
    group.finish();
}

/// What differs between a chip and an image, and what is done about it. The chip is simulated in virtual time: what is
/// measured is the work of both ends, without any waiting.
fn differences(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("difference");
    for (persona, mcu) in [("v3-dfu", F042), ("v4-dfu", G431)] {
        let image = support::combined(mcu, USB);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, image.bytes()).unwrap();
        let same = format!("{persona},holds={}", file.path().display());
        let request = support::request(&support::bench(&same), image.clone());
        group.bench_function(format!("{persona}, plan"), |bencher| {
            bencher.iter(|| plan(black_box(&request)).unwrap());
        });
        for (name, spec) in [("unchanged", same.as_str()), ("full", persona)] {
            group.bench_function(format!("{persona}, whole job, {name}"), |bencher| {
                bencher.iter_batched(
                    || support::bench(spec),
                    |bench| black_box(support::flash(&bench, image.clone())),
                    BatchSize::LargeInput,
                );
            });
        }
    }
    group.finish();
}

fn images(entries: &[Arc<Entry>]) -> Vec<Vec<u8>> {
    let size = |entry: &Arc<Entry>| usize::try_from(entry.size.unwrap()).unwrap();
    entries
        .iter()
        .zip(0_u8..)
        .map(|(entry, number)| vec![number; size(entry)])
        .collect()
}

/// The list of official firmware, and the files themselves.
fn catalog(criterion: &mut Criterion) {
    let entries = embedded::entries();
    let images = images(entries);
    let mut group = criterion.benchmark_group("catalog");
    group.bench_function("parse the embedded list", |bencher| {
        bencher.iter(|| embedded::parse(black_box(embedded::LIST)));
    });
    let filter = Filter {
        board: Some(Model::V4),
        ..Filter::default()
    };
    let wanted = Wanted {
        board: Model::V4,
        transport: USB,
        variant: Variant::Full,
        route: Route::Dfu,
    };
    group.bench_function("list and choose for one board", |bencher| {
        bencher.iter(|| {
            black_box(select::list(entries, &filter));
            black_box(select::offers(entries, &wanted));
        });
    });
    let folder = tempfile::tempdir().unwrap();
    let config = CatalogConfig::usual().with_cache_root(folder.path());
    let kept = Catalog::open(config.clone());
    for image in &images {
        kept.cache().unwrap().store(image).unwrap();
    }
    group.bench_function("open, and look where all images are", |bencher| {
        bencher.iter(|| {
            let catalog = Catalog::open(config.clone());
            for entry in &catalog.listing().entries {
                black_box(catalog.status(entry));
            }
        });
    });
    load_one(&mut group);
    let bytes: usize = images.iter().map(Vec::len).sum();
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function(format!("hash {} images", images.len()), |bencher| {
        bencher.iter(|| {
            for image in &images {
                black_box(Sha256::of(image));
            }
        });
    });
    group.finish();
}

/// A file that is here: read, hashed, handed out.
fn load_one(group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>) {
    let bytes = practice::combined(G431, USB, "CARTOGRAPHER V4 6.2.0");
    let header = embedded::LIST.lines().next().unwrap();
    let list = format!(
        "{header}\nv4-x,x.bin,v4,combined,usb,,full,6.2.0,{},{},{},1.6.0,yes,no,,\n",
        bytes.len(),
        Sha256::of(&bytes),
        carto_flasher::digest::BlobSha1::of(&bytes),
    );
    let folder = tempfile::tempdir().unwrap();
    let config = CatalogConfig {
        list: list.into(),
        ..CatalogConfig::usual().with_cache_root(folder.path())
    }
    .with_offline(true);
    let catalog = Catalog::open(config);
    catalog.cache().unwrap().store(&bytes).unwrap();
    let entry = catalog.listing().entries.first().cloned().unwrap();
    let clock = RealClock::new();
    let quiet: &mut OnBytes<'_> = &mut |_| std::ops::ControlFlow::Continue(());
    group.bench_function("load one kept image", |bencher| {
        bencher.iter(|| catalog.load(&entry, &clock, quiet).unwrap());
    });
}

criterion_group! {
    name = engine;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(30);
    targets = parsing, codecs, differences, catalog
}
criterion_main!(engine);
