//! The bench from outside, as drivers and hands see it.

use super::*;
use crate::board::{Mcu, Mode, Sighting, StrangerKind, Transport, recognise};
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
    assert!(after[..960].iter().all(|cell| *cell == 0xff));
    assert_eq!(after[960..], before[960..], "15/16 of a page");
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
