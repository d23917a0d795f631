//! The bench from outside, as drivers and hands see it.

use super::*;
use crate::board::{Mcu, Mode, Sighting, StrangerKind, Transport, recognise};
use crate::transport::LinkErrorKind;
use crate::transport::Location;

const SECOND: Duration = Duration::from_secs(1);
const BASE: u32 = 0x0800_0000;

fn bench(spec: &str) -> SimHardware {
    SimHardware::new_virtual(spec).unwrap()
}

/// The only device there is.
fn only(sim: &SimHardware) -> DeviceInfo {
    let mut list = sim.list().unwrap();
    assert_eq!(list.len(), 1, "{list:?}");
    list.remove(0)
}

/// Bench time since `start`.
fn since(sim: &SimHardware, start: Duration) -> Duration {
    sim.clock().now().saturating_sub(start)
}

fn probe(mode: Mode, mcu: Mcu) -> Sighting {
    Sighting::Probe {
        mode,
        mcu: Some(mcu),
    }
}

/// A host that does not know better than the protocol's tables.
struct Dfu {
    link: Box<dyn DfuLink>,
    sim: SimHardware,
}

impl Dfu {
    fn open(sim: &SimHardware) -> Self {
        let device = only(sim);
        Self {
            link: sim.open_dfu(&device.id).unwrap(),
            sim: sim.clone(),
        }
    }

    fn status(&mut self) -> Result<(u8, u8), LinkErrorKind> {
        let mut bytes = [0; 6];
        match self.link.control_in(3, 0, &mut bytes, 5 * SECOND) {
            Ok(6) => Ok((bytes[0], bytes[4])),
            Ok(_) => Err(LinkErrorKind::Other),
            Err(error) => Err(error.kind),
        }
    }

    fn download(&mut self, block: u16, data: &[u8]) -> Result<(), LinkErrorKind> {
        let result = self.link.control_out(1, block, data, SECOND);
        result.map_err(|error| error.kind)
    }

    /// DNLOAD and both GETSTATUS.
    fn run(&mut self, block: u16, data: &[u8]) -> Result<(), LinkErrorKind> {
        self.download(block, data)?;
        assert_eq!(self.status()?, (0, 4));
        assert_eq!(self.status()?, (0, 5));
        Ok(())
    }

    fn command(&mut self, code: u8, address: u32) -> Result<(), LinkErrorKind> {
        let [a, b, c, d] = address.to_le_bytes();
        self.run(0, &[code, a, b, c, d])
    }

    /// Erases and writes pages from `address` on; the first page last, as the house does.
    fn write(&mut self, address: u32, image: &[u8]) -> Result<(), LinkErrorKind> {
        self.command(0x41, address)?;
        for (index, page) in image.chunks(1024).enumerate().rev() {
            let at = address + u32::try_from(index).unwrap() * 1024;
            if index > 0 {
                self.command(0x41, at)?;
            }
            self.command(0x21, at)?;
            self.run(2, page)?;
        }
        Ok(())
    }

    fn leave(&mut self) -> Result<(u8, u8), LinkErrorKind> {
        self.command(0x21, BASE).unwrap();
        self.download(2, &[]).unwrap();
        self.status()
    }

    fn flash(&self) -> Vec<u8> {
        self.sim.dump(0)
    }
}

#[test]
fn personas_are_recognised_for_what_they_are() {
    use Mcu::{Stm32F042 as F, Stm32G431 as G};
    for (name, expected) in [
        ("v2-dfu", Some(probe(Mode::RomDfu, F))),
        ("v3-usb", Some(probe(Mode::Firmware, F))),
        ("v3-usb-old", Some(probe(Mode::Firmware, F))),
        ("v4-usb", Some(probe(Mode::Firmware, G))),
        ("v3-katapult", Some(probe(Mode::Katapult, F))),
        ("v4-katapult", Some(probe(Mode::Katapult, G))),
        (
            "toolboard-usb",
            Some(Sighting::Stranger(StrangerKind::OtherKlipper)),
        ),
        ("v3-can", None),
        ("v4-can", None),
        ("v3-none", None),
        ("none", None),
        ("v3-usb,holds=blank", Some(probe(Mode::RomDfu, F))),
        ("v4-usb,holds=blank", None),
        ("v4-katapult,katapult=can", None),
    ] {
        let list = bench(name).list().unwrap();
        let seen = list.first().map(recognise);
        // The layout strings are another module's business.
        let seen_mode = seen.as_ref().map(std::mem::discriminant);
        let expected_mode = expected.as_ref().map(std::mem::discriminant);
        if name.ends_with("dfu") || name == "v3-usb,holds=blank" {
            assert!(list[0].ids.vendor == 0x0483, "{name}");
        } else {
            assert_eq!(seen_mode, expected_mode, "{name}");
            assert_eq!(seen, expected, "{name}");
        }
    }
}

