//! Cells, units, pages, and what power loss leaves of them.

use super::*;

const F042: Mcu = Mcu::Stm32F042;
const G431: Mcu = Mcu::Stm32G431;
const BASE: u32 = 0x0800_0000;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn array(mcu: Mcu) -> FlashArray {
    FlashArray::new(mcu.chip())
}

/// Programs and waits.
fn program(flash: &mut FlashArray, address: u32, data: &[u8]) -> Result<(), FlashFault> {
    let end = flash.begin(0, Duration::ZERO, None, Some((address, data.to_vec())));
    flash.settle(end);
    flash.outcome()
}

fn erase(flash: &mut FlashArray, address: u32) -> Result<(), FlashFault> {
    let page = flash.page_of(address);
    let end = flash.begin(0, Duration::ZERO, page, None);
    flash.settle(end);
    flash.outcome()
}

#[test]
fn programming_takes_erased_cells_only() {
    for (mcu, unit) in [(F042, 2), (G431, 8)] {
        let mut flash = array(mcu);
        let data = vec![0x5a; 2 * unit];
        assert_eq!(program(&mut flash, BASE, &data), Ok(()));
        assert_eq!(flash.cells()[..2 * unit], data[..]);
        assert_eq!(flash.violations(), []);
        let again = vec![0x42; unit];
        assert_eq!(
            program(&mut flash, BASE, &again),
            Err(FlashFault::NotErased)
        );
        assert_eq!(flash.cells()[..unit], data[..unit], "{mcu:?} keeps the old");
        assert_eq!(
            flash.violations(),
            [Violation::NotErased { address: BASE }],
            "{mcu:?}"
        );
        assert_eq!(erase(&mut flash, BASE + 5), Ok(()));
        assert_eq!(program(&mut flash, BASE, &again), Ok(()));
        assert_eq!(flash.cells()[..unit], again[..]);
    }
}

#[test]
fn zeros_go_over_anything() {
    for (mcu, unit) in [(F042, 2), (G431, 8)] {
        let mut flash = array(mcu);
        program(&mut flash, BASE, &vec![0x5a; unit]).unwrap();
        assert_eq!(program(&mut flash, BASE, &vec![0; unit]), Ok(()));
        assert_eq!(flash.cells()[..unit], vec![0; unit][..]);
        assert_eq!(flash.violations(), []);
    }
}

#[test]
fn only_ecc_minds_ones_that_were_programmed() {
    for (mcu, violations) in [
        (F042, vec![]),
        (G431, vec![Violation::OnesReprogrammed { address: BASE }]),
    ] {
        let mut flash = array(mcu);
        program(&mut flash, BASE, &[0xff; 16]).unwrap();
        assert_eq!(program(&mut flash, BASE, &[0x11; 8]), Ok(()));
        assert_eq!(flash.violations(), violations);
        assert_eq!(flash.cells()[..8], [0x11; 8]);
        erase(&mut flash, BASE).unwrap();
        program(&mut flash, BASE, &[0x22; 16]).unwrap();
        assert_eq!(flash.violations(), violations, "erasing forgets");
    }
}

#[test]
fn erasing_takes_a_page_and_no_more() {
    for mcu in Mcu::ALL {
        let chip = mcu.chip();
        let mut flash = array(mcu);
        flash.load(BASE, &vec![0; index(chip.flash_size)]);
        erase(&mut flash, BASE + chip.page_size).unwrap();
        let page = index(chip.page_size);
        assert!(flash.cells()[..page].iter().all(|cell| *cell == 0));
        assert!(
            flash.cells()[page..2 * page]
                .iter()
                .all(|cell| *cell == 0xff)
        );
        assert!(flash.cells()[2 * page..].iter().all(|cell| *cell == 0));
        assert_eq!(flash.page_of(chip.flash_end()), None);
        assert_eq!(flash.page_of(BASE - 1), None);
    }
}

#[test]
fn the_end_of_flash_is_the_end() {
    for mcu in Mcu::ALL {
        let end = mcu.chip().flash_end();
        let mut flash = array(mcu);
        assert_eq!(program(&mut flash, end - 8, &[1; 8]), Ok(()));
        assert_eq!(
            program(&mut flash, end - 8, &[1; 16]),
            Err(FlashFault::OutOfRange)
        );
        assert_eq!(
            program(&mut flash, end, &[1; 8]),
            Err(FlashFault::OutOfRange)
        );
        assert_eq!(
            program(&mut flash, u32::MAX, &[1; 8]),
            Err(FlashFault::OutOfRange)
        );
        assert_eq!(flash.violations().len(), 3);
        assert_eq!(flash.writes().len(), 1, "refusals touch nothing");
    }
}

