//! The udev rule: its text, where it may be, installing and removing it. File work only, under a given root;
//! rights are the caller's business.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::doctor::{CommandLine, RuleState};

/// The rule, exactly as installed and as packaged.
pub const CONTENTS: &str = include_str!("../../../packaging/linux/70-carto-flasher.rules");
/// Its name. Below 73, where "uaccess" is acted upon.
pub const FILE_NAME: &str = "70-carto-flasher.rules";
/// What a file must begin with to be ours to replace or remove.
const MARK: &str = "# carto-flasher:";

/// Where rules are read from, the strongest first (udev(7)).
const FOLDERS: [&str; 5] = [
    "etc/udev/rules.d",
    "run/udev/rules.d",
    "usr/local/lib/udev/rules.d",
    "usr/lib/udev/rules.d",
    "lib/udev/rules.d",
];

/// Where it is installed by hand; packages use `usr/lib`.
pub fn path(root: &Path) -> PathBuf {
    root.join("etc/udev/rules.d").join(FILE_NAME)
}

/// What is there now.
pub fn state(root: &Path) -> RuleState {
    for folder in FOLDERS {
        let path = root.join(folder).join(FILE_NAME);
        let Ok(contents) = std::fs::read_to_string(&path) else {
            continue;
        };
        return if contents.trim().is_empty() {
            RuleState::Masked { path }
        } else if contents == CONTENTS {
            RuleState::Current { path }
        } else {
            RuleState::Different { path }
        };
    }
    RuleState::Absent
}

/// What installing did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The file.
    pub path: PathBuf,
    /// Its whole text.
    pub contents: &'static str,
    /// What was there before.
    pub before: RuleState,
}

/// Why the rule was not installed or removed.
#[derive(Debug, Error)]
pub enum RuleError {
    /// The administrator has switched it off.
    #[error("{} is masked: remove it to allow the rule", .path.display())]
    Masked {
        /// The file that does.
        path: PathBuf,
    },
    /// A file of that name is not ours.
    #[error("{} was not written by this program and is left alone", .path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be written, read or removed.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Writes the rule below `root`, whole or not at all, and says exactly what was written where. A version of
/// ours that is there already is replaced.
pub fn install(root: &Path) -> Result<Installed, RuleError> {
    let path = path(root);
    let before = state(root);
    match &before {
        RuleState::Masked { path } => return Err(RuleError::Masked { path: path.clone() }),
        RuleState::Different { path: there } if *there == path => check_ours(&path)?,
        RuleState::Absent | RuleState::Current { .. } | RuleState::Different { .. } => {}
    }
    let done = Installed {
        path: path.clone(),
        contents: CONTENTS,
        before,
    };
    if matches!(&done.before, RuleState::Current { .. }) {
        return Ok(done);
    }
    write(&path)?;
    Ok(done)
}

/// Removes the rule that [`install`] wrote; `None` if there is none. A package's own copy is the package's.
pub fn uninstall(root: &Path) -> Result<Option<PathBuf>, RuleError> {
    let path = path(root);
    match std::fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(RuleError::File { path, source }),
        Ok(_) => check_ours(&path)?,
    }
    std::fs::remove_file(&path).map_err(|source| RuleError::File {
        path: path.clone(),
        source,
    })?;
    Ok(Some(path))
}

/// What writes the rule and has it applied, in a terminal. Started out of an archive, this program is on no path.
pub fn install_command(helper: Option<&Path>) -> CommandLine {
    let helper = helper.unwrap_or(Path::new("carto-flasher-cli"));
    let helper = helper.to_string_lossy();
    CommandLine::new("sudo", &[&helper, "doctor", "install-udev-rule"])
}

/// What undoes that.
pub fn undo(install: &CommandLine) -> CommandLine {
    let mut command = install.clone();
    if let Some(what) = command.arguments.last_mut() {
        "remove-udev-rule".clone_into(what);
    }
    command
}

/// Has the rules read again.
pub fn reload_command() -> CommandLine {
    CommandLine::new("udevadm", &["control", "--reload"])
}

/// Has the rules applied to what is plugged in: only to devices with our numbers' vendors. It gives rights and
/// takes none back: what a rule that is gone has given stays until the device is plugged in again.
pub fn apply_commands() -> Vec<CommandLine> {
    let trigger = |matching: &[&str]| {
        CommandLine::new(
            "udevadm",
            &[&["trigger", "--action=change"], matching].concat(),
        )
    };
    vec![
        trigger(&["--subsystem-match=usb", "--attr-match=idVendor=0483"]),
        trigger(&["--subsystem-match=usb", "--attr-match=idVendor=1d50"]),
        trigger(&["--subsystem-match=tty", "--sysname-match=ttyACM*"]),
        CommandLine::new("udevadm", &["settle", "--timeout=5"]),
    ]
}

/// True if this file is there and was written by this program.
pub fn is_ours(path: &Path) -> bool {
    check_ours(path).is_ok()
}

fn check_ours(path: &Path) -> Result<(), RuleError> {
    let contents = std::fs::read_to_string(path).map_err(|source| RuleError::File {
        path: path.to_owned(),
        source,
    })?;
    if contents.starts_with(MARK) {
        Ok(())
    } else {
        Err(RuleError::NotOurs {
            path: path.to_owned(),
        })
    }
}