#[test]
fn identities_follow_the_table() {
    let old = only(&bench("v3-usb-old"));
    assert_eq!((old.ids.vendor, old.ids.product), (0x1d50, 0x614e));
    assert_eq!(old.manufacturer.as_deref(), Some("Cartographer"));
    assert_eq!(old.product, None);
    assert_eq!(old.serial.unwrap().len(), 24);
    assert_eq!(old.location, Some(Location("1-1".to_owned())));
    assert!(old.port.is_some());

    let new = only(&bench("v3-usb"));
    assert_eq!(new.product.as_deref(), Some("stm32f042x6"));
    let katapult = only(&bench("v4-katapult,serial=060012001643565537353020"));
    assert_eq!(katapult.manufacturer.as_deref(), Some("katapult"));
    assert_eq!(katapult.product.as_deref(), Some("stm32g431xx"));
    assert_eq!(katapult.serial.as_deref(), Some("060012001643565537353020"));

    for (name, bcd, product, alts) in [
        ("v3-dfu", 0x2200, "STM32  BOOTLOADER", 2),
        ("v4-dfu", 0x0200, "DFU in FS Mode", 3),
        ("toolboard-dfu", 0x0200, "DFU in FS Mode", 3),
    ] {
        let info = only(&bench(name));
        assert_eq!((info.ids.vendor, info.ids.product), (0x0483, 0xdf11));
        assert_eq!(info.ids.bcd_device, bcd);
        assert_eq!(info.manufacturer.as_deref(), Some("STMicroelectronics"));
        assert_eq!(info.product.as_deref(), Some(product));
        assert_eq!(info.alt_settings.len(), alts);
        assert_eq!(info.port, None);
    }
    assert_eq!(
        only(&bench("v3-dfu")).serial.as_deref(),
        Some("FFFFFFFEFFFF")
    );
    assert_eq!(only(&bench("v4-dfu")).serial.unwrap().len(), 12);
    let toolboard = only(&bench("toolboard-dfu")).alt_settings;
    assert!(toolboard.iter().all(|alt| alt.name == toolboard[0].name));
}

#[test]
fn two_probes_sit_in_two_sockets() {
    let sim = bench("v3-dfu+v3-dfu");
    let list = sim.list().unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(list[0].serial, list[1].serial);
    assert_ne!(list[0].location, list[1].location);
    assert_ne!(list[0].id, list[1].id);
    let mut link = sim.open_dfu(&list[1].id).unwrap();
    link.control_out(1, 0, &[0x41], SECOND).unwrap();
    link.control_in(3, 0, &mut [0; 6], SECOND).unwrap();
    link.control_in(3, 0, &mut [0; 6], SECOND).unwrap();
    assert!(sim.dump(1).iter().all(|cell| *cell == 0xff));
    assert!(sim.dump(0).iter().any(|cell| *cell != 0xff));
    assert_eq!(sim.trace().writes()[0].probe, 1);
}

#[test]
fn descriptors_are_the_chips() {
    for (name, low, high) in [("v3-dfu", 0x00, 0x08), ("v4-dfu", 0x00, 0x04)] {
        let sim = bench(name);
        let link = sim.open_dfu(&only(&sim).id).unwrap();
        assert_eq!(
            link.functional_descriptor(),
            [0x09, 0x21, 0x0b, 0xff, 0x00, low, high, 0x1a, 0x01]
        );
        assert_eq!(link.alt_settings(), only(&sim).alt_settings);
    }
}

#[test]
fn transfers_cost_bus_time() {
    let sim = bench("v3-dfu");
    let mut dfu = Dfu::open(&sim);
    let clock = sim.clock();
    let start = clock.now();
    dfu.status().unwrap();
    assert_eq!(
        since(&sim, start),
        Duration::from_millis(1) + SECOND * 6 / 1_024_000
    );
    let start = clock.now();
    dfu.link.control_in(2, 2, &mut [0; 2048], SECOND).unwrap();
    assert_eq!(since(&sim, start), Duration::from_millis(3));
    let slow = bench("v3-dfu,latency=10");
    let mut dfu = Dfu::open(&slow);
    let start = slow.clock().now();
    dfu.link.control_in(2, 2, &mut [0; 2048], SECOND).unwrap();
    assert_eq!(since(&slow, start), Duration::from_millis(12));
}

#[test]
fn a_poll_while_flash_is_busy_comes_late() {
    let sim = bench("v3-dfu");
    let mut dfu = Dfu::open(&sim);
    dfu.download(0, &[0x41, 0, 0, 0, 8]).unwrap();
    let start = sim.clock().now();
    assert_eq!(dfu.status(), Ok((0, 4)));
    assert_eq!(dfu.status(), Ok((0, 5)));
    let took = since(&sim, start);
    assert!(took > Duration::from_millis(30) && took < Duration::from_millis(40));
    // Shorter than the erase: the answer never comes, and the work goes on.
    dfu.download(0, &[0x41, 0, 4, 0, 8]).unwrap();
    dfu.status().unwrap();
    let error = dfu
        .link
        .control_in(3, 0, &mut [0; 6], Duration::from_millis(10));
    assert_eq!(error.unwrap_err().kind, LinkErrorKind::TimedOut);
    assert_eq!(dfu.status(), Ok((0, 5)));
}

#[test]
fn early_polls_stall_if_told_to() {
    let sim = bench("v3-dfu,early-poll=stall");
    let mut dfu = Dfu::open(&sim);
    dfu.download(0, &[0x41, 0, 0, 0, 8]).unwrap();
    assert_eq!(dfu.status(), Ok((0, 4)));
    assert_eq!(dfu.status(), Err(LinkErrorKind::Stalled));
    sim.clock().sleep(Duration::from_millis(30));
    assert_eq!(dfu.status(), Ok((0, 5)));
}

#[test]
fn a_whole_flash_job_by_hand() {
    for (name, mcu) in [("v3-dfu", Mcu::Stm32F042), ("v4-dfu", Mcu::Stm32G431)] {
        let sim = bench(name);
        let image = practice::combined(mcu, Transport::Usb, "CARTOGRAPHER V9 9.9.9");
        let mut padded = image.clone();
        padded.resize(image.len().next_multiple_of(8), 0xff);
        let mut dfu = Dfu::open(&sim);
        if mcu == Mcu::Stm32F042 {
            dfu.write(BASE, &padded).unwrap();
        } else {
            dfu.run(0, &[0x41]).unwrap();
            for (index, block) in padded.chunks(1024).enumerate() {
                let at = BASE + u32::try_from(index).unwrap() * 1024;
                dfu.command(0x21, at).unwrap();
                dfu.run(2, block).unwrap();
            }
        }
        assert!(dfu.flash().starts_with(&image));
        assert_eq!(dfu.leave(), Err(LinkErrorKind::Io), "a rude farewell");
        assert_eq!(dfu.status(), Err(LinkErrorKind::Disconnected));
        assert!(sim.list().unwrap().is_empty());
        assert!(sim.wait_for_change(SECOND));
        let device = only(&sim);
        assert_eq!(device.ids.product, 0x614e);
        assert_eq!(device.location, Some(Location("1-1".to_owned())));
        assert_eq!(sim.violations(), []);
        assert!(!sim.boots_incomplete(0, &[&image]));
        assert_eq!(
            sim.what_boots(0),
            Boots::App {
                transport: Some(Transport::Usb),
                version: Some("CARTOGRAPHER V9 9.9.9".to_owned())
            }
        );
    }
}

