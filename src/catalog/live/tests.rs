//! Lists and trees, good and bad, laid over the embedded list.

use super::*;
use crate::catalog::embedded::entries;
use crate::catalog::entry::{Entry, Origin};

const HEADER: &str = "filepath,filename,firmware_type,protocol,process,probe_version,firmware_version,can_speed,is_lite,min_plugin_version";
const URL: &str = "http://h/firmware_list.csv";

fn list(rows: &[&str]) -> List {
    parse_list(format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes(), URL).unwrap()
}

fn row(path: &str, version: &str) -> String {
    format!("{path},x.bin,Cartographer,USB,Update,v4,{version},,No,1.7.0")
}

/// Upstream's own rows for what is embedded.
fn upstream_rows() -> Vec<String> {
    let rows = entries().iter().filter(|entry| entry.listed).map(|entry| {
        let (protocol, speed) = match entry.bitrate() {
            Some(bitrate) => ("CAN", bitrate.to_string()),
            None => ("USB", String::new()),
        };
        let process = if entry.role == EntryRole::Combined {
            "DFU"
        } else {
            "Update"
        };
        let board = embedded_board(entry);
        let lite = if entry.variant == Some(Variant::Lite) {
            "Yes"
        } else {
            "No"
        };
        let plugin = entry.min_plugin.map(|v| v.to_string()).unwrap_or_default();
        format!(
            "{},{},Cartographer,{protocol},{process},{board},{},{speed},{lite},{plugin}",
            entry.path,
            entry.path.file_name(),
            entry.version.unwrap(),
        )
    });
    rows.collect()
}

fn embedded_board(entry: &Entry) -> &'static str {
    if entry.board == Model::V4 { "v4" } else { "v3" }
}

fn tree_of_everything() -> Vec<TreeFile> {
    entries()
        .iter()
        .map(|entry| TreeFile {
            path: entry.path.to_string(),
            sha: entry.git_blob_sha1.unwrap().to_string(),
            size: entry.size.unwrap(),
        })
        .collect()
}

const UPSTREAM: Authority<'_> = Authority {
    source: "https://upstream/",
    is_upstream: true,
    tree_is_fresh: true,
};
const MIRROR: Authority<'_> = Authority {
    source: "http://mirror/",
    is_upstream: false,
    tree_is_fresh: false,
};