fn write(path: &Path) -> Result<(), RuleError> {
    let fail = |path: &Path, source| RuleError::File {
        path: path.to_owned(),
        source,
    };
    let folder = path.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(folder).map_err(|source| fail(folder, source))?;
    // udev reads only names that end in .rules, so a half-written file is never taken for one.
    let mut file = tempfile::Builder::new()
        .prefix(".carto-flasher")
        .suffix(".new")
        .tempfile_in(folder)
        .map_err(|source| fail(folder, source))?;
    file.write_all(CONTENTS.as_bytes())
        .and_then(|()| readable_by_all(file.as_file()))
        .and_then(|()| file.as_file().sync_all())
        .map_err(|source| fail(path, source))?;
    file.persist(path)
        .map_err(|error| fail(path, error.error))?;
    Ok(())
}

#[cfg(unix)]
fn readable_by_all(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "the same signature as where it can fail"
)]
fn readable_by_all(_file: &std::fs::File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_rule_says_what_it_must() {
        for device in ["0483", "df11", "1d50", "614e|6177"] {
            assert!(CONTENTS.contains(&format!("==\"{device}\"")), "{device}");
        }
        assert!(CONTENTS.starts_with(MARK));
        assert!(CONTENTS.contains("ENV{ID_MM_DEVICE_IGNORE}=\"1\""));
        assert_eq!(CONTENTS.matches("TAG+=\"uaccess\"").count(), 2);
        let number: u32 = FILE_NAME.split('-').next().unwrap().parse().unwrap();
        assert!(number < 73);
    }

    #[test]
    fn installed_and_removed_in_a_scratch_root() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(state(root.path()), RuleState::Absent);
        assert!(matches!(uninstall(root.path()), Ok(None)));
        let done = install(root.path()).unwrap();
        let path = root.path().join("etc/udev/rules.d/70-carto-flasher.rules");
        assert_eq!(
            done,
            Installed {
                path: path.clone(),
                contents: CONTENTS,
                before: RuleState::Absent
            }
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), CONTENTS);
        assert_eq!(
            state(root.path()),
            RuleState::Current { path: path.clone() }
        );
        assert_eq!(
            install(root.path()).unwrap().before,
            RuleState::Current { path: path.clone() }
        );
        assert_eq!(uninstall(root.path()).unwrap(), Some(path.clone()));
        assert_eq!(state(root.path()), RuleState::Absent);
        let left = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(left, 0, "no temporary file stays behind");
    }

    #[cfg(unix)]
    #[test]
    fn everybody_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let path = install(root.path()).unwrap().path;
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o644);
    }

    #[test]
    fn an_older_version_is_replaced_and_a_strangers_file_is_not() {
        let root = tempfile::tempdir().unwrap();
        let path = install(root.path()).unwrap().path;
        fs::write(&path, format!("{MARK} an older text\n")).unwrap();
        assert_eq!(
            state(root.path()),
            RuleState::Different { path: path.clone() }
        );
        install(root.path()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), CONTENTS);

        fs::write(&path, "SUBSYSTEM==\"usb\"\n").unwrap();
        assert!(matches!(
            install(root.path()),
            Err(RuleError::NotOurs { .. })
        ));
        assert!(matches!(
            uninstall(root.path()),
            Err(RuleError::NotOurs { .. })
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), "SUBSYSTEM==\"usb\"\n");
    }

    #[test]
    fn a_masked_rule_is_left_masked() {
        let root = tempfile::tempdir().unwrap();
        let path = install(root.path()).unwrap().path;
        fs::write(&path, "").unwrap();
        assert_eq!(state(root.path()), RuleState::Masked { path: path.clone() });
        assert!(matches!(
            install(root.path()),
            Err(RuleError::Masked { .. })
        ));
    }

    #[test]
    fn a_packaged_rule_counts_and_is_the_packages() {
        let root = tempfile::tempdir().unwrap();
        let packaged = root.path().join("usr/lib/udev/rules.d").join(FILE_NAME);
        fs::create_dir_all(packaged.parent().unwrap()).unwrap();
        fs::write(&packaged, CONTENTS).unwrap();
        let current = RuleState::Current {
            path: packaged.clone(),
        };
        assert_eq!(state(root.path()), current);
        assert_eq!(install(root.path()).unwrap().before, current);
        assert!(!path(root.path()).exists(), "nothing needed to be written");
        assert!(matches!(uninstall(root.path()), Ok(None)));
        assert!(packaged.exists());
        // An old packaged one is overruled, not overwritten.
        fs::write(&packaged, "# carto-flasher: old\n").unwrap();
        install(root.path()).unwrap();
        assert!(path(root.path()).exists());
        assert_eq!(
            fs::read_to_string(&packaged).unwrap(),
            "# carto-flasher: old\n"
        );
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error_with_its_path() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("etc"), "a file").unwrap();
        let error = install(root.path()).unwrap_err();
        assert!(error.to_string().contains("etc"), "{error}");
    }

    #[test]
    fn commands() {
        assert_eq!(reload_command().to_string(), "udevadm control --reload");
        let shown: Vec<String> = apply_commands().iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "udevadm trigger --action=change --subsystem-match=usb --attr-match=idVendor=0483",
                "udevadm trigger --action=change --subsystem-match=usb --attr-match=idVendor=1d50",
                "udevadm trigger --action=change --subsystem-match=tty '--sysname-match=ttyACM*'",
                "udevadm settle --timeout=5",
            ]
        );
    }
}