#[test]
fn a_can_image_vanishes() {
    let sim = bench("v4-dfu,leave=polite,holds=blank");
    let can = Transport::Can { bitrate: 500_000 };
    sim.load(0, BASE, &practice::combined(Mcu::Stm32G431, can, "v"));
    let mut dfu = Dfu::open(&sim);
    assert_eq!(dfu.leave(), Ok((0, 7)));
    assert!(sim.list().unwrap().is_empty());
    assert!(!sim.wait_for_change(60 * SECOND));
    assert!(sim.list().unwrap().is_empty());
}

#[test]
fn waiting_ends_with_the_change_and_not_before() {
    let sim = bench("v3-none");
    sim.list().unwrap();
    let start = sim.clock().now();
    assert!(!sim.wait_for_change(Duration::from_millis(700)));
    assert_eq!(since(&sim, start), Duration::from_millis(700));
    sim.plug(0);
    let start = sim.clock().now();
    assert!(sim.wait_for_change(10 * SECOND));
    let took = since(&sim, start);
    assert!((300..=1000).contains(&took.as_millis()), "{took:?}");
    assert_eq!(only(&sim).ids.product, 0x614e);
    sim.unplug(0);
    assert!(sim.wait_for_change(Duration::ZERO), "it is noticed at once");
    assert!(sim.list().unwrap().is_empty());
}

#[test]
fn the_pads_lead_into_dfu() {
    let sim = bench("v3-none+v4-none");
    for (index, bcd) in [(0, 0x2200), (1, 0x0200)] {
        sim.hold_boot0(index, true);
        sim.plug(index);
        assert!(sim.wait_for_change(SECOND));
        let list = sim.list().unwrap();
        let info = list.last().unwrap();
        assert_eq!(info.ids.bcd_device, bcd);
        assert!(sim.is_boot0_held(index) && sim.is_plugged(index));
        sim.hold_boot0(index, false);
    }
    // Method A: running, BOOT0 held, RESET tapped.
    let sim = bench("v3-usb");
    sim.hold_boot0(0, true);
    assert_eq!(only(&sim).ids.product, 0x614e, "holding alone does nothing");
    sim.tap_reset(0);
    assert!(sim.wait_for_change(Duration::ZERO));
    assert!(sim.wait_for_change(SECOND));
    assert_eq!(only(&sim).ids.product, 0xdf11);
}

#[test]
fn two_taps_lead_into_katapult() {
    for (pause_ms, expected) in [(5, 0x614e), (10, 0x6177), (500, 0x6177), (501, 0x614e)] {
        let sim = bench("v3-usb");
        sim.tap_reset(0);
        sim.clock().sleep(Duration::from_millis(pause_ms));
        sim.tap_reset(0);
        sim.clock().sleep(2 * SECOND);
        assert_eq!(only(&sim).ids.product, expected, "{pause_ms} ms");
    }
    let sim = bench("v3-usb,katapult=none");
    sim.tap_reset(0);
    sim.clock().sleep(SECOND / 10);
    sim.tap_reset(0);
    sim.clock().sleep(2 * SECOND);
    assert_eq!(only(&sim).ids.product, 0x614e, "without Katapult");
}

#[test]
fn the_touch_leads_into_whatever_bootloader_there_is() {
    for (spec, expected) in [
        ("v3-usb", Some(0x6177)),
        ("v4-usb", Some(0x6177)),
        ("v3-usb,katapult=none", Some(0x614e)),
        ("v4-usb,katapult=none", Some(0xdf11)),
        ("v4-usb,katapult=can", None),
    ] {
        let sim = bench(spec);
        let before = only(&sim);
        sim.touch_1200(&before.id).unwrap();
        assert!(sim.list().unwrap().is_empty(), "{spec}: it goes");
        sim.wait_for_change(2 * SECOND);
        let list = sim.list().unwrap();
        let product = list.first().map(|device| device.ids.product);
        assert_eq!(product, expected, "{spec}");
        if let Some(after) = list.first() {
            assert_ne!(after.id, before.id, "an id names one enumeration");
            assert_eq!(after.location, before.location);
        }
    }
}

#[test]
fn a_touch_can_be_ignored() {
    let sim = bench("v4-usb,touch=ignored");
    for _ in 0..3 {
        sim.touch_1200(&only(&sim).id).unwrap();
        assert!(!sim.wait_for_change(2 * SECOND));
    }
    let sim = bench("v4-usb,touch=ignored-once");
    sim.touch_1200(&only(&sim).id).unwrap();
    assert!(!sim.wait_for_change(2 * SECOND));
    sim.touch_1200(&only(&sim).id).unwrap();
    assert!(sim.wait_for_change(2 * SECOND));
    // Katapult and the ROM do not know it.
    let sim = bench("v4-katapult");
    sim.touch_1200(&only(&sim).id).unwrap();
    assert!(!sim.wait_for_change(2 * SECOND));
    let sim = bench("v4-dfu");
    let error = sim.touch_1200(&only(&sim).id).unwrap_err();
    assert_eq!(error.kind, LinkErrorKind::NotFound);
    // Nor should a stranger be asked.
    let sim = bench("toolboard-usb");
    sim.touch_1200(&only(&sim).id).unwrap();
    assert_eq!(sim.violations(), [Violation::StrangerTouched]);
}

