//! The catalog against a server that serves upstream's layout and misbehaves on demand, and against a cache
//! that has been tampered with.
//!
//! Images are made here with real structure; the list the catalog is opened with has their hashes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::result_large_err,
    reason = "a test stops where it fails"
)]

#[path = "support/http_server.rs"]
mod http_server;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use carto_flasher::board::{Mcu, Model, Transport};
use carto_flasher::catalog::cache::CacheError;
use carto_flasher::catalog::fetch::{Fetch, FetchError, Http, Patience};
use carto_flasher::catalog::live::{Disagreement, Problem};
use carto_flasher::catalog::path::BadPath;
use carto_flasher::catalog::select::Wanted;
use carto_flasher::catalog::{
    BulkReport, Catalog, CatalogConfig, CatalogError, ComposeProblem, Entry, Loaded, Mismatch,
    Note, Place, Status, Verdict,
};
use carto_flasher::digest::{BlobSha1, Sha256, crc32};
use carto_flasher::image::{Image, Role, Route, Variant};
use carto_flasher::transport::Clock;
use carto_flasher::transport::sim::practice;
use http_server::{Answer, Server};

const G4: Mcu = Mcu::Stm32G431;
const USB: Transport = Transport::Usb;
const APP_6_2: &str = "v4/firmware/6.2.0/CartographerV4_6.2.0_USB_full_8kib_offset.bin";
const APP_6_1: &str = "v4/firmware/6.1.0/CartographerV4_6.1.0_USB_full_8kib_offset.bin";
const COMBINED_6_1: &str = "v4/combined-firmware/6.1.0/Katapult_plus_CartographerV4_6.1.0_USB.bin";
const KATAPULT: &str = "v4/katapult/Katapult_V4_USB.bin";
const ARCHIVED: &str = "v4/archive/Firmware v4 (5.0.0 badly named)/Cartographer_USB.bin";
const NEW_6_3: &str = "v4/firmware/6.3.0/CartographerV4_6.3.0_USB_full_8kib_offset.bin";
const LIST_HEADER: &str = "filepath,filename,firmware_type,protocol,process,probe_version,firmware_version,can_speed,is_lite,min_plugin_version";

/// A clock that goes on by itself at every look.
struct TestClock {
    now_ms: AtomicU64,
    step_ms: u64,
    wall: SystemTime,
}

impl TestClock {
    fn new() -> Self {
        Self {
            now_ms: AtomicU64::new(0),
            step_ms: 1,
            wall: UNIX_EPOCH + Duration::from_secs(1_780_000_000),
        }
    }

    /// One on which every look takes ten seconds.
    fn hurried() -> Self {
        Self {
            step_ms: 10_000,
            ..Self::new()
        }
    }

