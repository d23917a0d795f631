//! Descriptors as real devices send them, and as none should.

use std::cell::Cell;
use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// A G431 in its ROM: one interface, three alternate settings, the functional descriptor behind the last
/// (protocols.md §1.2, §2.1; boards-and-firmware.md §1 for the strings).
const G431: [u8; 45] = [
    9, 2, 45, 0, 1, 1, 0, 0xc0, 50, // configuration
    9, 4, 0, 0, 0, 0xfe, 1, 2, 4, // alternate setting 0
    9, 4, 0, 1, 0, 0xfe, 1, 2, 5, // 1
    9, 4, 0, 2, 0, 0xfe, 1, 2, 6, // 2
    9, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x04, 0x1a, 0x01, // functional: 1024 bytes
];

#[derive(Default)]
struct Fake {
    configuration: Vec<u8>,
    strings: HashMap<u8, Vec<u8>>,
    functional: Option<Vec<u8>>,
    /// How the request of this number, counted from 0, and as many as told from there on end.
    fails: Option<(usize, usize, Failure)>,
    requests: Cell<usize>,
}

impl Fake {
    fn g431() -> Self {
        let text = |text: &str| {
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            [vec![u8::try_from(units.len() + 2).unwrap(), STRING], units].concat()
        };
        Self {
            configuration: G431.to_vec(),
            strings: [
                (0, vec![4, STRING, 0x09, 0x04]),
                (1, text("STMicroelectronics")),
                (2, text("DFU in FS Mode")),
                (3, text("205A38A15631")),
                (4, text("@Internal Flash   /0x08000000/64*02Kg")),
                (5, text("@Option Bytes   /0x1FFF7800/01*40Be")),
                (6, text("@OTP Memory   /0x1FFF7000/01*01Ke")),
            ]
            .into(),
            ..Self::default()
        }
    }

    fn failing(first: usize, times: usize, how: Failure) -> Self {
        Self {
            fails: Some((first, times, how)),
            ..Self::g431()
        }
    }

    fn count(&self) -> Result<(), Failure> {
        let number = self.requests.replace(self.requests.get() + 1);
        match self.fails {
            Some((first, times, how)) if (first..first + times).contains(&number) => Err(how),
            _ => Ok(()),
        }
    }
}

fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let n = from.len().min(to.len());
    to[..n].copy_from_slice(&from[..n]);
    n
}

impl Source for Fake {
    type Error = Failure;

    fn failure(error: &Failure) -> Failure {
        *error
    }

    fn get(&self, kind: u8, index: u8, language: u16, buffer: &mut [u8]) -> Result<usize, Failure> {
        self.count()?;
        match kind {
            CONFIGURATION => Ok(copy(&self.configuration, buffer)),
            STRING => {
                assert!(index == 0 || language == 0x0409);
                self.strings
                    .get(&index)
                    .map(|bytes| copy(bytes, buffer))
                    .ok_or(Failure::Refused)
            }
            _ => Err(Failure::Refused),
        }
    }

    fn get_from_interface(&self, _kind: u8, buffer: &mut [u8]) -> Result<usize, Failure> {
        self.count()?;
        self.functional
            .as_ref()
            .map(|bytes| copy(bytes, buffer))
            .ok_or(Failure::Refused)
    }
}

const STRINGS: StringIndexes = StringIndexes {
    manufacturer: 1,
    product: 2,
    serial: 3,
};

#[test]
fn a_g431_is_read_whole() {
    let described = describe(&Fake::g431(), STRINGS).unwrap();
    assert_eq!(described.product.as_deref(), Some("DFU in FS Mode"));
    assert_eq!(described.serial.as_deref(), Some("205A38A15631"));
    assert_eq!(described.functional, G431[36..]);
    let names: Vec<(u8, &str)> = described
        .alt_settings
        .iter()
        .map(|alt| (alt.number, alt.name.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            (0, "@Internal Flash   /0x08000000/64*02Kg"),
            (1, "@Option Bytes   /0x1FFF7800/01*40Be"),
            (2, "@OTP Memory   /0x1FFF7000/01*01Ke"),
        ]
    );
}

