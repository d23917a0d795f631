//! In which order pages are touched so that nothing incomplete ever boots. Pure.
//!
//! The page that decides what boots, the *anchor*, is blanked before anything else is touched and written
//! after everything else was read back and found right.
//!
//! * Katapult starts the application unless its first word is blank or zero: the anchor is the application's
//!   first page.
//! * F042 through DFU: the anchor is page 0, because a blank page 0 brings the ROM bootloader back at power-on
//!   by itself (protocols.md §0.3).
//! * G431 through DFU: a blank page 0 needs the pads. So while the chip holds a Katapult, the anchor is the
//!   application's first page and Katapult stays; if Katapult itself changes, it is exchanged as late and as
//!   briefly as possible. Without one there is nothing to protect and the anchor is page 0.

use std::collections::BTreeSet;

use crate::board::Chip;

/// Through which bootloader the pages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Through {
    /// The ROM bootloader.
    Dfu,
    /// Katapult.
    Katapult,
}

/// What stands in for the missing firmware while a job is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// Katapult, which finds no application.
    Katapult,
    /// The ROM bootloader, at the next power-on.
    Rom,
    /// Nothing: only the pads help if power goes now.
    Nothing,
    /// Katapult behind a torn first page: it starts what is there unless RESET is tapped twice.
    TornFirstPage,
}

/// Pages of one job, each by its address, in the order they are touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    /// Blanked first of all; from then on the chip does not boot what is being written.
    pub(super) anchor: u32,
    /// What boots while the anchor is blank.
    pub(super) guard: Guard,
    /// Written and verified next.
    pub(super) body: Vec<u32>,
    /// A changed Katapult on a chip without empty check: exchanged after the body, before the anchor.
    pub(super) swap: Option<Swap>,
}

/// The exchange of one Katapult for another: page 0 is blanked, the rest written, page 0 written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Swap {
    /// Page 0.
    pub(super) anchor: u32,
    /// The other pages of the bootloader that change.
    pub(super) body: Vec<u32>,
}

/// Orders the pages of `differing` (addresses of pages whose contents must change; not empty).
///
/// `katapult_guards` says that the chip holds a working Katapult and that the image covers the application's
/// first page, so that blanking that page leaves Katapult in charge.
pub(super) fn order(
    chip: &Chip,
    through: Through,
    differing: &BTreeSet<u32>,
    katapult_guards: bool,
) -> Order {
    let (page_0, app_page) = (chip.flash_base, chip.app_start);
    let all_but = |skip: &dyn Fn(u32) -> bool| -> Vec<u32> {
        differing
            .iter()
            .copied()
            .filter(|page| !skip(*page))
            .collect()
    };
    if through == Through::Katapult {
        let body = all_but(&|page| page == app_page);
        return Order {
            anchor: app_page,
            guard: Guard::Katapult,
            body,
            swap: None,
        };
    }
    if chip.blank_returns_to_dfu || !katapult_guards {
        let guard = if chip.blank_returns_to_dfu {
            Guard::Rom
        } else {
            Guard::Nothing
        };
        let body = all_but(&|page| page == page_0);
        return Order {
            anchor: page_0,
            guard,
            body,
            swap: None,
        };
    }
    let body = all_but(&|page| page <= app_page);
    let in_bootloader: Vec<u32> = all_but(&|page| page == page_0 || page >= app_page);
    let changes = differing.contains(&page_0) || !in_bootloader.is_empty();
    let swap = changes.then_some(Swap {
        anchor: page_0,
        body: in_bootloader,
    });
    Order {
        anchor: app_page,
        guard: Guard::Katapult,
        body,
        swap,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Mcu;

    fn pages(list: &[u32]) -> BTreeSet<u32> {
        list.iter().map(|page| 0x0800_0000 + page).collect()
    }

    #[test]
    fn katapult_blanks_and_writes_the_first_application_page_last() {
        let chip = Mcu::Stm32F042.chip();
        let order = order(
            chip,
            Through::Katapult,
            &pages(&[0x2000, 0x2400, 0x2c00]),
            true,
        );
        assert_eq!(order.anchor, 0x0800_2000);
        assert_eq!(order.guard, Guard::Katapult);
        assert_eq!(order.body, [0x0800_2400, 0x0800_2c00]);
        assert_eq!(order.swap, None);
    }

    #[test]
    fn the_anchor_is_used_even_if_it_does_not_differ() {
        let chip = Mcu::Stm32F042.chip();
        let order = order(chip, Through::Dfu, &pages(&[0x2400]), true);
        assert_eq!((order.anchor, order.guard), (0x0800_0000, Guard::Rom));
        assert_eq!(order.body, [0x0800_2400]);
    }

    #[test]
    fn g431_keeps_katapult_while_the_application_changes() {
        let chip = Mcu::Stm32G431.chip();
        let order = order(chip, Through::Dfu, &pages(&[0x2000, 0x2800]), true);
        assert_eq!((order.anchor, order.guard), (0x0800_2000, Guard::Katapult));
        assert_eq!(order.body, [0x0800_2800]);
        assert_eq!(order.swap, None);
    }

    #[test]
    fn g431_exchanges_katapult_after_the_body() {
        let chip = Mcu::Stm32G431.chip();
        let order = order(
            chip,
            Through::Dfu,
            &pages(&[0, 0x800, 0x1000, 0x2000, 0x2800]),
            true,
        );
        assert_eq!((order.anchor, order.guard), (0x0800_2000, Guard::Katapult));
        assert_eq!(order.body, [0x0800_2800]);
        let swap = Swap {
            anchor: 0x0800_0000,
            body: vec![0x0800_0800, 0x0800_1000],
        };
        assert_eq!(order.swap, Some(swap));
    }

    #[test]
    fn g431_without_katapult_has_nothing_to_protect() {
        let chip = Mcu::Stm32G431.chip();
        let order = order(chip, Through::Dfu, &pages(&[0, 0x800, 0x2000]), false);
        assert_eq!((order.anchor, order.guard), (0x0800_0000, Guard::Nothing));
        assert_eq!(order.body, [0x0800_0800, 0x0800_2000]);
    }
}
