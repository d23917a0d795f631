use proptest::prelude::*;

use super::*;
use crate::transport::sim::practice;

const USB: Transport = Transport::Usb;
const BASE: u32 = 0x0800_0000;
const APP: u32 = 0x0800_2000;

fn app(mcu: Mcu) -> Vec<u8> {
    practice::app(mcu, USB, "CARTOGRAPHER V3 6.1.0")
}

fn refusal(bytes: impl Into<Vec<u8>>) -> ImageError {
    Image::parse("file", bytes.into()).unwrap_err()
}

#[test]
fn every_container_gives_the_same_program() {
    for mcu in Mcu::ALL {
        let app = app(mcu);
        let whole = practice::combined(mcu, USB, "CARTOGRAPHER V3 6.1.0");
        let katapult = practice::katapult(mcu, USB);
        let halves = app.split_at(app.len() / 2);
        let middle = APP + u32::try_from(halves.0.len()).unwrap();
        for (file, program) in [
            (app.clone(), &app),
            (suffix::append(&app, 0x0100, 0x0483, 0xdf11), &app),
            (suffix::append(&app, 0x0100, 0xffff, 0xffff), &app),
            (dfuse::tests::build(&[(0, &[(APP, &app)])]), &app),
            (
                dfuse::tests::build(&[(0, &[(middle, halves.1)]), (0, &[(APP, halves.0)])]),
                &app,
            ),
            (hex::tests::build(&[(APP, &app)]), &app),
            (whole.clone(), &whole),
            // The blank between the two is not in the file.
            (hex::tests::build(&[(BASE, &katapult), (APP, &app)]), &whole),
            (
                dfuse::tests::build(&[(0, &[(BASE, &katapult), (APP, &app)])]),
                &whole,
            ),
        ] {
            let image = Image::parse("any name.txt", file.clone()).unwrap();
            assert_eq!(image.bytes(), program);
            assert_eq!(image.sha256(), Sha256::of(&file).to_string());
            assert_eq!(image.name(), "any name.txt");
            assert_eq!(image.facts().mcu, mcu);
        }
    }
}

#[test]
fn files_of_other_kinds_have_their_own_refusal() {
    let text = |line: &str| ImageError::Text {
        first_line: line.to_owned(),
    };
    let archive = |kind| ImageError::Archive { kind };
    let utf16: Vec<u8> = "\u{feff}hello"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let long = "ä".repeat(3000);
    for (bytes, expected) in [
        (b"".as_slice(), ImageError::Empty),
        (&[0xff; 4096], ImageError::Erased),
        (&[0; 4096], ImageError::Zeros),
        (b"404: Not Found", text("404: Not Found")),
        (b"\xef\xbb\xbf\n  notes \r\nmore", text("notes")),
        (&utf16, text("hello")),
        (long.as_bytes(), text(&"ä".repeat(60))),
        (b":wq", text(":wq")),
        (b"\n<!DOCTYPE HTML>\n<html>", ImageError::Html),
        (b"<HTML><body>", ImageError::Html),
        (b"\x7fELF\x01\x01\x01", ImageError::Elf),
        (b"PK\x03\x04\x14\0", archive(ArchiveKind::Zip)),
        (b"\x1f\x8b\x08\0\0", archive(ArchiveKind::Gzip)),
        (b"\xfd7zXZ\0\0\x04", archive(ArchiveKind::Xz)),
        (b"\x28\xb5\x2f\xfd\x24", archive(ArchiveKind::Zstd)),
        (b"\x01\x02\x03", ImageError::NotFirmware),
        (&[0xa5; 5000], ImageError::NotFirmware),
    ] {
        assert_eq!(refusal(bytes), expected);
    }
    assert_eq!(
        refusal(vec![0x5a; 1024 * 1024 + 1]),
        ImageError::TooLarge {
            size: 1024 * 1024 + 1,
            limit: MAX_FILE
        }
    );
}

#[test]
fn uf2_is_named_with_its_family() {
    let block = |flags: u32, family: u32| {
        let mut block = vec![0; 512];
        for (at, word) in [
            (0, 0x0a32_4655),
            (4, 0x9e5d_5157),
            (8, flags),
            (12, 0x1000_0000),
            (16, 256),
            (24, 1),
            (28, family),
            (508, 0x0ab1_6f30),
        ] {
            block[at..at + 4].copy_from_slice(&u32::to_le_bytes(word));
        }
        block
    };
    for (flags, id, family, for_v1) in [
        (0x2000, 0xe48b_ff56, Some(0xe48b_ff56), true),
        (0x2000, 0x6478_24b6, Some(0x6478_24b6), false),
        (0, 0xe48b_ff56, None, false),
    ] {
        let expected = ImageError::Uf2 { family, for_v1 };
        assert_eq!(refusal(block(flags, id)), expected);
    }
    assert_eq!(
        refusal(&block(0x2000, 0xe48b_ff56)[..31]),
        ImageError::Uf2 {
            family: None,
            for_v1: false
        }
    );
}

