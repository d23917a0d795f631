//! What this computer runs, as far as it matters for USB, drivers and windows. Names of people and of the computer
//! are not asked for.

use std::path::Path;

/// No file that is asked is longer than this.
const MAX_BYTES: u64 = 16 * 1024;

/// Program and system in two lines: what is known without asking anybody.
pub fn basics() -> String {
    format!(
        "carto-flasher {}\nSystem: {} {}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}

/// What the system says of itself: label and value. What cannot be had is left out.
pub fn system() -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut add = |label, value: Option<String>| {
        facts.extend(value.map(|value| (label, value)));
    };
    if cfg!(target_os = "macos") {
        let plist = read("/System/Library/CoreServices/SystemVersion.plist");
        add(
            "macOS",
            plist.and_then(|text| plist_value(&text, "ProductVersion")),
        );
    } else if cfg!(windows) {
        add("Windows", windows_version());
    } else {
        let release = read("/etc/os-release").or_else(|| read("/usr/lib/os-release"));
        add(
            "Distribution",
            release.and_then(|text| os_release_name(&text)),
        );
        add("Kernel", read("/proc/sys/kernel/osrelease"));
        for name in ["XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP"] {
            add(name, std::env::var(name).ok());
        }
    }
    facts
}

fn read(path: &str) -> Option<String> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let file = std::fs::File::open(Path::new(path)).ok()?;
    file.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// `PRETTY_NAME` of os-release(5).
fn os_release_name(text: &str) -> Option<String> {
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(value.trim_matches(['"', '\'']).to_owned())
}

/// The string that follows a key in a property list of XML.
fn plist_value(text: &str, key: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<key>{key}</key>"))?;
    let (_, rest) = rest.split_once("<string>")?;
    let (value, _) = rest.split_once("</string>")?;
    Some(value.to_owned())
}

/// The command processor tells the version that is true; the older calls tell the version that a program was made for.
#[cfg(windows)]
fn windows_version() -> Option<String> {
    let output = crate::doctor::command::without_console("cmd")
        .args(["/d", "/c", "ver"])
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(not(windows))]
fn windows_version() -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_systems_are_found() {
        let debian = "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nID=debian\n";
        assert_eq!(
            os_release_name(debian).unwrap(),
            "Debian GNU/Linux 13 (trixie)"
        );
        let plist = "<dict>\n<key>ProductName</key>\n<string>macOS</string>\n\
            <key>ProductVersion</key>\n\t<string>15.1</string>\n</dict>";
        assert_eq!(plist_value(plist, "ProductVersion").unwrap(), "15.1");
        for broken in ["", "<key>ProductVersion</key>", "PRETTY_NAME"] {
            assert_eq!(plist_value(broken, "ProductVersion"), None);
            assert_eq!(os_release_name(broken), None);
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_kernel_is_told() {
        assert!(system().iter().any(|(label, _)| *label == "Kernel"));
    }
}
