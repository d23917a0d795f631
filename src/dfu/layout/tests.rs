use proptest::prelude::*;

use super::*;
use crate::board::Mcu;
use crate::transport::AltSetting;

const F042: [&str; 2] = [
    "@Internal Flash  /0x08000000/032*0001Kg",
    "@Option Bytes  /0x1FFFF800/01*016 e",
];
const G431: [&str; 3] = [
    "@Internal Flash   /0x08000000/64*02Kg",
    "@Option Bytes   /0x1FFF7800/01*040 e",
    "@OTP Memory   /0x1FFF7000/01*0001Ke",
];

fn segment(address: u32, pages: u32, page_size: u32, letter: char) -> Segment {
    Segment {
        address,
        pages,
        page_size,
        access: MemoryAccess::from_letter(letter).unwrap(),
    }
}

fn alts(names: &[&str]) -> Vec<AltSetting> {
    (0..)
        .zip(names)
        .map(|(number, name)| AltSetting {
            number,
            name: (*name).to_owned(),
        })
        .collect()
}

/// Every string of the table in protocols.md §1.4.
#[test]
fn observed_strings() {
    let table: &[(&str, &str, &[Segment])] = &[
        (
            F042[0],
            "Internal Flash",
            &[segment(0x0800_0000, 32, 1024, 'g')],
        ),
        (F042[1], "Option Bytes", &[segment(0x1fff_f800, 1, 16, 'e')]),
        (
            "@Internal Flash  /0x08000000/0064*0002Kg",
            "Internal Flash",
            &[segment(0x0800_0000, 64, 2048, 'g')],
        ),
        (
            "@Internal Flash  /0x08000000/128*002Kg",
            "Internal Flash",
            &[segment(0x0800_0000, 128, 2048, 'g')],
        ),
        (
            G431[0],
            "Internal Flash",
            &[segment(0x0800_0000, 64, 2048, 'g')],
        ),
        (G431[1], "Option Bytes", &[segment(0x1fff_7800, 1, 40, 'e')]),
        (
            "@Option Bytes   /0x1FFF7800/01*40Be",
            "Option Bytes",
            &[segment(0x1fff_7800, 1, 40, 'e')],
        ),
        (G431[2], "OTP Memory", &[segment(0x1fff_7000, 1, 1024, 'e')]),
        (
            "@OTP Memory   /0x1FFF7000/01*01Ke",
            "OTP Memory",
            &[segment(0x1fff_7000, 1, 1024, 'e')],
        ),
        (
            "@Internal Flash   /0x08000000/256*02Kg",
            "Internal Flash",
            &[segment(0x0800_0000, 256, 2048, 'g')],
        ),
        (
            "@Option Bytes   /0x1FFF7800/01*048 e/0x1FFFF800/01*048 e",
            "Option Bytes",
            &[
                segment(0x1fff_7800, 1, 48, 'e'),
                segment(0x1fff_f800, 1, 48, 'e'),
            ],
        ),
        (
            "@OTP Memory   /0x1FFF7000/01*1024 e",
            "OTP Memory",
            &[segment(0x1fff_7000, 1, 1024, 'e')],
        ),
    ];
    for (text, name, regions) in table {
        let layout = MemoryLayout::parse(text).unwrap();
        assert_eq!(
            (layout.name.as_str(), &layout.regions[..]),
            (*name, *regions),
            "{text}"
        );
        assert_eq!(layout.warnings, [], "{text}");
    }
}

#[test]
fn segments_of_one_region_follow_each_other() {
    let layout =
        MemoryLayout::parse("@Internal Flash  /0x08000000/04*016Kg,01*064Ka,07*128Kg").unwrap();
    assert_eq!(
        layout.regions,
        [
            segment(0x0800_0000, 4, 16 * 1024, 'g'),
            segment(0x0801_0000, 1, 64 * 1024, 'a'),
            segment(0x0802_0000, 7, 128 * 1024, 'g'),
        ]
    );
    assert!(layout.readable(0x0800_0000, 0x10_0000));
    assert!(!layout.readable(0x0800_0000, 0x10_0001));
    assert!(!layout.writable(0x0800_fff0, 0x11));
    assert!(layout.writable(0x0800_fff0, 0x10));
    assert!(!layout.erasable(0x0801_0000, 1));
    assert!(layout.erasable(0x0802_0000, 1));
}

#[test]
fn odd_strings_are_read_with_a_warning() {
    let missing = MemoryLayout::parse("@Flash/0x08000000/32*1024g").unwrap();
    assert_eq!(missing.regions, [segment(0x0800_0000, 32, 1024, 'g')]);
    assert_eq!(missing.warnings, [LayoutWarning::MissingMultiplier]);

    let noisy = MemoryLayout::parse("@Fl\u{1}ash\u{fffd} /0x08000000/32*1Kg\0").unwrap();
    assert_eq!(noisy.name, "Flash");
    assert_eq!(noisy.regions, [segment(0x0800_0000, 32, 1024, 'g')]);
    assert_eq!(noisy.warnings, [LayoutWarning::NonPrintable]);

    for cut in [
        "@Flash/0x08000000/4*16Kg,1*64K",
        "@Flash/0x08000000/4*16Kg,",
        "@Flash/0x08000000/4*16Kg/0x1FF",
        "@Flash/0x08000000/4*16Kg/",
        "@Flash/0x08000000/4*16Kg,garbage",
        "@Flash/0x08000000/4*16Kg,0*16Kg",
        "@Flash/0x08000000/4*16Kg,4*16Kz",
        "@Flash/0x08000000/4*16Kg,4294967295*4095Mg",
        "@Flash/0x08000000/4*16Kg,65536*64Kg",
    ] {
        let layout = MemoryLayout::parse(cut).unwrap();
        assert_eq!(
            layout.regions,
            [segment(0x0800_0000, 4, 16 * 1024, 'g')],
            "{cut}"
        );
        assert_eq!(layout.warnings, [LayoutWarning::Cut], "{cut}");
    }

    let feature = MemoryLayout::parse("@Device Feature/0xFFFF0000/01*004 g").unwrap();
    assert_eq!(feature.regions, [segment(0xffff_0000, 1, 4, 'e')]);
}

