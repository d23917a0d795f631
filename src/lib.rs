//! # carto-flasher
//!
//! One program that puts firmware on a Cartographer bed probe over its own USB cable: a window
//! (`carto-flasher`) and a command line (`carto-flasher-cli`) over one engine.
//!
//! ## Map
//!
//! | module | what it is | what it must not know |
//! |---|---|---|
//! | [`board`] | supported boards and how a device on the bus is recognised; data | any I/O |
//! | [`image`] | bytes of a file → a checked [`image::Image`] | devices |
//! | [`dfu`] | DfuSe: request, status, layout (pure) and the driver | threads, files |
//! | [`katapult`] | Katapult: frame, message (pure) and the driver | threads, files |
//! | [`klipper`] | `identify`: frame, dictionary (pure) and the driver | Katapult ports |
//! | [`transport`] | the only door to hardware and to real time; the simulated bench | what the bytes mean |
//! | [`flash`] | plan, engine, job, events, progress, errors with their aftermath | pixels, HTTP |
//! | [`catalog`] | which firmware exists and where its bytes are | devices |
//! | [`doctor`] | found but not usable: why, and the repair | pixels |
//! | [`advice`] | every error in words for people; the only such place | how errors arise |
//! | [`settings`], [`report`] | what is remembered; what is saved for a bug report | devices |
//! | [`digest`] | hashes and checksums; pure | what is hashed |
//! | [`files`] | whole files or none; paths in JSON | what is in them |
//! | [`log`], [`crash`] | the log on disk; what is kept and told when the program itself fails | pixels |
//! | [`instance`] | one window per person: a second start hands its file to the first | pixels |
//! | [`update`] | whether there is a newer version of this program | pixels, the HTTP client |
//! | [`app`] | the program without pixels: state, commands, events, workers | egui |
//! | `ui` | drawing only | how anything is done |
//!
//! ```text
//! main, cli -> ui -> app -> flash -> dfu, katapult, klipper -> transport (traits)
//!                     |       '---> image, board      (pure data)
//!                     '-> catalog, doctor, advice, settings, report
//!                         update -> catalog::fetch; crash, report -> log; instance; all -> files
//! transport::sim -> codecs of dfu, katapult, klipper  (never their drivers)
//! ```
//!
//! ## Invariants
//!
//! Enforced by `tests/architecture.rs`, which reads `src/`:
//!
//! 1. Only `ui` and `main` name egui or eframe; nothing names `crate::ui`.
//! 2. Codecs do no I/O, ask no clock, log nothing.
//! 3. Only `transport/{native,usb,serial}` name rusb or serialport; only `catalog/fetch` names the HTTP client.
//! 4. Only `transport::native` calls `Instant::now` or `sleep`. Everything else is given `now` or a
//!    [`transport::Clock`].
//! 5. `flash::engine` starts no thread and knows no channel; only `flash/job` and `app/workers` spawn (and, in the
//!    test tool behind the feature `usbip`, its server), and
//!    every thread is named.
//! 6. `ui` functions take `&State` and push commands; they open nothing and lock nothing a worker holds.
//!
//! Enforced by clippy (`Cargo.toml`) and the fuzz targets:
//!
//! 7. No `unwrap`, indexing or truncating `as` in shipped code; nothing a device or a file sends may panic us.

pub mod advice;
#[cfg(feature = "gui")]
pub mod app;
pub mod board;
pub mod catalog;
pub mod crash;
pub mod dfu;
pub mod digest;
pub mod doctor;
pub mod files;
pub mod flash;
pub mod image;
pub mod instance;
pub mod katapult;
pub mod klipper;
pub mod log;
pub mod report;
pub mod settings;
pub mod transport;
#[cfg(feature = "gui")]
pub mod ui;
pub mod update;
