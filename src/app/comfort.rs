//! What the system says about text size and motion: what is asked of it, and its answers read. Pure but for
//! [`system_comfort`], which a worker calls.
//!
//! Each system has a program for it, so nothing is linked; where there is none or it answers something else, the
//! usual holds.

use std::process::Stdio;

use crate::doctor::command::without_console;
use crate::settings::Settings;

/// What people have told their system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemComfort {
    /// Nothing shall move that does not have to.
    pub reduced_motion: bool,
    /// Size of text, in percent.
    pub text_percent: u16,
}

impl Default for SystemComfort {
    fn default() -> Self {
        Self {
            reduced_motion: false,
            text_percent: Settings::TEXT_DEFAULT_PERCENT,
        }
    }
}

impl SystemComfort {
    /// Whether pictures stand still: the system or the user of this program says so.
    pub fn stands_still(self, settings: &Settings) -> bool {
        self.reduced_motion || settings.reduced_motion
    }

    /// Size of text in percent: the setting of this program counts from the system's.
    pub fn text_percent(self, settings: &Settings) -> u16 {
        let both = u32::from(self.text_percent).saturating_mul(u32::from(settings.text_percent));
        let (low, high) = Settings::TEXT_RANGE_PERCENT.into_inner();
        u16::try_from(both / 100).unwrap_or(high).clamp(low, high)
    }
}

/// Asks the system. Takes as long as two small programs.
pub fn system_comfort() -> SystemComfort {
    let (motion, text) = if cfg!(windows) {
        (
            answer(
                "reg",
                &[
                    "query",
                    r"HKCU\Control Panel\Desktop\WindowMetrics",
                    "/v",
                    "MinAnimate",
                ],
            )
            .map(|said| windows_value(&said) == Some(0)),
            answer(
                "reg",
                &[
                    "query",
                    r"HKCU\Software\Microsoft\Accessibility",
                    "/v",
                    "TextScaleFactor",
                ],
            )
            .and_then(|said| windows_value(&said)),
        )
    } else if cfg!(target_os = "macos") {
        let motion = answer(
            "defaults",
            &["read", "com.apple.universalaccess", "reduceMotion"],
        );
        // macOS scales the whole screen instead of text.
        (motion.map(|said| said.trim() == "1"), None)
    } else {
        let ask = |key| answer("gsettings", &["get", "org.gnome.desktop.interface", key]);
        (
            ask("enable-animations").map(|said| said.trim() == "false"),
            ask("text-scaling-factor").and_then(|said| factor(&said)),
        )
    };
    let usual = SystemComfort::default();
    SystemComfort {
        reduced_motion: motion.unwrap_or(usual.reduced_motion),
        text_percent: text.unwrap_or(usual.text_percent),
    }
}

fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let output = without_console(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then_some(text)
}

/// The value in what `reg query` prints: `    TextScaleFactor    REG_DWORD    0x7d`.
fn windows_value(said: &str) -> Option<u16> {
    let value = said.split_whitespace().last()?;
    match value.strip_prefix("0x") {
        Some(digits) => u16::from_str_radix(digits, 16).ok(),
        None => value.parse().ok(),
    }
}

/// A factor such as `1.25` in percent.
fn factor(said: &str) -> Option<u16> {
    let factor: f32 = said.trim().parse().ok()?;
    // Beyond this nobody can read or use anything.
    let sane = (0.5..=3.0).contains(&factor);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 50 and 300"
    )]
    sane.then(|| (factor * 100.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_each_system_are_read() {
        let registry = "\r\nHKEY_CURRENT_USER\\Software\\Microsoft\\Accessibility\r\n    TextScaleFactor    REG_DWORD    0x7d\r\n\r\n";
        assert_eq!(windows_value(registry), Some(125));
        let registry = "\r\nHKEY_CURRENT_USER\\…\r\n    MinAnimate    REG_SZ    0\r\n";
        assert_eq!(windows_value(registry), Some(0));
        for (said, percent) in [
            ("1.25\n", Some(125)),
            ("1.0", Some(100)),
            ("", None),
            ("uint32 1", None),
            ("NaN", None),
            ("40", None),
            ("-1", None),
        ] {
            assert_eq!(factor(said), percent, "{said:?}");
        }
        for nonsense in ["", "0xfffff", "REG_DWORD"] {
            assert_eq!(windows_value(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn a_system_that_says_nothing_is_the_usual() {
        assert_eq!(answer("carto-flasher-no-such-program", &[]), None);
    }

    #[test]
    fn the_setting_counts_from_the_system_and_stays_in_bounds() {
        let settings = |text_percent| Settings {
            text_percent,
            ..Settings::default()
        };
        for (system, own, percent) in [
            (100, 100, 100),
            (125, 100, 125),
            (100, 150, 150),
            (150, 200, 200),
            (50, 80, 80),
        ] {
            let comfort = SystemComfort {
                text_percent: system,
                ..SystemComfort::default()
            };
            assert_eq!(comfort.text_percent(&settings(own)), percent);
        }
        let still = SystemComfort {
            reduced_motion: true,
            ..SystemComfort::default()
        };
        assert!(still.stands_still(&Settings::default()));
        assert!(!SystemComfort::default().stands_still(&Settings::default()));
    }
}
