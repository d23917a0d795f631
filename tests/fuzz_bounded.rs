//! The fuzz targets on stable Rust, for a bounded number of executions: every committed seed, then deterministic
//! mutations of the seeds. The long run is cargo-fuzz's: `tests/fuzz/README.md`.
//!
//! `UPDATE_CORPUS=1 cargo test --test fuzz_bounded` writes the synthetic seeds anew.
//! `CARTO_FUZZ=100` runs a hundred times as many mutations.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    reason = "test code: a panic is a failure, and what a test prints is its report"
)]

#[path = "fuzz/seeds.rs"]
mod seeds;
#[path = "fuzz/targets.rs"]
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use targets::{TARGETS, Target};

/// No input grows beyond this.
const LENGTH_MAX: usize = 48 * 1024;

#[test]
fn no_bytes_break_a_promise() {
    let factor: u32 = std::env::var("CARTO_FUZZ")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1);
    let mut failures = Vec::new();
    let mut total = 0;
    for (index, target) in TARGETS.into_iter().enumerate() {
        let executions = run_target(target, index as u64, factor, &mut failures);
        println!("{:<18}{executions:>9} executions", target.0);
        total += executions;
    }
    println!("{:<18}{total:>9} executions", "all");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What cargo-fuzz can run for hours and what runs here are the same.
#[test]
fn every_target_is_in_both_runners() {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let binaries = manifest.split("[[bin]]\n").skip(1);
    let mut long: Vec<&str> = binaries
        .filter_map(|section| {
            section
                .lines()
                .find_map(|line| line.strip_prefix("name = "))
        })
        .map(|name| name.trim_matches('"'))
        .collect();
    let mut bounded: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    long.sort_unstable();
    bounded.sort_unstable();
    assert_eq!(long, bounded);
}

/// A corpus is small, committed, and made by this program.
#[test]
fn the_corpora_are_there_and_small() {
    let mut bytes = 0;
    for (name, _) in TARGETS {
        let folder = corpus_folder(name);
        if std::env::var("UPDATE_CORPUS").is_ok() {
            std::fs::create_dir_all(&folder).unwrap();
            for (seed, contents) in seeds::seeds(name) {
                std::fs::write(folder.join(seed), contents).unwrap();
            }
        }
        let corpus = corpus(name);
        assert!(!corpus.is_empty(), "no seeds in {}", folder.display());
        bytes += corpus.iter().map(Vec::len).sum::<usize>();
    }
    assert!(bytes < 200_000, "{bytes} bytes of seeds");
}

fn corpus_folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz/corpus")
        .join(name)
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(corpus_folder(name))
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    files.sort();
    files
        .into_iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect()
}

/// How many mutations of its seeds a target is given: as many as about a second takes in a debug build.
fn mutations(name: &str) -> u32 {
    match name {
        "image_bin" | "image_dfu" | "image_hex" => 1_500,
        "dictionary" | "settings" | "release" | "fate" | "catalog_csv" | "catalog_tree"
        | "bench_spec" => 5_000,
        _ => 30_000,
    }
}

fn run_target((name, target): Target, number: u64, factor: u32, failures: &mut Vec<String>) -> u32 {
    let seeds = corpus(name);
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (number << 32));
    let mut executions = 0;
    let mutated = (0..mutations(name) * factor).map(|_| mutate(&mut random, &seeds));
    for input in [Vec::new()].into_iter().chain(seeds.clone()).chain(mutated) {
        executions += 1;
        if catch_unwind(AssertUnwindSafe(|| target(&input))).is_err() {
            let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/artifacts");
            std::fs::create_dir_all(&folder).unwrap();
            let kept = folder.join(format!("{name}-{executions}"));
            std::fs::write(&kept, &input).unwrap();
            failures.push(format!(
                "{name}: {} bytes, kept in {}",
                input.len(),
                kept.display()
            ));
            break;
        }
    }
    executions
}

/// Marsaglia's xorshift64*: the same every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        ((self.next() >> 33) % limit.max(1) as u64) as usize
    }
}

/// Numbers at which things change.
const EDGES: [u32; 12] = [
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x0100,
    0xffff,
    0x0800_0000,
    0x0800_2000,
    0x7fff_ffff,
    u32::MAX,
];

/// A seed, changed in up to five places.
fn mutate(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(5) {
        let at = random.below(bytes.len() + 1);
        let length = 1 + random.below(16);
        match random.below(10) {
            0 | 1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            2 if at < bytes.len() => bytes[at] = random.next() as u8,
            3 => {
                let edge = EDGES[random.below(EDGES.len())].to_le_bytes();
                for (byte, new) in bytes.iter_mut().skip(at).zip(edge) {
                    *byte = new;
                }
            }
            4 => bytes.truncate(at),
            5 => drop(bytes.drain(at..(at + length).min(bytes.len()))),
            6 => {
                let piece: Vec<u8> = bytes.iter().copied().skip(at).take(length).collect();
                bytes.splice(at..at, piece);
            }
            7 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            8 => bytes
                .splice(at..at, vec![random.next() as u8; length])
                .for_each(drop),
            _ => bytes.extend((0..length).map(|_| random.next() as u8)),
        }
    }
    bytes.truncate(LENGTH_MAX);
    bytes
}