#[test]
fn what_cannot_be_opened_says_why() {
    for (option, kind, detail) in [
        ("not-permitted", LinkErrorKind::NotPermitted, None),
        ("busy:fwupd", LinkErrorKind::Busy, Some("fwupd")),
        (
            "wrong-driver:STTub30",
            LinkErrorKind::NoDriver,
            Some("STTub30"),
        ),
    ] {
        let sim = bench(&format!("v3-dfu,access={option}"));
        let device = only(&sim);
        assert!(!device.access.is_usable());
        assert!(device.alt_settings.is_empty(), "it could not be asked");
        let error = sim.open_dfu(&device.id).err().unwrap();
        assert_eq!((error.kind, error.detail.as_deref()), (kind, detail));
        sim.set_access(0, Access::Usable);
        assert!(sim.wait_for_change(Duration::ZERO));
        assert!(sim.open_dfu(&only(&sim).id).is_ok());
    }
}

#[test]
fn links_are_exclusive_and_end_with_their_device() {
    let sim = bench("v3-dfu");
    let device = only(&sim);
    let mut first = sim.open_dfu(&device.id).unwrap();
    let error = sim.open_dfu(&device.id).err().unwrap();
    assert_eq!(error.kind, LinkErrorKind::Busy);
    drop(first);
    first = sim.open_dfu(&device.id).unwrap();
    sim.power_cycle(0);
    sim.clock().sleep(2 * SECOND);
    let error = first.control_in(3, 0, &mut [0; 6], SECOND).unwrap_err();
    assert_eq!(error.kind, LinkErrorKind::Disconnected);
    let error = sim.open_dfu(&device.id).err().unwrap();
    assert_eq!(error.kind, LinkErrorKind::NotFound, "an old id");
    let error = first.select_alt(7).unwrap_err();
    assert_eq!(error.kind, LinkErrorKind::NotFound);
}

#[test]
fn reading_touches_nothing() {
    let sim = bench("v3-dfu,stale=error");
    let mut dfu = Dfu::open(&sim);
    dfu.link.control_out(4, 0, &[], SECOND).unwrap();
    dfu.link.control_in(2, 2, &mut [0; 2048], SECOND).unwrap();
    let trace = sim.trace();
    assert_eq!(trace.writes(), []);
    assert_eq!(trace.count(), 3);
    let kinds: Vec<_> = trace.transfers().map(|transfer| transfer.kind).collect();
    assert_eq!(
        kinds,
        [
            TransferKind::SelectAlt(0),
            TransferKind::ControlOut {
                request: 4,
                value: 0
            },
            TransferKind::ControlIn {
                request: 2,
                value: 2
            },
        ]
    );
    assert_eq!(trace.transfers().last().unwrap().result, Ok(2048));
}

#[test]
fn an_interrupted_f042_comes_back_in_dfu_and_a_g431_does_not() {
    for (name, expected) in [("v3-dfu", Boots::RomDfu), ("v4-dfu", Boots::Dead)] {
        let sim = bench(name);
        let mut dfu = Dfu::open(&sim);
        dfu.command(0x41, BASE).unwrap();
        sim.power_cycle(0);
        assert_eq!(sim.what_boots(0), expected);
        sim.clock().sleep(2 * SECOND);
        assert_eq!(sim.list().unwrap().len(), usize::from(name == "v3-dfu"));
    }
}

#[test]
fn read_unprotect_erases_everything_and_resets() {
    for (name, comes_back) in [
        ("v3-dfu,rdp=1", true),
        ("v4-dfu,rdp=1,boot0=held", true),
        ("v4-dfu,rdp=1", false),
    ] {
        let sim = bench(name);
        let mut dfu = Dfu::open(&sim);
        dfu.download(0, &[0x92]).unwrap();
        assert_eq!(dfu.status(), Ok((0, 4)));
        assert_eq!(dfu.status(), Err(LinkErrorKind::Disconnected));
        sim.clock().sleep(2 * SECOND);
        assert!(sim.dump(0).iter().all(|cell| *cell == 0xff));
        assert_eq!(sim.list().unwrap().len(), usize::from(comes_back), "{name}");
        if comes_back {
            let mut dfu = Dfu::open(&sim);
            assert_eq!(dfu.link.control_in(2, 2, &mut [0; 64], SECOND), Ok(64));
        }
    }
}

#[test]
fn an_unplugging_tears_what_the_transfer_began() {
    // SET_INTERFACE, DNLOAD, and the GETSTATUS that erases.
    let sim = bench("v3-dfu,fault=unplug@3");
    let before = sim.dump(0);
    let mut dfu = Dfu::open(&sim);
    dfu.download(0, &[0x41, 0, 0, 0, 8]).unwrap();
    assert_eq!(dfu.status(), Err(LinkErrorKind::Disconnected));
    assert!(sim.list().unwrap().is_empty());
    assert!(!sim.is_plugged(0));
    let after = dfu.flash();
    assert!(after[..1008].iter().all(|cell| *cell == 0xff));
    assert_eq!(after[1008..], before[1008..], "63/64 of a page");
    assert_eq!(sim.what_boots(0), Boots::RomDfu);
    sim.plug(0);
    sim.clock().sleep(2 * SECOND);
    assert_eq!(only(&sim).ids.product, 0xdf11);
}

