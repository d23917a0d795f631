use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::transport::sim::practice;

const CAN: Transport = Transport::Can { bitrate: 250_000 };
const BOTH: [Transport; 2] = [Transport::Usb, CAN];

fn put_word(program: &mut [u8], at: usize, word: u32) {
    program[at..at + 4].copy_from_slice(&word.to_le_bytes());
}

fn facts(program: &[u8]) -> Facts {
    let recognized = recognize(program).unwrap();
    assert_eq!(recognized.length, program.len());
    recognized.facts
}

/// Where the practice application has its own start as a literal.
fn literal_offset(app: &[u8], mcu: Mcu) -> usize {
    let literal = mcu.chip().app_start.to_le_bytes();
    app.chunks(4).position(|word| word == literal).unwrap() * 4
}

#[test]
fn every_role_of_both_chips() {
    for mcu in Mcu::ALL {
        for transport in BOTH {
            let told = (transport == Transport::Usb).then_some(transport);
            let version = "CARTOGRAPHER V4 6.1.0 Lite";
            assert_eq!(
                facts(&practice::app(mcu, transport, version)),
                Facts {
                    role: Role::App,
                    mcu,
                    link_address: 0x0800_2000,
                    transport: Some(transport),
                    version: Some(version.to_owned()),
                    variant: Some(Variant::Lite),
                }
            );
            assert_eq!(
                facts(&practice::combined(mcu, transport, "CARTOGRAPHER V3")),
                Facts {
                    role: Role::Combined,
                    mcu,
                    link_address: 0x0800_0000,
                    transport: Some(transport),
                    version: Some("CARTOGRAPHER V3".to_owned()),
                    variant: Some(Variant::Full),
                }
            );
            let mut bootloader = bare(Role::Bootloader, mcu, 0x0800_0000);
            bootloader.transport = told;
            assert_eq!(facts(&practice::katapult(mcu, transport)), bootloader);
            let mut deployer = bare(Role::Deployer, mcu, 0x0800_2000);
            deployer.transport = told;
            assert_eq!(facts(&practice::deployer(mcu, transport)), deployer);
        }
    }
}

#[test]
fn signatures_are_where_the_documents_say() {
    let at = |program: &[u8]| program.windows(8).position(|w| w == SIGNATURE).unwrap();
    for (mcu, transport, katapult, deployer) in [
        (Mcu::Stm32F042, Transport::Usb, 0xc0, 0x5f8),
        (Mcu::Stm32F042, CAN, 0xc0, 0x5f8),
        (Mcu::Stm32G431, CAN, 0x98, 0x624),
        (Mcu::Stm32G431, Transport::Usb, 0x98, 0x664),
    ] {
        assert_eq!(at(&practice::katapult(mcu, transport)), katapult);
        assert_eq!(at(&practice::deployer(mcu, transport)), deployer);
    }
}

#[test]
fn a_padded_bootloader_is_a_bootloader() {
    for mcu in Mcu::ALL {
        for (size, kept) in [(0x2000, 0x2000), (0x2001, 0x2000), (0x8000, 0x2000)] {
            let mut padded = practice::katapult(mcu, CAN);
            padded.resize(size, 0xff);
            let recognized = recognize(&padded).unwrap();
            assert_eq!(recognized.facts.role, Role::Bootloader);
            assert_eq!(recognized.length, kept);
        }
    }
}

#[test]
fn residue_between_katapult_and_app_does_not_matter() {
    let mut image = practice::combined(Mcu::Stm32F042, Transport::Usb, "CARTOGRAPHER 5.1.0");
    image[0x1300..0x2000].fill(0x5a);
    assert_eq!(facts(&image).role, Role::Combined);
}

#[test]
fn katapult_and_something_else_is_refused() {
    let mcu = Mcu::Stm32G431;
    let error = Err(ImageError::CombinedWithoutApp { mcu });
    let with = |app: &[u8]| {
        let mut image = practice::katapult(mcu, CAN);
        image.resize(0x2000, 0xff);
        image.extend_from_slice(app);
        recognize(&image)
    };
    assert_eq!(with(b"x"), error);
    assert_eq!(with(&[0; 4000]), error);
    assert_eq!(with(&practice::katapult(mcu, CAN)), error);
    assert_eq!(with(&practice::deployer(mcu, CAN)), error);
    assert_eq!(with(&practice::app(Mcu::Stm32F042, CAN, "v")), error);
    // An interrupted update: its first page is blank.
    let mut app = practice::app(mcu, CAN, "v");
    app[..2048].fill(0xff);
    assert_eq!(with(&app), error);
    // One for another place.
    let mut app = practice::app(mcu, CAN, "v");
    put_word(&mut app, 4, 0x0800_0199);
    assert_eq!(with(&app), error);
    let app = practice::app(mcu, CAN, "v");
    assert!(with(&app).is_ok());
    assert!(matches!(
        with(&app[..0x3000]),
        Err(ImageError::Truncated { .. })
    ));
}

