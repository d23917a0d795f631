//! One probe on its cable: power, BOOT0, reset, and the program that runs. Knows time as it is told; not links,
//! faults or other probes.

use std::time::Duration;

use super::boot::{self, Boots, Cause, Start};
use super::cdc::CdcIn;
use super::contents::hides_product;
use super::deployer::Deployer;
use super::firmware_device::FirmwareDevice;
use super::katapult_device::KatapultDevice;
use super::persona::StartsAs;
use super::presence;
use super::rom_dfu::{Answer, Request, RomDfu};
use super::rom_identity::RomKind;
use super::silicon::{Protection, Silicon};
use super::spec::{ProbeSpec, Touch};
use crate::board::{Mcu, Transport};
use crate::klipper::dictionary::{Search, search};
use crate::transport::{Access, DeviceInfo, LinkErrorKind};

/// Two resets this far apart are a double reset to Katapult (protocols.md §4.5).
const DOUBLE_RESET: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(10)..=Duration::from_millis(500);
/// A device is gone for this long at least when it changes its identity (protocols.md §4.5).
const REENUMERATION_MIN_MS: u64 = 300;
/// And for less than this much longer.
const REENUMERATION_SPREAD_MS: u64 = 700;
/// Katapult waits this long for a second reset before it starts anything (protocols.md §4.5).
const KATAPULT_WAIT_MS: u64 = 490;

/// What the chip is doing.
#[derive(Debug, Clone)]
pub(super) enum Running {
    /// It has no power.
    Off,
    /// It shows itself, or not, at this time.
    Starting {
        /// When.
        at: Duration,
        /// From what.
        start: Start,
    },
    /// Something that is not on USB.
    Quiet,
    /// ST's bootloader.
    Rom(RomDfu),
    /// Katapult on USB.
    Katapult(Box<KatapultDevice>),
    /// An application on USB.
    Firmware(Box<FirmwareDevice>),
    /// A program that replaces Katapult, not on USB.
    Deployer(Deployer),
}

/// One probe.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a pin or a latch of its own"
)]
pub(super) struct Probe {
    index: usize,
    latency: Duration,
    spec: ProbeSpec,
    pub(super) silicon: Silicon,
    pub(super) running: Running,
    pub(super) access: Access,
    /// The handle of the link that has it open.
    pub(super) opened: Option<u64>,
    /// It answers nothing until its power is cut.
    pub(super) silenced: bool,
    plugged: bool,
    boot0: bool,
    blank_at_power_on: bool,
    last_reset: Option<Duration>,
    starts: u64,
    enumeration: u32,
    changes: u64,
}

impl Probe {
    /// A probe as its description has it, settled since long before the bench began.
    pub(super) fn new(index: usize, spec: ProbeSpec, latency: Duration) -> Self {
        let uid = spec.uid.unwrap_or_else(|| default_uid(index));
        let mut silicon = Silicon::new(spec.persona.mcu.chip(), uid, index);
        for (address, bytes) in &spec.contents {
            silicon.flash.load(*address, bytes);
        }
        for page in &spec.protected_pages {
            silicon.flash.protect(*page);
        }
        silicon.protection = spec.protection;
        let mut probe = Self {
            index,
            latency,
            silicon,
            running: Running::Off,
            access: spec.access.clone(),
            opened: None,
            silenced: false,
            plugged: spec.persona.starts_as != StartsAs::Unplugged,
            boot0: spec.boot0,
            blank_at_power_on: false,
            last_reset: None,
            starts: 0,
            enumeration: 0,
            changes: 0,
            spec,
        };
        probe.blank_at_power_on = probe.is_blank();
        let boots = match probe.spec.persona.starts_as {
            StartsAs::Unplugged => return probe,
            StartsAs::Dfu => Boots::RomDfu,
            StartsAs::Katapult => probe.decide(Cause::ResetIntoKatapult),
            StartsAs::Running => probe.decide(Cause::PowerOn),
        };
        probe.run(boots, Duration::ZERO);
        if let (Running::Rom(rom), Some(stale)) = (&mut probe.running, probe.spec.stale) {
            rom.make_stale(stale);
        }
        probe
    }

