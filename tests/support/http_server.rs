//! A web server on loopback that serves what it is told to, and misbehaves on demand.
//!
//! It never sleeps: a silent answer waits for the client to give up, and a slow one is slow by the client's
//! clock.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its part, and stops where something fails"
)]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use carto_flasher::digest::crc32;

/// How a path is answered.
#[derive(Clone)]
pub(crate) enum Answer {
    /// As a good server does: with length and ETag, partially or "not modified" if asked for that.
    File(Vec<u8>),
    /// As [`Answer::File`], but without length: the end of the connection is the end of the file.
    Unsized(Vec<u8>),
    /// As [`Answer::File`], but the connection ends after so many bytes.
    CutOff(Vec<u8>, usize),
    /// As [`Answer::File`], but always from the beginning, whatever part is asked for.
    NoRanges(Vec<u8>),
    /// Another part of the file than was asked for.
    WrongRange(Vec<u8>),
    /// Packed, although nobody asked.
    Gzip(Vec<u8>),
    /// With this `Content-Type`.
    Typed(&'static str, Vec<u8>),
    /// With this `Content-Encoding`.
    Encoded(&'static str, Vec<u8>),
    /// This status with these header lines.
    Status(u16, Vec<String>),
    /// A redirect to this address.
    Redirect(String),
    /// Announces so many bytes and sends a few.
    Announce(u64),
    /// Bytes without end and without length.
    Endless,
    /// Takes the request and says nothing.
    Silent,
    /// Takes the request and hangs up.
    HangUp,
    /// Not HTTP at all.
    Garbage,
}

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The address as it stood in the request, still escaped.
    pub(crate) target: String,
    /// Header lines, names in lower case.
    pub(crate) headers: HashMap<String, String>,
}

/// A running server. Stops when dropped.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    stopping: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    answers: Mutex<HashMap<String, Vec<Answer>>>,
    seen: Mutex<Vec<Seen>>,
}

impl Server {
    /// On 127.0.0.1.
    pub(crate) fn start() -> Self {
        Self::on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap())
    }

    /// On `[::1]`, if this computer has it.
    pub(crate) fn start_v6() -> Option<Self> {
        TcpListener::bind((Ipv6Addr::LOCALHOST, 0))
            .ok()
            .map(Self::on)
    }

    fn on(listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let stopping = Arc::new(AtomicBool::new(false));
        let thread = std::thread::Builder::new().name("test server".to_owned());
        let (for_thread, stop) = (Arc::clone(&shared), Arc::clone(&stopping));
        let handle = thread
            .spawn(move || accept(&listener, &for_thread, &stop))
            .unwrap();
        Self {
            address,
            shared,
            stopping,
            listener: Some(handle),
        }
    }

    /// The root, ending in a slash.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Answers a path (unescaped, starting with a slash) so from now on.
    pub(crate) fn answer(&self, path: &str, answer: Answer) {
        self.answers(path, vec![answer]);
    }

    /// Answers a path so one after the other; the last one stays.
    pub(crate) fn answers(&self, path: &str, mut answers: Vec<Answer>) {
        answers.reverse();
        let mut all = self
            .shared
            .answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.insert(path.to_owned(), answers);
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let seen = self
            .shared
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        seen.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes `accept`.
        drop(TcpStream::connect(self.address));
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, stopping: &AtomicBool) {
    for stream in listener.incoming().flatten() {
        if stopping.load(Ordering::SeqCst) {
            return;
        }
        let shared = Arc::clone(shared);
        let thread = std::thread::Builder::new().name("test connection".to_owned());
        // A client that hangs up is part of many tests.
        drop(thread.spawn(move || drop(serve(stream, &shared))));
    }
}

fn serve(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    // The first byte of a TLS handshake (RFC 8446 §5.1), to which plain servers answer so.
    if reader.fill_buf()?.first() == Some(&0x16) {
        return head(&mut reader.into_inner(), 400, &[]);
    }
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    let seen = Seen { target, headers };
    let mut all_seen = shared.seen.lock().unwrap_or_else(PoisonError::into_inner);
    all_seen.push(seen.clone());
    drop(all_seen);
    let answer = next_answer(&seen.target, shared);
    let mut stream = reader.into_inner();
    send(&mut stream, &seen, answer)?;
    stream.shutdown(Shutdown::Write)?;
    // Reads until the client closes, so that what was sent is not lost to a reset.
    stream.read_to_end(&mut Vec::new())?;
    Ok(())
}