#[test]
fn an_unplugging_during_the_wait_tears_where_it_strikes() {
    let sim = bench("v3-dfu,fault=unplug@4");
    let before = sim.dump(0);
    let mut dfu = Dfu::open(&sim);
    dfu.download(0, &[0x41, 0, 0, 0, 8]).unwrap();
    dfu.status().unwrap();
    sim.clock().sleep(Duration::from_millis(15));
    assert_eq!(dfu.status(), Err(LinkErrorKind::Disconnected));
    let after = dfu.flash();
    let torn = after
        .iter()
        .zip(&before)
        .rposition(|(a, b)| a != b)
        .unwrap();
    assert!((400..=520).contains(&torn), "{torn}");
}

#[test]
fn each_fault_looks_like_itself() {
    // The fault strikes GETSTATUS, transfer 2; what it gives, and what the one after gives.
    for (kind, first, second) in [
        ("stall", Err(LinkErrorKind::Stalled), Ok((0, 2))),
        ("timeout", Err(LinkErrorKind::TimedOut), Ok((0, 2))),
        ("short", Err(LinkErrorKind::Other), Ok((0, 2))),
        (
            "silence",
            Err(LinkErrorKind::TimedOut),
            Err(LinkErrorKind::TimedOut),
        ),
        ("delay", Ok((0, 2)), Ok((0, 2))),
        ("busy", Ok((0, 2)), Ok((0, 2))),
        ("duplicate", Ok((0, 2)), Ok((0, 2))),
        ("corrupt", Ok((0, 2)), Ok((0, 2))),
        (
            "unplug",
            Err(LinkErrorKind::Disconnected),
            Err(LinkErrorKind::Disconnected),
        ),
    ] {
        let sim = bench(&format!("v3-dfu,fault={kind}@2"));
        let mut dfu = Dfu::open(&sim);
        let start = sim.clock().now();
        assert_eq!(dfu.status(), first, "{kind}");
        let took = since(&sim, start);
        assert_eq!(
            took > Duration::from_millis(700),
            ["timeout", "silence", "delay"].contains(&kind),
            "{kind}"
        );
        assert_eq!(dfu.status(), second, "{kind}");
        if kind == "silence" {
            assert_eq!(sim.list().unwrap().len(), 1, "it stays on the bus");
            sim.unplug(0);
            sim.hold_boot0(0, true);
            sim.plug(0);
            sim.clock().sleep(2 * SECOND);
            assert_eq!(Dfu::open(&sim).status(), Ok((0, 2)), "power helps");
        }
    }
}

#[test]
fn a_stalled_download_leaves_an_error_behind() {
    let sim = bench("v3-dfu,fault=stall@2");
    let mut dfu = Dfu::open(&sim);
    assert_eq!(dfu.download(0, &[0x41]), Err(LinkErrorKind::Stalled));
    assert_eq!(dfu.status(), Ok((15, 10)));
    assert_eq!(sim.trace().writes(), []);
}

#[test]
fn corruption_is_stored_or_read() {
    let sim = bench("v3-dfu,fault=corrupt@2");
    let good = sim.dump(0);
    let mut dfu = Dfu::open(&sim);
    let mut read = vec![0; 2048];
    dfu.link.control_in(2, 2, &mut read, SECOND).unwrap();
    let wrong = read.iter().zip(&good).filter(|(a, b)| a != b).count();
    assert_eq!(wrong, 1);
    dfu.link.control_in(2, 2, &mut read, SECOND).unwrap();
    assert_eq!(read[..], good[..2048], "once");

    let sim = bench("v3-dfu,fault=corrupt@2,holds=blank");
    let mut dfu = Dfu::open(&sim);
    dfu.run(2, &[0x55; 64]).unwrap();
    let stored = dfu.flash();
    assert_eq!(stored[..64].iter().filter(|cell| **cell != 0x55).count(), 1);
}

#[test]
fn busy_makes_the_next_work_longer() {
    let sim = bench("v3-dfu,fault=busy@2");
    let mut dfu = Dfu::open(&sim);
    let start = sim.clock().now();
    dfu.command(0x41, BASE).unwrap();
    let took = since(&sim, start);
    assert!(took > Duration::from_millis(230), "{took:?}");
}

#[test]
fn percentages_are_of_the_job() {
    let job = |sim: &dyn Hardware| -> Result<(), LinkError> {
        let device = sim.list()?.remove(0);
        let mut link = sim.open_dfu(&device.id)?;
        for _ in 0..99 {
            link.control_in(3, 0, &mut [0; 6], SECOND)?;
        }
        Ok(())
    };
    let sim = bench("v3-dfu,fault=stall@50%");
    // Something before the job.
    drop(sim.open_dfu(&only(&sim).id).unwrap());
    let mut rehearsals = 0;
    sim.rehearse(&mut |copy| {
        rehearsals += 1;
        job(copy).unwrap();
    });
    assert_eq!(rehearsals, 1);
    assert_eq!(
        sim.trace().count(),
        1,
        "nothing happened on the bench itself"
    );
    assert_eq!(sim.clock().now(), Duration::from_millis(1));
    assert_eq!(job(&sim).unwrap_err().kind, LinkErrorKind::Stalled);
    assert_eq!(sim.trace().count(), 1 + 50);
    sim.rehearse(&mut |_| panic!("there is nothing left to find out"));
    job(&sim).unwrap();
}

#[test]
fn a_rehearsal_changes_nothing() {
    let sim = bench("v3-dfu,fault=stall@100%");
    let before = sim.dump(0);
    sim.rehearse(&mut |copy| {
        let device = copy.list().unwrap().remove(0);
        let mut link = copy.open_dfu(&device.id).unwrap();
        link.control_out(1, 0, &[0x41], SECOND).unwrap();
        link.control_in(3, 0, &mut [0; 6], SECOND).unwrap();
        copy.clock().sleep(SECOND);
        link.control_in(3, 0, &mut [0; 6], SECOND).unwrap();
    });
    assert_eq!(sim.dump(0), before);
    assert_eq!(sim.trace().writes(), []);
    assert_eq!(sim.list().unwrap().len(), 1);
}