    /// Lets everything happen that happens until `now`.
    pub(super) fn settle(&mut self, now: Duration) {
        // Each step may begin the next: a reset, a start, a program that resets again.
        while self.step(now) {}
    }

    /// Works until `now` or until another program starts, and says which.
    fn step(&mut self, now: Duration) -> bool {
        let starts = self.starts;
        match &mut self.running {
            Running::Katapult(katapult) if !self.silenced => {
                katapult.settle(&mut self.silicon, now);
                if let Some(at) = katapult.reset_at().filter(|at| *at <= now) {
                    self.begin(Cause::ResetIntoApp, at);
                }
            }
            Running::Firmware(firmware) if !self.silenced => firmware.settle(now),
            Running::Deployer(deployer) => {
                if let Some(at) = deployer.settle(&mut self.silicon, now) {
                    self.begin(Cause::ResetIntoKatapult, at);
                }
            }
            _ => {}
        }
        self.silicon.flash.settle(now);
        if let Running::Starting { at, start } = self.running
            && at <= now
        {
            let boots = boot::decide(self.silicon.chip, self.silicon.flash.cells(), start);
            self.run(boots, at);
            return true;
        }
        self.starts != starts
    }

    /// When it will next come to the bus or leave it by itself.
    pub(super) fn next_change(&self) -> Option<Duration> {
        match &self.running {
            Running::Starting { at, .. } => Some(*at),
            Running::Katapult(katapult) if !self.silenced => katapult.reset_at(),
            _ => None,
        }
    }

    /// How often it came or went.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    /// Puts the cable in.
    pub(super) fn plug(&mut self, now: Duration) {
        if self.plugged {
            return;
        }
        self.plugged = true;
        self.blank_at_power_on = self.is_blank();
        self.begin(Cause::PowerOn, now);
    }

    /// Pulls the cable: power is gone at `now`, in the middle of whatever flash is doing.
    pub(super) fn unplug(&mut self, now: Duration) {
        self.plugged = false;
        self.silicon.flash.cut_power(now);
        self.silenced = false;
        self.last_reset = None;
        self.leave_bus();
        self.running = Running::Off;
    }

    /// Bridges or frees BOOT0.
    pub(super) fn hold_boot0(&mut self, held: bool) {
        self.boot0 = held;
    }

    /// True while BOOT0 is bridged.
    pub(super) fn boot0(&self) -> bool {
        self.boot0
    }

    /// Changes whether it can be opened. A watcher sees that as a change of the bus.
    pub(super) fn set_access(&mut self, access: Access) {
        if self.access != access {
            self.access = access;
            self.changes = self.changes.saturating_add(1);
        }
    }

    /// True while the cable is in.
    pub(super) fn plugged(&self) -> bool {
        self.plugged
    }

    /// Taps RESET.
    pub(super) fn tap_reset(&mut self, now: Duration) {
        if !self.plugged {
            return;
        }
        // A reset stops the flash controller as a power cut does.
        self.silicon.flash.cut_power(now);
        let is_second = self
            .last_reset
            .and_then(|last| now.checked_sub(last))
            .is_some_and(|pause| DOUBLE_RESET.contains(&pause));
        let katapult = boot::has_katapult(self.silicon.chip, self.silicon.flash.cells());
        let cause = if is_second && katapult && !self.boot0 {
            self.last_reset = None;
            Cause::ResetIntoKatapult
        } else {
            self.last_reset = Some(now);
            Cause::Reset
        };
        self.begin(cause, now);
    }

    /// The 1200-baud touch, and what running firmware makes of it (protocols.md §2.1 "Software entry").
    pub(super) fn touch(&mut self, now: Duration) {
        if !matches!(self.running, Running::Firmware(_)) || self.silenced {
            return;
        }
        match self.spec.touch {
            Touch::Ignored => return,
            Touch::IgnoredOnce => {
                self.spec.touch = Touch::Obeyed;
                return;
            }
            Touch::Obeyed => {}
        }
        let katapult = boot::has_katapult(self.silicon.chip, self.silicon.flash.cells());
        if katapult {
            self.begin(Cause::ResetIntoKatapult, now);
        } else if self.silicon.chip.mcu == Mcu::Stm32G431 {
            self.begin(Cause::IntoRom, now);
        } else {
            // A jump to the F042's ROM falls back to flash (boards-and-firmware.md §1 "Katapult facts").
            self.begin(Cause::Reset, now);
        }
    }

