//! What is said when the command line itself fails.

use std::io::Write as _;
use std::path::Path;

use carto_flasher::crash::{self, Notebook};
use carto_flasher::log::{self, Memory};
use carto_flasher::transport::Clock as _;
use carto_flasher::transport::native::RealClock;

/// Sets the panic hook: a report in the log folder, and a readable end.
pub(crate) fn install(memory: Memory) {
    let notebook = Notebook {
        folder: log::folder(),
        log: None,
        memory,
        wall: || RealClock::new().wall(),
    };
    crash::install(notebook, |_crash, report| {
        writeln!(std::io::stderr(), "{}", text(report)).ok();
    });
    #[cfg(debug_assertions)]
    trap();
}

fn text(report: Option<&Path>) -> String {
    let report = report.map_or_else(
        || "A report could not be saved: no folder can be written.".to_owned(),
        |path| {
            format!(
                "A report was saved on this computer and sent nowhere: {}",
                path.display()
            )
        },
    );
    format!(
        "\ncarto-flasher-cli stopped unexpectedly. Something in the program failed.\n\
        If a probe was being written, run the same command again: it looks what the probe is now, and goes on where it stopped.\n\
        {report}"
    )
}

/// Debug builds only, for tests: fails if the environment says so.
#[cfg(debug_assertions)]
fn trap() {
    let sprung = std::env::var("CARTO_FLASHER_PANIC").as_deref() == Ok("cli");
    assert!(!sprung, "the trap of a test was sprung");
}
