//! The window, found by what it says: every state of the pages, and whole jobs on the simulated bench.

#![cfg(feature = "gui")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "test code"
)]

#[path = "window/firmware.rs"]
mod firmware;
#[path = "window/itself.rs"]
mod itself;
#[path = "window/jobs.rs"]
mod jobs;
#[path = "window/keeping.rs"]
mod keeping;
#[path = "window/licenses.rs"]
mod licenses;
#[path = "window/pages.rs"]
mod pages;
#[path = "window/pictures.rs"]
mod pictures;
#[path = "window/screens.rs"]
mod screens;
#[path = "window/sizes.rs"]
mod sizes;
#[path = "window/states.rs"]
mod states;
#[path = "window/tours.rs"]
mod tours;
#[path = "support/ui.rs"]
mod ui;
#[path = "support/world.rs"]
mod world;