#[test]
fn upstream_as_it_was_when_the_list_was_made_agrees_in_everything() {
    let rows = upstream_rows();
    let list = list(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((list.files.len(), list.refused.len()), (74, 0));
    let tree = check_tree(&tree_of_everything());
    let listing = merge(entries(), &list, Some(&tree), UPSTREAM);
    assert_eq!(listing.disagreements, []);
    assert_eq!(listing.entries, entries());
}

#[test]
fn a_new_row_becomes_an_entry_proven_by_its_blob_hash() {
    let mut rows = upstream_rows();
    let path = "v4/firmware/6.3.0/CartographerV4_6.3.0_USB_full_8kib_offset.bin";
    rows.push(row(path, "6.3.0"));
    let list = list(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let mut files = tree_of_everything();
    let sha = "00112233445566778899aabbccddeeff00112233";
    files.push(TreeFile {
        path: path.to_owned(),
        sha: sha.to_owned(),
        size: 34_000,
    });
    let listing = merge(entries(), &list, Some(&check_tree(&files)), UPSTREAM);
    assert_eq!(listing.disagreements, []);
    let new = listing.entries.last().unwrap();
    assert_eq!(new.id, "v4-6.3.0-usb-full");
    assert_eq!((new.size, new.sha256), (Some(34_000), None));
    assert_eq!(new.git_blob_sha1.unwrap().to_string(), sha);
    assert_eq!(new.min_plugin.unwrap().to_string(), "1.7.0");
    assert!(matches!(
        &new.origin,
        Origin::Fetched {
            needs_hash: true,
            ..
        }
    ));
}

#[test]
fn a_list_that_names_what_the_tree_does_not_have_is_told() {
    let path = "v4/firmware/6.3.0/x.bin";
    let mut rows = upstream_rows();
    rows.push(row(path, "6.3.0"));
    let list = list(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let mut files = tree_of_everything();
    files.remove(0);
    let tree = check_tree(&files);
    let listing = merge(entries(), &list, Some(&tree), UPSTREAM);
    let missing = |path: &str| Disagreement::Missing {
        path: RepoPath::parse(path).unwrap(),
    };
    assert_eq!(
        listing.disagreements,
        [missing("v1/carto-rp2040.uf2"), missing(path)]
    );
    assert_eq!(listing.entries.len(), 121);
    // An old tree cannot know: the entry is there, without a hash, and so not usable.
    let stale = Authority {
        tree_is_fresh: false,
        ..UPSTREAM
    };
    let listing = merge(entries(), &list, Some(&tree), stale);
    assert_eq!(listing.disagreements, []);
    assert!(!listing.entries.last().unwrap().has_hash());
}

#[test]
fn a_replaced_file_is_listed_beside_the_known_one() {
    let mut files = tree_of_everything();
    let changed = files
        .iter_mut()
        .find(|f| f.path.contains("V4_6.2.0_USB_full"))
        .unwrap();
    changed.sha = "f".repeat(40);
    let rows = upstream_rows();
    let list = list(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let listing = merge(entries(), &list, Some(&check_tree(&files)), UPSTREAM);
    assert!(matches!(
        &listing.disagreements[..],
        [Disagreement::Replaced { .. }]
    ));
    assert_eq!(&listing.entries[..121], entries());
    assert_eq!(listing.entries[121].id, "v4-6.2.0-usb-full-ffffffffffff");
    assert_eq!(listing.entries.len(), 122);
}

#[test]
fn other_claims_about_a_known_file_are_told_and_not_believed() {
    let mut rows = upstream_rows();
    let at = rows
        .iter()
        .position(|r| r.contains("V4_6.2.0_USB_full"))
        .unwrap();
    rows[at] = rows[at]
        .replace(",v4,", ",v3,")
        .replace(",No,1.6.0", ",Yes,1.8.0");
    let list = list(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let listing = merge(entries(), &list, None, UPSTREAM);
    let fields: Vec<_> = listing
        .disagreements
        .iter()
        .map(|d| match d {
            Disagreement::Differs { field, .. } => *field,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(fields, [Field::Board, Field::Variant, Field::MinPlugin]);
    let entry = listing
        .entries
        .iter()
        .find(|e| e.id == "v4-6.2.0-usb-full")
        .unwrap();
    assert_eq!(
        (entry.board, entry.variant),
        (Model::V4, Some(Variant::Full))
    );
    // The stricter demand is kept.
    assert_eq!(entry.min_plugin.unwrap().to_string(), "1.8.0");
}

#[test]
fn withdrawn_and_unlisted_files_are_told() {
    let mut rows = upstream_rows();
    let gone = rows
        .iter()
        .position(|r| r.contains("V4_6.2.0_USB_full"))
        .unwrap();
    rows.remove(gone);
    let list = list(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let mut files = tree_of_everything();
    files.push(TreeFile {
        path: "v5/new.bin".into(),
        sha: "a".repeat(40),
        size: 5,
    });
    let listing = merge(entries(), &list, Some(&check_tree(&files)), UPSTREAM);
    assert!(matches!(
        &listing.disagreements[..],
        [
            Disagreement::Withdrawn { .. },
            Disagreement::Unlisted { size: 5, .. }
        ]
    ));
    // A mirror may have only some.
    assert_eq!(merge(entries(), &list, None, MIRROR).disagreements, []);
}

#[test]
fn bad_rows_are_kept_aside_with_the_reason() {
    let path = "v4/firmware/6.3.0/x.bin";
    let good = row(path, "6.3.0");
    let cases = [
        (
            row("../../x.bin", "6.3.0"),
            Problem::Path(BadPath::Traversal),
        ),
        (row("/etc/x.bin", "6.3.0"), Problem::Path(BadPath::Absolute)),
        (row("C:\\x.bin", "6.3.0"), Problem::Path(BadPath::Absolute)),
        (good.replace(",v4,", ",v9,"), Problem::Field(Field::Board)),
        (good.replace("Update", "Magic"), Problem::Field(Field::Role)),
        (
            good.replace(",USB,", ",CAN,"),
            Problem::Field(Field::Transport),
        ),
        (
            good.replace(",No,", ",Maybe,"),
            Problem::Field(Field::Variant),
        ),
        (
            good.replace("6.3.0,,", "latest,,"),
            Problem::Field(Field::Version),
        ),
        (
            good.replace("1.7.0", "new"),
            Problem::Field(Field::MinPlugin),
        ),
        ("v4".to_owned(), Problem::Field(Field::Row)),
        (good.clone(), Problem::Duplicate),
    ];
    for (bad, why) in cases {
        let list = list(&[&good, &bad]);
        assert_eq!(list.files.len(), 1, "{bad}");
        assert_eq!(list.refused.len(), 1, "{bad}");
        assert_eq!(list.refused[0].why, why, "{bad}");
    }
}

#[test]
fn ht_stays_ht_wherever_upstream_lists_it() {
    let text = row("v2-v3/survey/6.3.0/HT/x.bin", "6.3.0").replace(",v4,", ",v3,");
    assert_eq!(list(&[&text]).files[0].board, Model::Ht);
}

#[test]
fn what_is_not_a_list_is_recognised() {
    let header_only = format!("{HEADER}\n");
    let no_paths = HEADER.replace("filepath", "file");
    for (bytes, web_page) in [
        (&b"<!DOCTYPE html><html>"[..], true),
        (b"\xef\xbb\xbf \n<HTML lang=en>", true),
        (b"404: Not Found", false),
        (b"", false),
        (b"\xff\xfe\x00", false),
        (header_only.as_bytes(), false),
        (no_paths.as_bytes(), false),
    ] {
        let error = parse_list(bytes, URL).unwrap_err();
        assert_eq!(
            matches!(error, FetchError::WebPage { .. }),
            web_page,
            "{error}"
        );
        assert_eq!(
            matches!(error, FetchError::NotCsv { .. }),
            !web_page,
            "{error}"
        );
    }
}

#[test]
fn tree_listings() {
    let json = br#"{"sha":"x","tree":[
        {"path":"firmware","type":"tree","sha":"1"},
        {"path":"README.md","type":"blob","sha":"1","size":3},
        {"path":"firmware/firmware_inventory.csv","type":"blob","sha":"1","size":3},
        {"path":"firmware/a.bin","type":"blob","sha":"00112233445566778899aabbccddeeff00112233","size":3},
        {"path":"firmware/../b.bin","type":"blob","sha":"00112233445566778899aabbccddeeff00112233","size":3},
        {"path":"firmware/c.bin","type":"blob","sha":"short","size":3},
        {"path":"firmware/d.bin","type":"blob","sha":"00112233445566778899aabbccddeeff00112233","size":99999999}
    ],"truncated":false}"#;
    let tree = check_tree(&parse_tree(json, URL).unwrap());
    assert_eq!(tree.files.len(), 1);
    let why: Vec<_> = tree.refused.iter().map(|r| r.why).collect();
    assert_eq!(
        why,
        [
            Problem::Path(BadPath::Traversal),
            Problem::Field(Field::Hash),
            Problem::TooLarge { size: 99_999_999 }
        ]
    );
    assert!(matches!(
        parse_tree(b"{}", URL),
        Err(FetchError::NotTree { .. })
    ));
    assert!(matches!(
        parse_tree(b"<html>", URL),
        Err(FetchError::WebPage { .. })
    ));
    assert!(matches!(
        parse_tree(&b"[".repeat(100_000), URL),
        Err(FetchError::NotTree { .. })
    ));
}

#[test]
fn control_characters_do_not_reach_the_screen() {
    let list = list(&[
        &row("v4/ok.bin", "6.3.0"),
        &row("v4/\u{1b}[31m.bin", "6.3.0"),
    ]);
    assert_eq!(list.refused[0].path, "v4/\u{fffd}[31m.bin");
}

proptest::proptest! {
    #[test]
    fn never_panics(bytes in proptest::collection::vec(0u8.., 0..300), rows in "[a-z,./\"\n0-9]{0,200}") {
        drop(parse_list(&bytes, URL));
        drop(parse_tree(&bytes, URL));
        if let Ok(list) = parse_list(format!("{HEADER}\n{rows}").as_bytes(), URL) {
            merge(&entries()[..5], &list, None, MIRROR);
        }
    }
}
