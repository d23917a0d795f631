//! What the elevated helper accepts, plans and refuses.

use std::path::Path;

use super::Node;
use super::helper::{Action, Outcome, Request, Step, carry_out, check, plan};

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
    use Step::{BindWinUsb, Check, ClearDriver, FindWinUsb};
    let afresh = Ok(vec![FindWinUsb, BindWinUsb, Check]);
    let instead = Ok(vec![FindWinUsb, ClearDriver, BindWinUsb, Check]);
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
        // Its driver was taken away, and nothing came in its place.
        (
            Node {
                classed: true,
                ..node(None, None, Some(28))
            },
            Ok(vec![Step::Forget, Step::Rescan]),
        ),
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

/// Which steps are taken and how it ends, if the steps end as told.
fn taken(steps: &[Step], ends: &[(Step, Result<bool, Outcome>)]) -> (Vec<Step>, Outcome) {
    let mut taken = Vec::new();
    let outcome = carry_out(steps, |step| {
        taken.push(step);
        let end = ends.iter().find(|(of, _)| *of == step);
        end.map_or(Ok(false), |(_, end)| *end)
    });
    (taken, outcome)
}

#[test]
fn a_device_is_not_left_without_its_driver() {
    use Step::{BindWinUsb, Check, ClearDriver, FindWinUsb, Forget, Rescan};
    let afresh = [FindWinUsb, BindWinUsb, Check];
    let instead = [FindWinUsb, ClearDriver, BindWinUsb, Check];
    let no_inf = [(FindWinUsb, Err(Outcome::NoInboxDriver))];
    assert_eq!(
        taken(&instead, &no_inf),
        (vec![FindWinUsb], Outcome::NoInboxDriver),
        "before anything is taken away"
    );
    let refused = [(BindWinUsb, Err(Outcome::Refused))];
    assert_eq!(
        taken(&instead, &refused),
        (
            vec![FindWinUsb, ClearDriver, BindWinUsb, Forget, Rescan],
            Outcome::Refused
        )
    );
    assert_eq!(
        taken(&afresh, &refused),
        (vec![FindWinUsb, BindWinUsb], Outcome::Refused),
        "it had none before"
    );
    let not_cleared = [(ClearDriver, Err(Outcome::Refused))];
    assert_eq!(
        taken(&instead, &not_cleared),
        (vec![FindWinUsb, ClearDriver], Outcome::Refused)
    );
    let not_bound = [(Check, Err(Outcome::NotBound))];
    assert_eq!(
        taken(&instead, &not_bound),
        (
            vec![FindWinUsb, ClearDriver, BindWinUsb, Check, Forget, Rescan],
            Outcome::NotBound
        )
    );
    // What cannot be repaired does not hide why.
    let gone = [
        (BindWinUsb, Err(Outcome::Gone)),
        (Forget, Err(Outcome::Gone)),
    ];
    assert_eq!(
        taken(&instead, &gone),
        (
            vec![FindWinUsb, ClearDriver, BindWinUsb, Forget],
            Outcome::Gone
        )
    );
}

#[test]
fn a_restart_that_is_wanted_is_no_failure() {
    let steps = plan(
        Action::Install,
        &node(Some("STTub30"), Some("oem12.inf"), None),
    )
    .unwrap();
    let all = steps.clone();
    for ends in [
        vec![(Step::BindWinUsb, Ok(true))],
        vec![
            (Step::ClearDriver, Ok(true)),
            (Step::Check, Err(Outcome::NotBound)),
        ],
        vec![(Step::Check, Err(Outcome::DoneAfterRestart))],
    ] {
        assert_eq!(
            taken(&steps, &ends),
            (all.clone(), Outcome::DoneAfterRestart),
            "{ends:?}"
        );
    }
    assert_eq!(taken(&steps, &[]), (all, Outcome::Done));
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