#[test]
fn a_sweep_of_unplugs_never_boots_half_an_image() {
    let image = practice::combined(Mcu::Stm32F042, Transport::Usb, "CARTOGRAPHER V9 9.9.9");
    let job = |sim: &SimHardware| Dfu::open(sim).write(BASE, &image);
    let sim = bench("v3-dfu");
    job(&sim).unwrap();
    let length = sim.trace().count();
    // Up to the first page, which is written last and is the only risk there is.
    for number in (1..=length - 3).step_by(7) {
        let sim = bench(&format!("v3-dfu,fault=unplug@{number}"));
        if number > 1 {
            assert_eq!(job(&sim), Err(LinkErrorKind::Disconnected), "{number}");
        }
        assert!(!sim.boots_incomplete(0, &[&image]), "unplug@{number}");
        assert_eq!(sim.violations(), []);
    }
    // Working from the middle is what the query is there to find.
    let sim = bench("v3-dfu,fault=unplug@40");
    let mut dfu = Dfu::open(&sim);
    let careless = (20..30).try_for_each(|page| dfu.command(0x41, BASE + page * 1024));
    assert_eq!(careless, Ok(()));
    assert!(sim.boots_incomplete(0, &[&image]));
}

/// A host that knows Katapult's frames and Klipper's.
struct Serial {
    link: Box<dyn SerialLink>,
}

impl Serial {
    fn open(sim: &SimHardware) -> Self {
        let device = only(sim);
        Self {
            link: sim.open_serial(&device.id).unwrap(),
        }
    }

    fn send(&mut self, wire: &[u8]) -> Result<(), LinkErrorKind> {
        let result = self.link.write(wire, SECOND);
        result.map_err(|error| error.kind)
    }

    /// Everything that comes until nothing comes for a tenth of a second.
    fn heard(&mut self) -> Result<Vec<u8>, LinkErrorKind> {
        let mut heard = Vec::new();
        let mut buffer = [0; 256];
        loop {
            match self.link.read(&mut buffer, SECOND / 10) {
                Ok(0) => return Ok(heard),
                Ok(length) => heard.extend(&buffer[..length]),
                Err(error) => return Err(error.kind),
            }
        }
    }

    fn ask(&mut self, command: u8, payload: &[u8]) -> Result<Vec<u8>, LinkErrorKind> {
        self.send(&katapult_parser::frame(command, payload))?;
        self.heard()
    }

    /// Frees the first packet.
    fn prime(&mut self) {
        self.send(&katapult_parser::frame(0x90, &[])).unwrap();
        assert_eq!(self.ask(0x90, &[]).unwrap().len(), 16);
    }

    fn block(&mut self, address: u32, data: &[u8]) -> Result<Vec<u8>, LinkErrorKind> {
        self.ask(0x12, &[&address.to_le_bytes(), data].concat())
    }
}

const APP: u32 = BASE + 0x2000;

#[test]
fn a_whole_katapult_job_by_hand() {
    for (name, mcu) in [("v3-usb", Mcu::Stm32F042), ("v4-usb", Mcu::Stm32G431)] {
        let sim = bench(name);
        sim.touch_1200(&only(&sim).id).unwrap();
        sim.list().unwrap();
        assert!(sim.wait_for_change(2 * SECOND));
        let mut serial = Serial::open(&sim);
        serial.prime();
        let mut image = practice::app(mcu, Transport::Usb, "CARTOGRAPHER V9 9.9.9");
        image.resize(image.len().next_multiple_of(64), 0xff);
        let mut invalid = vec![0xff; 64];
        invalid[..4].fill(0);
        assert_eq!(serial.block(APP, &invalid).unwrap().len(), 16);
        assert_eq!(sim.what_boots(0), Boots::KatapultUsb);
        let pages: Vec<&[u8]> = image.chunks(mcu.chip().page_size as usize).collect();
        let starts = (APP..).step_by(mcu.chip().page_size as usize);
        for (start, page) in starts.zip(pages).skip(1).chain([(APP, &image[..1024])]) {
            for (address, block) in (start..).step_by(64).zip(page.chunks(64)) {
                assert_eq!(serial.block(address, block).unwrap().len(), 16);
            }
        }
        if mcu == Mcu::Stm32G431 {
            for (address, block) in (APP + 1024..).step_by(64).zip(image[1024..2048].chunks(64)) {
                assert_eq!(serial.block(address, block).unwrap().len(), 16);
            }
        }
        let [.., a, b, c, d] = serial.ask(0x14, &APP.to_le_bytes()).unwrap()[..80] else {
            panic!("no block");
        };
        assert_eq!([c, d], [0x99, 0x03], "{a} {b}");
        serial.send(&katapult_parser::frame(0x15, &[])).unwrap();
        let mut buffer = [0; 64];
        assert_eq!(serial.link.read(&mut buffer, SECOND / 20).unwrap(), 12);
        assert_eq!(only(&sim).ids.product, 0x6177, "for 100 ms yet");
        assert!(sim.wait_for_change(SECOND));
        assert!(sim.list().unwrap().is_empty());
        assert_eq!(serial.heard(), Err(LinkErrorKind::Disconnected));
        assert!(sim.wait_for_change(2 * SECOND));
        assert_eq!(only(&sim).ids.product, 0x614e);
        assert!(!sim.boots_incomplete(0, &[&image]));
        assert_eq!(sim.violations(), []);
    }
}

/// Puts a deployer where the application is and starts it.
fn deploy(sim: &SimHardware, deployer: &[u8]) {
    sim.load(0, APP, &[0xff; 0x2000]);
    sim.load(0, APP, deployer);
    assert_eq!(sim.what_boots(0), Boots::Deployer);
    sim.power_cycle(0);
}

