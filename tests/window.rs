//! The window, found by what it says: every state of the pages, and whole jobs on the simulated bench.

#[path = "window/jobs.rs"]
mod jobs;
#[path = "window/pages.rs"]
mod pages;
#[path = "window/pictures.rs"]
mod pictures;
#[path = "window/states.rs"]
mod states;
#[path = "support/ui.rs"]
mod ui;
