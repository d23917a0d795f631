//! Observations on macOS, from the answers of its own tools. What they mean is decided by pure functions, which are
//! tested on every system with answers as the tools give them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::facts::MacOsFacts;

/// The first macOS that asks for accessories.
const FIRST_TO_ASK: u32 = 13;
/// In the flags of the mark of a download: somebody has allowed it to run (QTN_FLAG_USER_APPROVED of the
/// quarantine kernel extension).
const APPROVED: u32 = 0x0040;

/// Asks `sw_vers`, `sysctl`, `pmset` and `xattr`.
pub(super) fn observe() -> MacOsFacts {
    /// What the Mac is does not change while the program runs.
    static ASKS: OnceLock<bool> = OnceLock::new();
    let program = std::env::current_exe().map(|program| bundle_of(&program));
    let mark = |program: &Path| {
        ask(
            "xattr",
            &["-p", "com.apple.quarantine", &program.to_string_lossy()],
        )
    };
    MacOsFacts {
        asks_for_accessories: *ASKS.get_or_init(|| Mac::observe().asks_for_accessories()),
        translocated: program.as_deref().is_ok_and(is_translocated),
        quarantined: program
            .ok()
            .filter(|program| mark(program).is_some_and(|mark| is_unapproved(&mark))),
    }
}

/// What a Mac says of itself.
#[derive(Debug, Clone, Default)]
pub struct Mac {
    /// `sw_vers -productVersion`.
    pub version: String,
    /// `sysctl -n hw.model`.
    pub model: String,
    /// `sysctl -n hw.optional.arm64`: 1 also for a program that Rosetta translates.
    pub arm64: String,
    /// `pmset -g batt`.
    pub batteries: String,
}

impl Mac {
    fn observe() -> Self {
        let sysctl = |name| ask("sysctl", &["-n", name]).unwrap_or_default();
        Self {
            version: ask("sw_vers", &["-productVersion"]).unwrap_or_default(),
            model: sysctl("hw.model"),
            arm64: sysctl("hw.optional.arm64"),
            batteries: ask("pmset", &["-g", "batt"]).unwrap_or_default(),
        }
    }

    /// Since macOS 13, portable Macs with Apple silicon ask before a new USB accessory may connect, and show
    /// nothing of it until then.
    pub fn asks_for_accessories(&self) -> bool {
        // Newer portable Macs have no "Book" in the name of their model; what all of them have is a battery.
        let portable = self.model.contains("Book") || self.batteries.contains("InternalBattery");
        let major = self.version.trim().split('.').next();
        let major: Option<u32> = major.and_then(|major| major.parse().ok());
        self.arm64.trim() == "1" && portable && major.is_some_and(|major| major >= FIRST_TO_ASK)
    }
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

/// True for a path in the hidden copy that macOS runs of a download that was not moved.
pub fn is_translocated(program: &Path) -> bool {
    program
        .components()
        .any(|part| part.as_os_str() == "AppTranslocation")
}

/// True for a mark that keeps the program from starting: `flags;when;who;which`, flags in hexadecimal. The mark stays
/// when somebody allows the program to run, with a flag more.
pub fn is_unapproved(mark: &str) -> bool {
    let flags = mark.trim().split(';').next().unwrap_or_default();
    u32::from_str_radix(flags, 16).is_ok_and(|flags| flags & APPROVED == 0)
}

fn ask(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAPTOP: &str = "Now drawing from 'AC Power'\n -InternalBattery-0 (id=23068771)\t100%; charged; 0:00 remaining present: true\n";
    const DESK: &str = "Now drawing from 'AC Power'\n";
    const DESK_WITH_UPS: &str = "Now drawing from 'AC Power'\n -Back-UPS ES 700G (id=3276800)\t100%; charging; 0:20 remaining present: true\n";

    #[test]
    fn which_macs_ask() {
        let table = [
            ("a newer laptop", "14.5\n", "Mac15,3\n", "1\n", LAPTOP, true),
            (
                "the first that asks",
                "13.0",
                "MacBookAir10,1",
                "1",
                "",
                true,
            ),
            (
                "numbered by the year",
                "26.1\n",
                "Mac16,1\n",
                "1\n",
                LAPTOP,
                true,
            ),
            ("too old", "12.7.1", "MacBookAir10,1", "1", LAPTOP, false),
            ("on a desk", "14.5", "Mac14,3", "1", DESK, false),
            (
                "on a desk, with a UPS",
                "15.1",
                "Mac16,10",
                "1",
                DESK_WITH_UPS,
                false,
            ),
            ("Intel", "14.5", "MacBookPro16,1", "", LAPTOP, false),
            ("nothing answered", "", "", "", "", false),
            ("nonsense", "thirteen", "MacBook", "1", LAPTOP, false),
        ];
        for (name, version, model, arm64, batteries, asks) in table {
            let mac = Mac {
                version: version.into(),
                model: model.into(),
                arm64: arm64.into(),
                batteries: batteries.into(),
            };
            assert_eq!(mac.asks_for_accessories(), asks, "{name}");
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

    #[test]
    fn copies() {
        let copy = "/private/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/AppTranslocation/0B9A7C2E-0F6B-4B1C-9C5D-7B3F1C1E2D3A/d/Carto Flasher.app";
        assert!(is_translocated(Path::new(copy)));
        assert!(!is_translocated(Path::new(
            "/Users/ann/Downloads/Carto Flasher.app"
        )));
    }

    #[test]
    fn marks() {
        let table = [
            (
                "0081;66b0e2f1;Safari;6E6B7A0C-5D0E-4C52-9F1B-0C8B4D8D9E01\n",
                true,
            ),
            ("0181;66b0e2f1;Chrome;\n", true),
            (
                "0083;66b0e2f1;Safari;6E6B7A0C-5D0E-4C52-9F1B-0C8B4D8D9E01",
                true,
            ),
            (
                "00c1;66b0e2f1;Safari;6E6B7A0C-5D0E-4C52-9F1B-0C8B4D8D9E01\n",
                false,
            ),
            ("01c1;66b0e2f1;Homebrew Cask;6E6B7A0C\n", false),
            ("00C3;66b0e2f1;Firefox;", false),
            ("", false),
            ("no mark that we know", false),
        ];
        for (mark, unapproved) in table {
            assert_eq!(is_unapproved(mark), unapproved, "{mark}");
        }
    }
}