#[test]
fn a_deployer_replaces_katapult() {
    let can = Transport::Can { bitrate: 250_000 };
    for (spec, mcu) in [("v3-usb", Mcu::Stm32F042), ("v4-usb", Mcu::Stm32G431)] {
        // To CAN: it vanishes.
        let sim = bench(spec);
        deploy(&sim, &practice::deployer(mcu, can));
        sim.clock().sleep(4 * SECOND);
        assert!(sim.list().unwrap().is_empty());
        let wanted = practice::katapult(mcu, can);
        assert!(sim.dump(0).starts_with(&wanted));
        assert_eq!(sim.violations(), []);
        // The same that is there: nothing is written, and Katapult stays.
        let sim = bench(spec);
        deploy(&sim, &practice::deployer(mcu, Transport::Usb));
        sim.clock().sleep(4 * SECOND);
        assert_eq!(only(&sim).ids.product, 0x6177);
        assert!(
            sim.dump(0)
                .starts_with(&practice::katapult(mcu, Transport::Usb))
        );
        assert_eq!(sim.trace().writes(), []);
    }
}

#[test]
fn a_deployer_that_loses_power_leaves_no_bootloader() {
    let can = Transport::Can { bitrate: 250_000 };
    let sim = bench("v4-usb");
    deploy(&sim, &practice::deployer(Mcu::Stm32G431, can));
    sim.list().unwrap();
    // Its start, a tenth of a second, and half of the first page's erase.
    sim.clock().sleep(SECOND);
    while sim.trace().writes().is_empty() {
        sim.clock().sleep(Duration::from_millis(10));
        assert!(sim.clock().now() < 5 * SECOND);
    }
    sim.unplug(0);
    assert_ne!(sim.what_boots(0), Boots::KatapultCan);
}

#[test]
fn complete_without_an_application_comes_back_as_katapult() {
    let sim = bench("v4-katapult");
    let mut serial = Serial::open(&sim);
    serial.prime();
    let mut invalid = vec![0xff; 64];
    invalid[..4].fill(0);
    serial.block(APP, &invalid).unwrap();
    serial.send(&katapult_parser::frame(0x15, &[])).unwrap();
    sim.clock().sleep(2 * SECOND);
    assert_eq!(only(&sim).ids.product, 0x6177);
}

#[test]
fn firmware_gives_its_dictionary_away() {
    use crate::klipper::dictionary::parse_stream;
    for (spec, version) in [
        ("v3-usb-old", "CARTOGRAPHER 5.1.0"),
        ("v4-usb,noise", "CARTOGRAPHER V4 6.1.0"),
        ("v4-usb,latency=30", "CARTOGRAPHER V4 6.1.0"),
    ] {
        let sim = bench(spec);
        let mut serial = Serial::open(&sim);
        // The first answer is held back, and a wrong sequence number frees it.
        serial.send(&klipper_frame::frame(3, &[])).unwrap();
        serial.send(&klipper_frame::frame(3, &[])).unwrap();
        let mut stream = Vec::new();
        for sequence in (0_u8..16).cycle() {
            let mut payload = vec![1];
            let offset = i32::try_from(stream.len()).unwrap();
            klipper_frame::encode(offset, &mut payload);
            klipper_frame::encode(40, &mut payload);
            serial
                .send(&klipper_frame::frame(sequence, &payload))
                .unwrap();
            sim.clock().sleep(Duration::from_millis(40));
            let mut buffer = [0; 256];
            let mut data = None;
            while data.is_none() {
                let length = serial.link.read(&mut buffer, SECOND).unwrap();
                assert!(length > 0);
                let mut rest = &buffer[..length];
                while let klipper_frame::Found::Frame {
                    length, payload, ..
                } = klipper_frame::find(rest)
                {
                    rest = &rest[length..];
                    let mut fields = payload.as_slice();
                    if klipper_frame::decode(&mut fields) == Some(0) {
                        assert_eq!(klipper_frame::decode(&mut fields), Some(offset));
                        data = Some(fields[1..].to_vec());
                    }
                }
            }
            let data = data.unwrap();
            if data.is_empty() {
                break;
            }
            stream.extend(data);
        }
        assert_eq!(parse_stream(&stream).unwrap().version, version, "{spec}");
        assert_eq!(sim.violations(), [], "{spec}");
    }
}

#[test]
fn serial_ports_are_of_serial_devices() {
    let sim = bench("v3-dfu");
    let error = sim.open_serial(&only(&sim).id).err().unwrap();
    assert_eq!(error.kind, LinkErrorKind::NotFound);
    let sim = bench("v3-usb,access=busy:klippy");
    let error = sim.open_serial(&only(&sim).id).err().unwrap();
    assert_eq!(error.kind, LinkErrorKind::Busy);
    assert_eq!(error.detail.as_deref(), Some("klippy"));
    let sim = bench("v3-usb");
    let error = sim.open_dfu(&only(&sim).id).err().unwrap();
    assert_eq!(error.kind, LinkErrorKind::NotFound);
    let serial = Serial::open(&sim);
    let error = sim.open_serial(&only(&sim).id).err().unwrap();
    assert_eq!(error.kind, LinkErrorKind::Busy);
    let error = sim.touch_1200(&only(&sim).id).unwrap_err();
    assert_eq!(error.kind, LinkErrorKind::Busy);
    drop(serial);
    sim.touch_1200(&only(&sim).id).unwrap();
}

