//! Which process holds a device node. Linux tells, as far as this user may look; elsewhere only that
//! somebody does.

/// A process that holds a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its name as its owner would say it: `klippy`, not `python`.
    pub name: String,
    /// Its number.
    pub pid: u32,
}

impl Holder {
    /// True for a program that looks at every new port for some seconds and then lets go
    /// (protocols.md §3.2).
    pub fn lets_go_by_itself(&self) -> bool {
        self.name == "ModemManager"
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (process {})", self.name, self.pid)
    }
}

/// The first other process that holds this node.
///
/// Klipper opens its port without TIOCEXCL and only locks it, so the kernel would let a second program in
/// and both would lose (protocols.md §5.4): this has to be asked before opening.
#[cfg(target_os = "linux")]
pub fn of(node: &str) -> Option<Holder> {
    linux::first(std::path::Path::new("/proc"), node)
}

/// Elsewhere there is nobody to ask.
#[cfg(not(target_os = "linux"))]
pub fn of(_node: &str) -> Option<Holder> {
    None
}

/// The name of a process, from its folder in /proc. An interpreter is named after what it runs.
pub(crate) fn name(process: &std::path::Path) -> String {
    let command = std::fs::read(process.join("cmdline")).unwrap_or_default();
    let short = std::fs::read_to_string(process.join("comm")).unwrap_or_default();
    name_from(&command, short.trim())
}