#[test]
fn a_region_may_end_where_addresses_end() {
    let layout = MemoryLayout::parse("@Top/0xFFFFFC00/1*1Kg").unwrap();
    assert!(layout.readable(0xffff_fc00, 1024));
    assert!(!layout.readable(0xffff_fc00, 1025));
}

#[test]
fn what_is_no_layout() {
    for text in [
        "",
        "@",
        "DFU in FS Mode",
        "Internal Flash/0x08000000/32*1Kg",
    ] {
        assert!(MemoryLayout::parse(text).is_err(), "{text}");
    }
    for text in [
        "@Flash",
        "@Flash/",
        "@Flash/0x08000000",
        "@Flash/0x08000000/",
        "@Flash/08000000/32*1Kg",
        "@Flash/0x+8000000/32*1Kg",
        "@Flash/0x108000000/32*1Kg",
        "@Flash/0x08000000/32*1K",
        "@Flash/0x08000000/+32*1Kg",
        "@Flash/0x08000000/32*-1Kg",
        "@Flash/0x08000000/*1Kg",
        "@Flash/0x08000000/32*Kg",
        "@Flash/0x08000000/32*1Kgg",
    ] {
        assert_eq!(
            MemoryLayout::parse(text),
            Err(LayoutError::NoRegion),
            "{text}"
        );
    }
}

#[test]
fn type_letters() {
    let table = [
        ('a', true, false, false),
        ('b', false, true, false),
        ('c', true, true, false),
        ('d', false, false, true),
        ('e', true, false, true),
        ('f', false, true, true),
        ('g', true, true, true),
    ];
    for (letter, readable, erasable, writable) in table {
        let access = MemoryAccess::from_letter(letter).unwrap();
        assert_eq!(
            (access.readable(), access.erasable(), access.writable()),
            (readable, erasable, writable),
            "{letter}"
        );
    }
    for letter in ['h', '`', 'G', '\u{e9}'] {
        assert_eq!(MemoryAccess::from_letter(letter), None);
    }
}

#[test]
fn chips_are_recognised_in_any_order() {
    assert_eq!(identify_chip(&F042), DfuChip::Known(Mcu::Stm32F042));
    assert_eq!(identify_chip(&F042[..1]), DfuChip::Known(Mcu::Stm32F042));
    assert_eq!(
        identify_chip(&[F042[1], F042[0]]),
        DfuChip::Known(Mcu::Stm32F042)
    );
    assert_eq!(identify_chip(&G431), DfuChip::Known(Mcu::Stm32G431));
    assert_eq!(
        identify_chip(&[G431[2], "@Option Bytes   /0x1FFF7800/01*40Be", G431[0]]),
        DfuChip::Known(Mcu::Stm32G431)
    );
}

#[test]
fn other_chips_are_not_ours() {
    let g474 = [
        "@Internal Flash   /0x08000000/256*02Kg",
        "@Option Bytes   /0x1FFF7800/01*048 e/0x1FFFF800/01*048 e",
        "@OTP Memory   /0x1FFF7000/01*1024 e",
    ];
    let table: &[&[&str]] = &[
        &[],
        &[""],
        &[G431[0]],
        &[G431[0], G431[0], G431[0]],
        &[F042[0], F042[0]],
        &["@Internal Flash  /0x08000000/0064*0002Kg", F042[1]],
        &["@Internal Flash  /0x08000000/128*002Kg", F042[1]],
        &g474,
        &[F042[0], G431[1]],
        &[F042[1], G431[1]],
        &["@Internal Flash  /0x08000000/032*0001Kg,1*1Kg"],
        &["@Internal Flash  /0x08000000/032*0001Kg,1*"],
        &["@Internal Flash  /0x08000000/032*0001Ka"],
        &["@Internal Flash  /0x08000400/032*0001Kg"],
        &["@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg"],
    ];
    for names in table {
        assert_eq!(identify_chip(names), DfuChip::Other, "{names:?}");
    }
}

#[test]
fn settings_are_found_by_address() {
    let found = alts(&[G431[2], G431[0], "garbage", G431[1]]);
    assert_eq!(find_alt(&found, MAIN_FLASH), Some(1));
    assert_eq!(find_alt(&found, 0x1fff_7800), Some(3));
    assert_eq!(find_alt(&found, 0x1fff_f800), None);
    assert_eq!(find_alt(&alts(&[G431[0], G431[0]]), MAIN_FLASH), None);
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _layout = MemoryLayout::parse(&text);
        let _chip = identify_chip(&[&text, &text]);
    }

    #[test]
    fn near_misses_never_panic(
        text in "@[A-Z ]{0,4}(/0x[0-9a-f]{0,9}/([0-9]{0,11}\\*[0-9]{0,11}[KMB ]?[a-h]?,?){0,4}){0,4}",
        address in any::<u32>(),
        length in any::<u32>(),
    ) {
        if let Ok(layout) = MemoryLayout::parse(&text) {
            prop_assert!(!layout.regions.is_empty());
            for segment in &layout.regions {
                prop_assert!(segment.length() > 0 && segment.end() <= 1 << 32);
            }
            let length = usize::try_from(length).unwrap();
            prop_assert_eq!(
                layout.readable(address, length),
                layout.readable_from(address) >= u64::try_from(length).unwrap()
            );
        }
    }
}
