//! What each board is offered from the embedded list.

use super::*;
use crate::catalog::embedded;
use crate::catalog::entry::parse_version;

const USB: Transport = Transport::Usb;
const CAN_1M: Transport = Transport::Can { bitrate: 1_000_000 };
const CAN_500K: Transport = Transport::Can { bitrate: 500_000 };
const CAN_250K: Transport = Transport::Can { bitrate: 250_000 };

fn ids(offers: &[Offer]) -> Vec<&str> {
    offers.iter().map(Offer::id).collect()
}

fn wanted(board: Model, transport: Transport, variant: Variant, route: Route) -> Wanted {
    Wanted {
        board,
        transport,
        variant,
        route,
    }
}

fn recommend(entries: &[Arc<Entry>], wanted: &Wanted) -> Option<Offer> {
    offers(entries, wanted).into_iter().next()
}

#[test]
fn newest_for_each_board_transport_and_variant() {
    use Route::{Dfu, Katapult};
    use Variant::{Full, Lite};
    let cases = [
        (Model::V4, USB, Full, Katapult, Some("v4-6.2.0-usb-full")),
        (Model::V4, USB, Lite, Katapult, Some("v4-6.2.0-usb-lite")),
        (
            Model::V4,
            CAN_1M,
            Full,
            Katapult,
            Some("v4-6.2.0-can-1m-full"),
        ),
        (
            Model::V4,
            CAN_500K,
            Full,
            Katapult,
            Some("v4-6.1.0-can-500k-full"),
        ),
        (
            Model::V4,
            CAN_250K,
            Lite,
            Katapult,
            Some("v4-6.1.0-can-250k-lite"),
        ),
        (Model::V4, USB, Full, Dfu, Some("v4-6.2.0-usb-full")),
        (
            Model::V4,
            CAN_500K,
            Full,
            Dfu,
            Some("v4-6.1.0-can-500k-full-combined"),
        ),
        (Model::V3, USB, Full, Katapult, Some("v3-6.1.0-usb-full")),
        (
            Model::V3,
            USB,
            Lite,
            Dfu,
            Some("v3-6.1.0-usb-lite-combined"),
        ),
        (
            Model::V3,
            CAN_250K,
            Full,
            Dfu,
            Some("v3-6.1.0-can-250k-full-combined"),
        ),
        (
            Model::V2,
            USB,
            Full,
            Dfu,
            Some("v3-6.1.0-usb-full-combined"),
        ),
        (Model::Ht, USB, Full, Katapult, Some("ht-5.1.0-usb-full")),
        (
            Model::Ht,
            CAN_1M,
            Full,
            Katapult,
            Some("ht-5.1.0-can-1m-full"),
        ),
        (Model::Ht, CAN_500K, Full, Katapult, None),
        (Model::Ht, USB, Lite, Katapult, None),
        // There is no Katapult for HT to compose with.
        (Model::Ht, USB, Full, Dfu, None),
        (Model::V1, USB, Full, Katapult, None),
    ];
    for (board, transport, variant, route, expected) in cases {
        let offer = recommend(
            embedded::entries(),
            &wanted(board, transport, variant, route),
        );
        assert_eq!(
            offer.as_ref().map(Offer::id),
            expected,
            "{board:?} {transport} {variant:?} {route:?}"
        );
    }
}

#[test]
fn v4_6_2_0_is_composed_for_dfu_because_upstream_has_no_combined_image() {
    let want = wanted(Model::V4, CAN_1M, Variant::Lite, Route::Dfu);
    let offer = recommend(embedded::entries(), &want).unwrap();
    assert_eq!(offer.min_plugin, parse_version("1.6.0"));
    let Source::Composed {
        bootloader,
        app,
        official_sha256: None,
    } = &offer.source
    else {
        panic!("{offer:?}");
    };
    assert_eq!(bootloader.id, "v4-katapult-can-1m");
    assert_eq!(app.id, "v4-6.2.0-can-1m-lite");
    assert_eq!(offer.instead, []);
}

#[test]
fn a_composed_image_knows_the_official_hash_where_upstream_made_it_the_same_way() {
    let entries = embedded::entries();
    let offers = offers(entries, &wanted(Model::V3, USB, Variant::Full, Route::Dfu));
    assert_eq!(
        ids(&offers),
        [
            "v3-6.1.0-usb-full-combined",
            "v3-5.1.0-usb-full-combined",
            "v3-5.0.0-usb-full-combined",
            "v3-4.0.0-usb-full-combined",
        ]
    );
    let hash = |offer: &Offer| match offer.instead.first() {
        Some(Source::Composed {
            official_sha256, ..
        }) => *official_sha256,
        other => panic!("{other:?}"),
    };
    let of = |id: &str| entries.iter().find(|e| e.id == id).and_then(|e| e.sha256);
    assert_eq!(hash(&offers[0]), of("v3-6.1.0-usb-full-combined"));
    // 12 stray bytes at the end of upstream's file: composing cannot give the same.
    assert_eq!(hash(&offers[2]), None);
}

#[test]
fn all_v4_versions_by_katapult_newest_first() {
    let want = wanted(Model::V4, CAN_250K, Variant::Full, Route::Katapult);
    assert_eq!(
        ids(&offers(embedded::entries(), &want)),
        [
            "v4-6.1.0-can-250k-full",
            "v4-6.0.0-can-250k-full",
            "v4-5.1.0-can-250k-full"
        ]
    );
}