#[test]
fn where_an_app_is_linked() {
    for mcu in Mcu::ALL {
        let app = practice::app(mcu, CAN, "v");
        let linked = |reset: u32, literal: u32| {
            let mut app = app.clone();
            put_word(&mut app, 4, reset);
            put_word(
                &mut app,
                literal_offset(&practice::app(mcu, CAN, "v"), mcu),
                literal,
            );
            recognize(&app).map(|recognized| recognized.facts.link_address)
        };
        // Right behind the vectors, deep inside, and without any literal (boards-and-firmware.md §2).
        assert_eq!(linked(0x0800_2195, 0x0800_2000), Ok(0x0800_2000));
        assert_eq!(linked(0x0800_4561, 0x0800_2000), Ok(0x0800_2000));
        assert_eq!(linked(0x0800_4561, 0x1234_5678), Ok(0x0800_2000));
        let room = mcu.chip().flash_size as usize;
        if app.len() + 0x4000 <= room {
            assert_eq!(linked(0x0800_4561, 0x0800_4000), Ok(0x0800_4000));
        }
        assert_eq!(linked(0x0800_2195, 0x0800_1000), Ok(0x0800_1000));
        assert_eq!(linked(0x0800_2195, 0x0800_4000), Ok(0x0800_2000));
        assert_eq!(linked(0x0800_0195, 0x0800_2000), Ok(0x0800_0000));
        // Not Thumb, in the vectors, in RAM.
        for reset in [
            0x0800_4560,
            0x0800_2001,
            0x0800_2007,
            0x0800_0005,
            0x2000_0101,
            0,
            1,
        ] {
            let found = linked(reset, 0x0800_2000);
            assert!(
                matches!(
                    found,
                    Err(ImageError::NotFirmware | ImageError::Truncated { .. })
                ),
                "{reset:#x}: {found:?}"
            );
        }
    }
}

#[test]
fn the_reset_handler_must_be_in_the_file() {
    let app = practice::app(Mcu::Stm32F042, CAN, "v");
    let at_least = 0x4561 - 0x2000 + 1;
    assert_eq!(
        recognize(&app[..at_least - 1]),
        Err(ImageError::Truncated {
            length: at_least - 1,
            at_least: Some(at_least)
        })
    );
    // Long enough for that, but not for the dictionary behind it.
    assert_eq!(
        recognize(&app[..0x3200]),
        Err(ImageError::Truncated {
            length: 0x3200,
            at_least: None
        })
    );
    let katapult = practice::katapult(Mcu::Stm32F042, CAN);
    assert!(matches!(
        recognize(&katapult[..0xc0]),
        Err(ImageError::Truncated { .. })
    ));
}

#[test]
fn programs_of_no_known_kind() {
    for mcu in Mcu::ALL {
        let mut app = practice::app(mcu, CAN, "v");
        let Search::Found { range, .. } = search(&app) else {
            panic!("no dictionary");
        };
        app[range].fill(0);
        assert_eq!(recognize(&app), Err(ImageError::UnknownProgram { mcu }));
        let mut katapult = practice::katapult(mcu, CAN);
        katapult[mcu.chip().katapult_signature_offset as usize] = b'c';
        assert_eq!(
            recognize(&katapult),
            Err(ImageError::UnknownProgram { mcu })
        );
    }
}

#[test]
fn the_name_inside_must_agree_with_the_stack_pointer() {
    let stack = Mcu::Stm32G431;
    let mismatch = Err(ImageError::McuMismatch {
        stack,
        named: "stm32f042x6".to_owned(),
    });
    let mut app = practice::app(Mcu::Stm32F042, CAN, "v");
    put_word(&mut app, 0, stack.chip().app_stack);
    assert_eq!(recognize(&app), mismatch);

    let rename = |program: &mut Vec<u8>| {
        let at = program
            .windows(11)
            .position(|w| w == b"stm32g431xx")
            .unwrap();
        program[at..at + 11].copy_from_slice(b"stm32f042x6");
    };
    let mut katapult = practice::katapult(stack, CAN);
    rename(&mut katapult);
    assert_eq!(recognize(&katapult), mismatch);
    let mut deployer = practice::deployer(stack, CAN);
    rename(&mut deployer);
    assert_eq!(recognize(&deployer), mismatch);
}

