//! The server as a client sees it: over TCP, in real time, without a kernel. The kernel's own opinion is asked in
//! `tests/vm`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use super::Server;
use super::op::{BUS_ID, FULL_SPEED};
use super::urb::HEADER;
use crate::transport::Clock as _;
use crate::transport::native::RealClock;
use crate::transport::sim::SimHardware;

struct Bench {
    hardware: SimHardware,
    server: Server,
    address: std::net::SocketAddr,
}

fn bench(spec: &str) -> Bench {
    let hardware = SimHardware::from_spec(spec, Arc::new(RealClock::new())).unwrap();
    let mut server = Server::new(Arc::new(hardware.clone())).unwrap();
    let address = server.listen("127.0.0.1:0".parse().unwrap()).unwrap();
    Bench {
        hardware,
        server,
        address,
    }
}

impl Bench {
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream
    }

    /// Bus ids of the devices that are offered.
    fn list(&self) -> Vec<String> {
        let mut stream = self.connect();
        stream
            .write_all(&[0x01, 0x11, 0x80, 0x05, 0, 0, 0, 0])
            .unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        assert_eq!(reply[..8], [0x01, 0x11, 0, 5, 0, 0, 0, 0]);
        let mut rest = &reply[12..];
        let mut ids = Vec::new();
        while !rest.is_empty() {
            let name = rest[256..256 + BUS_ID].split(|byte| *byte == 0).next();
            ids.push(String::from_utf8(name.unwrap().to_vec()).unwrap());
            let interfaces = usize::from(rest[0x137]);
            rest = &rest[0x138 + 4 * interfaces..];
        }
        ids
    }

    fn import(&self, bus_id: &str) -> Result<Client, u8> {
        let mut stream = self.connect();
        let mut request = vec![0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0];
        request.extend(bus_id.bytes());
        request.resize(8 + BUS_ID, 0);
        stream.write_all(&request).unwrap();
        let mut status = [0; 8];
        stream.read_exact(&mut status).unwrap();
        if status[7] != 0 {
            return Err(status[7]);
        }
        let mut device = [0; 0x138];
        stream.read_exact(&mut device).unwrap();
        assert_eq!(device[0x128..0x12c], FULL_SPEED.to_be_bytes());
        Ok(Client { stream, seqnum: 0 })
    }
}

struct Client {
    stream: TcpStream,
    seqnum: u32,
}

impl Client {
    fn send(&mut self, words: [u32; 4], length: u32, setup: [u8; 8], data: &[u8]) -> u32 {
        self.seqnum += 1;
        let [command, direction, endpoint, victim] = words;
        let mut message = Vec::new();
        for word in [
            command,
            self.seqnum,
            0x0001_0001,
            direction,
            endpoint,
            victim,
            length,
            0,
            0,
            0,
        ] {
            message.extend(word.to_be_bytes());
        }
        message.extend(setup);
        message.extend(data);
        self.stream.write_all(&message).unwrap();
        self.seqnum
    }

    /// Command, number, status and data of the next answer; nothing when the device is gone.
    fn receive(&mut self, expects_data: bool) -> Option<(u32, u32, i32, Vec<u8>)> {
        let mut header = [0; HEADER];
        self.stream.read_exact(&mut header).ok()?;
        let word = |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().unwrap());
        let mut data = Vec::new();
        if expects_data && word(0) == 3 {
            data.resize(usize::try_from(word(24)).unwrap(), 0);
            self.stream.read_exact(&mut data).unwrap();
        }
        Some((word(0), word(4), word(20).cast_signed(), data))
    }

    fn control_in(&mut self, setup: [u8; 8]) -> Result<Vec<u8>, i32> {
        let length = u32::from(u16::from_le_bytes([setup[6], setup[7]]));
        let number = self.send([1, 1, 0, 0], length, setup, &[]);
        let (command, seqnum, status, data) = self.receive(true).expect("the device is gone");
        assert_eq!((command, seqnum), (3, number));
        if status == 0 { Ok(data) } else { Err(status) }
    }

    fn control_out(&mut self, setup: [u8; 8], data: &[u8]) -> i32 {
        let length = u32::try_from(data.len()).unwrap();
        let number = self.send([1, 0, 0, 0], length, setup, data);
        let (command, seqnum, status, _) = self.receive(false).expect("the device is gone");
        assert_eq!((command, seqnum), (3, number));
        status
    }
}

