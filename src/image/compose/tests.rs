use super::*;
use crate::image::ImageError;
use crate::transport::sim::practice;

const USB: Transport = Transport::Usb;
const CAN: Transport = Transport::Can { bitrate: 500_000 };

fn parse(name: &str, bytes: Vec<u8>) -> Image {
    Image::parse(name, bytes).unwrap()
}

fn dump(mcu: Mcu, mut flash: Vec<u8>) -> Image {
    flash.resize(mcu.chip().flash_size as usize, 0xff);
    Image::parse_dump("backup.bin", flash, mcu).unwrap()
}

#[test]
fn makes_the_official_layout_byte_for_byte() {
    for mcu in Mcu::ALL {
        for transport in [USB, CAN] {
            let app = parse("app.bin", practice::app(mcu, transport, "V 6.1.0"));
            let official = parse("full.bin", practice::combined(mcu, transport, "V 6.1.0"));
            let mut padded = practice::katapult(mcu, transport);
            padded.resize(0x2000, 0xff);
            for katapult in [practice::katapult(mcu, transport), padded] {
                let composed = compose(&parse("katapult.bin", katapult), &app).unwrap();
                assert_eq!(composed.bytes(), official.bytes());
                assert_eq!(composed.sha256(), official.sha256());
                assert_eq!(composed.facts(), official.facts());
                assert_eq!(composed.name(), "katapult.bin + app.bin");
                // What was made would be recognized as what it says it is.
                assert_eq!(
                    parse("again", composed.bytes().to_vec()).facts(),
                    composed.facts()
                );
            }
        }
    }
}

#[test]
fn takes_the_parts_out_of_combined_images_and_backups() {
    for mcu in Mcu::ALL {
        let whole = practice::combined(mcu, USB, "V 6.1.0");
        for image in [parse("full.bin", whole.clone()), dump(mcu, whole.clone())] {
            let katapult = bootloader_part(&image).unwrap();
            assert_eq!(katapult.bytes(), practice::katapult(mcu, USB));
            assert_eq!(katapult.facts().role, Role::Bootloader);
            assert_eq!(katapult.facts().transport, Some(USB));
            let app = app_part(&image).unwrap();
            assert_eq!(app, parse(image.name(), practice::app(mcu, USB, "V 6.1.0")));
            assert_eq!(compose(&image, &image).unwrap().bytes(), whole);
        }
    }
}

#[test]
fn parts_that_are_not_there() {
    let mcu = Mcu::Stm32F042;
    let app = parse("a", practice::app(mcu, USB, "v"));
    let katapult = parse("k", practice::katapult(mcu, USB));
    let deployer = parse("d", practice::deployer(mcu, USB));
    let noise = dump(mcu, vec![0x5a; 4096]);
    let only_katapult = dump(mcu, practice::katapult(mcu, USB));
    for image in [&app, &deployer, &noise] {
        assert_eq!(bootloader_part(image), None);
    }
    for image in [&katapult, &deployer, &noise, &only_katapult] {
        assert_eq!(app_part(image), None);
    }
    assert!(bootloader_part(&only_katapult).is_some());
    assert_eq!(
        compose(&app, &app),
        Err(ComposeError::NotABootloader { role: Role::App })
    );
    assert_eq!(
        compose(&katapult, &deployer),
        Err(ComposeError::NotAnApp {
            role: Role::Deployer
        })
    );
}

#[test]
fn parts_that_do_not_go_together() {
    let katapult = |mcu, transport| parse("k", practice::katapult(mcu, transport));
    let app = |mcu, transport| parse("a", practice::app(mcu, transport, "v"));
    let (f042, g431) = (Mcu::Stm32F042, Mcu::Stm32G431);
    assert_eq!(
        compose(&katapult(f042, USB), &app(g431, USB)),
        Err(ComposeError::OtherMcu {
            bootloader: f042,
            app: g431
        })
    );
    assert_eq!(
        compose(&katapult(f042, USB), &app(f042, CAN)),
        Err(ComposeError::TransportConflict {
            bootloader: USB,
            app: CAN
        })
    );
    // A Katapult for CAN does not tell its bitrate; the catalog does.
    let unknown = katapult(g431, CAN);
    assert_eq!(unknown.facts().transport, None);
    assert!(compose(&unknown, &app(g431, CAN)).is_ok());
    assert_eq!(
        compose(&unknown, &app(g431, USB)),
        Err(ComposeError::BootloaderNotForUsb)
    );
    let other = Transport::Can { bitrate: 250_000 };
    assert_eq!(
        compose(&unknown.with_known_transport(other), &app(g431, CAN)),
        Err(ComposeError::TransportConflict {
            bootloader: other,
            app: CAN
        })
    );
    // What the bytes tell is not overruled.
    let usb = katapult(g431, USB).with_known_transport(other);
    assert_eq!(usb.facts().transport, Some(USB));
}

#[test]
fn an_app_for_another_place_is_refused() {
    let mcu = Mcu::Stm32G431;
    let mut bytes = practice::app(mcu, USB, "v");
    bytes[4..8].copy_from_slice(&0x0800_0199_u32.to_le_bytes());
    assert_eq!(
        compose(
            &parse("k", practice::katapult(mcu, USB)),
            &parse("a", bytes)
        ),
        Err(ComposeError::WrongLinkAddress {
            image: 0x0800_0000,
            app_start: 0x0800_2000
        })
    );
}

#[test]
fn the_largest_app_fits() {
    let mcu = Mcu::Stm32F042;
    let katapult = parse("k", practice::katapult(mcu, USB));
    let mut bytes = practice::app(mcu, USB, "v");
    bytes.resize(0x6000, 0x77);
    let composed = compose(&katapult, &parse("a", bytes.clone())).unwrap();
    assert_eq!(composed.bytes().len(), 0x8000);
    bytes.push(0x77);
    assert!(matches!(
        Image::parse("a", bytes),
        Err(ImageError::PastFlashEnd { .. })
    ));
}
