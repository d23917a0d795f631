//! A small upstream in memory: a list, its files, and a network that does what a test says.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses its own part"
)]

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, OnceLock};

use carto_flasher::app::firmware::OpenCatalog;
use carto_flasher::board::{Mcu, Transport};
use carto_flasher::catalog::fetch::{Fetch, FetchError, Reply, Request, Validators};
use carto_flasher::catalog::{Catalog, CatalogConfig, embedded};
use carto_flasher::digest::{BlobSha1, Sha256};
use carto_flasher::transport::sim::practice;
use carto_flasher::transport::{Clock, OnBytes};

const USB: Transport = Transport::Usb;
const SOURCE: &str = "https://firmware.example/";

/// What the network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Net {
    /// It works.
    #[default]
    Good,
    /// There is none.
    Gone,
    /// It gives the first half of a file and then nothing until it is good again.
    Stuck,
    /// It gives other bytes.
    Wrong,
}

/// The upstream.
#[derive(Default)]
pub struct World {
    net: Mutex<Net>,
    changed: Condvar,
}

impl World {
    pub fn set(&self, net: Net) {
        *self.net.lock().unwrap() = net;
        self.changed.notify_all();
    }

    /// How a program opens its catalog, with kept files in `folder`.
    pub fn catalog(self: &Arc<Self>, folder: &Path) -> OpenCatalog {
        let (world, folder) = (Arc::clone(self), folder.to_owned());
        Arc::new(move |settings| {
            let config = CatalogConfig {
                cache_root: Some(folder.clone()),
                bundled: None,
                base_url: SOURCE.to_owned(),
                tree_url: None,
                offline: settings.offline,
                list: Cow::Borrowed(list()),
            };
            Catalog::with_fetch(config, Arc::new(Wire(Arc::clone(&world))))
        })
    }
}

struct Wire(Arc<World>);

impl Fetch for Wire {
    fn get(
        &self,
        request: &Request<'_>,
        _clock: &dyn Clock,
        body: &mut Vec<u8>,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<Reply, FetchError> {
        let url = request.url;
        body.clear();
        let path = url.trim_start_matches(SOURCE);
        let Some(bytes) = files().get(path) else {
            let url = url.to_owned();
            return Err(FetchError::Status { url, code: 404 });
        };
        let (first, second) = bytes.split_at(bytes.len() / 2);
        for part in [first, second] {
            if *self.0.net.lock().unwrap() == Net::Gone {
                return Err(FetchError::Offline {
                    host: "firmware.example".into(),
                    detail: "no route to host".into(),
                });
            }
            body.extend_from_slice(part);
            if on_bytes(part.len() as u64).is_break() {
                return Err(FetchError::Cancelled);
            }
            let net = self.0.net.lock().unwrap();
            drop(
                self.0
                    .changed
                    .wait_while(net, |net| *net == Net::Stuck)
                    .unwrap(),
            );
        }
        if *self.0.net.lock().unwrap() == Net::Wrong {
            body[0] ^= 1;
        }
        Ok(Reply::Whole(Validators::default()))
    }
}

fn can(bitrate: u32) -> Transport {
    Transport::Can { bitrate }
}

type Made = (String, String, Vec<u8>);

/// Id and row of each file, with its bytes.
fn made() -> &'static [Made] {
    // Making them takes long without optimization.
    static MADE: OnceLock<Vec<Made>> = OnceLock::new();
    MADE.get_or_init(|| {
        let mut made = Vec::new();
        for (board, mcu) in [("v3", Mcu::Stm32F042), ("v4", Mcu::Stm32G431)] {
            let name = format!("CARTOGRAPHER {}", board.to_uppercase());
            let mut add = |id: String, columns: String, rest: &str, bytes: Vec<u8>| {
                let (sha256, blob) = (Sha256::of(&bytes), BlobSha1::of(&bytes));
                let size = bytes.len();
                let row = format!("{id},{id}.bin,{board},{columns},{size},{sha256},{blob},{rest}");
                made.push((id, row, bytes));
            };
            let apps: &[(&str, Transport, bool, &str)] = match mcu {
                Mcu::Stm32F042 => &[
                    ("6.1.0", USB, false, ",yes,no,,"),
                    ("6.1.0", USB, true, ",yes,no,,"),
                    ("5.1.0", USB, false, ",yes,no,,"),
                    ("5.0.0", USB, false, ",yes,no,,"),
                    ("4.0.0", USB, false, ",yes,no,,"),
                    ("3.0.0", USB, false, ",no,yes,,"),
                    ("6.1.0", can(1_000_000), false, ",yes,no,,"),
                ],
                Mcu::Stm32G431 => &[
                    ("6.2.0", USB, false, "1.6.0,yes,no,,"),
                    ("6.1.0", USB, false, ",yes,no,,"),
                    ("6.2.0", can(1_000_000), false, "1.6.0,yes,no,,"),
                    ("6.1.0", can(500_000), false, ",yes,no,,"),
                ],
            };
            for (version, transport, lite, rest) in apps {
                let (word, text) = if *lite {
                    ("lite", " lite")
                } else {
                    ("full", "")
                };
                let bytes = practice::app(mcu, *transport, &format!("{name} {version}{text}"));
                let bus = bus(*transport);
                let columns = format!("app,{bus},{word},{version}");
                let bus = bus.replace(',', "-");
                let bus = bus.trim_end_matches('-');
                add(
                    format!("{board}-{version}-{bus}-{word}"),
                    columns,
                    rest,
                    bytes,
                );
            }
            for transport in [USB, can(1_000_000), can(500_000)] {
                let bus = bus(transport);
                let columns = format!("bootloader,{bus},,");
                let bus = bus.replace(',', "-");
                let id = format!("{board}-katapult-{}", bus.trim_end_matches('-'));
                let bytes = practice::katapult(mcu, transport);
                add(id, columns, ",no,no,,", bytes);
            }
        }
        made
    })
}

fn bus(transport: Transport) -> String {
    match transport {
        Transport::Usb => "usb,".to_owned(),
        Transport::Can { bitrate } => format!("can,{bitrate}"),
    }
}

/// The list, in the columns of the embedded one.
fn list() -> &'static str {
    static LIST: OnceLock<String> = OnceLock::new();
    LIST.get_or_init(|| {
        let header = embedded::LIST.lines().next().unwrap();
        let rows = made().iter().map(|(_, row, _)| row.as_str());
        let lines: Vec<&str> = std::iter::once(header).chain(rows).chain([""]).collect();
        lines.join("\n")
    })
}

/// What is served under which path.
fn files() -> &'static HashMap<String, Vec<u8>> {
    static FILES: OnceLock<HashMap<String, Vec<u8>>> = OnceLock::new();
    FILES.get_or_init(|| {
        let file = |(id, _, bytes): &Made| (format!("firmware/{id}.bin"), bytes.clone());
        made().iter().map(file).collect()
    })
}