#[test]
fn alignment_is_a_rule() {
    let mut flash = array(G431);
    assert_eq!(
        program(&mut flash, BASE + 4, &[1; 8]),
        Err(FlashFault::Unaligned)
    );
    assert_eq!(program(&mut flash, BASE, &[1; 12]), Ok(()));
    assert_eq!(flash.cells()[8..16], [1, 1, 1, 1, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(flash.violations().len(), 2);
    let mut flash = array(F042);
    assert_eq!(program(&mut flash, BASE + 4, &[1; 6]), Ok(()));
    assert_eq!(flash.violations(), []);
}

#[test]
fn time_is_that_of_the_chip() {
    for mcu in Mcu::ALL {
        let chip = mcu.chip();
        let mut flash = array(mcu);
        let page = flash.page_of(BASE);
        let end = flash.begin(0, ms(5), page, Some((BASE, vec![0; 1024])));
        let expected = chip.page_erase_us + chip.program_kib_us;
        assert_eq!(end, ms(5) + Duration::from_micros(expected));
        assert_eq!(flash.busy_until(), Some(end));
        flash.settle(end.saturating_sub(Duration::from_nanos(1)));
        assert!(flash.busy_until().is_some());
        flash.settle(end);
        assert_eq!(flash.busy_until(), None);
        let all = flash.everything();
        let end = flash.begin(0, ms(0), Some(all), None);
        assert_eq!(end, Duration::from_micros(chip.page_erase_us), "mass erase");
    }
}

#[test]
fn power_loss_tears_what_is_being_done() {
    let mut flash = array(F042);
    flash.load(BASE, &[0; 2048]);
    let page = flash.page_of(BASE);
    flash.begin(0, ms(0), page, None);
    flash.cut_power(flash.moment_within(1, 2).unwrap());
    assert!(flash.cells()[..512].iter().all(|cell| *cell == 0xff));
    assert!(flash.cells()[512..2048].iter().all(|cell| *cell == 0));
    assert_eq!(flash.busy_until(), None);

    let mut flash = array(G431);
    flash.begin(0, ms(0), None, Some((BASE, vec![0x33; 1024])));
    flash.cut_power(flash.moment_within(3, 4).unwrap());
    assert!(flash.cells()[..768].iter().all(|cell| *cell == 0x33));
    assert!(flash.cells()[768..].iter().all(|cell| *cell == 0xff));
    assert_eq!(flash.violations(), []);
}

#[test]
fn power_loss_between_erasing_and_programming_leaves_a_blank_page() {
    let mut flash = array(F042);
    flash.load(BASE, &[0; 1024]);
    let page = flash.page_of(BASE);
    flash.begin(0, ms(0), page, Some((BASE, vec![0x33; 64])));
    flash.cut_power(ms(30));
    assert!(flash.cells()[..1024].iter().all(|cell| *cell == 0xff));
}

#[test]
fn protected_pages_stay_as_they_are() {
    let mut f042 = array(F042);
    f042.load(BASE, &[0; 8192]);
    f042.protect(5);
    assert_eq!(erase(&mut f042, BASE + 3 * 1024), Ok(()));
    for page in 4..8 {
        let address = BASE + page * 1024;
        assert_eq!(erase(&mut f042, address), Err(FlashFault::WriteProtected));
    }
    let mut g431 = array(G431);
    g431.protect(1);
    assert_eq!(erase(&mut g431, BASE), Ok(()));
    assert_eq!(
        erase(&mut g431, BASE + 2048),
        Err(FlashFault::WriteProtected)
    );
    assert_eq!(erase(&mut g431, BASE + 4096), Ok(()));
    assert_eq!(
        program(&mut g431, BASE + 2048 - 8, &[1; 16]),
        Err(FlashFault::WriteProtected)
    );
    assert!(g431.cells().iter().all(|cell| *cell == 0xff));
}

#[test]
fn a_corrupted_programming_has_one_wrong_bit() {
    let mut flash = array(F042);
    flash.corrupt_next_program();
    program(&mut flash, BASE, &[0; 64]).unwrap();
    let ones: u32 = flash.cells()[..64]
        .iter()
        .map(|cell| cell.count_ones())
        .sum();
    assert_eq!(ones, 1);
    program(&mut flash, BASE + 64, &[0; 64]).unwrap();
    assert!(flash.cells()[64..128].iter().all(|cell| *cell == 0), "once");
}

#[test]
fn busy_prolongs_what_runs_or_what_comes() {
    let mut flash = array(F042);
    flash.prolong(ms(200));
    let page = flash.page_of(BASE);
    let end = flash.begin(0, ms(0), page.clone(), None);
    assert_eq!(end, ms(230));
    flash.prolong(ms(200));
    assert_eq!(flash.busy_until(), Some(ms(430)));
    assert_eq!(flash.begin(0, ms(430), page, None), ms(460), "once");
}
