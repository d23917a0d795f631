//! Says what keeps the window from opening: on standard error, and where that is not seen, in a message box.

use std::io::Write as _;

use carto_flasher::ui::words;

/// Tells it, and waits until it is read where there is a message box.
pub(crate) fn tell(why: &str) {
    writeln!(std::io::stderr(), "{why}").ok();
    #[cfg(any(windows, target_os = "macos"))]
    rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title(words::APP)
        .set_description(why)
        .show();
    #[cfg(target_os = "linux")]
    message_box(why);
}

/// Linux has no message box of its own: one of the programs that desktops bring along shows it, unless somebody
/// looks at a terminal.
#[cfg(target_os = "linux")]
fn message_box(why: &str) {
    use std::io::IsTerminal as _;
    use std::process::{Command, Stdio};

    if std::io::stderr().is_terminal() {
        return;
    }
    let programs: [(&str, &[&str]); 3] = [
        (
            "zenity",
            &[
                "--error",
                "--no-markup",
                "--title",
                words::APP,
                "--text",
                why,
            ],
        ),
        ("kdialog", &["--title", words::APP, "--error", why]),
        ("xmessage", &["-center", "-title", words::APP, why]),
    ];
    for (program, arguments) in programs {
        let shown = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        // One that is there and was closed in whatever way has been seen.
        if shown.is_ok() {
            return;
        }
    }
}