#[test]
fn no_board_is_offered_another_boards_chip_and_ht_stays_alone() {
    for board in [Model::V1, Model::V2, Model::V3, Model::V4, Model::Ht] {
        let filter = Filter {
            board: Some(board),
            all: true,
            ..Filter::default()
        };
        let found = list(embedded::entries(), &filter);
        assert!(!found.is_empty(), "{board:?}");
        for entry in found {
            assert_eq!(entry.board.mcu(), board.mcu(), "{}", entry.id);
            assert_eq!(entry.board == Model::Ht, board == Model::Ht, "{}", entry.id);
            assert_eq!(
                entry.path.as_str().contains("/HT/"),
                board == Model::Ht,
                "{}",
                entry.id
            );
        }
    }
}

#[test]
fn archived_rows_only_when_asked_for() {
    let count = |all, board| {
        let filter = Filter {
            board,
            all,
            ..Filter::default()
        };
        list(embedded::entries(), &filter).len()
    };
    assert_eq!((count(false, None), count(true, None)), (99, 121));
    let v2_everything = Filter {
        board: Some(Model::V2),
        all: true,
        ..Filter::default()
    };
    // Its own archive and V3's current files, not V3's archive.
    assert!(
        list(embedded::entries(), &v2_everything)
            .iter()
            .all(|e| !e.archived || e.board == Model::V2)
    );
}

#[test]
fn filters_narrow() {
    let filter = Filter {
        board: Some(Model::V4),
        bus: Some(Bus::Can),
        bitrate: Some(500_000),
        variant: Some(Variant::Lite),
        role: Some(EntryRole::App),
        all: false,
    };
    let found = list(embedded::entries(), &filter);
    let found: Vec<_> = found.iter().map(|e| e.id.as_str()).collect();
    assert_eq!(found, ["v4-6.1.0-can-500k-lite", "v4-6.0.0-can-500k-lite"]);
}

#[test]
fn order_is_newest_then_usb_then_fastest_can_and_bootloaders_last() {
    let filter = Filter {
        board: Some(Model::V4),
        ..Filter::default()
    };
    let found = list(embedded::entries(), &filter);
    let first: Vec<_> = found.iter().take(4).map(|e| e.id.as_str()).collect();
    assert_eq!(
        first,
        [
            "v4-6.2.0-usb-full",
            "v4-6.2.0-usb-lite",
            "v4-6.2.0-can-1m-full",
            "v4-6.2.0-can-1m-lite"
        ]
    );
    assert_eq!(found.last().unwrap().id, "v4-deployer-can-250k");
}

#[test]
fn bootloaders_and_deployers_for_every_transport() {
    for board in [Model::V2, Model::V3, Model::V4] {
        for transport in [USB, CAN_1M, CAN_500K, CAN_250K] {
            let found = bootloader(embedded::entries(), board, transport).unwrap();
            assert!(found.transport == transport && found.fits(board) && !found.archived);
        }
    }
    assert_eq!(bootloader(embedded::entries(), Model::Ht, USB), None);
}

#[test]
fn the_newest_of_a_board_is_told_whatever_it_talks() {
    let newest = |board| newest(embedded::entries(), board).map(|version| version.to_string());
    assert_eq!(newest(Model::V4).as_deref(), Some("6.2.0"));
    assert_eq!(newest(Model::V3).as_deref(), Some("6.1.0"));
    assert_eq!(newest(Model::V2), newest(Model::V3));
    assert_eq!(newest(Model::Ht).as_deref(), Some("5.1.0"));
    assert_eq!(newest(Model::V1), None);
}

#[test]
fn a_file_that_was_named_goes_as_it_is_unless_it_lacks_its_bootloader() {
    let entries = embedded::entries();
    let entry = |id: &str| entries.iter().find(|entry| entry.id == id).unwrap();
    let (app, combined) = (
        entry("v3-6.1.0-usb-full"),
        entry("v3-6.1.0-usb-full-combined"),
    );
    assert_eq!(source(entries, app, Route::Katapult), file(app));
    assert_eq!(source(entries, combined, Route::Dfu), file(combined));
    let Source::Composed {
        bootloader,
        app: with,
        official_sha256,
    } = source(entries, app, Route::Dfu)
    else {
        panic!("firmware alone does not start after DFU");
    };
    assert_eq!((bootloader.id.as_str(), &with), ("v3-katapult-usb", app));
    assert_eq!(official_sha256, combined.sha256);
    // There is no Katapult for HT: the plan says what is missing.
    let ht = entry("ht-5.1.0-usb-full");
    assert_eq!(source(entries, ht, Route::Dfu), file(ht));
}

#[test]
fn what_is_usual_is_what_the_probe_runs_unless_lite_is_preferred() {
    use Variant::{Full, Lite};
    for (prefer_lite, runs, usual) in [
        (false, None, Full),
        (false, Some(Full), Full),
        (false, Some(Lite), Lite),
        (true, None, Lite),
        (true, Some(Full), Lite),
    ] {
        assert_eq!(usual_variant(prefer_lite, runs), usual);
    }
}