    fn in_1970() -> Self {
        Self {
            wall: UNIX_EPOCH + Duration::from_mins(1),
            ..Self::new()
        }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Duration {
        Duration::from_millis(self.now_ms.fetch_add(self.step_ms, Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) {
        let ms = u64::try_from(duration.as_millis()).unwrap();
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }

    fn wall(&self) -> SystemTime {
        self.wall
    }
}

fn app(version: &str) -> Vec<u8> {
    static MADE: Mutex<BTreeMap<String, Vec<u8>>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || practice::app(G4, USB, &format!("CARTOGRAPHER V4 {version}"));
    made.entry(version.to_owned()).or_insert_with(make).clone()
}

/// The files of a small upstream, with the columns of the embedded list.
fn files() -> Vec<Served> {
    // Making them takes long without optimization.
    static FILES: OnceLock<Vec<Served>> = OnceLock::new();
    FILES.get_or_init(make_files).clone()
}

type Served = (&'static str, &'static str, Vec<u8>);

fn make_files() -> Vec<Served> {
    vec![
        (
            APP_6_2,
            "v4-6.2.0-usb-full,{},v4,app,usb,,full,6.2.0,{},1.6.0,yes,no,,",
            app("6.2.0"),
        ),
        (
            APP_6_1,
            "v4-6.1.0-usb-full,{},v4,app,usb,,full,6.1.0,{},,yes,no,,",
            app("6.1.0"),
        ),
        (
            COMBINED_6_1,
            "v4-6.1.0-usb-full-combined,{},v4,combined,usb,,full,6.1.0,{},,yes,no,yes,",
            practice::combined(G4, USB, "CARTOGRAPHER V4 6.1.0"),
        ),
        (
            KATAPULT,
            "v4-katapult-usb,{},v4,bootloader,usb,,,,{},,no,no,,",
            practice::katapult(G4, USB),
        ),
        (
            ARCHIVED,
            "v4-5.0.0-usb-full-archive,{},v4,app,usb,,full,5.0.0,{},,no,yes,,",
            app("5.0.0"),
        ),
    ]
}

fn embedded_list() -> String {
    let header = carto_flasher::catalog::embedded::LIST
        .lines()
        .next()
        .unwrap();
    let mut list = format!("{header}\n");
    for (path, row, bytes) in files() {
        let hashes = format!(
            "{},{},{}",
            bytes.len(),
            Sha256::of(&bytes),
            BlobSha1::of(&bytes)
        );
        let row = row.replacen("{}", path, 1).replacen("{}", &hashes, 1);
        list.push_str(&row);
        list.push('\n');
    }
    list
}

fn upstream_list(extra: &[&str]) -> Vec<u8> {
    let mut rows = vec![LIST_HEADER.to_owned()];
    for (path, plugin) in [(APP_6_2, "1.6.0"), (APP_6_1, "")] {
        let version = if path == APP_6_2 { "6.2.0" } else { "6.1.0" };
        rows.push(format!(
            "{path},x,Cartographer,USB,Update,v4,{version},,No,{plugin}"
        ));
    }
    rows.push(format!(
        "{COMBINED_6_1},x,Cartographer + Katapult,USB,DFU,v4,6.1.0,,No,"
    ));
    rows.extend(extra.iter().map(ToString::to_string));
    rows.push(String::new());
    rows.join("\n").into_bytes()
}

fn row_6_3() -> String {
    format!("{NEW_6_3},x,Cartographer,USB,Update,v4,6.3.0,,No,1.7.0")
}

fn tree(extra: &[(&str, &[u8])]) -> Vec<u8> {
    let known = files();
    let all = known
        .iter()
        .map(|(path, _, bytes)| (*path, &bytes[..]))
        .chain(extra.iter().copied());
    let items: Vec<_> = all
        .map(|(path, bytes)| {
            let sha = BlobSha1::of(bytes);
            serde_json::json!({"path": format!("firmware/{path}"), "type": "blob", "sha": sha, "size": bytes.len()})
        })
        .collect();
    serde_json::to_vec(&serde_json::json!({"tree": items, "truncated": false})).unwrap()
}

/// A served upstream, a place for the cache and a catalog that uses both.
struct World {
    server: Server,
    folder: tempfile::TempDir,
    clock: TestClock,
    http: Arc<Http>,
}

impl World {
    fn new() -> Self {
        Self::on(Server::start())
    }

    fn on(server: Server) -> Self {
        for (path, _, bytes) in files() {
            server.answer(&format!("/firmware/{path}"), Answer::File(bytes));
        }
        server.answer("/firmware_list.csv", Answer::File(upstream_list(&[])));
        Self {
            server,
            folder: tempfile::tempdir().unwrap(),
            clock: TestClock::new(),
            http: shared_http(),
        }
    }

    fn config(&self) -> CatalogConfig {
        let mut config = CatalogConfig::usual()
            .with_cache_root(&self.cache_root())
            .with_source(&self.server.url());
        config.bundled = None;
        config.list = Cow::Owned(embedded_list());
        config
    }

    fn cache_root(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    fn bundled(&self) -> PathBuf {
        self.folder.path().join("firmware-cache")
    }

    fn open(&self, config: CatalogConfig) -> Catalog {
        let http: Arc<dyn Fetch> = Arc::<Http>::clone(&self.http);
        Catalog::with_fetch(config, http)
    }

    fn catalog(&self) -> Catalog {
        self.open(self.config())
    }

    fn offline(&self) -> Catalog {
        self.open(self.config().with_offline(true))
    }

    /// Answers for 6.2.0, loads it and says why it did not work.
    fn fail(&self, answer: Answer) -> FetchError {
        self.server.answer(&at(APP_6_2), answer);
        let catalog = self.catalog();
        let error = read(&catalog, &entry(&catalog), &self.clock).unwrap_err();
        assert_eq!(catalog.status(&entry(&catalog)), Status::NeedsDownload);
        match error {
            CatalogError::NotAvailable { id, damaged, why } => {
                assert_eq!((id.as_str(), damaged.len()), ("v4-6.2.0-usb-full", 0));
                why
            }
            other => panic!("{other:?}"),
        }
    }

    fn object(&self, bytes: &[u8]) -> PathBuf {
        self.catalog()
            .cache()
            .unwrap()
            .object_path(&Sha256::of(bytes))
    }

    fn requests_for(&self, path: &str) -> usize {
        let path = at(path);
        self.server
            .seen()
            .iter()
            .filter(|seen| seen.target == path)
            .count()
    }
}

/// One for all tests: making a client reads the system's certificates.
fn shared_http() -> Arc<Http> {
    static HTTP: OnceLock<Arc<Http>> = OnceLock::new();
    Arc::clone(HTTP.get_or_init(Arc::default))
}

fn at(path: &str) -> String {
    format!("/firmware/{path}")
}

fn entry(catalog: &Catalog) -> Arc<Entry> {
    catalog.entry("v4-6.2.0-usb-full").unwrap()
}

fn load(catalog: &Catalog, entry: &Entry, clock: &TestClock) -> Result<Loaded, CatalogError> {
    catalog.load(entry, clock, &mut |_| ControlFlow::Continue(()))
}

fn read(catalog: &Catalog, entry: &Entry, clock: &TestClock) -> Result<Vec<u8>, CatalogError> {
    load(catalog, entry, clock).map(|loaded| loaded.bytes)
}

fn fetch_everything(catalog: &Catalog, clock: &TestClock) -> BulkReport {
    catalog.fetch_all(clock, &mut |_| ControlFlow::Continue(()))
}

// What a good server gives.

#[test]
fn a_file_is_fetched_once_and_then_kept() {
    let world = World::new();
    let catalog = world.catalog();
    let entry = entry(&catalog);
    assert_eq!(catalog.status(&entry), Status::NeedsDownload);
    let loaded = load(&catalog, &entry, &world.clock).unwrap();
    assert_eq!((loaded.bytes, loaded.from), (app("6.2.0"), Place::Network));
    assert_eq!(catalog.status(&entry), Status::Checked);
    let again = load(&catalog, &entry, &world.clock).unwrap();
    assert_eq!((again.from, again.notes.len()), (Place::Cache, 0));
    assert_eq!(world.requests_for(APP_6_2), 1);
    // Another run has not looked into it yet.
    assert_eq!(world.catalog().status(&entry), Status::Present);
}

#[test]
fn nothing_personal_is_sent() {
    let world = World::new();
    let catalog = world.catalog();
    catalog.refresh(&world.clock).unwrap();
    read(&catalog, &entry(&catalog), &world.clock).unwrap();
    for seen in world.server.seen() {
        let mut names: Vec<_> = seen.headers.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"]);
        assert!(seen.headers["user-agent"].starts_with("carto-flasher/"));
    }
}

#[test]
fn names_with_spaces_and_parentheses_are_escaped() {
    let world = World::new();
    let catalog = world.catalog();
    let entry = catalog.entry("v4-5.0.0-usb-full-archive").unwrap();
    assert_eq!(read(&catalog, &entry, &world.clock).unwrap(), app("5.0.0"));
    let seen = world.server.seen();
    assert!(
        seen[0]
            .target
            .contains("Firmware%20v4%20%285.0.0%20badly%20named%29/"),
        "{seen:?}"
    );
}

#[test]
fn ipv6() {
    let Some(server) = Server::start_v6() else {
        // Said aloud, because then this test has shown nothing.
        let mut say = std::io::stderr();
        std::io::Write::write_all(
            &mut say,
            b"this computer has no IPv6 loopback: not tested\n",
        )
        .unwrap();
        return;
    };
    let world = World::on(server);
    assert!(world.server.url().starts_with("http://[::1]:"));
    let catalog = world.catalog();
    assert_eq!(
        read(&catalog, &entry(&catalog), &world.clock).unwrap(),
        app("6.2.0")
    );
}

#[test]
fn unasked_gzip_is_unpacked() {
    let world = World::new();
    world
        .server
        .answer(&at(APP_6_2), Answer::Gzip(app("6.2.0")));
    world
        .server
        .answer("/firmware_list.csv", Answer::Gzip(upstream_list(&[])));
    let catalog = world.catalog();
    assert_eq!(
        read(&catalog, &entry(&catalog), &world.clock).unwrap(),
        app("6.2.0")
    );
    assert!(catalog.refresh(&world.clock).unwrap().changed);
}

/// What came of a packed body is no beginning of the file: the next try must not ask for the rest.
#[test]
fn a_packed_body_that_was_stopped_is_not_gone_on_with() {
    let world = World::new();
    world
        .server
        .answer(&at(APP_6_2), Answer::Gzip(app("6.2.0")));
    let catalog = world.catalog();
    let entry = entry(&catalog);
    let stop = catalog.load(&entry, &world.clock, &mut |_| ControlFlow::Break(()));
    assert!(stop.unwrap_err().is_cancelled());
    let late = read(&catalog, &entry, &TestClock::hurried());
    drop(late);
    assert_eq!(catalog.cache().unwrap().unfinished(), 0);
    assert_eq!(read(&catalog, &entry, &world.clock).unwrap(), app("6.2.0"));
    assert!(
        world
            .server
            .seen()
            .iter()
            .all(|seen| !seen.headers.contains_key("range"))
    );
}

#[test]
fn a_body_without_length_is_read_to_its_end() {
    let world = World::new();
    world
        .server
        .answer(&at(APP_6_2), Answer::Unsized(app("6.2.0")));
    let catalog = world.catalog();
    assert_eq!(
        read(&catalog, &entry(&catalog), &world.clock).unwrap(),
        app("6.2.0")
    );
}

// What a bad one gives: one test a sentence of advice.

#[test]
fn a_silent_server_times_out() {
    let mut world = World::new();
    let silence = Duration::from_millis(200);
    world.http = Arc::new(Http::with_patience(Patience {
        silence,
        ..Patience::default()
    }));
    let error = world.fail(Answer::Silent);
    assert!(
        matches!(error, FetchError::TimedOut { after, .. } if after == silence),
        "{error:?}"
    );
}

#[test]
fn a_server_that_never_ends_is_stopped_by_the_clock() {
    let mut world = World::new();
    world.clock = TestClock::hurried();
    let error = world.fail(Answer::Endless);
    assert!(
        matches!(error, FetchError::TimedOut { after, .. } if after == Duration::from_mins(2)),
        "{error:?}"
    );
}

#[test]
fn a_server_that_never_ends_is_stopped_by_the_size() {
    let error = World::new().fail(Answer::Endless);
    assert!(
        matches!(
            error,
            FetchError::TooLarge {
                announced: None,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn ten_gigabytes_are_not_even_begun() {
    let ten_gb = 10_000_000_000;
    let error = World::new().fail(Answer::Announce(ten_gb));
    assert!(
        matches!(error, FetchError::TooLarge { announced: Some(length), .. } if length == ten_gb),
        "{error:?}"
    );
}

#[test]
fn a_cut_off_file_is_said_to_be_cut_off_after_three_tries() {
    let world = World::new();
    let bytes = app("6.2.0");
    let error = world.fail(Answer::CutOff(bytes.clone(), 100));
    let expected = u64::try_from(bytes.len()).unwrap();
    // Each try goes on where the one before ended.
    assert!(
        matches!(&error, FetchError::CutOff { received: 300, expected: Some(e), .. } if *e == expected),
        "{error:?}"
    );
    assert_eq!(world.requests_for(APP_6_2), 3);
}

#[test]
fn a_connection_that_is_closed_without_an_answer_is_cut_off() {
    let error = World::new().fail(Answer::HangUp);
    assert!(
        matches!(error, FetchError::CutOff { received: 0, .. }),
        "{error:?}"
    );
}

#[test]
fn what_is_not_http_is_said_so() {
    let error = World::new().fail(Answer::Garbage);
    assert!(matches!(error, FetchError::Protocol { .. }), "{error:?}");
}

#[test]
fn wrong_bytes_of_the_right_length() {
    let mut wrong = app("6.2.0");
    wrong[1000] ^= 1;
    let error = World::new().fail(Answer::File(wrong.clone()));
    let FetchError::WrongBytes {
        expected, actual, ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(expected, Sha256::of(&app("6.2.0")).to_string());
    assert_eq!(actual, Sha256::of(&wrong).to_string());
}

#[test]
fn wrong_length_announced_or_not() {
    let mut long = app("6.2.0");
    let expected_length = u64::try_from(long.len()).unwrap();
    long.push(0);
    for answer in [Answer::File(long.clone()), Answer::Unsized(long)] {
        let error = World::new().fail(answer);
        assert!(
            matches!(error, FetchError::WrongLength { expected, actual, .. }
                if expected == expected_length && actual == expected + 1),
            "{error:?}"
        );
    }
}

#[test]
fn not_found_and_broken_servers() {
    for (code, requests) in [(404, 1), (410, 1), (403, 1), (500, 3), (502, 3)] {
        let world = World::new();
        let error = world.fail(Answer::Status(code, Vec::new()));
        assert!(
            matches!(error, FetchError::Status { code: c, .. } if c == code),
            "{error:?}"
        );
        assert_eq!(world.requests_for(APP_6_2), requests, "{code}");
    }
}

#[test]
fn a_server_that_recovers_is_noticed() {
    let world = World::new();
    let answers = vec![
        Answer::Status(503, Vec::new()),
        Answer::HangUp,
        Answer::File(app("6.2.0")),
    ];
    world.server.answers(&at(APP_6_2), answers);
    let catalog = world.catalog();
    assert_eq!(
        read(&catalog, &entry(&catalog), &world.clock).unwrap(),
        app("6.2.0")
    );
}

#[test]
fn rate_limits_say_until_when_even_if_the_clock_stands_in_1970() {
    // As api.github.com answers: reset is by the server's clock.
    let github = || {
        Answer::Status(
            403,
            vec![
                "Date: Sun, 06 Nov 1994 08:49:37 GMT".to_owned(),
                "X-RateLimit-Remaining: 0".to_owned(),
                "X-RateLimit-Reset: 784112377".to_owned(),
            ],
        )
    };
    for clock in [TestClock::new(), TestClock::in_1970()] {
        let wall = clock.wall();
        let mut world = World::new();
        world.clock = clock;
        let error = world.fail(github());
        assert!(
            matches!(error, FetchError::RateLimited { until: Some(until), .. }
                if until == wall + Duration::from_mins(10)),
            "{error:?}"
        );
        assert_eq!(world.requests_for(APP_6_2), 1, "a limit is not tried again");
    }
    let error = World::new().fail(Answer::Status(429, Vec::new()));
    assert!(
        matches!(error, FetchError::RateLimited { until: None, .. }),
        "{error:?}"
    );
}

#[test]
fn redirects_are_followed_but_not_for_ever_nor_anywhere() {
    let world = World::new();
    world
        .server
        .answer(&at(APP_6_2), Answer::Redirect(at(APP_6_1)));
    world
        .server
        .answer(&at(APP_6_1), Answer::File(app("6.2.0")));
    let catalog = world.catalog();
    assert_eq!(
        read(&catalog, &entry(&catalog), &world.clock).unwrap(),
        app("6.2.0")
    );

    let error = World::new().fail(Answer::Redirect(at(APP_6_2)));
    assert!(
        matches!(error, FetchError::RedirectLoop { .. }),
        "{error:?}"
    );
    for to in ["file:///etc/passwd", "ftp://127.0.0.1/x"] {
        let error = World::new().fail(Answer::Redirect(to.to_owned()));
        assert!(
            matches!(
                error,
                FetchError::UnsafeRedirect { .. } | FetchError::Status { code: 302, .. }
            ),
            "{error:?}"
        );
    }
}

#[test]
fn a_web_page_instead_of_the_file() {
    let page = b"<!DOCTYPE html><html>Sign in to the hotel network</html>".to_vec();
    for answer in [
        Answer::Typed("text/html; charset=utf-8", page.clone()),
        Answer::Unsized(page.clone()),
    ] {
        let error = World::new().fail(answer);
        assert!(matches!(error, FetchError::WebPage { .. }), "{error:?}");
    }
}

#[test]
fn encodings_nobody_asked_for() {
    for (how, body) in [("br", app("6.2.0")), ("gzip", app("6.2.0"))] {
        let error = World::new().fail(Answer::Encoded(how, body));
        assert!(matches!(error, FetchError::Encoding { .. }), "{error:?}");
    }
    let bomb = Answer::Encoded("gzip", http_server::gzip(&vec![0; 2_000_000]));
    let error = World::new().fail(bomb);
    assert!(matches!(error, FetchError::TooLarge { .. }), "{error:?}");
}

#[test]
fn nobody_there() {
    let world = World::new();
    let mut config = world.config();
    // The port was free a moment ago and its server is gone.
    config.base_url = Server::start().url();
    let catalog = world.open(config);
    let error = read(&catalog, &entry(&catalog), &world.clock).unwrap_err();
    assert!(
        matches!(error.fetch(), Some(FetchError::Offline { .. })),
        "{error:?}"
    );
}

#[test]
fn an_address_that_is_none() {
    let world = World::new();
    let mut config = world.config();
    config.base_url = "carto://firmware".to_owned();
    let catalog = world.open(config);
    let error = read(&catalog, &entry(&catalog), &world.clock).unwrap_err();
    assert!(
        matches!(error.fetch(), Some(FetchError::BadUrl { .. })),
        "{error:?}"
    );
    assert!(catalog.refresh(&world.clock).is_err());
}

#[test]
fn a_server_without_tls_is_said_to_have_none() {
    let world = World::new();
    let mut config = world.config();
    config.base_url = config.base_url.replace("http://", "https://");
    let catalog = world.open(config);
    let error = read(&catalog, &entry(&catalog), &world.clock).unwrap_err();
    assert!(
        matches!(
            error.fetch(),
            Some(FetchError::Tls {
                clock_suspect: false,
                ..
            })
        ),
        "{error:?}"
    );
}

// Going on after a cut.

#[test]
fn a_killed_download_goes_on_where_it_ended() {
    let world = World::new();
    let bytes = app("6.2.0");
    world
        .server
        .answer(&at(APP_6_2), Answer::CutOff(bytes.clone(), 1000));
    let catalog = world.catalog();
    assert!(read(&catalog, &entry(&catalog), &world.clock).is_err());
    // Another run of the program, and the server is well again.
    world
        .server
        .answer(&at(APP_6_2), Answer::File(bytes.clone()));
    let catalog = world.catalog();
    assert_eq!(
        read(&catalog, &entry(&catalog), &world.clock).unwrap(),
        bytes
    );
    let last = world.server.seen().pop().unwrap();
    assert_eq!(last.headers["range"], "bytes=3000-");
}

#[test]
fn a_beginning_that_does_not_fit_is_thrown_away() {
    let bytes = app("6.2.0");
    let key = Sha256::of(&bytes).to_string();
    for (answers, beginning) in [
        (vec![Answer::File(bytes.clone())], vec![0x55; 500]),
        (
            vec![Answer::File(bytes.clone())],
            vec![0x55; bytes.len() + 10],
        ),
        (vec![Answer::NoRanges(bytes.clone())], bytes[..500].to_vec()),
        (
            vec![
                Answer::WrongRange(bytes.clone()),
                Answer::File(bytes.clone()),
            ],
            bytes[..500].to_vec(),
        ),
        (
            vec![Answer::Status(416, Vec::new()), Answer::File(bytes.clone())],
            bytes[..500].to_vec(),
        ),
        (vec![Answer::Gzip(bytes.clone())], bytes[..500].to_vec()),
    ] {
        let world = World::new();
        let partial = world.cache_root().join("v1/partial").join(&key);
        fs::create_dir_all(partial.parent().unwrap()).unwrap();
        fs::write(&partial, beginning).unwrap();
        world.server.answers(&at(APP_6_2), answers);
        let catalog = world.catalog();
        assert_eq!(
            read(&catalog, &entry(&catalog), &world.clock).unwrap(),
            bytes
        );
        assert!(!partial.exists());
    }
}

#[test]
fn stopping_keeps_what_came() {
    let world = World::new();
    let catalog = world.catalog();
    let error = catalog
        .load(&entry(&catalog), &world.clock, &mut |_| {
            ControlFlow::Break(())
        })
        .unwrap_err();
    assert!(error.is_cancelled(), "{error:?}");
    assert_eq!(world.requests_for(APP_6_2), 1);
    assert_eq!(
        read(&catalog, &entry(&catalog), &world.clock).unwrap(),
        app("6.2.0")
    );
}

// The cache.

#[test]
fn one_flipped_byte_is_noticed_set_aside_and_fetched_again() {
    let world = World::new();
    let bytes = app("6.2.0");
    let catalog = world.catalog();
    read(&catalog, &entry(&catalog), &world.clock).unwrap();
    flip(&world.object(&bytes));
    let loaded = load(&catalog, &entry(&catalog), &world.clock).unwrap();
    assert_eq!((loaded.bytes, loaded.from), (bytes.clone(), Place::Network));
    let [
        Note::Damaged {
            set_aside: Some(aside),
            ..
        },
    ] = &loaded.notes[..]
    else {
        panic!("{:?}", loaded.notes);
    };
    assert_ne!(fs::read(aside).unwrap(), bytes);
    assert_eq!(fs::read(world.object(&bytes)).unwrap(), bytes);
}

#[test]
fn one_flipped_byte_is_refused_offline_with_the_reason() {
    let world = World::new();
    let bytes = app("6.2.0");
    let online = world.catalog();
    read(&online, &entry(&online), &world.clock).unwrap();
    let object = world.object(&bytes);
    flip(&object);
    let catalog = world.offline();
    let error = read(&catalog, &entry(&catalog), &world.clock).unwrap_err();
    let CatalogError::NotAvailable {
        damaged,
        why: FetchError::OfflineMode,
        ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(damaged, [object]);
    assert_eq!(catalog.status(&entry(&catalog)), Status::NeedsDownload);
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

#[test]
fn everything_is_fetched_and_then_the_network_is_not_needed() {
    let world = World::new();
    let catalog = world.catalog();
    let mut seen = Vec::new();
    let report = catalog.fetch_all(&world.clock, &mut |progress| {
        seen.push((
            progress.files_done,
            progress.files_total,
            progress.bytes_fetched,
        ));
        ControlFlow::Continue(())
    });
    assert_eq!(
        (report.fetched, report.present, report.is_complete()),
        (5, 0, true)
    );
    assert!(seen.is_sorted(), "{seen:?}");
    let all: usize = files().iter().map(|(_, _, bytes)| bytes.len()).sum();
    assert_eq!(seen.last().unwrap().2, u64::try_from(all).unwrap());
    let offline = world.offline();
    for entry in &offline.listing().entries {
        assert_eq!(offline.status(entry), Status::Present);
        read(&offline, entry, &world.clock).unwrap();
        assert_eq!(offline.status(entry), Status::Checked);
    }
    let again = fetch_everything(&catalog, &world.clock);
    assert_eq!((again.fetched, again.present), (0, 5));
}

#[test]
fn fetching_everything_stops_when_told_to() {
    let world = World::new();
    let mut count = 0;
    let report = world.catalog().fetch_all(&world.clock, &mut |progress| {
        count += 1;
        if progress.files_done == 2 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!((report.fetched, report.not_tried), (2, 3));
    assert!(report.stopped.unwrap().is_cancelled());
}

#[test]
fn fetching_everything_goes_on_after_one_bad_file_and_stops_at_a_limit() {
    let world = World::new();
    let mut wrong = app("6.1.0");
    wrong[600] ^= 1;
    world.server.answer(&at(APP_6_1), Answer::File(wrong));
    world
        .server
        .answer(&at(COMBINED_6_1), Answer::Status(404, Vec::new()));
    let report = fetch_everything(&world.catalog(), &world.clock);
    assert_eq!((report.fetched, report.failed.len()), (3, 1));
    assert_eq!(report.failed[0].0, "v4-6.1.0-usb-full");
    assert_eq!(report.not_served, ["v4-6.1.0-usb-full-combined"]);

    let world = World::new();
    world.server.answer(
        &at(APP_6_1),
        Answer::Status(429, vec!["Retry-After: 60".to_owned()]),
    );
    let report = fetch_everything(&world.catalog(), &world.clock);
    assert_eq!((report.fetched, report.not_tried), (1, 4));
    assert!(matches!(
        report.stopped.as_ref().and_then(CatalogError::fetch),
        Some(FetchError::RateLimited { until: Some(_), .. })
    ));
}

#[test]
fn a_folder_to_carry_along_serves_offline_and_is_not_written_to() {
    let world = World::new();
    let catalog = world.catalog();
    let entries = catalog.listing().entries.clone();
    let folder = world.bundled();
    let report = catalog.fetch_many(&entries, Some(&folder), &world.clock, &mut |_| {
        ControlFlow::Continue(())
    });
    assert!(report.is_complete(), "{report:?}");
    assert!(catalog.verify(&folder).unwrap().is_clean());
    let mut config = world.config().with_offline(true);
    config.cache_root = None;
    config.bundled = Some(folder.clone());
    let portable = world.open(config);
    let entry = entry(&portable);
    assert_eq!(portable.status(&entry), Status::Present);
    let loaded = load(&portable, &entry, &world.clock).unwrap();
    assert_eq!(loaded.from, Place::Bundled);
    // A wrong file there is not used and not touched.
    let file = folder.join(APP_6_2);
    flip(&file);
    let error = read(&portable, &entry, &world.clock).unwrap_err();
    assert!(
        matches!(&error, CatalogError::NotAvailable { damaged, .. } if *damaged == [file.clone()]),
        "{error:?}"
    );
    assert!(file.exists());
    // Files named by their hash do as well.
    fs::write(
        folder.join(format!("{}.bin", Sha256::of(&app("6.2.0")))),
        app("6.2.0"),
    )
    .unwrap();
    assert_eq!(read(&portable, &entry, &world.clock).unwrap(), app("6.2.0"));
}

#[test]
fn without_a_usable_cache_firmware_is_still_had_but_not_kept() {
    let world = World::new();
    let blocker = world.folder.path().join("file");
    fs::write(&blocker, b"").unwrap();
    let mut no_folder = world.config();
    no_folder.cache_root = None;
    for (config, expected) in [
        (world.config().with_cache_root(&blocker), "not writable"),
        (no_folder, "no folder"),
    ] {
        let catalog = world.open(config);
        let loaded = load(&catalog, &entry(&catalog), &world.clock).unwrap();
        assert_eq!(loaded.bytes, app("6.2.0"));
        let [Note::NotKept { why }] = &loaded.notes[..] else {
            panic!("{:?}", loaded.notes);
        };
        match expected {
            "no folder" => assert_eq!(*why, CacheError::NoFolder),
            _ => assert!(matches!(why, CacheError::NotWritable { .. }), "{why:?}"),
        }
        // For offline use that is not enough, and said at the first file.
        let report = fetch_everything(&catalog, &world.clock);
        assert_eq!(report.not_tried, 5);
        assert!(
            matches!(report.stopped, Some(CatalogError::Cache(_))),
            "{report:?}"
        );
        let refreshed = catalog.refresh(&world.clock).unwrap();
        assert!(refreshed.not_kept.is_some());
    }
}

#[test]
fn everything_can_be_removed() {
    let world = World::new();
    let catalog = world.catalog();
    catalog.refresh(&world.clock).unwrap();
    fetch_everything(&catalog, &world.clock);
    let removed = catalog.remove_everything().unwrap();
    assert_eq!(removed.files, 6, "five images and a list");
    assert_eq!(catalog.status(&entry(&catalog)), Status::NeedsDownload);
    assert_eq!(catalog.listing().source, None);
    assert!(fs::read_dir(world.cache_root()).unwrap().next().is_none());
}

#[test]
fn verify_tells_right_wrong_unknown_and_missing() {
    let world = World::new();
    let catalog = world.catalog();
    let folder = world.bundled();
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    put(APP_6_2, &app("6.2.0"));
    put(&format!("firmware/{APP_6_1}"), &app("6.2.0"));
    put("renamed.bin", &practice::katapult(G4, USB));
    put("own.bin", b"own");
    put(&Sha256::of(b"a").to_string(), b"b");
    put("notes.txt", b"not looked at");
    put("firmware/.part-4711", b"left by a killed program");
    let cut_off = format!("partial/{}", Sha256::of(b"whole"));
    put(&cut_off, b"who");
    let verified = catalog.verify(&folder).unwrap();
    assert!(!verified.is_clean());
    let verdict = |name: &str| {
        let file = verified
            .files
            .iter()
            .find(|file| file.path.to_string_lossy().contains(name));
        file.unwrap().verdict.clone()
    };
    assert_eq!(verified.files.len(), 6);
    assert_eq!(verdict("partial"), Verdict::Unfinished);
    assert_eq!(
        verdict("V4_6.2.0"),
        Verdict::Official {
            id: "v4-6.2.0-usb-full".to_owned()
        }
    );
    assert!(
        matches!(verdict("V4_6.1.0"), Verdict::Wrong { id: Some(id), .. } if id == "v4-6.1.0-usb-full")
    );
    assert_eq!(
        verdict("renamed"),
        Verdict::Official {
            id: "v4-katapult-usb".to_owned()
        }
    );
    assert_eq!(verdict("own"), Verdict::Unknown);
    assert!(matches!(
        verdict(&Sha256::of(b"a").to_string()),
        Verdict::Wrong { id: None, .. }
    ));
    assert_eq!(
        verified.missing,
        ["v4-6.1.0-usb-full", "v4-6.1.0-usb-full-combined"]
    );
    assert!(catalog.verify(&folder.join("nowhere")).is_err());
}

#[test]
fn official_files_are_known_by_their_hash_in_any_container() {
    let catalog = World::new().catalog();
    let official = |name, bytes| catalog.official(&Image::parse(name, bytes).unwrap());
    let id = |entry: Option<Arc<Entry>>| entry.map(|entry| entry.id.clone());
    let expected = Some("v4-6.2.0-usb-full".to_owned());
    assert_eq!(id(official("x.bin", app("6.2.0"))), expected);
    // DFU 1.1 appendix B.
    let mut with_suffix = app("6.2.0");
    with_suffix.extend([0xff; 6]);
    with_suffix.extend(*b"\x00\x01UFD\x10");
    with_suffix.extend((!crc32(&with_suffix)).to_le_bytes());
    assert_eq!(id(official("x.dfu", with_suffix)), expected);
    assert_eq!(official("x.bin", app("9.9.9")), None);
}

// Offers.

fn wanted(route: Route) -> Wanted {
    Wanted {
        board: Model::V4,
        transport: USB,
        variant: Variant::Full,
        route,
    }
}

#[test]
fn a_missing_combined_image_is_put_together() {
    let world = World::new();
    let catalog = world.catalog();
    let offer = catalog.recommend(&wanted(Route::Dfu)).unwrap();
    assert_eq!(offer.id(), "v4-6.2.0-usb-full");
    let loaded = catalog
        .load_offer(&offer, &world.clock, &mut |_| ControlFlow::Continue(()))
        .unwrap();
    let image = Image::parse(&loaded.name, loaded.bytes).unwrap();
    assert_eq!(image.facts().role, Role::Combined);
    assert_eq!(
        image.bytes(),
        practice::combined(G4, USB, "CARTOGRAPHER V4 6.2.0")
    );
    assert_eq!(catalog.offer_status(&offer), Status::Checked);
}

#[test]
fn offline_an_official_combined_image_that_is_not_here_is_put_together_and_compared() {
    let world = World::new();
    let online = world.catalog();
    for id in ["v4-katapult-usb", "v4-6.1.0-usb-full"] {
        read(&online, &online.entry(id).unwrap(), &world.clock).unwrap();
    }
    let catalog = world.offline();
    // 6.2.0 is newer and not here.
    let offer = catalog.recommend(&wanted(Route::Dfu)).unwrap();
    assert_eq!(offer.id(), "v4-6.1.0-usb-full-combined");
    assert_eq!(
        offer.source.status(|entry| catalog.status(entry)),
        Status::NeedsDownload
    );
    assert_eq!(catalog.offer_status(&offer), Status::Present);
    let loaded = catalog
        .load_offer(&offer, &world.clock, &mut |_| ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(
        loaded.bytes,
        practice::combined(G4, USB, "CARTOGRAPHER V4 6.1.0")
    );
}

#[test]
fn a_composed_image_that_is_not_the_official_one_is_refused() {
    let world = World::new();
    let mut config = world.config();
    let official = Sha256::of(&practice::combined(G4, USB, "CARTOGRAPHER V4 6.1.0"));
    let other = Sha256::of(b"other");
    config.list = Cow::Owned(embedded_list().replace(&official.to_string(), &other.to_string()));
    let catalog = world.open(config);
    let offers = catalog.offers(&wanted(Route::Dfu));
    let composed = offers[1].instead.first().unwrap();
    let error = catalog
        .load_source(composed, &world.clock, &mut |_| ControlFlow::Continue(()))
        .unwrap_err();
    assert_eq!(
        error,
        CatalogError::CannotCompose {
            bootloader: "v4-katapult-usb".to_owned(),
            app: "v4-6.1.0-usb-full".to_owned(),
            why: ComposeProblem::NotOfficial {
                official: other,
                actual: official
            },
        }
    );
}

// The list upstream has now.

#[test]
fn a_new_version_of_upstream_is_found_proven_and_remembered() {
    let world = World::new();
    let bytes = app("6.3.0");
    world.server.answer(
        "/firmware_list.csv",
        Answer::File(upstream_list(&[&row_6_3()])),
    );
    world
        .server
        .answer("/tree", Answer::File(tree(&[(NEW_6_3, &bytes)])));
    world
        .server
        .answer(&at(NEW_6_3), Answer::File(bytes.clone()));
    let mut config = world.config();
    config.tree_url = Some(format!("{}tree", world.server.url()));
    let catalog = world.open(config.clone());
    let refreshed = catalog.refresh(&world.clock).unwrap();
    assert!(refreshed.changed && refreshed.tree_problem.is_none() && refreshed.not_kept.is_none());
    assert_eq!(refreshed.listing.disagreements, []);
    let offer = catalog.recommend(&wanted(Route::Katapult)).unwrap();
    assert_eq!(offer.id(), "v4-6.3.0-usb-full");
    assert_eq!(offer.min_plugin.unwrap().to_string(), "1.7.0");
    let entry = catalog.entry("v4-6.3.0-usb-full").unwrap();
    assert_eq!(read(&catalog, &entry, &world.clock).unwrap(), bytes);
    assert_eq!(catalog.status(&entry), Status::Checked);
    // "Not modified" the next time, by both servers.
    assert!(!catalog.refresh(&world.clock).unwrap().changed);
    // And known without the network in another run.
    let offline = world.open(config.with_offline(true));
    assert_eq!(
        offline.recommend(&wanted(Route::Katapult)).unwrap().id(),
        "v4-6.3.0-usb-full"
    );
    assert_eq!(offline.status(&entry), Status::Present);
    assert_eq!(read(&offline, &entry, &world.clock).unwrap(), bytes);
    // The same bit rot is noticed for a file without a SHA-256 in any list.
    flip(&world.object(&bytes));
    assert!(read(&offline, &entry, &world.clock).is_err());
    let online = world.catalog();
    assert_eq!(read(&online, &entry, &world.clock).unwrap(), bytes);
}

/// Upstream puts other bytes under a name that this program knows. The tree proves them; the old ones are gone.
#[test]
fn a_file_that_upstream_replaced_is_had_in_its_new_form() {
    let world = World::new();
    let new = app("6.2.0 rebuilt");
    let items: Vec<_> = files()
        .into_iter()
        .map(|(path, _, bytes)| {
            let bytes = if path == APP_6_2 { new.clone() } else { bytes };
            let sha = BlobSha1::of(&bytes);
            serde_json::json!({"path": format!("firmware/{path}"), "type": "blob", "sha": sha, "size": bytes.len()})
        })
        .collect();
    let tree = serde_json::json!({"tree": items, "truncated": false});
    world
        .server
        .answer("/tree", Answer::File(tree.to_string().into_bytes()));
    world.server.answer(&at(APP_6_2), Answer::File(new.clone()));
    let mut config = world.config();
    config.tree_url = Some(format!("{}tree", world.server.url()));
    let catalog = world.open(config.clone());
    let refreshed = catalog.refresh(&world.clock).unwrap();
    assert!(
        matches!(
            refreshed.listing.disagreements[..],
            [Disagreement::Replaced { .. }]
        ),
        "{:?}",
        refreshed.listing.disagreements
    );
    for route in [Route::Katapult, Route::Dfu] {
        let offer = catalog.recommend(&wanted(route)).unwrap();
        assert_eq!(offer.version.to_string(), "6.2.0");
        let loaded = catalog
            .load_offer(&offer, &world.clock, &mut |_| ControlFlow::Continue(()))
            .unwrap();
        assert!(loaded.bytes.ends_with(&new), "{route:?}");
    }
    // All there is to fetch is had, and nothing fails.
    let report = fetch_everything(&catalog, &world.clock);
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(
        (report.fetched + report.present, &report.not_served[..]),
        (files().len(), &[][..])
    );
    let folder = world.bundled();
    let report = catalog.fetch_many(
        &catalog.to_be_had(),
        Some(&folder),
        &world.clock,
        &mut |_| ControlFlow::Continue(()),
    );
    assert!(report.is_complete(), "{report:?}");
    // In a folder it has a name of its own: the old one stands for the old bytes.
    assert!(!folder.join(APP_6_2).exists());
    assert!(catalog.verify(&folder).unwrap().is_clean());
    config.bundled = Some(folder);
    config.offline = true;
    config.cache_root = None;
    let carried = world.open(config.clone());
    assert_eq!(carried.status(&entry(&carried)), Status::NeedsDownload);
    // Whoever has the old ones keeps them, and is given them first.
    let world = World::new();
    assert!(fetch_everything(&world.catalog(), &world.clock).is_complete());
    config = world.config().with_offline(true);
    let offer = world
        .open(config)
        .recommend(&wanted(Route::Katapult))
        .unwrap();
    assert_eq!(offer.id(), "v4-6.2.0-usb-full");
}

/// What came with the program is not kept until somebody asks for it to be kept.
#[test]
fn fetching_keeps_what_came_with_the_program_too() {
    let world = World::new();
    let beside = world.bundled().join(APP_6_2);
    fs::create_dir_all(beside.parent().unwrap()).unwrap();
    fs::write(&beside, app("6.2.0")).unwrap();
    let mut config = world.config();
    config.bundled = Some(world.bundled());
    let catalog = world.open(config);
    let report = fetch_everything(&catalog, &world.clock);
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.present, 1);
    assert_eq!(fs::read(world.object(&app("6.2.0"))).unwrap(), app("6.2.0"));
    fs::remove_dir_all(world.bundled()).unwrap();
    let kept = world.offline();
    assert_eq!(
        read(&kept, &entry(&kept), &world.clock).unwrap(),
        app("6.2.0")
    );
}

#[test]
fn a_mirrors_own_file_is_proven_by_what_it_says_about_itself() {
    let world = World::new();
    let bytes = app("6.3.0");
    world.server.answer(
        "/firmware_list.csv",
        Answer::File(upstream_list(&[&row_6_3()])),
    );
    for (served, works) in [
        (bytes.clone(), true),
        (app("6.4.0"), false),
        (
            practice::app(Mcu::Stm32F042, USB, "CARTOGRAPHER V3 6.3.0"),
            false,
        ),
        (practice::combined(G4, USB, "CARTOGRAPHER V4 6.3.0"), false),
        (b"not firmware".to_vec(), false),
    ] {
        let root = tempfile::tempdir().unwrap();
        let catalog = world.open(world.config().with_cache_root(root.path()));
        catalog.refresh(&world.clock).unwrap();
        world.server.answer(&at(NEW_6_3), Answer::File(served));
        let entry = catalog.entry("v4-6.3.0-usb-full").unwrap();
        assert!(!entry.has_hash());
        let result = read(&catalog, &entry, &world.clock);
        assert_eq!(result.is_ok(), works, "{result:?}");
        match result {
            Ok(loaded) => assert_eq!(loaded, bytes),
            Err(CatalogError::NotAsListed { mismatches, .. }) => {
                assert!(mismatches.iter().all(|m| {
                    matches!(
                        m,
                        Mismatch::Version | Mismatch::Mcu | Mismatch::Role | Mismatch::LinkAddress
                    )
                }));
            }
            Err(error) => assert!(
                matches!(error, CatalogError::NotFirmware { .. }),
                "{error:?}"
            ),
        }
    }
}

#[test]
fn everything_from_a_mirror_then_offline_the_newest() {
    let world = World::new();
    world.server.answer(
        "/firmware_list.csv",
        Answer::File(upstream_list(&[&row_6_3()])),
    );
    world
        .server
        .answer(&at(NEW_6_3), Answer::File(app("6.3.0")));
    let catalog = world.catalog();
    catalog.refresh(&world.clock).unwrap();
    assert_eq!(fetch_everything(&catalog, &world.clock).fetched, 6);
    // Neither the mirror nor its address is needed any more.
    let mut config = world.config().with_offline(true);
    config.base_url = carto_flasher::catalog::fetch::UPSTREAM.to_owned();
    let clock = TestClock::in_1970();
    drop(world.server);
    let offline = Catalog::open(config);
    let offer = offline.recommend(&wanted(Route::Katapult)).unwrap();
    assert_eq!(offer.id(), "v4-6.3.0-usb-full");
    let loaded = offline
        .load_offer(&offer, &clock, &mut |_| ControlFlow::Continue(()))
        .unwrap();
    assert_eq!((loaded.bytes, loaded.from), (app("6.3.0"), Place::Cache));
}

#[test]
fn what_another_source_had_and_is_not_here_is_not_offered() {
    let world = World::new();
    world.server.answer(
        "/firmware_list.csv",
        Answer::File(upstream_list(&[&row_6_3()])),
    );
    world.catalog().refresh(&world.clock).unwrap();
    assert!(world.catalog().entry("v4-6.3.0-usb-full").is_ok());
    let mut config = world.config();
    config.base_url = carto_flasher::catalog::fetch::UPSTREAM.to_owned();
    let error = world.open(config).entry("v4-6.3.0-usb-full").unwrap_err();
    assert!(matches!(error, CatalogError::UnknownId { .. }), "{error:?}");
}

#[test]
fn opening_and_looking_reads_no_image() {
    let world = World::new();
    fetch_everything(&world.catalog(), &world.clock);
    // If one were read, it would be found wrong and be set aside.
    for (_, _, bytes) in files() {
        flip(&world.object(&bytes));
    }
    let catalog = world.offline();
    assert!(catalog.recommend(&wanted(Route::Dfu)).is_some());
    for entry in &catalog.listing().entries {
        assert_eq!(catalog.status(entry), Status::Present);
    }
    assert!(!world.cache_root().join("v1/quarantine").exists());
}

#[test]
fn upstreams_new_file_without_a_hash_is_not_used() {
    let world = World::new();
    world.server.answer(
        "/firmware_list.csv",
        Answer::File(upstream_list(&[&row_6_3()])),
    );
    world
        .server
        .answer("/tree", Answer::Status(429, Vec::new()));
    let mut config = world.config();
    config.tree_url = Some(format!("{}tree", world.server.url()));
    let catalog = world.open(config);
    let refreshed = catalog.refresh(&world.clock).unwrap();
    assert!(matches!(
        refreshed.tree_problem,
        Some(FetchError::RateLimited { .. })
    ));
    let entry = catalog.entry("v4-6.3.0-usb-full").unwrap();
    let error = read(&catalog, &entry, &world.clock).unwrap_err();
    assert!(matches!(error, CatalogError::NoHash { .. }), "{error:?}");
    // With the hash it is.
    world
        .server
        .answer("/tree", Answer::File(tree(&[(NEW_6_3, &app("6.3.0"))])));
    world
        .server
        .answer(&at(NEW_6_3), Answer::File(app("6.3.0")));
    assert!(catalog.refresh(&world.clock).unwrap().changed);
    let entry = catalog.entry("v4-6.3.0-usb-full").unwrap();
    assert_eq!(read(&catalog, &entry, &world.clock).unwrap(), app("6.3.0"));
}

#[test]
fn a_path_that_climbs_out_is_refused_and_nothing_is_written_outside() {
    let world = World::new();
    let rows = [
        "../../x.bin,x,Cartographer,USB,Update,v4,9.0.0,,No,",
        "/etc/x.bin,x,Cartographer,USB,Update,v4,9.0.0,,No,",
        "v4\\..\\..\\x.bin,x,Cartographer,USB,Update,v4,9.0.0,,No,",
    ];
    world
        .server
        .answer("/firmware_list.csv", Answer::File(upstream_list(&rows)));
    let catalog = world.catalog();
    let refreshed = catalog.refresh(&world.clock).unwrap();
    let reasons: Vec<_> = refreshed
        .listing
        .disagreements
        .iter()
        .map(|disagreement| match disagreement {
            Disagreement::Refused(refused) => refused.why,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        reasons,
        [
            Problem::Path(BadPath::Traversal),
            Problem::Path(BadPath::Absolute),
            Problem::Path(BadPath::Traversal)
        ]
    );
    assert_eq!(refreshed.listing.entries.len(), 5);
    fetch_everything(&catalog, &world.clock);
    assert!(
        !world
            .server
            .seen()
            .iter()
            .any(|seen| seen.target.contains("x.bin"))
    );
    let here: Vec<_> = fs::read_dir(world.folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(here, ["cache"]);
}

#[test]
fn what_is_not_a_list_changes_nothing() {
    let page = b"<html>Sign in</html>".to_vec();
    for (answer, is_page) in [
        (Answer::Typed("text/html", page.clone()), true),
        (Answer::File(page), true),
        (Answer::File(b"404: Not Found".to_vec()), false),
        (Answer::File(Vec::new()), false),
        (Answer::File(app("6.2.0")), false),
    ] {
        let world = World::new();
        let catalog = world.catalog();
        catalog.refresh(&world.clock).unwrap();
        let before = catalog.listing();
        world.server.answer("/firmware_list.csv", answer);
        let error = catalog.refresh(&world.clock).unwrap_err();
        let web_page = matches!(error.fetch(), Some(FetchError::WebPage { .. }));
        let not_csv = matches!(error.fetch(), Some(FetchError::NotCsv { .. }));
        assert_eq!((web_page, not_csv), (is_page, !is_page), "{error:?}");
        assert_eq!(catalog.listing(), before);
        assert_eq!(*world.catalog().listing(), *before);
    }
}

#[test]
fn a_huge_list_is_not_read() {
    for answer in [Answer::Endless, Answer::Announce(10_000_000_000)] {
        let world = World::new();
        world.server.answer("/firmware_list.csv", answer);
        let error = world.catalog().refresh(&world.clock).unwrap_err();
        assert!(
            matches!(error.fetch(), Some(FetchError::TooLarge { .. })),
            "{error:?}"
        );
    }
}

#[test]
fn a_damaged_memory_of_the_list_is_forgotten() {
    let world = World::new();
    world.catalog().refresh(&world.clock).unwrap();
    let file = world.cache_root().join("v1/list/last.json");
    for damage in [&b"{"[..], b"", b"{\"source\":1}", &[0xff; 100]] {
        fs::write(&file, damage).unwrap();
        let catalog = world.catalog();
        assert_eq!(catalog.listing().entries.len(), 5);
        assert!(catalog.refresh(&world.clock).unwrap().changed);
    }
}

#[test]
fn offline_nothing_is_asked() {
    let world = World::new();
    let catalog = world.offline();
    let error = catalog.refresh(&world.clock).unwrap_err();
    assert_eq!(error.fetch(), Some(&FetchError::OfflineMode));
    let report = fetch_everything(&catalog, &world.clock);
    assert_eq!((report.failed.len(), report.not_tried), (5, 0));
    assert!(world.server.seen().is_empty());
    assert_eq!(catalog.recommend(&wanted(Route::Dfu)), None);
}

// Proxies.

const PROXY_CHILD: &str = "CARTO_FLASHER_TEST_PROXY_CHILD";

/// The environment cannot be changed in a running test, so this test starts itself with another one.
#[test]
fn proxies_are_taken_from_the_environment() {
    if std::env::var_os(PROXY_CHILD).is_some() {
        let world = World::new();
        let mut config = world.config();
        // Can only be had by asking the proxy.
        config.base_url = "http://upstream.invalid/".to_owned();
        let through = world.open(config);
        assert_eq!(
            read(&through, &entry(&through), &world.clock).unwrap(),
            app("6.2.0")
        );
        // This computer itself is never asked for by a proxy.
        let direct = world.catalog();
        let other = direct.entry("v4-6.1.0-usb-full").unwrap();
        assert_eq!(read(&direct, &other, &world.clock).unwrap(), app("6.1.0"));
        assert_eq!(world.requests_for(APP_6_1), 1);
        return;
    }
    let proxy = World::new();
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "proxies_are_taken_from_the_environment"])
        .env(PROXY_CHILD, "1")
        .env("http_proxy", proxy.server.url())
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .status()
        .unwrap();
    assert!(status.success());
    let targets: Vec<_> = proxy
        .server
        .seen()
        .into_iter()
        .map(|seen| seen.target)
        .collect();
    assert_eq!(targets, [format!("http://upstream.invalid{}", at(APP_6_2))]);
}
