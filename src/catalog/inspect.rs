//! Whether an image is what a list claims. For files without a SHA-256 in this program. Pure.

use serde::Serialize;

use super::entry::{Entry, EntryRole};
use crate::image::Facts;

/// Something an image says about itself that differs from what the list says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mismatch {
    /// Made for another chip.
    Mcu,
    /// For another purpose: a combined image listed as firmware alone.
    Role,
    /// Linked for another address.
    LinkAddress,
    /// USB instead of CAN, or another bitrate.
    Transport,
    /// Another version.
    Version,
    /// Lite instead of full.
    Variant,
}

/// Everything in which they differ.
pub(super) fn mismatches(entry: &Entry, facts: &Facts) -> Vec<Mismatch> {
    let has_dictionary = matches!(entry.role, EntryRole::App | EntryRole::Combined);
    let chip = facts.mcu.chip();
    let address = match entry.role {
        EntryRole::App | EntryRole::Deployer => chip.app_start,
        _ => chip.flash_base,
    };
    [
        (entry.board.mcu() != Some(facts.mcu), Mismatch::Mcu),
        (entry.role.image_role() != Some(facts.role), Mismatch::Role),
        (facts.link_address != address, Mismatch::LinkAddress),
        (
            has_dictionary && facts.transport != Some(entry.transport),
            Mismatch::Transport,
        ),
        (
            has_dictionary && facts.firmware_version() != entry.version,
            Mismatch::Version,
        ),
        (
            has_dictionary && facts.variant != entry.variant,
            Mismatch::Variant,
        ),
    ]
    .into_iter()
    .filter_map(|(differs, what)| differs.then_some(what))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::{Mcu, Transport};
    use crate::catalog::embedded;
    use crate::image::{Role, Variant};

    fn facts() -> Facts {
        Facts {
            role: Role::App,
            mcu: Mcu::Stm32G431,
            link_address: 0x0800_2000,
            transport: Some(Transport::Usb),
            version: Some("CARTOGRAPHER v4 6.2.0".to_owned()),
            variant: Some(Variant::Full),
        }
    }

    fn against(change: impl FnOnce(&mut Facts)) -> Vec<Mismatch> {
        let entry = embedded::entries()
            .iter()
            .find(|entry| entry.id == "v4-6.2.0-usb-full")
            .unwrap();
        let mut facts = facts();
        change(&mut facts);
        mismatches(entry, &facts)
    }

    #[test]
    fn each_difference_is_named() {
        assert_eq!(against(|_| {}), []);
        assert_eq!(against(|f| f.mcu = Mcu::Stm32F042), [Mismatch::Mcu]);
        assert_eq!(against(|f| f.role = Role::Deployer), [Mismatch::Role]);
        assert_eq!(
            against(|f| f.link_address = 0x0800_0000),
            [Mismatch::LinkAddress]
        );
        assert_eq!(
            against(|f| f.transport = Some(Transport::Can { bitrate: 1_000_000 })),
            [Mismatch::Transport]
        );
        assert_eq!(
            against(|f| f.version = Some("CARTOGRAPHER v4 6.1.0".into())),
            [Mismatch::Version]
        );
        assert_eq!(against(|f| f.version = None), [Mismatch::Version]);
        assert_eq!(
            against(|f| f.variant = Some(Variant::Lite)),
            [Mismatch::Variant]
        );
    }
}
