//! One window per person: a second start hands its file to the first one and ends.
//!
//! A lock on a file says who is first; the system gives it back however that program ends. The first listens on a
//! loopback port whose number and password stand in a file that only its owner can read. Loopback instead of named
//! pipes or Unix sockets, because it is the same on all three systems and every wait on it has a time-out: a first
//! window that hangs keeps nobody from starting. Starts no thread; `app::workers` listens.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::files::{self, Durable};
use crate::transport::Clock;

const LOCK_FILE: &str = "instance.lock";
const DOOR_FILE: &str = "instance.json";
/// The door file is a hundred bytes.
const MAX_DOOR: u64 = 4096;
/// No request is longer: a path has 32,767 characters at most (Windows, "Maximum Path Length Limitation").
const MAX_REQUEST: u64 = 256 * 1024;
/// What the first window says when it has taken over.
const TAKEN: &str = "taken";
/// Bytes of the password.
const PASSWORD: usize = 16;

/// Loopback answers at once or never.
const CONNECT: Duration = Duration::from_secs(1);
/// The first window answers when it has looked: it may be drawing or waking up.
const ANSWER: Duration = Duration::from_secs(4);
/// Whoever connects and says nothing is sent away.
const REQUEST: Duration = Duration::from_secs(1);
/// The first window may be starting at this very moment: its door is looked for this often.
const LOOKS: u32 = 40;
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What came of claiming to be the first.
#[derive(Debug)]
pub enum Claim {
    /// This is the first window.
    First(Box<First>),
    /// Another one is.
    Taken,
    /// It cannot be told: go on as if alone.
    Unknown(std::io::Error),
}

/// The first window: the lock, and the door others knock at.
#[derive(Debug)]
pub struct First {
    /// Held until this is dropped.
    _lock: File,
    listener: TcpListener,
    door: PathBuf,
    password: String,
}

/// Someone started the program again.
#[derive(Debug)]
pub struct Knock {
    /// The file it was given, if any.
    pub file: Option<PathBuf>,
    stream: TcpStream,
}

/// Why the first window did not take over.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HandOverError {
    /// It cannot be reached.
    #[error("the open window cannot be reached")]
    Unreachable(#[source] std::io::Error),
    /// It is there and does not answer.
    #[error("the open window does not answer")]
    Silent,
}

#[derive(Debug, Serialize, Deserialize)]
struct Door {
    port: u16,
    password: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Request {
    password: String,
    /// The bytes of the path: it need not be text.
    file: Option<Vec<u8>>,
}

/// Where lock and door are: the system's folder for what lives as long as a session, else the program's own.
pub fn folder() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "carto-flasher")?;
    let usable = |folder: &Path| std::fs::create_dir_all(folder).is_ok();
    let session = dirs.runtime_dir().map(Path::to_owned);
    session
        .filter(|folder| usable(folder))
        .or_else(|| Some(dirs.data_local_dir().to_owned()))
}

/// Claims to be the first window of this person.
pub fn claim(folder: &Path) -> Claim {
    match try_claim(folder) {
        Ok(Some(first)) => Claim::First(Box::new(first)),
        Ok(None) => Claim::Taken,
        Err(error) => Claim::Unknown(error),
    }
}

fn try_claim(folder: &Path) -> std::io::Result<Option<First>> {
    std::fs::create_dir_all(folder)?;
    let lock = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(folder.join(LOCK_FILE))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let password = password()?;
    let door = Door {
        port: listener.local_addr()?.port(),
        password: password.clone(),
    };
    let path = folder.join(DOOR_FILE);
    files::replace(&path, &serde_json::to_vec(&door)?, Durable::No)?;
    Ok(Some(First {
        _lock: lock,
        listener,
        door: path,
        password,
    }))
}

fn password() -> std::io::Result<String> {
    use std::fmt::Write as _;
    let mut bytes = [0; PASSWORD];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").ok();
    }
    Ok(text)
}

