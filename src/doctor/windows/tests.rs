//! What the elevated helper accepts, plans and refuses.

use std::path::Path;

use super::Node;
use super::helper::{Action, Outcome, Request, Step, check, plan};

pub(in crate::doctor) const INSTANCE: &str = r"USB\VID_0483&PID_DF11\206A36945253";

pub(in crate::doctor) fn node(
    service: Option<&str>,
    inf: Option<&str>,
    problem: Option<u32>,
) -> Node {
    Node {
        instance: INSTANCE.into(),
        hardware_ids: vec![
            r"USB\VID_0483&PID_DF11&REV_2200".into(),
            r"USB\VID_0483&PID_DF11".into(),
        ],
        service: service.map(str::to_owned),
        inf: inf.map(str::to_owned),
        classed: service.is_some(),
        problem,
    }
}

fn words(text: &[&str]) -> Vec<String> {
    text.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn one_action_for_one_bootloader() {
    for (word, action) in [("install", Action::Install), ("restore", Action::Restore)] {
        let request = Request::parse(&words(&[word, INSTANCE])).unwrap();
        assert_eq!(request.action, action);
        assert_eq!(request.instance.as_str(), INSTANCE);
        let command = request.command(Path::new("helper.exe"));
        assert_eq!(command.program, "helper.exe");
        assert_eq!(Request::parse(&command.arguments), Ok(request));
    }
    for arguments in [
        &[][..],
        &["install"],
        &["install", INSTANCE, INSTANCE],
        &["Install", INSTANCE],
        &["remove", INSTANCE],
        &["--help", INSTANCE],
        &[INSTANCE, "install"],
    ] {
        assert_eq!(
            Request::parse(&words(arguments)),
            Err(Outcome::Usage),
            "{arguments:?}"
        );
    }
    assert_eq!(
        Request::parse(&words(&["install", r"USB\VID_046D&PID_C31C\1"])),
        Err(Outcome::NotABootloader)
    );
}

#[test]
fn plans_of_installing() {
    use Step::{BindWinUsb, Check, ClearDriver};
    let afresh = Ok(vec![BindWinUsb, Check]);
    let instead = Ok(vec![ClearDriver, BindWinUsb, Check]);
    let table = [
        (node(None, None, Some(28)), afresh),
        // A driver was installed once and is bound no more: its class is still there.
        (
            Node {
                classed: true,
                ..node(None, None, Some(28))
            },
            instead.clone(),
        ),
        (
            node(Some("STTub30"), Some("oem12.inf"), None),
            instead.clone(),
        ),
        (
            node(Some("libusb0"), Some("oem3.inf"), Some(52)),
            instead.clone(),
        ),
        (node(Some("WinUSB"), Some("winusb.inf"), Some(10)), instead),
        // WinUSB that runs is left alone, whoever bound it.
        (node(Some("WinUSB"), Some("winusb.inf"), None), Ok(vec![])),
        (node(Some("WINUSB"), Some("oem7.inf"), None), Ok(vec![])),
        (
            node(Some("WinUSB"), Some("winusb.inf"), Some(22)),
            Err(Outcome::Disabled),
        ),
    ];
    for (node, planned) in table {
        assert_eq!(plan(Action::Install, &node), planned, "{node:?}");
    }
}

#[test]
fn plans_of_restoring() {
    let table = [
        (
            node(Some("WinUSB"), Some("winusb.inf"), None),
            Ok(vec![Step::Forget, Step::Rescan]),
        ),
        (
            node(Some("WinUSB"), Some("WinUSB.INF"), Some(10)),
            Ok(vec![Step::Forget, Step::Rescan]),
        ),
        (node(None, None, Some(28)), Ok(vec![])),
        // ST's package, Zadig, ST's old driver: not bound by this program.
        (
            node(Some("WinUSB"), Some("oem7.inf"), None),
            Err(Outcome::NotOurs),
        ),
        (node(Some("WinUSB"), None, None), Err(Outcome::NotOurs)),
        (
            node(Some("STTub30"), Some("oem12.inf"), None),
            Err(Outcome::NotOurs),
        ),
    ];
    for (node, planned) in table {
        assert_eq!(plan(Action::Restore, &node), planned, "{node:?}");
    }
}

#[test]
fn other_devices_are_never_touched_whatever_their_instance_says() {
    for ids in [
        &[][..],
        &[r"USB\VID_046D&PID_C31C"],
        &[r"USB\VID_0483&PID_374B&MI_00", r"USB\VID_0483&PID_374B"],
        &[r"USB\VID_0483&PID_DF11", r"USB\VID_1D50&PID_614E"],
    ] {
        for action in [Action::Install, Action::Restore] {
            let stranger = Node {
                hardware_ids: words(ids),
                ..node(Some("WinUSB"), Some("winusb.inf"), Some(10))
            };
            assert_eq!(
                plan(action, &stranger),
                Err(Outcome::NotABootloader),
                "{ids:?}"
            );
        }
    }
}

#[test]
fn the_look_afterwards() {
    let table = [
        (Some(node(Some("WinUSB"), Some("winusb.inf"), None)), Ok(())),
        (
            Some(node(Some("WinUSB"), Some("winusb.inf"), Some(14))),
            Err(Outcome::DoneAfterRestart),
        ),
        (
            Some(node(Some("WinUSB"), Some("winusb.inf"), Some(10))),
            Err(Outcome::NotBound),
        ),
        (
            Some(node(Some("STTub30"), Some("oem12.inf"), None)),
            Err(Outcome::NotBound),
        ),
        (Some(node(None, None, Some(28))), Err(Outcome::NotBound)),
        (None, Err(Outcome::Gone)),
    ];
    for (node, outcome) in table {
        assert_eq!(check(node.as_ref()), outcome, "{node:?}");
    }
}

#[test]
fn exit_codes_come_back_as_what_they_were() {
    for code in 0..=u8::MAX {
        let outcome = Outcome::of_code(code.into());
        match outcome {
            Outcome::Unknown(unknown) => assert_eq!(unknown, u32::from(code)),
            known => assert_eq!(known.code(), code),
        }
    }
    // What a program that panics or is killed ends with, and what the helper never is.
    for code in [1, 101, 0xc000_0005] {
        assert_eq!(Outcome::of_code(code), Outcome::Unknown(code));
    }
    for outside in [Outcome::Dismissed, Outcome::NotStarted, Outcome::Unknown(3)] {
        assert_eq!(outside.code(), 1, "{outside:?}");
    }
}