#[test]
fn a_mute_katapult_needs_its_power_cut() {
    let sim = bench("v4-katapult,mute");
    let mut serial = Serial::open(&sim);
    assert!(serial.ask(0x90, &[]).unwrap().is_empty());
    assert!(serial.ask(0x11, &[]).unwrap().is_empty());
    drop(serial);
    let mut serial = Serial::open(&sim);
    let heard = serial.ask(0x11, &[]).unwrap();
    assert!(heard.is_empty(), "opening again is no help");
    assert_eq!(sim.violations(), [], "the host did nothing wrong");
    sim.power_cycle(0);
    sim.clock().sleep(2 * SECOND);
    sim.touch_1200(&only(&sim).id).unwrap();
    sim.clock().sleep(2 * SECOND);
    Serial::open(&sim).prime();
}

#[test]
fn a_silent_bulk_device_takes_and_gives_nothing() {
    let sim = bench("v4-katapult,fault=silence@3");
    let mut serial = Serial::open(&sim);
    serial.send(&katapult_parser::frame(0x90, &[])).unwrap();
    serial.send(&katapult_parser::frame(0x90, &[])).unwrap();
    assert_eq!(serial.heard(), Ok(vec![]), "transfer 3 is the read");
    assert_eq!(serial.ask(0x90, &[]), Ok(vec![]));
    assert_eq!(only(&sim).ids.product, 0x6177);
}

#[test]
fn serial_faults_look_like_themselves() {
    let error = katapult_parser::frame(0xf2, &[]);
    let twice = [error.clone(), error.clone()].concat();
    // Priming is transfers 1 to 3; 4 is a write, 5 the read of its answer.
    for (fault, expected) in [
        ("unplug@4", Err(LinkErrorKind::Disconnected)),
        ("unplug@5", Err(LinkErrorKind::Disconnected)),
        ("stall@4", Err(LinkErrorKind::Stalled)),
        ("stall@5", Err(LinkErrorKind::Stalled)),
        ("timeout@4", Err(LinkErrorKind::TimedOut)),
        ("timeout@5", Ok(vec![])),
        ("short@4", Ok(error.clone())),
        ("short@5", Ok(error.clone())),
        ("duplicate@4", Ok(twice.clone())),
        ("duplicate@5", Ok(twice)),
        ("delay@4", Ok(error.clone())),
        ("delay@5", Ok(vec![])),
        ("busy@4", Ok(katapult_parser::frame(0xf3, &[]))),
        ("busy@5", Ok(error.clone())),
        ("silence@4", Ok(vec![])),
        ("silence@5", Ok(vec![])),
        ("corrupt@4", Ok(error.clone())),
    ] {
        let sim = bench(&format!("v3-katapult,fault={fault}"));
        let mut serial = Serial::open(&sim);
        serial.prime();
        assert_eq!(serial.ask(0x90, &[]), expected, "{fault}");
        if fault == "timeout@5" || fault == "delay@5" {
            sim.clock().sleep(SECOND);
            assert_eq!(serial.heard(), Ok(error.clone()), "{fault}: late");
        }
    }
    let sim = bench("v3-katapult,fault=corrupt@5");
    let mut serial = Serial::open(&sim);
    serial.prime();
    let heard = serial.ask(0x90, &[]).unwrap();
    let wrong = heard.iter().zip(&error).filter(|(a, b)| a != b).count();
    assert_eq!(wrong, 1);
}

#[test]
fn an_unplugging_tears_katapults_page() {
    let data: Vec<u8> = (0..64).collect();
    let torn = |number: u64| {
        let sim = bench(&format!("v3-katapult,fault=unplug@{number}"));
        let before = sim.dump(0)[0x2000..0x2400].to_vec();
        let mut serial = Serial::open(&sim);
        serial.prime();
        if number == 7 {
            // Two writes and one read in between.
            serial.ask(0x90, &[]).unwrap();
            serial.send(&katapult_parser::frame(0x90, &[])).unwrap();
        }
        let error = serial.block(APP, &data).unwrap_err();
        assert_eq!(error, LinkErrorKind::Disconnected);
        (before, sim.dump(0)[0x2000..0x2400].to_vec())
    };
    let (before, after) = torn(4);
    assert!(after[..512].iter().all(|cell| *cell == 0xff), "half erased");
    assert_eq!(after[600..], before[600..]);
    let (_, after) = torn(7);
    assert_eq!(after[..32], data[..32], "half programmed");
    assert!(after[56..].iter().all(|cell| *cell == 0xff));
}

#[test]
fn waiting_for_an_answer_takes_the_time_it_takes() {
    let sim = bench("v3-katapult");
    let mut serial = Serial::open(&sim);
    serial.prime();
    let start = sim.clock().now();
    let payload = [&APP.to_le_bytes()[..], &[0x5a; 64]].concat();
    serial
        .send(&katapult_parser::frame(0x12, &payload))
        .unwrap();
    let mut buffer = [0; 64];
    assert_eq!(serial.link.read(&mut buffer, SECOND).unwrap(), 16);
    // 0.5 ms out, 30 ms erase, 1.7 ms programming, 1 ms latency, 0.5 ms in.
    let took = since(&sim, start).as_micros();
    assert!((33_000..35_000).contains(&took), "{took}");
    let start = sim.clock().now();
    assert_eq!(serial.link.read(&mut buffer, SECOND).unwrap(), 0);
    assert_eq!(since(&sim, start), SECOND, "nothing came in time");
}

#[test]
fn threads_share_a_bench() {
    let sim = bench("v3-dfu+v4-dfu");
    std::thread::scope(|scope| {
        for index in 0..2 {
            let sim = sim.clone();
            scope.spawn(move || {
                let device = sim.list().unwrap().remove(index);
                let mut link = sim.open_dfu(&device.id).unwrap();
                for _ in 0..200 {
                    link.control_in(3, 0, &mut [0; 6], 5 * SECOND).unwrap();
                }
            });
        }
    });
    assert_eq!(sim.trace().count(), 402);
}