const GETSTATUS: [u8; 8] = [0xa1, 3, 0, 0, 0, 0, 6, 0];
const DEVICE_DESCRIPTOR: [u8; 8] = [0x80, 6, 0, 1, 0, 0, 18, 0];

fn wait_until(what: impl Fn() -> bool) {
    let clock = RealClock::new();
    while !what() {
        assert!(clock.now() < Duration::from_secs(10), "nothing happened");
        clock.sleep(Duration::from_millis(10));
    }
}

#[test]
fn every_probe_on_the_bus_is_listed() {
    let bench = bench("v3-dfu+v4-none+v4-dfu,latency=0");
    assert_eq!(bench.list(), ["1-1", "1-3"]);
}

#[test]
fn a_rom_bootloader_is_described_read_and_refused() {
    let bench = bench("v3-dfu,latency=0");
    let mut client = bench.import("1-1").unwrap();
    let device = client.control_in(DEVICE_DESCRIPTOR).unwrap();
    assert_eq!(device[8..14], [0x83, 0x04, 0x11, 0xdf, 0x00, 0x22]);
    let configuration = client.control_in([0x80, 6, 0, 2, 0, 0, 255, 0]).unwrap();
    assert_eq!(configuration.len(), 36);
    let layout = client.control_in([0x80, 6, 4, 3, 9, 4, 255, 0]).unwrap();
    let units: Vec<u16> = layout[2..]
        .as_chunks::<2>()
        .0
        .iter()
        .map(|unit| u16::from_le_bytes(*unit))
        .collect();
    assert_eq!(
        String::from_utf16(&units).unwrap(),
        "@Internal Flash  /0x08000000/032*0001Kg"
    );
    assert_eq!(client.control_in(GETSTATUS).unwrap(), [0, 0, 0, 0, 2, 0]);
    let flash = client.control_in([0xa1, 2, 2, 0, 0, 0, 0, 8]).unwrap();
    assert_eq!(flash, bench.hardware.dump(0)[..2048]);
    // DETACH is not for the ROM: it stalls and goes into dfuERROR (protocols.md §1.1).
    assert_eq!(client.control_out([0x21, 0, 0, 0, 0, 0, 0, 0], &[]), -32);
    assert_eq!(client.control_in(GETSTATUS).unwrap()[4], 10);
}

#[test]
fn a_device_is_for_one_client_at_a_time() {
    let bench = bench("v3-dfu,latency=0");
    let first = bench.import("1-1").unwrap();
    assert_eq!(bench.import("1-1").err(), Some(2));
    assert_eq!(bench.import("1-9").err(), Some(4));
    drop(first);
    wait_until(|| bench.import("1-1").is_ok());
}

#[test]
fn a_device_that_may_not_be_opened_is_not_exported() {
    let bench = bench("v3-dfu,access=not-permitted,latency=0");
    assert_eq!(bench.import("1-1").err(), Some(3));
}

#[test]
fn unplugging_ends_the_connection_and_plugging_offers_it_again() {
    let bench = bench("v3-dfu,latency=0");
    let mut client = bench.import("1-1").unwrap();
    bench.hardware.unplug(0);
    assert_eq!(client.receive(false), None);
    assert_eq!(bench.list(), Vec::<String>::new());
    bench.hardware.hold_boot0(0, true);
    bench.hardware.plug(0);
    wait_until(|| bench.list() == ["1-1"]);
    let mut again = bench.import("1-1").unwrap();
    assert!(again.control_in(GETSTATUS).is_ok());
}

#[test]
fn a_transfer_nobody_answers_can_be_forgotten() {
    let bench = bench("v3-dfu,fault=silence@3,latency=0");
    let mut client = bench.import("1-1").unwrap();
    client.control_in(GETSTATUS).unwrap();
    let victim = client.send([1, 1, 0, 0], 6, GETSTATUS, &[]);
    let unlink = client.send([2, 0, 0, victim], 0, [0; 8], &[]);
    // -ECONNRESET: it was forgotten in time, and no other answer comes for it.
    assert_eq!(client.receive(false), Some((4, unlink, -104, Vec::new())));
    let unlink = client.send([2, 0, 0, victim], 0, [0; 8], &[]);
    assert_eq!(client.receive(false), Some((4, unlink, 0, Vec::new())));
}