fn name_from(command_line: &[u8], comm: &str) -> String {
    let arguments: Vec<String> = command_line
        .split(|&byte| byte == 0)
        .map(|argument| String::from_utf8_lossy(argument).into_owned())
        .collect();
    let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let program = arguments.first().map(|path| base(path)).unwrap_or_default();
    if ["python", "node", "perl", "ruby"]
        .iter()
        .any(|interpreter| program.starts_with(interpreter))
        && let Some(script) = arguments
            .iter()
            .skip(1)
            .find(|argument| !argument.is_empty() && !argument.starts_with('-'))
    {
        let script = base(script);
        return script.strip_suffix(".py").unwrap_or(&script).to_owned();
    }
    match (comm, program) {
        ("", program) if program.is_empty() => "unknown".to_owned(),
        ("", program) => program,
        (comm, _) => comm.to_owned(),
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    use std::path::Path;

    use super::Holder;

    pub(super) fn first(proc: &Path, node: &str) -> Option<Holder> {
        let node = fs::metadata(node).ok()?;
        let own = std::process::id();
        let pid = open_by(proc, &node, own).or_else(|| locked_by(proc, &node, own))?;
        Some(Holder {
            name: super::name(&proc.join(pid.to_string())),
            pid,
        })
    }

    /// Looks through the open files of every process whose files this user may see.
    fn open_by(proc: &Path, node: &fs::Metadata, own: u32) -> Option<u32> {
        fs::read_dir(proc)
            .ok()?
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
            .filter(|&pid| pid != own)
            .find(|pid| has_open(&proc.join(pid.to_string()).join("fd"), node))
    }

    fn has_open(files: &Path, node: &fs::Metadata) -> bool {
        let Ok(files) = fs::read_dir(files) else {
            return false;
        };
        files.filter_map(Result::ok).any(|file| {
            // Only what is in /dev is looked at closer: asking after a file on a dead network drive hangs.
            let path = file.path();
            fs::read_link(&path).is_ok_and(|to| to.starts_with("/dev"))
                && fs::metadata(&path).is_ok_and(|open| is_same(&open, node))
        })
    }

    fn is_same(open: &fs::Metadata, node: &fs::Metadata) -> bool {
        open.file_type().is_char_device() && open.rdev() == node.rdev()
    }

    /// Locks are told to everybody, even those of other users' processes: Klipper's flock is among them.
    fn locked_by(proc: &Path, node: &fs::Metadata, own: u32) -> Option<u32> {
        let locks = fs::read_to_string(proc.join("locks")).ok()?;
        let inode = format!(
            "{:02x}:{:02x}:{}",
            rustix::fs::major(node.dev()),
            rustix::fs::minor(node.dev()),
            node.ino()
        );
        locks
            .lines()
            .filter_map(parse_lock)
            .find(|lock| lock.inode == inode && lock.pid != own)
            .map(|lock| lock.pid)
    }

    #[derive(Debug, PartialEq, Eq)]
    pub(super) struct Lock<'a> {
        pub(super) pid: u32,
        pub(super) inode: &'a str,
    }

    /// `1: FLOCK  ADVISORY  WRITE 812 00:06:345 0 EOF` (proc_locks(5)); a waiter has `->` and holds nothing.
    pub(super) fn parse_lock(line: &str) -> Option<Lock<'_>> {
        let mut words = line.split_ascii_whitespace().skip(1);
        if words.next()? == "->" {
            return None;
        }
        let pid = words.nth(2)?.parse().ok().filter(|&pid| pid > 0)?;
        Some(Lock {
            pid,
            inode: words.next()?,
        })
    }

    #[cfg(test)]
    mod tests {
        use super::super::name_from;
        use super::*;

        #[test]
        fn names() {
            let klippy = b"/home/pi/klippy-env/bin/python\0/home/pi/klipper/klippy/klippy.py\0/home/pi/printer.cfg\0-l\0";
            assert_eq!(name_from(klippy, "python"), "klippy");
            assert_eq!(
                name_from(b"/usr/bin/python3\0-u\0-E\0/opt/tool.py\0", "python3"),
                "tool"
            );
            assert_eq!(
                name_from(b"/usr/sbin/ModemManager\0", "ModemManager"),
                "ModemManager"
            );
            assert_eq!(
                name_from(b"minicom\0-D\0/dev/ttyACM0\0", "minicom"),
                "minicom"
            );
            assert_eq!(name_from(b"", "brltty"), "brltty");
            assert_eq!(name_from(b"/usr/bin/screen\0", ""), "screen");
            assert_eq!(name_from(b"", ""), "unknown");
            assert_eq!(name_from(b"python\0", "python"), "python");
        }

        #[test]
        fn locks() {
            assert_eq!(
                parse_lock("1: FLOCK  ADVISORY  WRITE 812 00:06:345 0 EOF"),
                Some(Lock {
                    pid: 812,
                    inode: "00:06:345"
                })
            );
            for line in [
                "1: -> FLOCK  ADVISORY  WRITE 813 00:06:345 0 EOF",
                "2: OFDLCK ADVISORY  WRITE -1 00:06:345 0 EOF",
                "3: FLOCK  ADVISORY  WRITE 0 00:06:345 0 EOF",
                "",
                "4: FLOCK",
                "5: FLOCK ADVISORY WRITE 812",
            ] {
                assert_eq!(parse_lock(line), None, "{line}");
            }
        }

        /// A scratch /proc: process 77 has the node open, process 78 something else, 79 may not be seen.
        #[test]
        fn the_process_with_the_node_open_is_found() {
            let proc = tempfile::tempdir().unwrap();
            for (pid, target) in [(77, "/dev/null"), (78, "/dev/zero"), (80, "/nonexistent")] {
                let files = proc.path().join(pid.to_string()).join("fd");
                fs::create_dir_all(&files).unwrap();
                std::os::unix::fs::symlink(target, files.join("3")).unwrap();
                fs::write(files.parent().unwrap().join("comm"), "minicom\n").unwrap();
            }
            fs::create_dir(proc.path().join("79")).unwrap();
            fs::create_dir(proc.path().join("self")).unwrap();
            assert_eq!(
                first(proc.path(), "/dev/null"),
                Some(Holder {
                    name: "minicom".into(),
                    pid: 77
                })
            );
            assert_eq!(first(proc.path(), "/dev/full"), None);
            assert_eq!(first(proc.path(), "/dev/no-such-node"), None);
        }

        #[test]
        fn the_process_with_the_lock_is_found_though_its_files_are_hidden() {
            let proc = tempfile::tempdir().unwrap();
            let node = fs::metadata("/dev/null").unwrap();
            fs::create_dir(proc.path().join("812")).unwrap();
            fs::write(
                proc.path().join("812/cmdline"),
                "python\0/home/pi/klipper/klippy/klippy.py\0",
            )
            .unwrap();
            let line = format!(
                "1: FLOCK  ADVISORY  WRITE 812 {:02x}:{:02x}:{} 0 EOF\n",
                rustix::fs::major(node.dev()),
                rustix::fs::minor(node.dev()),
                node.ino()
            );
            fs::write(proc.path().join("locks"), line).unwrap();
            let holder = first(proc.path(), "/dev/null").unwrap();
            assert_eq!(holder.to_string(), "klippy (process 812)");
            assert!(!holder.lets_go_by_itself());
        }
    }
}