#[test]
fn a_functional_descriptor_missing_from_the_configuration_is_asked_for() {
    let mut fake = Fake::g431();
    fake.configuration.truncate(36);
    assert_eq!(
        describe(&fake, STRINGS).unwrap().functional,
        Vec::<u8>::new()
    );
    fake.functional = Some(G431[36..].to_vec());
    assert_eq!(describe(&fake, STRINGS).unwrap().functional, G431[36..]);
    // DFU 1.0 has no bcdDFUVersion.
    fake.functional = Some(vec![7, 0x21, 3, 0, 0, 0, 8]);
    assert_eq!(describe(&fake, STRINGS).unwrap().functional.len(), 7);
    // Something else in its place is not taken for it.
    fake.functional = Some(vec![9, 0x22, 3, 0, 0, 0, 8, 0, 0]);
    assert_eq!(
        describe(&fake, STRINGS).unwrap().functional,
        Vec::<u8>::new()
    );
}

#[test]
fn strings_that_are_refused_hide_nothing_else() {
    let mut fake = Fake::g431();
    fake.strings.retain(|&index, _| index == 4);
    let described = describe(&fake, STRINGS).unwrap();
    assert_eq!(described.serial, None);
    assert_eq!(described.alt_settings.len(), 3);
    assert_eq!(
        described.alt_settings[0].name,
        "@Internal Flash   /0x08000000/64*02Kg"
    );
    assert_eq!(described.alt_settings[1].name, "");
}

/// Two for the configuration, one for the language, three for the alternate settings, three for the device.
const REQUESTS: usize = 9;

#[test]
fn a_request_that_gets_lost_is_made_again_and_nothing_is_left_out() {
    let whole = describe(&Fake::g431(), STRINGS).unwrap();
    for number in 0..REQUESTS {
        let fake = Fake::failing(number, 1, Failure::Lost);
        assert_eq!(describe(&fake, STRINGS), Ok(whole.clone()), "{number}");
        assert_eq!(fake.requests.get(), REQUESTS + 1, "{number}");
    }
}

#[test]
fn a_device_of_which_something_is_missing_is_not_taken_for_one_without_it() {
    for number in 0..REQUESTS {
        let noisy = Fake::failing(number, usize::MAX - number, Failure::Lost);
        assert_eq!(describe(&noisy, STRINGS), Err(Failure::Lost), "{number}");
        let mute = Fake::failing(number, usize::MAX - number, Failure::Mute);
        assert_eq!(describe(&mute, STRINGS), Err(Failure::Mute), "{number}");
        assert_eq!(mute.requests.get(), number + 1, "one time-out is enough");
    }
}

#[test]
fn string_descriptors() {
    let cases: [(&[u8], Option<&str>); 9] = [
        (&[], None),
        (&[4], None),
        (&[2, 3], None),
        (&[4, 3, 0x41, 0], Some("A")),
        (&[4, 9, 0x41, 0], None),
        (&[200, 3, 0x41, 0, 0x42], Some("A")),
        (&[4, 3, 0x41, 0, 0x42, 0], Some("A")),
        (&[6, 3, 0x41, 0, 0, 0], Some("A")),
        (&[0, 3, 0x41, 0], None),
    ];
    for (bytes, text) in cases {
        assert_eq!(decode_string(bytes).as_deref(), text, "{bytes:02x?}");
    }
    // A lone surrogate becomes a replacement mark.
    assert_eq!(
        decode_string(&[4, 3, 0x00, 0xd8]).as_deref(),
        Some("\u{fffd}")
    );
}

#[test]
fn other_interfaces_and_short_descriptors_are_passed_over() {
    let found = walk(&[
        9, 4, 1, 0, 0, 0xfe, 1, 2, 7, // interface 1
        4, 4, 0, 0, // an interface too short to say its string
        6, 0x21, 0, 0, 0, 0, // a functional descriptor too short to be one
        9, 4, 0, 3, 0, 0xfe, 1, 2, 8, //
    ]);
    assert_eq!(
        found,
        Configuration {
            alts: vec![(3, 8)],
            functional: None
        }
    );
    assert_eq!(walk(&[0, 4, 0, 0]), Configuration::default());
}

proptest! {
    #[test]
    fn whatever_a_device_sends_is_walked_to_an_end(
        configuration in proptest::collection::vec(any::<u8>(), 0..600),
        string in proptest::collection::vec(any::<u8>(), 0..255),
    ) {
        let fake = Fake {
            configuration,
            strings: (1..=255).map(|index| (index, string.clone())).collect(),
            functional: Some(string),
            ..Fake::default()
        };
        let described = describe(&fake, STRINGS).unwrap();
        prop_assert!(described.alt_settings.len() <= MAX_ALT_SETTINGS);
        prop_assert!(described.functional.is_empty() || described.functional.len() >= 7);
    }
}