#[test]
fn other_chips_are_named_where_they_can_be() {
    let program = |stack_pointer: u32, reset: u32| {
        let mut program = vec![0x42; 600];
        put_word(&mut program, 0, stack_pointer);
        put_word(&mut program, 4, reset);
        recognize(&program)
    };
    let other = |stack_pointer: u32, name: Option<&str>| {
        Err(ImageError::OtherChip {
            stack_pointer,
            name: name.map(str::to_owned),
        })
    };
    let reset = 0x0800_0131;
    assert_eq!(
        program(0x2002_4000, reset),
        other(0x2002_4000, Some("STM32G0B1"))
    );
    assert_eq!(
        program(0x2000_4ff8, reset),
        other(0x2000_4ff8, Some("STM32F103"))
    );
    assert_eq!(program(0x2000_2000, reset), other(0x2000_2000, None));
    for (stack_pointer, reset) in [
        (0x2000_2002, reset),
        (0x1fff_f000, reset),
        (0x2000_2000, 0x0800_0130),
        (0x2000_2000, 0x1fff_0001),
        (0, 0),
    ] {
        assert_eq!(program(stack_pointer, reset), Err(ImageError::NotFirmware));
    }
    let mut rp2040 = vec![0x11; 600];
    rp2040[..4].copy_from_slice(&RP2040_BOOT2);
    assert_eq!(recognize(&rp2040), other(0x4b32_b500, Some("RP2040")));
    for short in [&[][..], &[1; 7]] {
        assert_eq!(recognize(short), Err(ImageError::NotFirmware));
    }
}

#[test]
fn a_dictionary_names_a_chip_whatever_the_stack_pointer() {
    let mut app = practice::app(Mcu::Stm32G431, CAN, "v");
    put_word(&mut app, 0, 0x2000_7000);
    assert_eq!(
        recognize(&app),
        Err(ImageError::UnexpectedStack {
            mcu: Mcu::Stm32G431,
            stack_pointer: 0x2000_7000
        })
    );
    let json = br#"{"config":{"MCU":"stm32h723xx"},"version":"v0.12"}"#;
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(json, 9);
    let mut other = vec![0x33; 64];
    other.extend_from_slice(&packed);
    assert_eq!(
        recognize(&other),
        Err(ImageError::OtherChip {
            stack_pointer: 0x3333_3333,
            name: Some("stm32h723xx".to_owned())
        })
    );
}

#[test]
fn flash_is_filled_to_the_last_byte_and_no_further() {
    for mcu in Mcu::ALL {
        let chip = mcu.chip();
        let size = chip.flash_size as usize;
        for (program, room) in [
            (practice::app(mcu, CAN, "v"), size - 0x2000),
            (practice::combined(mcu, CAN, "v"), size),
        ] {
            let mut program = program;
            program.resize(room, 0x77);
            assert_eq!(facts(&program).mcu, mcu);
            program.push(0x77);
            let length = program.len();
            assert!(matches!(
                recognize(&program),
                Err(ImageError::PastFlashEnd { length: found, .. }) if found == length
            ));
        }
    }
}

#[test]
fn dumps_are_read_leniently_and_contradictions_refused() {
    let mcu = Mcu::Stm32F042;
    let mut flash = practice::combined(mcu, CAN, "CARTOGRAPHER K1 5.1.0");
    flash.resize(0x8000, 0xff);
    let told = recognize_dump(&flash, mcu).unwrap();
    assert_eq!(told.role, Role::Dump);
    assert_eq!(told.transport, Some(CAN));
    assert_eq!(told.variant, Some(Variant::Lite));
    assert_eq!(
        recognize_dump(&vec![0x5a; 0x8000], mcu),
        Ok(bare(Role::Dump, mcu, 0x0800_0000))
    );
    assert!(matches!(
        recognize_dump(&flash, Mcu::Stm32G431),
        Err(ImageError::McuMismatch { .. })
    ));
    // Without vectors the dictionary tells.
    flash[..1024].fill(0xff);
    assert!(recognize_dump(&flash, mcu).is_ok());
    assert!(matches!(
        recognize_dump(&flash, Mcu::Stm32G431),
        Err(ImageError::McuMismatch { .. })
    ));
}

static COMBINED: LazyLock<Vec<u8>> =
    LazyLock::new(|| practice::combined(Mcu::Stm32F042, CAN, "CARTOGRAPHER V3"));

proptest! {
    #[test]
    fn never_panics(
        stack in prop::sample::select(vec![0x2000_1800_u32, 0x2000_17f8, 0x2000_8000, 0x2000_7ff8, 0x2000_5000]),
        reset in prop_oneof![0x0800_0000_u32..0x0802_0100, any::<u32>()],
        body in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let mut program = stack.to_le_bytes().to_vec();
        program.extend_from_slice(&reset.to_le_bytes());
        program.extend_from_slice(&body);
        prop_assert!(recognize(&program).is_err());
    }

    #[test]
    fn a_changed_byte_never_panics(at in 0_usize..30_000, value in any::<u8>()) {
        let mut image = COMBINED.clone();
        let length = image.len();
        image[at % length] = value;
        if let Ok(recognized) = recognize(&image) {
            prop_assert_eq!(recognized.facts.mcu, Mcu::Stm32F042);
        }
    }
}
