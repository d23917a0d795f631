//! Bench strings, good and bad.

use super::*;
use crate::board::Mcu;

fn one(text: &str) -> ProbeSpec {
    let mut bench = parse(text).unwrap();
    assert_eq!(bench.probes.len(), 1, "{text}");
    bench.probes.remove(0)
}

#[test]
fn every_persona_can_be_named() {
    for persona in &PERSONAS {
        let probe = one(persona.name);
        assert_eq!(probe.persona, persona);
        let [(base, front), (behind, app)] = &probe.contents[..] else {
            panic!("{} holds something else", persona.name);
        };
        assert_eq!((*base, *behind), (0x0800_0000, 0x0800_2000));
        assert_eq!(practice::katapult_transport(front), Some(persona.transport));
        let dictionary = crate::klipper::dictionary::find(app).unwrap();
        assert_eq!(dictionary.version, persona.version);
        assert!(bench_help().contains(persona.name));
    }
}

#[test]
fn a_bench_has_several_probes_and_its_own_faults() {
    let bench =
        parse("v3-dfu,fault=unplug@3 + v4-usb,latency=5,fault=stall@40%+toolboard-dfu").unwrap();
    let names: Vec<_> = bench
        .probes
        .iter()
        .map(|probe| probe.persona.name)
        .collect();
    assert_eq!(names, ["v3-dfu", "v4-usb", "toolboard-dfu"]);
    assert_eq!(bench.latency, Duration::from_millis(5));
    assert_eq!(
        bench.faults,
        [
            Fault {
                kind: FaultKind::Unplug,
                when: When::Transfer(3)
            },
            Fault {
                kind: FaultKind::Stall,
                when: When::Percent(40)
            }
        ]
    );
}

#[test]
fn none_is_an_empty_bench_that_can_have_faults() {
    assert!(parse("none").unwrap().probes.is_empty());
    assert_eq!(parse("none,fault=stall@1").unwrap().faults.len(), 1);
}

#[test]
fn options_are_taken() {
    assert_eq!(one("v3-dfu,rdp=1").protection, Protection::Level1);
    assert_eq!(
        one("v3-dfu,rdp=1-silent").protection,
        Protection::Level1Silent
    );
    assert_eq!(one("v3-dfu,rdp=2").protection, Protection::Level2);
    assert_eq!(one("v3-dfu,wrp=31,wrp=0").protected_pages, [31, 0]);
    assert_eq!(one("v4-dfu,stale=upload").stale, Some(Stale::Upload));
    assert_eq!(one("v4-usb,touch=ignored").touch, Touch::Ignored);
    assert_eq!(one("v4-usb,touch=ignored-once").touch, Touch::IgnoredOnce);
    assert_eq!(one("v4-dfu,leave=polite").leave, Leave::Polite);
    assert!(one("v4-dfu,early-poll=stall").early_polls_stall);
    assert!(one("v4-katapult,mute").mute);
    assert!(one("v4-usb,noise").noise);
    assert!(one("v4-none,boot0=held").boot0);
    assert!(one("v4-dfu,holds=blank").contents.is_empty());
    assert_eq!(
        one("v4-usb,serial=060012001643565537353020").uid,
        Some([
            0x06, 0, 0x12, 0, 0x16, 0x43, 0x56, 0x55, 0x37, 0x35, 0x30, 0x20
        ])
    );
    assert_eq!(
        one("v4-usb,access=not-permitted").access,
        Access::NotPermitted
    );
    assert_eq!(
        one("v4-usb,access=busy:klippy").access,
        Access::Busy {
            holder: Some("klippy".to_owned())
        }
    );
    assert_eq!(
        one("v4-dfu,access=wrong-driver:STTub30").access,
        Access::WrongDriver {
            bound: Some("STTub30".to_owned())
        }
    );
    let front = one("v3-usb,katapult=can").contents.remove(0).1;
    assert_eq!(practice::katapult_transport(&front), Some(CAN));
    let front = one("v3-usb,katapult=none").contents.remove(0).1;
    assert_eq!(practice::katapult_transport(&front), None);
}

#[test]
fn nonsense_is_refused_with_what_there_is() {
    let table = [
        ("", "v3-dfu"),
        ("  ", "v3-dfu"),
        ("v5-dfu", "v4-katapult"),
        ("v3-dfu+", "toolboard-dfu"),
        ("v3-dfu,colour=red", "katapult"),
        ("v3-dfu,fault=explode@3", "unplug"),
        ("v3-dfu,fault=unplug", "KIND@N"),
        ("v3-dfu,fault=unplug@0", "KIND@N"),
        ("v3-dfu,fault=unplug@101%", "KIND@N"),
        ("v3-dfu,fault=unplug@-1", "KIND@N"),
        ("v3-dfu,rdp=3", "1-silent"),
        ("v3-dfu,wrp=32", "page"),
        ("v3-dfu,stale=bread", "manifest"),
        ("v3-dfu,serial=12", "24 hex"),
        ("v3-dfu,serial=0600120016435655373530zz", "24 hex"),
        ("v3-dfu,serial=+60012001643565537353020", "24 hex"),
        ("v3-dfu,access=maybe", "not-permitted"),
        ("v3-dfu,holds=", "blank"),
        ("v3-dfu,mute=yes", "no value"),
        ("v3-dfu,latency=1001", "1000"),
        ("v3-dfu,latency=x", "milliseconds"),
        ("none,rdp=1", "1-silent"),
    ];
    for (text, hint) in table {
        let error = parse(text).unwrap_err();
        assert!(error.to_string().contains(hint), "{text}: {error}");
    }
    let crowd = ["v3-dfu"; PROBES_MAX + 1].join("+");
    assert_eq!(parse(&crowd).unwrap_err(), SpecError::TooMany);
}

#[test]
fn a_file_goes_where_it_was_linked() {
    let folder = tempfile::tempdir().unwrap();
    let chip = Mcu::Stm32G431.chip();
    let app = practice::app(chip.mcu, CAN, "mine");
    let path = folder.path().join("app.bin");
    std::fs::write(&path, &app).unwrap();
    let probe = one(&format!("v4-usb,holds={}", path.display()));
    assert_eq!(probe.contents[1], (chip.app_start, app));
    assert_eq!(probe.contents[0].0, chip.flash_base);

    let whole = practice::combined(chip.mcu, CAN, "mine");
    std::fs::write(&path, &whole).unwrap();
    let probe = one(&format!("v4-usb,holds={}", path.display()));
    assert_eq!(probe.contents, [(chip.flash_base, whole)]);

    std::fs::write(&path, vec![0; 128 * 1024 + 1]).unwrap();
    let error = parse(&format!("v4-usb,holds={}", path.display())).unwrap_err();
    assert!(matches!(error, SpecError::TooLarge { room: 131_072, .. }));
    let error = parse("v4-usb,holds=/nowhere/at/all.bin").unwrap_err();
    assert!(matches!(error, SpecError::Unreadable { .. }));
}

/// It has no end.
#[cfg(unix)]
#[test]
fn a_device_is_not_read() {
    let error = parse("v3-dfu,holds=/dev/zero").unwrap_err();
    assert!(matches!(error, SpecError::Unreadable { .. }), "{error:?}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[a-z0-9,=+@%: -]{0,60}") {
        let _bench = parse(&text);
        let _bench = parse(&format!("v3-dfu,{text}"));
    }
}