#[test]
fn nonsense_ends_the_connection() {
    let bench = bench("v3-dfu,latency=0");
    let mut stream = bench.connect();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut reply = Vec::new();
    // Bytes that were not read make the system reset the connection instead of closing it.
    stream.read_to_end(&mut reply).ok();
    assert!(reply.is_empty());
    let mut client = bench.import("1-1").unwrap();
    client.send([9, 0, 0, 0], 0, [0; 8], &[]);
    assert_eq!(client.receive(false), None);
}

#[test]
fn endpoints_that_do_not_exist_stall() {
    let bench = bench("v3-dfu,latency=0");
    let mut client = bench.import("1-1").unwrap();
    let number = client.send([1, 1, 7, 0], 64, [0; 8], &[]);
    assert_eq!(client.receive(true), Some((3, number, -32, Vec::new())));
}

#[test]
fn dropping_the_server_takes_the_devices_away() {
    let Bench {
        hardware,
        server,
        address,
    } = bench("v3-dfu,latency=0");
    let bench = Bench {
        hardware,
        server,
        address,
    };
    let mut client = bench.import("1-1").unwrap();
    drop(bench.server);
    assert_eq!(client.receive(false), None);
}

#[test]
fn a_client_with_too_many_open_transfers_is_dropped() {
    let bench = bench("v3-usb,latency=0");
    let mut client = bench.import("1-1").unwrap();
    // Notifications never come, so that these stay open.
    for _ in 0..1024 {
        client.send([1, 1, 3, 0], 8, [0; 8], &[]);
    }
    client.send([1, 1, 3, 0], 8, [0; 8], &[]);
    assert_eq!(client.receive(false), None);
}

#[test]
fn katapult_answers_over_the_bulk_endpoints() {
    let bench = bench("v3-katapult,latency=0");
    let mut client = bench.import("1-1").unwrap();
    let reads: Vec<u32> = (0..2)
        .map(|_| client.send([1, 1, 1, 0], 128, [0; 8], &[]))
        .collect();
    // Prime and CONNECT (protocols.md §4.2, §4.3): an error, then the acknowledgement.
    let frames = [
        0x01, 0x88, 0x90, 0x00, 0xe5, 0xe9, 0x99, 0x03, 0x01, 0x88, 0x11, 0x00, 0xf1, 0x7c, 0x99,
        0x03,
    ];
    let write = client.send([1, 0, 2, 0], 16, [0; 8], &frames);
    assert_eq!(client.receive(false), Some((3, write, 0, Vec::new())));
    let mut heard = Vec::new();
    for read in reads {
        let (_, seqnum, status, data) = client.receive(true).unwrap();
        assert_eq!((seqnum, status), (read, 0));
        heard.extend(data);
        if heard.len() == 44 {
            break;
        }
    }
    assert!(heard.starts_with(&[0x01, 0x88, 0xf2, 0x00, 0x00, 0xbf, 0x99, 0x03]));
    assert!(heard.ends_with(&[0x8f, 0x5e, 0x99, 0x03]));
}

#[test]
fn dropping_dtr_at_1200_baud_brings_katapult() {
    let bench = bench("v3-usb,latency=0");
    let mut client = bench.import("1-1").unwrap();
    let lines = |on: u8| [0x21, 0x22, on, 0, 0, 0, 0, 0];
    let coding = [0xb0, 0x04, 0, 0, 0, 0, 8];
    assert_eq!(client.control_out(lines(3), &[]), 0);
    let set = [0x21, 0x20, 0, 0, 0, 0, 7, 0];
    assert_eq!(client.control_out(set, &coding), 0);
    let get = [0xa1, 0x21, 0, 0, 0, 0, 7, 0];
    assert_eq!(client.control_in(get).unwrap(), coding);
    client.send([1, 0, 0, 0], 0, lines(0), &[]);
    assert_eq!(client.receive(false), None);
    wait_until(|| bench.list() == ["1-1"]);
    let mut again = bench.import("1-1").unwrap();
    let device = again.control_in(DEVICE_DESCRIPTOR).unwrap();
    assert_eq!(device[8..12], [0x50, 0x1d, 0x77, 0x61]);
}
