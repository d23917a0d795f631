use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use proptest::prelude::*;

use super::*;

const V4_USB: &str = r#"{"app":"Cartographer","build_versions":"","commands":{"identify offset=%u count=%c":1},
    "config":{"ADC_MAX":4095,"CLOCK_FREQ":170000000,"MCU":"stm32g431xx","RESERVE_PINS_USB":"PA11,PA12"},
    "version":"CARTOGRAPHER V4 6.1.0"}"#;

fn pack(json: &str) -> Vec<u8> {
    compress_to_vec_zlib(json.as_bytes(), 9)
}

#[test]
fn reads_a_usb_dictionary() {
    let dictionary = parse_stream(&pack(V4_USB)).unwrap();
    assert_eq!(
        dictionary,
        Dictionary {
            version: "CARTOGRAPHER V4 6.1.0".into(),
            app: Some("Cartographer".into()),
            mcu: Some("stm32g431xx".into()),
            canbus_frequency: None,
            clock_frequency: Some(170_000_000),
            reserves_usb_pins: true,
        }
    );
    assert_eq!(dictionary.transport(), Some(Transport::Usb));
}

#[test]
fn can_is_told_by_its_bitrate_and_nothing_is_guessed() {
    let with = |config: &str| {
        let json = format!(r#"{{"config":{config},"version":"v"}}"#);
        parse_stream(&pack(&json)).unwrap().transport()
    };
    let can = |bitrate| Some(Transport::Can { bitrate });
    for (config, expected) in [
        (r#"{"CANBUS_FREQUENCY":500000}"#, can(500_000)),
        (r#"{"CANBUS_FREQUENCY":"250000"}"#, can(250_000)),
        (
            r#"{"CANBUS_FREQUENCY":1000000,"RESERVE_PINS_CAN":"PB8,PB9"}"#,
            can(1_000_000),
        ),
        (r#"{"RESERVE_PINS_USB":"PA11,PA12"}"#, Some(Transport::Usb)),
        (r#"{"CANBUS_FREQUENCY":0}"#, None),
        (r#"{"CANBUS_FREQUENCY":99999999999}"#, None),
        (r#"{"CANBUS_FREQUENCY":-1}"#, None),
        (r#"{"CANBUS_FREQUENCY":[1]}"#, None),
        ("{}", None),
        ("7", None),
    ] {
        assert_eq!(with(config), expected, "{config}");
    }
}

#[test]
fn wrong_types_are_missing_values() {
    let json =
        r#"{"app":5,"config":{"MCU":null,"CLOCK_FREQ":{}},"version":" a\u0000b\n ","x":[[1]]}"#;
    assert_eq!(
        parse_stream(&pack(json)).unwrap(),
        Dictionary {
            version: "ab".into(),
            app: None,
            mcu: None,
            canbus_frequency: None,
            clock_frequency: None,
            reserves_usb_pins: false,
        }
    );
}

#[test]
fn each_flaw_has_its_error() {
    let good = pack(V4_USB);
    let mut bad_sum = good.clone();
    *bad_sum.last_mut().unwrap() ^= 1;
    let bomb = compress_to_vec_zlib(&vec![b' '; MAX_UNPACKED + 1], 9);
    for (packed, expected) in [
        (Vec::new(), DictionaryError::CutOff),
        (good[..good.len() / 2].to_vec(), DictionaryError::CutOff),
        (good[..good.len() - 1].to_vec(), DictionaryError::CutOff),
        (bad_sum, DictionaryError::Corrupt),
        (b"not zlib at all".to_vec(), DictionaryError::Corrupt),
        (bomb, DictionaryError::TooLarge),
        (vec![0x78; MAX_PACKED + 1], DictionaryError::TooLarge),
        (pack("[1]"), DictionaryError::NotJson),
        (pack("{"), DictionaryError::NotJson),
        (pack("{}"), DictionaryError::NoVersion),
        (pack(r#"{"version":6}"#), DictionaryError::NoVersion),
        (pack(r#"{"version":" "}"#), DictionaryError::NoVersion),
    ] {
        assert_eq!(parse_stream(&packed), Err(expected));
    }
}

#[test]
fn a_dictionary_that_fills_the_limit_exactly_is_read() {
    let head = r#"{"version":"v"}"#;
    let mut json = head.as_bytes().to_vec();
    json.resize(MAX_UNPACKED, b' ');
    assert_eq!(
        parse_stream(&compress_to_vec_zlib(&json, 9))
            .unwrap()
            .version,
        "v"
    );
}

#[test]
fn deep_json_is_refused() {
    let json = format!(
        r#"{{"version":"v","x":{}{}}}"#,
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    assert_eq!(parse_stream(&pack(&json)), Err(DictionaryError::NotJson));
}

#[test]
fn finds_the_stream_between_other_bytes_at_every_level() {
    for level in [0, 1, 6, 9] {
        let packed = compress_to_vec_zlib(V4_USB.as_bytes(), level);
        let mut image = vec![0x55; 1001];
        // A header that is none, a stream that is not JSON and one without a version come first.
        image.extend_from_slice(&[0x78, 0xda, 0xff, 0xff]);
        image.extend_from_slice(&pack("no JSON"));
        image.extend_from_slice(&pack(r#"{"a":1}"#));
        let start = image.len();
        image.extend_from_slice(&packed);
        let end = image.len();
        image.extend_from_slice(&[0xaa; 333]);
        let Search::Found { range, dictionary } = search(&image) else {
            panic!("level {level}");
        };
        assert_eq!(range, start..end);
        assert_eq!(dictionary.mcu.as_deref(), Some("stm32g431xx"));
    }
}

#[test]
fn a_cut_dictionary_is_told_from_none() {
    let packed = pack(V4_USB);
    let mut image = vec![0x11; 100];
    image.extend_from_slice(&packed[..packed.len() - 9]);
    assert_eq!(search(&image), Search::CutOff { offset: 100 });
    assert_eq!(search(&[0x11; 100]), Search::Nothing);
    assert_eq!(search(&[]), Search::Nothing);
    assert_eq!(search(&[0x78]), Search::Nothing);
    assert_eq!(find(&image), None);
}

#[test]
fn many_false_headers_cost_a_bounded_amount_of_work() {
    let size = 1024 * 1024;
    let headers: Vec<u8> = [0x78, 0xda].into_iter().cycle().take(size).collect();
    let stored: Vec<u8> = [0x78, 0x01, 0x00, 0xfc, 0x03, 0x03, 0xfc]
        .into_iter()
        .cycle()
        .take(size)
        .collect();
    let bomb = {
        // Each header opens a stream that unpacks to the limit.
        let mut one = vec![0x78, 0xda];
        one.extend(compress_to_vec(&vec![b'{'; 4 * MAX_UNPACKED], 9));
        one.iter().copied().cycle().take(size).collect::<Vec<u8>>()
    };
    for hostile in [headers, stored, bomb] {
        let (found, spent) = search_counted(&hostile);
        assert!(!matches!(found, Search::Found { .. }));
        assert!(spent <= SEARCH_BUDGET + TRY_COST + MAX_PACKED + MAX_UNPACKED);
    }
}

/// Whatever the bytes were: what is read can be shown.
fn assert_sane(dictionary: Option<Dictionary>) {
    if let Some(dictionary) = dictionary {
        assert!(!dictionary.version.is_empty());
        assert!(dictionary.version.chars().count() <= MAX_TEXT);
        assert!(!dictionary.version.contains(char::is_control));
    }
}

proptest! {
    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
        assert_sane(parse_stream(&bytes).ok());
        let mut stream = vec![0x78, 0xda];
        stream.extend_from_slice(&bytes);
        assert_sane(parse_stream(&stream).ok());
        assert_sane(find(&stream));
    }

    #[test]
    fn never_panics_on_json(json in "[\\{\\}\\[\\]\":,a-z0-9versionconfig ]{0,200}") {
        assert_sane(parse_stream(&pack(&json)).ok());
    }

    #[test]
    fn damaged_streams_never_panic(at in 0_usize..400, value in any::<u8>()) {
        let mut packed = pack(V4_USB);
        let length = packed.len();
        packed[at % length] = value;
        assert_sane(parse_stream(&packed).ok());
        assert_sane(find(&packed));
    }
}
