//! Synthetic seeds: small inputs of the right shape. No official firmware is among them.

use std::fmt::Write as _;

use carto_flasher::board::{Mcu, Transport};
use carto_flasher::digest::crc32;
use carto_flasher::transport::sim::practice;

/// Names and contents of a target's seeds.
pub fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let contents: Vec<Vec<u8>> = match target {
        "layout" => texts(&[
            "@Internal Flash  /0x08000000/032*0001Kg",
            "@Internal Flash   /0x08000000/64*02Kg",
            "@Option Bytes  /0x1FFFF800/01*016 e",
            "@OTP Memory   /0x1FFF7000/01*0001Ke",
            "@Two regions /0x08000000/04*016Kg,01*064Kg/0x08040000/8*2Kg",
            "@Odd /0xFFFFFFFF/1*1 a",
        ]),
        "functional" => vec![
            vec![9, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x08, 0x1a, 0x01],
            vec![9, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x04, 0x1a, 0x01],
            vec![7, 0x21, 0x07, 0xff, 0x00, 0x40, 0x00],
            vec![
                9, 4, 0, 0, 0, 0xfe, 1, 2, 4, 9, 0x21, 0x0b, 0xff, 0, 0, 8, 0x1a, 1,
            ],
            vec![0x21, 0x00, 0x20, 0x00, 0x08],
            vec![0x00, 0x21, 0x41, 0x92],
        ],
        "get_status" => vec![
            vec![0, 0, 0, 0, 2, 0],
            vec![0, 0x19, 0, 0, 4, 0],
            vec![11, 0, 0, 0, 10, 0],
            vec![0xff; 6],
        ],
        "katapult_frame" | "katapult_connect" => katapult(target),
        "klipper_frame" => vec![
            vec![0x08, 0x10, 0x01, 0x00, 0x28, 0x5e, 0x9f, 0x7e],
            vec![0x7e, 0x05, 0x10, 0x9e, 0x49, 0x7e],
            vec![0x81, 0x00, 0x28, 0xff, 0xff, 0x7f],
        ],
        "dictionary" => {
            let json = br#"{"version":"v1","build_versions":"gcc","app":"Klipper","config":{"MCU":"stm32f042x6","RESERVE_PINS_USB":"PA11,PA12","CANBUS_FREQUENCY":1000000},"commands":{"identify offset=%u count=%c":1}}"#;
            vec![
                json.to_vec(),
                miniz_oxide::deflate::compress_to_vec_zlib(json, 9),
                // A stream that unpacks to much more than it is.
                miniz_oxide::deflate::compress_to_vec_zlib(&[b' '; 20_000], 9),
            ]
        }
        "image_bin" => vec![
            practice::app(Mcu::Stm32F042, Transport::Usb, "CARTOGRAPHER V3 6.1.0"),
            practice::katapult(Mcu::Stm32F042, Transport::Usb),
            practice::katapult(Mcu::Stm32G431, Transport::Can { bitrate: 1_000_000 }),
            b"<!DOCTYPE html><html>".to_vec(),
            b"PK\x03\x04".to_vec(),
            b"\x7fELF\x01\x01\x01".to_vec(),
        ],
        "image_dfu" => {
            let bootloader = practice::katapult(Mcu::Stm32F042, Transport::Usb);
            vec![
                dfuse(&bootloader),
                with_suffix(bootloader, 0x0100),
                dfuse(&[1, 2, 3, 4]),
            ]
        }
        "image_hex" => vec![
            hex(&practice::katapult(Mcu::Stm32F042, Transport::Usb)),
            hex(&[0, 0x18, 0, 0x20, 0x01, 0x20, 0, 0x08]),
            b":00000001FF\r\n".to_vec(),
            b":020000040800F2\n:04000005080000C12E\n:00000001FF\n".to_vec(),
        ],
        "image_uf2" => vec![uf2(0xe48b_ff56), uf2(0x5ee2_1072)],
        "catalog_csv" => vec![
            include_bytes!("../../firmware-cache/catalog.csv")[..1500].to_vec(),
            b"path,size,sha256,git_blob_sha1\nfirmware/v3/app.bin,21096,00,00\n".to_vec(),
        ],
        "catalog_tree" => texts(&[
            r#"{"sha":"00","tree":[{"path":"firmware/v2-v3/usb.bin","mode":"100644","type":"blob","sha":"0123456789abcdef0123456789abcdef01234567","size":21096}],"truncated":false}"#,
            r#"{"tree":[],"truncated":true}"#,
            r#"{"message":"API rate limit exceeded"}"#,
        ]),
        "settings" => texts(&[
            r#"{"theme":"dark","text_percent":120}"#,
            r#"{"text_percent":65535,"backup_folder":"/tmp"}"#,
            "{}",
        ]),
        "release" => texts(&[
            r#"{"tag_name":"v1.2.3","draft":false,"prerelease":false,"html_url":"https://example.invalid/"}"#,
            r#"{"tag_name":"2.0.0-rc.1+build.5"}"#,
            r#"{"tag_name":"v1.0.0","draft":true}"#,
            r#"{"message":"API rate limit exceeded"}"#,
        ]),
        "fate" => texts(&[
            r#""being_written""#,
            r#"{"ended":{"good":false,"title":"Stopped","lines":["1. Try again"]}}"#,
        ]),
        "bench_spec" => texts(&[
            "v3-dfu",
            "v4-usb,touch=ignored+toolboard-dfu,fault=unplug@40%",
            "v3-dfu,rdp=1,wrp=12,stale=error,leave=pipe,latency=5",
            "v3-usb,serial=0123456789abcdef01234567,access=busy:klipper,noise",
            "none",
        ]),
        other => panic!("no seeds for {other}"),
    };
    contents
        .into_iter()
        .enumerate()
        .map(|(number, bytes)| (format!("{:02}", number + 1), bytes))
        .collect()
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Frames as protocols.md §4.2 has them, and payloads of CONNECT replies.
fn katapult(target: &str) -> Vec<Vec<u8>> {
    let info = |mcu: &str, version: &[u8]| {
        let mut bytes = Vec::new();
        for word in [0x0001_0100_u32, 0x0800_2000, 64] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(mcu.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend(version);
        bytes
    };
    if target == "katapult_connect" {
        return vec![
            info("stm32f042x6", &[]),
            info("stm32g431xx", b"\0\0\0\0v0.0.1-104-gfcb2f84-dirty\0\0\0"),
            0x0800_2000_u32.to_le_bytes().to_vec(),
        ];
    }
    let connect = vec![0x01, 0x88, 0x11, 0x00, 0xf1, 0x7c, 0x99, 0x03];
    let nack = vec![0x01, 0x88, 0xf1, 0x00, 0x68, 0x95, 0x99, 0x03];
    vec![
        connect.clone(),
        [nack.as_slice(), &connect, &[0x01, 0x88, 0xa0]].concat(),
        [&[0xff, 0x01], connect.as_slice()].concat(),
    ]
}

/// UM0391: one target with one element, and the suffix.
pub fn dfuse(image: &[u8]) -> Vec<u8> {
    let length = image.len() as u32;
    let mut target = b"Target".to_vec();
    target.push(0);
    target.extend(1_u32.to_le_bytes());
    target.extend([0; 255]);
    target.extend((length + 8).to_le_bytes());
    target.extend(1_u32.to_le_bytes());
    target.extend(0x0800_0000_u32.to_le_bytes());
    target.extend(length.to_le_bytes());
    target.extend(image);
    let mut file = b"DfuSe".to_vec();
    file.push(1);
    file.extend((target.len() as u32 + 11).to_le_bytes());
    file.push(1);
    file.extend(target);
    with_suffix(file, 0x011a)
}

/// DFU 1.1 appendix B.
fn with_suffix(mut file: Vec<u8>, version: u16) -> Vec<u8> {
    file.extend(0xffff_u16.to_le_bytes());
    file.extend(0xdf11_u16.to_le_bytes());
    file.extend(0x0483_u16.to_le_bytes());
    file.extend(version.to_le_bytes());
    file.extend(b"UFD");
    file.push(16);
    file.extend((!crc32(&file)).to_le_bytes());
    file
}

pub fn hex(image: &[u8]) -> Vec<u8> {
    let record = |kind: u8, address: u16, data: &[u8]| {
        let mut bytes = vec![data.len() as u8];
        bytes.extend(address.to_be_bytes());
        bytes.push(kind);
        bytes.extend(data);
        let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        bytes.push(0_u8.wrapping_sub(sum));
        let mut text = ":".to_owned();
        for byte in bytes {
            write!(text, "{byte:02X}").unwrap();
        }
        text + "\r\n"
    };
    let mut text = record(4, 0, &[0x08, 0x00]);
    for (number, piece) in image.chunks(16).enumerate() {
        text.push_str(&record(0, number as u16 * 16, piece));
    }
    text.push_str(&record(1, 0, &[]));
    text.into_bytes()
}

fn uf2(family: u32) -> Vec<u8> {
    let mut block = Vec::new();
    for word in [
        0x0a32_4655,
        0x9e5d_5157,
        0x2000,
        0x1000_0000,
        256,
        0,
        1,
        family,
    ] {
        block.extend(word.to_le_bytes());
    }
    block.resize(508, 0);
    block.extend(0x0ab1_6f30_u32.to_le_bytes());
    block
}