    /// What the bus shows of it.
    pub(super) fn info(&self) -> Option<DeviceInfo> {
        presence::describe(self, self.index, self.enumeration)
    }

    /// Somebody else's board.
    pub(super) fn is_stranger(&self) -> bool {
        self.spec.persona.stranger
    }

    /// A poll while flash is busy is refused instead of late.
    pub(super) fn early_polls_stall(&self) -> bool {
        self.spec.early_polls_stall
    }

    /// The link that has it open closes, if there is one.
    pub(super) fn close(&mut self) {
        self.opened = None;
        if let Some(cdc) = self.cdc() {
            cdc.forget_host();
        }
    }

    /// Gives bytes to the serial device. False if it takes none.
    pub(super) fn receive(&mut self, bytes: &[u8], now: Duration) -> bool {
        if self.silenced {
            return true;
        }
        match &mut self.running {
            Running::Katapult(katapult) => {
                let taken = katapult.receive(bytes, now);
                katapult.settle(&mut self.silicon, now);
                taken
            }
            Running::Firmware(firmware) => {
                for violation in firmware.receive(bytes, now) {
                    self.silicon.flash.violate(violation);
                }
                true
            }
            _ => true,
        }
    }

    /// What the serial device has to say.
    pub(super) fn cdc(&mut self) -> Option<&mut CdcIn> {
        if self.silenced {
            return None;
        }
        match &mut self.running {
            Running::Katapult(katapult) => Some(&mut katapult.cdc),
            Running::Firmware(firmware) => Some(&mut firmware.cdc),
            _ => None,
        }
    }

    /// When the serial device may next have something to say.
    pub(super) fn next_serial_event(&self) -> Option<Duration> {
        if self.silenced {
            return None;
        }
        match &self.running {
            Running::Katapult(katapult) => katapult.next_event(),
            Running::Firmware(firmware) => firmware.next_event(),
            _ => None,
        }
    }

    /// Gives a request to the ROM bootloader.
    pub(super) fn answer(
        &mut self,
        request: Request<'_>,
        now: Duration,
    ) -> Result<Vec<u8>, LinkErrorKind> {
        let Running::Rom(rom) = &mut self.running else {
            return Err(LinkErrorKind::Disconnected);
        };
        match rom.answer(request, &mut self.silicon, now) {
            Answer::Data(data) => Ok(data),
            Answer::Stall => Err(LinkErrorKind::Stalled),
            Answer::Leaves { address, reply } => {
                self.begin(Cause::Jump(address), now);
                reply
            }
            Answer::Unprotects(reply) => {
                let everything = self.silicon.flash.everything();
                self.silicon.protection = Protection::Level0;
                let end = self
                    .silicon
                    .flash
                    .begin(self.index, now, Some(everything), None);
                // The options are loaded again, and with them the mark that flash is blank.
                self.blank_at_power_on = true;
                self.begin(Cause::PowerOn, end);
                Ok(reply)
            }
        }
    }

    /// What starts when power comes, with BOOT0 as it is held now.
    pub(super) fn what_boots(&self) -> Boots {
        boot::decide(
            self.silicon.chip,
            self.silicon.flash.cells(),
            Start {
                cause: Cause::PowerOn,
                boot0: self.boot0,
                blank_at_power_on: self.is_blank(),
            },
        )
    }

    /// True if power would start code that is neither what the bench began with nor one of `images`.
    pub(super) fn boots_incomplete(&self, images: &[&[u8]]) -> bool {
        let before = self.spec.contents.iter().map(|(_, bytes)| bytes.as_slice());
        let complete: Vec<&[u8]> = before.chain(images.iter().copied()).collect();
        boot::is_incomplete(self.silicon.chip, self.silicon.flash.cells(), &complete)
    }

