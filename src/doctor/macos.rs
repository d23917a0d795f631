//! Observations on macOS, from the answers of its own tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::facts::MacOsFacts;

/// Asks `sw_vers`, `sysctl` and `xattr`.
pub(super) fn observe() -> MacOsFacts {
    let version = ask("sw_vers", &["-productVersion"]).unwrap_or_default();
    let model = ask("sysctl", &["-n", "hw.model"]).unwrap_or_default();
    // Portable Macs with Apple silicon have a model without "Book" in its name; what they all have is a battery.
    let battery = ask("pmset", &["-g", "batt"]).unwrap_or_default();
    MacOsFacts {
        asks_for_accessories: asks_for_accessories(
            &version,
            &model,
            &battery,
            cfg!(target_arch = "aarch64"),
        ),
        quarantined: std::env::current_exe()
            .ok()
            .map(|program| bundle_of(&program))
            .filter(|program| {
                ask(
                    "xattr",
                    &["-p", "com.apple.quarantine", &program.to_string_lossy()],
                )
                .is_some()
            }),
    }
}

/// Since macOS 13, portable Macs with Apple silicon ask before a new USB accessory may connect, and show
/// nothing of it until then.
pub fn asks_for_accessories(
    product_version: &str,
    model: &str,
    battery: &str,
    apple_silicon: bool,
) -> bool {
    let major: Option<u32> = product_version
        .trim()
        .split('.')
        .next()
        .and_then(|major| major.parse().ok());
    let portable = model.contains("Book") || battery.contains("InternalBattery");
    apple_silicon && portable && major.is_some_and(|major| major >= 13)
}

/// The bundle a program is in, or the program itself: downloads are marked as a whole.
pub fn bundle_of(program: &Path) -> PathBuf {
    program
        .ancestors()
        .find(|path| {
            path.extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("app"))
        })
        .unwrap_or(program)
        .to_owned()
}

fn ask(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_macs_ask() {
        let battery = "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t100%; charged;\n";
        let table = [
            ("14.5\n", "Mac15,3\n", battery, true, true),
            ("13.0", "MacBookAir10,1", "", true, true),
            ("12.7.1", "MacBookAir10,1", battery, true, false),
            (
                "14.5",
                "Mac14,3",
                "Now drawing from 'AC Power'\n",
                true,
                false,
            ),
            ("14.5", "MacBookPro16,1", battery, false, false),
            ("", "", "", true, false),
        ];
        for (version, model, battery, silicon, asks) in table {
            assert_eq!(
                asks_for_accessories(version, model, battery, silicon),
                asks,
                "{version} {model}"
            );
        }
    }

    #[test]
    fn bundles() {
        let inside = Path::new("/Applications/Carto Flasher.app/Contents/MacOS/carto-flasher");
        assert_eq!(
            bundle_of(inside),
            Path::new("/Applications/Carto Flasher.app")
        );
        let bare = Path::new("/usr/local/bin/carto-flasher");
        assert_eq!(bundle_of(bare), bare);
    }
}
