//! The writer against a bootloader made of memory, for what no simulated chip refuses in the right moment.

use super::*;
use crate::board::{Mcu, Transport};
use crate::flash::backup::NoBackup;
use crate::flash::engine::Reporter;
use crate::flash::event::JobEvent;
use crate::flash::plan::Target;
use crate::transport::Hardware as _;
use crate::transport::OnBytes;
use crate::transport::sim::{SimHardware, practice};

struct Unheard;

impl Reporter for Unheard {
    fn event(&mut self, _: JobEvent) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// Flash that takes everything, except that the vectors arrive by half and are refused.
struct RefusesVectors {
    base: u32,
    page_size: usize,
    flash: Vec<u8>,
    refusals: usize,
    /// Blanking fails once the vectors were refused.
    then_gone: bool,
    refused: bool,
}

impl RefusesVectors {
    fn range(&self, address: u32, length: usize) -> std::ops::Range<usize> {
        let start = usize::try_from(address - self.base).unwrap();
        start..start + length
    }

    fn store(&mut self, address: u32, bytes: &[u8]) {
        let range = self.range(address, bytes.len());
        self.flash[range].copy_from_slice(bytes);
    }
}

fn refusal() -> Stop {
    Stop::Failed(Cause::VerifyMismatch {
        address: 0,
        differing_bytes: 4,
    })
}

impl Programmer for RefusesVectors {
    fn read(&mut self, address: u32, length: usize, _: &mut OnBytes<'_>) -> Result<Vec<u8>, Stop> {
        Ok(self.flash[self.range(address, length)].to_vec())
    }

    fn blank(&mut self, page: u32) -> Result<(), Stop> {
        if self.refused && self.then_gone {
            return Err(refusal());
        }
        let range = self.range(page, self.page_size);
        self.flash[range].fill(0xff);
        Ok(())
    }

    fn write(&mut self, pages: &[PageWrite], _: &mut OnBytes<'_>) -> Result<(), Stop> {
        for page in pages {
            self.store(page.address, &page.data);
        }
        Ok(())
    }

    fn seal_rest(&mut self, page: &PageWrite) -> Result<(), Stop> {
        self.store(page.address + 8, &page.data[8..]);
        Ok(())
    }

    fn seal_vectors(&mut self, page: &PageWrite) -> Result<(), Stop> {
        self.store(page.address, &page.data[..4]);
        if self.refusals > 0 {
            self.refusals -= 1;
            self.refused = true;
            return Err(refusal());
        }
        self.store(page.address, &page.data[..8]);
        Ok(())
    }

    fn tears_while_sealing(&self) -> bool {
        false
    }

    fn app_start(&self) -> Option<u32> {
        None
    }

    fn lost_transfers(&self) -> u32 {
        0
    }

    fn start(self: Box<Self>) -> Result<(), Stop> {
        Ok(())
    }
}

/// Writes a whole V3 whose vectors are refused; what is in flash then, and what is said to have been done to it.
fn with_refused_vectors(refusals: usize, then_gone: bool) -> (Vec<u8>, Damage, bool) {
    let mcu = Mcu::Stm32F042;
    let bench = SimHardware::new_virtual("v3-dfu").unwrap();
    let device = bench.list().unwrap().remove(0);
    let target = Target {
        device,
        mcu,
        route: crate::flash::plan::Route::Dfu,
    };
    let mut unheard = Unheard;
    let mut context = Context::new(&target, &bench, &mut unheard);
    let bytes = practice::combined(mcu, Transport::Usb, "CARTOGRAPHER V3 6.1.0");
    let image = Image::parse("combined.bin", bytes).unwrap();
    let chip = mcu.chip();
    let mut programmer = RefusesVectors {
        base: chip.flash_base,
        page_size: usize::try_from(chip.page_size).unwrap(),
        flash: vec![0; usize::try_from(chip.flash_size).unwrap()],
        refusals,
        then_gone,
        refused: false,
    };
    let job = Write {
        image: &image,
        through: Through::Dfu,
        backup: false,
    };
    let written = write(&mut context, &mut programmer, &job, &mut NoBackup);
    (programmer.flash, context.damage, written.is_ok())
}

#[test]
fn refused_vectors_are_blanked_again() {
    let (flash, damage, ok) = with_refused_vectors(1, false);
    assert!(!ok);
    assert!(is_blank(&flash[..1024]), "half of the vectors would start");
    assert_eq!(damage, Damage::Guarded(Guard::Rom));
}

#[test]
fn vectors_that_cannot_be_blanked_again_are_not_called_harmless() {
    let (_, damage, ok) = with_refused_vectors(1, true);
    assert!(!ok);
    assert_eq!(damage, Damage::Written);
}

#[test]
fn vectors_that_are_taken_complete_the_job() {
    let (flash, damage, ok) = with_refused_vectors(0, false);
    assert!(ok);
    assert_ne!(flash[..8], [0xff; 8]);
    assert_eq!(damage, Damage::Complete);
}