    fn decide(&self, cause: Cause) -> Boots {
        let start = self.start(cause);
        boot::decide(self.silicon.chip, self.silicon.flash.cells(), start)
    }

    fn start(&self, cause: Cause) -> Start {
        Start {
            cause,
            boot0: self.boot0,
            blank_at_power_on: self.blank_at_power_on,
        }
    }

    fn is_blank(&self) -> bool {
        boot::word(self.silicon.flash.cells(), 0) == Some(u32::MAX)
    }

    /// Leaves the bus, to come back as something else.
    fn begin(&mut self, cause: Cause, now: Duration) {
        self.leave_bus();
        self.starts = self.starts.saturating_add(1);
        let variety = u64::try_from(self.index).unwrap_or(0).wrapping_mul(331);
        let spread = self.starts.wrapping_mul(419).wrapping_add(variety) % REENUMERATION_SPREAD_MS;
        let katapult = boot::has_katapult(self.silicon.chip, self.silicon.flash.cells());
        let waits = katapult && !self.boot0 && matches!(cause, Cause::PowerOn | Cause::Reset);
        let least = if waits {
            KATAPULT_WAIT_MS + spread / 2
        } else {
            spread
        };
        let delay = Duration::from_millis(REENUMERATION_MIN_MS.saturating_add(least).min(1000));
        self.running = Running::Starting {
            at: now.saturating_add(delay),
            start: self.start(cause),
        };
    }

    fn run(&mut self, boots: Boots, now: Duration) {
        self.running = match boots {
            Boots::RomDfu => {
                let kind = if self.spec.persona.stranger {
                    RomKind::G0b1
                } else {
                    RomKind::of(self.silicon.chip.mcu)
                };
                Running::Rom(RomDfu::new(kind, &self.silicon, self.spec.leave))
            }
            Boots::KatapultUsb => {
                let mut katapult = KatapultDevice::new(self.latency);
                if std::mem::take(&mut self.spec.mute) {
                    katapult.mute();
                }
                Running::Katapult(Box::new(katapult))
            }
            Boots::App {
                transport: Some(Transport::Usb),
                version,
            } => Running::Firmware(Box::new(self.firmware(version.as_deref(), now))),
            Boots::Deployer => Running::Deployer(Deployer::new(&self.silicon, now)),
            Boots::KatapultCan | Boots::App { .. } | Boots::Dead => Running::Quiet,
        };
        if self.is_on_bus() {
            self.enumeration = self.enumeration.saturating_add(1);
            self.changes = self.changes.saturating_add(1);
        }
    }

    /// The firmware in flash, as it runs.
    fn firmware(&self, version: Option<&str>, now: Duration) -> FirmwareDevice {
        let chip = self.silicon.chip;
        let length = super::flash::index(chip.flash_end().saturating_sub(chip.app_start));
        let image = self.silicon.flash.read(chip.app_start, length);
        let image = image.unwrap_or_default();
        let packed = match search(image) {
            Search::Found { range, .. } => image.get(range).unwrap_or_default(),
            Search::CutOff { .. } | Search::Nothing => &[],
        };
        let hides = hides_product(chip.mcu, version.unwrap_or_default());
        let mut firmware = FirmwareDevice::new(packed.to_vec(), hides, self.latency);
        if self.spec.noise {
            firmware.stream_from(now);
        }
        firmware
    }

    fn is_on_bus(&self) -> bool {
        match self.running {
            Running::Off | Running::Starting { .. } | Running::Quiet | Running::Deployer(_) => {
                false
            }
            Running::Rom(_) | Running::Katapult(_) | Running::Firmware(_) => true,
        }
    }

    fn leave_bus(&mut self) {
        self.close();
        if self.is_on_bus() {
            self.changes = self.changes.saturating_add(1);
        }
    }
}

/// A unique number for the probe at this place.
fn default_uid(index: usize) -> [u8; 12] {
    let place = u8::try_from(index).unwrap_or(0xff);
    [
        0x1b_u8.wrapping_add(place),
        0x00,
        0x34,
        0x00,
        0x0c,
        0x50,
        0x41,
        0x59,
        0x33,
        0x32,
        0x39,
        0x20,
    ]
}
