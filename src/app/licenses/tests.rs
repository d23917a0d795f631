//! The list against Cargo.lock: it must not rot.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

const STALE: &str = "run packaging/release/licenses list";

type Id = (String, String);

/// A package in Cargo.lock, and what it names as its dependencies: `name` or `name version`.
type Lock = BTreeMap<Id, Vec<String>>;

/// The few lines of TOML that cargo writes into a lock file.
fn lock() -> Lock {
    let text = include_str!("../../../Cargo.lock");
    text.split("[[package]]")
        .skip(1)
        .map(|package| {
            let value = |key: &str| {
                let start = format!("{key} = \"");
                let line = package.lines().find(|line| line.starts_with(&start));
                line.unwrap()[start.len()..]
                    .trim_end_matches('"')
                    .to_owned()
            };
            let dependencies = package
                .lines()
                .filter_map(|line| line.strip_prefix(" \"")?.strip_suffix("\","));
            (
                (value("name"), value("version")),
                dependencies.map(str::to_owned).collect(),
            )
        })
        .collect()
}

/// Names in the tables of Cargo.toml whose heading ends so.
fn named(heading: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in include_str!("../../../Cargo.toml").lines() {
        if let Some(table) = line.strip_prefix('[') {
            let table = table.trim_end_matches(']');
            inside = table == heading || table.ends_with(&format!(".{heading}"));
        } else if inside && let Some((name, _)) = line.split_once(" = ") {
            names.insert(name.to_owned());
        }
    }
    names
}

fn resolve(lock: &Lock, dependency: &str) -> Id {
    let mut words = dependency.split(' ');
    let name = words.next().unwrap();
    let version = words.next();
    let mut fitting = lock
        .keys()
        .filter(|(n, v)| n == name && version.is_none_or(|version| version == v));
    let id = fitting.next().unwrap().clone();
    assert_eq!(fitting.next(), None, "{dependency} is ambiguous");
    id
}

/// Everything that is needed to build the program, on any system: what is only for tests is not.
fn needed() -> BTreeSet<Id> {
    let lock = lock();
    let mut wanted = named("dependencies");
    wanted.extend(named("build-dependencies"));
    assert!(wanted.contains("eframe") && wanted.contains("nusb"));
    let root = resolve(&lock, "carto-flasher");
    let mut queue: Vec<Id> = lock[&root]
        .iter()
        .filter(|dependency| wanted.contains(dependency.split(' ').next().unwrap()))
        .map(|dependency| resolve(&lock, dependency))
        .collect();
    let mut found = BTreeSet::new();
    while let Some(id) = queue.pop() {
        if found.insert(id.clone()) {
            queue.extend(lock[&id].iter().map(|name| resolve(&lock, name)));
        }
    }
    found
}

#[test]
fn the_list_names_what_cargo_lock_names() {
    let all = all();
    assert_eq!(all.len(), LIST.lines().count() - 1, "a row was not read");
    let listed: BTreeSet<Id> = all
        .iter()
        .filter(|part| !part.name.contains(" (in "))
        .map(|part| (part.name.clone(), part.version.clone()))
        .collect();
    let needed = needed();
    let missing: Vec<_> = needed.difference(&listed).collect();
    assert!(missing.is_empty(), "not listed, {STALE}: {missing:?}");
    let gone: Vec<_> = listed.difference(&needed).collect();
    assert!(gone.is_empty(), "not in Cargo.lock, {STALE}: {gone:?}");
}

#[test]
fn every_part_has_terms_and_comes_from_somewhere() {
    for part in all() {
        assert!(!part.license.is_empty(), "{part}");
        assert!(!part.license.contains('/'), "not SPDX: {part}");
        assert!(
            part.repository.is_empty() || part.repository.starts_with("http"),
            "{part}"
        );
        let letters = part.systems.trim_start_matches('l');
        let letters = letters.trim_start_matches('m').trim_start_matches('w');
        assert_eq!(letters, "", "{part}");
    }
}

#[test]
fn what_is_inside_of_a_package_is_listed_beside_it() {
    let all = all();
    let inside: Vec<_> = all
        .iter()
        .filter(|part| part.name.contains(" (in "))
        .collect();
    assert!(
        inside
            .iter()
            .any(|part| part.name.starts_with("libusb ") && part.license == "LGPL-2.1-or-later")
    );
    for part in inside {
        let (_, package) = part.name.split_once(" (in ").unwrap();
        let package = package.trim_end_matches(')');
        assert!(all.iter().any(|other| other.name == package), "{part}");
    }
}

#[test]
fn only_what_this_system_holds_is_shown() {
    let names: Vec<&str> = parts().iter().map(|part| part.name.as_str()).collect();
    assert!(names.contains(&"egui") && names.contains(&"libusb (in libusb1-sys)"));
    assert!(!names.contains(&"cc"), "it only helps to build");
    assert_eq!(names.contains(&"x11-dl"), cfg!(target_os = "linux"));
    assert!(names.is_sorted_by_key(|name| name.to_lowercase()));
}

#[test]
fn search() {
    let part = Part {
        name: "serialport".into(),
        version: "4.10.1".into(),
        license: "MPL-2.0".into(),
        repository: "https://example.org/serialport".into(),
        systems: "lmw".into(),
    };
    for (query, fits) in [
        ("", true),
        ("  ", true),
        ("SERIAL", true),
        ("mpl", true),
        ("port mpl-2", true),
        ("serial 4.10", true),
        ("serial apache", false),
        ("example", false),
    ] {
        assert_eq!(part.matches(query), fits, "{query}");
    }
    assert_eq!(
        part.to_string(),
        "serialport 4.10.1: MPL-2.0, https://example.org/serialport"
    );
}