#[test]
fn the_suffix_is_never_flashed_and_must_be_right() {
    let app = app(Mcu::Stm32F042);
    let good = suffix::append(&app, 0x0100, 0x0483, 0xdf11);
    let mut bad = good.clone();
    bad[100] ^= 1;
    assert!(matches!(refusal(bad), ImageError::DfuSuffixCrc { .. }));
    assert!(matches!(
        refusal(suffix::append(&app, 0x0100, 0x1234, 0xdf11)),
        ImageError::DfuSuffixDevice { vendor: 0x1234, .. }
    ));
    for (body, expected) in [
        (&[][..], ImageError::Empty),
        (&[0xff; 64], ImageError::Erased),
    ] {
        assert_eq!(
            refusal(suffix::append(body, 0x0100, 0xffff, 0xffff)),
            expected
        );
    }
}

#[test]
fn a_container_must_put_the_program_where_it_runs() {
    let app = app(Mcu::Stm32G431);
    let wrong = ImageError::WrongPlace {
        placed_at: BASE,
        linked_at: APP,
    };
    assert_eq!(refusal(dfuse::tests::build(&[(0, &[(BASE, &app)])])), wrong);
    assert_eq!(refusal(hex::tests::build(&[(BASE, &app)])), wrong);
    // The option bytes, in whatever wrapping.
    for file in [
        dfuse::tests::build(&[(0, &[(APP, &app), (0x1fff_7800, &[0xaa; 8])])]),
        hex::tests::build(&[(APP, &app), (0x1fff_7800, &[0xaa; 8])]),
    ] {
        assert_eq!(
            refusal(file),
            ImageError::OutsideFlash {
                address: 0x1fff_7800,
                length: 8
            }
        );
    }
    let missing_page = [(APP, &app[..4096]), (APP + 3 * 4096, &app[3 * 4096..])];
    let gap = ImageError::Gap {
        from: APP + 4096,
        to: APP + 3 * 4096,
    };
    assert_eq!(refusal(hex::tests::build(&missing_page)), gap);
    assert_eq!(refusal(dfuse::tests::build(&[(0, &missing_page)])), gap);
    assert!(matches!(
        refusal(dfuse::tests::build(&[(1, &[(APP, &app)])])),
        ImageError::DfuSe(DfuSeError::AltSetting { alt: 1 })
    ));
}

#[test]
fn a_damaged_hex_file_names_its_line() {
    let mut file = hex::tests::build(&[(APP, &app(Mcu::Stm32F042))]);
    let third_line = file.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(1);
    let at = third_line.unwrap().0 + 12;
    file[at] = if file[at] == b'0' { b'1' } else { b'0' };
    assert!(matches!(
        refusal(file),
        ImageError::Hex(HexError {
            line: 3,
            problem: HexProblem::Checksum { .. }
        })
    ));
}

#[test]
fn cut_anywhere_a_container_is_refused() {
    let app = app(Mcu::Stm32F042);
    for file in [
        dfuse::tests::build(&[(0, &[(APP, &app)])]),
        hex::tests::build(&[(APP, &app)]),
    ] {
        for length in (1..file.trim_ascii_end().len()).step_by(61) {
            assert!(Image::parse("f", file[..length].to_vec()).is_err());
        }
    }
}

#[test]
fn a_backup_is_exactly_one_flash() {
    for mcu in Mcu::ALL {
        let size = mcu.chip().flash_size as usize;
        let mut flash = practice::combined(mcu, USB, "CARTOGRAPHER V3 6.1.0");
        flash.resize(size, 0xff);
        let dump = Image::parse_dump("b.bin", flash.clone(), mcu).unwrap();
        assert_eq!(dump.facts().role, Role::Dump);
        assert_eq!(dump.facts().link_address, BASE);
        assert_eq!(dump.facts().transport, Some(USB));
        assert_eq!(
            dump.facts().version.as_deref(),
            Some("CARTOGRAPHER V3 6.1.0")
        );
        assert_eq!(dump.bytes(), flash);
        // The same file chosen as firmware.
        assert_eq!(
            Image::parse("b.bin", flash.clone()).unwrap().facts().role,
            Role::Combined
        );
        for length in [0, size - 1, size + 1] {
            flash.resize(length, 0xff);
            assert_eq!(
                Image::parse_dump("b.bin", flash.clone(), mcu),
                Err(ImageError::DumpSize {
                    mcu,
                    length,
                    expected: size
                })
            );
        }
        assert_eq!(
            Image::parse_dump("b.bin", vec![0xff; size], mcu),
            Err(ImageError::Erased)
        );
        assert!(Image::parse_dump("b.bin", vec![0x5a; size], mcu).is_ok());
    }
}

proptest! {
    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..700), head in 0_usize..6) {
        let heads: [&[u8]; 6] = [b"", b"DfuSe\x01", b":020000040800F2\n", b"UF2\nWQ]\x9e", b"\x00\x80\x00\x20", b"\xff\xfe"];
        let mut file = heads[head].to_vec();
        file.extend_from_slice(&bytes);
        prop_assert!(Image::parse("f", file).is_err());
    }
}