fn next_answer(target: &str, shared: &Shared) -> Answer {
    let path = unescape(target.split('?').next().unwrap_or_default());
    // A proxy is asked with the whole address.
    let path = match path.split_once("://") {
        Some((_, rest)) => rest
            .find('/')
            .map_or("/", |slash| rest.get(slash..).unwrap_or("/"))
            .to_owned(),
        None => path,
    };
    let mut answers = shared
        .answers
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    match answers.get_mut(&path) {
        Some(queue) if queue.len() > 1 => queue.pop(),
        Some(queue) => queue.last().cloned(),
        None => None,
    }
    .unwrap_or(Answer::Status(404, Vec::new()))
}

fn send(stream: &mut TcpStream, seen: &Seen, answer: Answer) -> std::io::Result<()> {
    match answer {
        Answer::File(body) => send_file(stream, seen, &body, usize::MAX),
        Answer::CutOff(body, after) => send_file(stream, seen, &body, after),
        Answer::Unsized(body) => {
            head(stream, 200, &[])?;
            stream.write_all(&body)
        }
        Answer::NoRanges(body) => whole(stream, &[], &body),
        Answer::WrongRange(body) => {
            let range = format!("Content-Range: bytes 0-0/{}", body.len());
            head(stream, 206, &["Content-Length: 1".to_owned(), range])?;
            stream.write_all(body.get(..1).unwrap_or_default())
        }
        Answer::Gzip(body) => whole(stream, &["Content-Encoding: gzip".to_owned()], &gzip(&body)),
        Answer::Typed(kind, body) => whole(stream, &[format!("Content-Type: {kind}")], &body),
        Answer::Encoded(how, body) => whole(stream, &[format!("Content-Encoding: {how}")], &body),
        Answer::Status(code, mut lines) => {
            lines.push("Content-Length: 0".to_owned());
            head(stream, code, &lines)
        }
        Answer::Redirect(to) => {
            let lines = [format!("Location: {to}"), "Content-Length: 0".to_owned()];
            head(stream, 302, &lines)
        }
        Answer::Announce(length) => {
            head(stream, 200, &[format!("Content-Length: {length}")])?;
            stream.write_all(&[0; 1000])
        }
        Answer::Endless => {
            head(stream, 200, &[])?;
            loop {
                stream.write_all(&[0xa5; 4096])?;
            }
        }
        Answer::Silent => stream.read_to_end(&mut Vec::new()).map(drop),
        Answer::HangUp => Ok(()),
        Answer::Garbage => stream.write_all(b"220 mail server ready\r\n\r\n"),
    }
}

fn send_file(stream: &mut TcpStream, seen: &Seen, body: &[u8], most: usize) -> std::io::Result<()> {
    let sum = body.iter().fold(7_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
    });
    let etag = format!("\"{sum:016x}\"");
    if seen.headers.get("if-none-match") == Some(&etag) {
        return head(stream, 304, &[format!("ETag: {etag}")]);
    }
    let start = seen.headers.get("range").and_then(|range| {
        range
            .strip_prefix("bytes=")?
            .strip_suffix('-')?
            .parse()
            .ok()
    });
    let part = match start {
        Some(start) if start < body.len() => body.get(start..).unwrap_or_default(),
        Some(_) => return head(stream, 416, &["Content-Length: 0".to_owned()]),
        None => body,
    };
    let mut lines = vec![
        format!("Content-Length: {}", part.len()),
        format!("ETag: {etag}"),
    ];
    if let Some(start) = start {
        let last = body.len().saturating_sub(1);
        lines.push(format!(
            "Content-Range: bytes {start}-{last}/{}",
            body.len()
        ));
    }
    head(stream, if start.is_some() { 206 } else { 200 }, &lines)?;
    stream.write_all(part.get(..most.min(part.len())).unwrap_or_default())
}

fn whole(stream: &mut TcpStream, lines: &[String], body: &[u8]) -> std::io::Result<()> {
    let mut lines = lines.to_owned();
    lines.push(format!("Content-Length: {}", body.len()));
    head(stream, 200, &lines)?;
    stream.write_all(body)
}

fn head(stream: &mut TcpStream, status: u16, lines: &[String]) -> std::io::Result<()> {
    let mut text = format!("HTTP/1.1 {status} Because\r\nConnection: close\r\n");
    for line in lines {
        text.push_str(line);
        text.push_str("\r\n");
    }
    text.push_str("\r\n");
    stream.write_all(text.as_bytes())
}

/// One gzip member (RFC 1952).
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    packed.extend(miniz_oxide::deflate::compress_to_vec(bytes, 6));
    packed.extend(crc32(bytes).to_le_bytes());
    packed.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    packed
}

fn unescape(path: &str) -> String {
    let mut bytes = path.bytes();
    let mut plain = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            plain.push(byte);
            continue;
        }
        let digits: Vec<u8> = bytes.by_ref().take(2).collect();
        let text = String::from_utf8_lossy(&digits);
        plain.push(u8::from_str_radix(&text, 16).unwrap_or(b'?'));
    }
    String::from_utf8_lossy(&plain).into_owned()
}