impl First {
    /// Waits for the next start of the program. Whoever does not know the password is sent away unheard.
    ///
    /// # Errors
    /// The door is broken: nobody will come any more.
    pub fn wait(&self) -> std::io::Result<Knock> {
        loop {
            let (stream, _from) = self.listener.accept()?;
            if let Some(knock) = self.hear(stream) {
                return Ok(knock);
            }
        }
    }

    /// Takes the door away: nobody shall knock any more. The place stays taken until the program ends.
    pub fn close(&self) {
        std::fs::remove_file(&self.door).ok();
    }

    fn hear(&self, stream: TcpStream) -> Option<Knock> {
        stream.set_read_timeout(Some(REQUEST)).ok()?;
        stream.set_write_timeout(Some(REQUEST)).ok()?;
        let mut line = String::new();
        BufReader::new(stream.try_clone().ok()?.take(MAX_REQUEST))
            .read_line(&mut line)
            .ok()?;
        let request: Request = serde_json::from_str(&line).ok()?;
        (request.password == self.password).then_some(Knock {
            file: request.file.and_then(path_of_bytes),
            stream,
        })
    }
}

impl Drop for First {
    fn drop(&mut self) {
        self.close();
    }
}

impl Knock {
    /// Tells the one who knocked that its wish was taken over.
    pub fn taken(mut self) {
        writeln!(self.stream, "{TAKEN}").ok();
    }
}

/// Asks the first window to come forward and to open this file. Ends within seconds, whatever the first one does.
///
/// # Errors
/// It did not: start without it.
pub fn hand_over(
    folder: &Path,
    file: Option<&Path>,
    clock: &dyn Clock,
) -> Result<(), HandOverError> {
    hand_over_within(folder, file, clock, ANSWER)
}

fn hand_over_within(
    folder: &Path,
    file: Option<&Path>,
    clock: &dyn Clock,
    answer: Duration,
) -> Result<(), HandOverError> {
    let (door, mut stream) = knock(folder, clock).map_err(HandOverError::Unreachable)?;
    let request = Request {
        password: door.password,
        file: file.map(bytes_of_path),
    };
    let silent = |_error| HandOverError::Silent;
    let mut line = serde_json::to_string(&request).unwrap_or_default();
    line.push('\n');
    stream.set_read_timeout(Some(answer)).map_err(silent)?;
    stream.set_write_timeout(Some(answer)).map_err(silent)?;
    stream.write_all(line.as_bytes()).map_err(silent)?;
    let mut said = String::new();
    BufReader::new(stream.take(MAX_DOOR))
        .read_line(&mut said)
        .map_err(silent)?;
    if said.trim() == TAKEN {
        Ok(())
    } else {
        Err(HandOverError::Silent)
    }
}

/// Finds the door and connects; tries again while the first window is still starting.
fn knock(folder: &Path, clock: &dyn Clock) -> std::io::Result<(Door, TcpStream)> {
    let mut last = std::io::ErrorKind::NotFound.into();
    for _look in 0..LOOKS {
        match read_door(folder).and_then(|door| {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, door.port));
            Ok((door, TcpStream::connect_timeout(&address, CONNECT)?))
        }) {
            Ok(found) => return Ok(found),
            // One that hangs would hang again.
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => return Err(error),
            Err(error) => last = error,
        }
        clock.sleep(LOOK_EVERY);
    }
    Err(last)
}

fn read_door(folder: &Path) -> std::io::Result<Door> {
    let mut bytes = Vec::new();
    let file = File::open(folder.join(DOOR_FILE))?;
    file.take(MAX_DOOR).read_to_end(&mut bytes)?;
    Ok(serde_json::from_slice(&bytes)?)
}

#[cfg(unix)]
fn bytes_of_path(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    path.as_os_str().as_bytes().to_owned()
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "elsewhere not every sequence of bytes is a path"
)]
fn path_of_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn bytes_of_path(path: &Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

#[cfg(not(unix))]
fn path_of_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

#[cfg(test)]
mod tests;
