//! Sequences of what the bus did -> what is said.

use super::*;

/// Name, what is on the bus at the start, what happens, what is said after each, how many tries were counted.
type Row = (&'static str, View, Vec<Do>, Vec<Saying>, u32);

enum Do {
    See(View),
    Wait(u64),
    Choose(Model),
}
use Do::{Choose, See, Wait};

fn probe(id: &str, mode: Mode) -> Glimpse {
    Glimpse {
        id: DeviceId(id.into()),
        location: Some(Location("1-2".into())),
        mode,
        mcu: Some(Mcu::Stm32F042),
        usable: true,
    }
}

fn bus(probes: &[Glimpse]) -> View {
    View {
        probes: probes.to_vec(),
        stranger_in_dfu: false,
    }
}

fn nothing() -> View {
    View::default()
}

fn firmware(id: &str) -> View {
    bus(&[probe(id, Mode::Firmware)])
}

fn katapult(id: &str) -> View {
    bus(&[probe(id, Mode::Katapult)])
}

fn dfu(id: &str) -> View {
    bus(&[probe(id, Mode::RomDfu)])
}

fn stranger() -> View {
    View {
        probes: Vec::new(),
        stranger_in_dfu: true,
    }
}

fn success(id: &str) -> Saying {
    Saying::Success {
        id: DeviceId(id.into()),
        mcu: Some(Mcu::Stm32F042),
    }
}

/// Plays a sequence and returns what was said after each action and how many tries were counted.
fn play(model: Option<Model>, start: View, actions: Vec<Do>) -> (Vec<Saying>, u32) {
    let mut now = Duration::from_secs(100);
    let mut coach = Coach::start(model, start, now);
    let mut said = vec![coach.saying().clone()];
    for action in actions {
        match action {
            See(view) => coach.see(view, now),
            Wait(millis) => {
                now += Duration::from_millis(millis);
                coach.tick(now);
            }
            Choose(model) => coach.choose(Some(model), now),
        }
        said.push(coach.saying().clone());
    }
    (said, coach.tries())
}

fn came_back(came: Came) -> Saying {
    Saying::CameBackAsFirmware { came }
}

#[test]
fn the_first_words_follow_what_is_on_the_bus() {
    let rows = [
        (None, nothing(), Saying::ChooseBoard),
        (None, firmware("a"), Saying::ChooseBoard),
        (None, dfu("a"), success("a")),
        (Some(Model::V3), nothing(), Saying::HoldAndPlugIn),
        (Some(Model::V3), firmware("a"), Saying::HoldAndReset),
        (Some(Model::V3), stranger(), Saying::StrangerInDfu),
        (
            Some(Model::V3),
            katapult("a"),
            Saying::Katapult {
                id: DeviceId("a".into()),
                just_now: false,
            },
        ),
    ];
    for (model, view, said) in rows {
        let coach = Coach::start(model, view.clone(), Duration::ZERO);
        assert_eq!(*coach.saying(), said, "{model:?} {view:?}");
    }
}

#[test]
fn sequences_of_the_bus_become_words() {
    for (name, start, actions, expected, tries) in
        tries_with_the_pads().into_iter().chain(other_rows())
    {
        let (said, counted) = play(Some(Model::V3), start, actions);
        assert_eq!(said, expected, "{name}");
        assert_eq!(counted, tries, "{name}");
    }
}

fn tries_with_the_pads() -> Vec<Row> {
    vec![
        (
            "plugged in while held",
            nothing(),
            vec![Wait(3000), See(dfu("b"))],
            vec![Saying::HoldAndPlugIn, Saying::HoldAndPlugIn, success("b")],
            0,
        ),
        (
            "two failed taps, then it works",
            firmware("a"),
            vec![
                See(nothing()),
                Wait(400),
                See(firmware("b")),
                Wait(5000),
                See(nothing()),
                Wait(300),
                See(firmware("c")),
                Wait(5000),
                See(nothing()),
                Wait(300),
                See(dfu("d")),
            ],
            vec![
                Saying::HoldAndReset,
                Saying::Gone,
                Saying::Gone,
                came_back(Came::AfterReset),
                came_back(Came::AfterReset),
                Saying::Gone,
                Saying::Gone,
                came_back(Came::AfterReset),
                came_back(Came::AfterReset),
                Saying::Gone,
                Saying::Gone,
                success("d"),
            ],
            2,
        ),
        (
            "a reset too quick to be seen as an absence",
            firmware("a"),
            vec![See(firmware("b"))],
            vec![Saying::HoldAndReset, came_back(Came::AfterReset)],
            1,
        ),
        (
            "pulled, and plugged in without the bridge",
            firmware("a"),
            vec![See(nothing()), Wait(4000), See(firmware("b"))],
            vec![
                Saying::HoldAndReset,
                Saying::Gone,
                Saying::HoldAndPlugIn,
                came_back(Came::AfterPlugIn),
            ],
            1,
        ),
        (
            "plugged in for the first time without the bridge",
            nothing(),
            vec![Wait(800), See(firmware("a"))],
            vec![
                Saying::HoldAndPlugIn,
                Saying::HoldAndPlugIn,
                came_back(Came::AfterPlugIn),
            ],
            1,
        ),
    ]
}

fn other_rows() -> Vec<Row> {
    vec![
        (
            "RESET tapped twice",
            firmware("a"),
            vec![See(nothing()), See(katapult("b"))],
            vec![
                Saying::HoldAndReset,
                Saying::Gone,
                Saying::Katapult {
                    id: DeviceId("b".into()),
                    just_now: true,
                },
            ],
            0,
        ),
        (
            "silence",
            nothing(),
            vec![Wait(9_999), Wait(1), Wait(60_000), See(dfu("a"))],
            vec![
                Saying::HoldAndPlugIn,
                Saying::HoldAndPlugIn,
                Saying::NothingForAWhile,
                Saying::NothingForAWhile,
                success("a"),
            ],
            0,
        ),
        (
            "gone for longer than a reset, and not coming back",
            firmware("a"),
            vec![See(nothing()), Wait(1_499), Wait(1), Wait(8_499), Wait(1)],
            vec![
                Saying::HoldAndReset,
                Saying::Gone,
                Saying::Gone,
                Saying::HoldAndPlugIn,
                Saying::HoldAndPlugIn,
                Saying::NothingForAWhile,
            ],
            0,
        ),
        (
            "a toolboard in DFU mode does not count",
            nothing(),
            vec![See(stranger()), Wait(20_000), See(nothing()), See(dfu("a"))],
            vec![
                Saying::HoldAndPlugIn,
                Saying::StrangerInDfu,
                Saying::StrangerInDfu,
                Saying::HoldAndPlugIn,
                success("a"),
            ],
            0,
        ),
        (
            "looking again changes nothing",
            firmware("a"),
            vec![See(firmware("b")), See(firmware("b")), See(firmware("b"))],
            vec![
                Saying::HoldAndReset,
                came_back(Came::AfterReset),
                came_back(Came::AfterReset),
                came_back(Came::AfterReset),
            ],
            1,
        ),
    ]
}

#[test]
fn silence_counts_from_when_the_board_was_chosen() {
    let steps = vec![Wait(60_000), Choose(Model::V4), Wait(9_999), Wait(1)];
    let (said, _) = play(None, nothing(), steps);
    let expected = [
        Saying::ChooseBoard,
        Saying::ChooseBoard,
        Saying::HoldAndPlugIn,
        Saying::HoldAndPlugIn,
        Saying::NothingForAWhile,
    ];
    assert_eq!(said, expected);
}

#[test]
fn the_board_is_asked_first_and_then_the_bus_is_read() {
    let (said, _) = play(None, firmware("a"), vec![See(nothing()), Choose(Model::V2)]);
    assert_eq!(
        said,
        [
            Saying::ChooseBoard,
            Saying::ChooseBoard,
            Saying::HoldAndPlugIn
        ]
    );
}

#[test]
fn a_probe_that_cannot_be_opened_is_not_a_success_until_it_can() {
    let mut blocked = probe("a", Mode::RomDfu);
    blocked.usable = false;
    let (said, _) = play(
        Some(Model::V4),
        nothing(),
        vec![See(bus(&[blocked])), See(dfu("a")), See(nothing())],
    );
    let blocked = Saying::Blocked {
        id: DeviceId("a".into()),
    };
    assert_eq!(
        said,
        [
            Saying::HoldAndPlugIn,
            blocked,
            success("a"),
            Saying::HoldAndPlugIn
        ]
    );
}

#[test]
fn cues_follow_the_board_and_the_bus() {
    let at = |model, view| Coach::start(Some(model), view, Duration::ZERO).cues();
    let by_reset = [Cue::HoldBoot, Cue::TapReset, Cue::Release];
    let by_plug = [Cue::HoldBoot, Cue::PlugIn];
    assert_eq!(at(Model::V3, firmware("a")), by_reset);
    assert_eq!(at(Model::V2, nothing()), by_plug);
    assert_eq!(at(Model::V4, firmware("a")), by_plug);
    assert_eq!(at(Model::V4, dfu("a")), []);
    assert_eq!(at(Model::V3, katapult("a")), []);
}

#[test]
fn a_waiting_coach_says_when_to_look_again() {
    let coach = Coach::start(Some(Model::V3), nothing(), Duration::from_secs(5));
    assert_eq!(coach.next_tick(), Some(Duration::from_secs(15)));
    let mut coach = Coach::start(Some(Model::V3), firmware("a"), Duration::from_secs(5));
    assert_eq!(coach.next_tick(), None);
    coach.see(nothing(), Duration::from_secs(6));
    assert_eq!(coach.next_tick(), Some(Duration::from_millis(7500)));
    coach.tick(Duration::from_millis(7500));
    assert_eq!(coach.next_tick(), Some(Duration::from_secs(16)));
}

#[test]
fn a_v4_that_left_was_unplugged_and_that_is_right() {
    let mut coach = Coach::start(Some(Model::V4), firmware("a"), Duration::ZERO);
    coach.see(nothing(), Duration::from_secs(1));
    coach.tick(Duration::from_secs(9));
    assert_eq!(*coach.saying(), Saying::Gone);
    assert_eq!(coach.next_tick(), Some(Duration::from_secs(11)));
}

#[test]
fn only_boards_with_the_chip_on_the_bus_are_offered() {
    let offered = |view| Coach::start(None, view, Duration::ZERO).models();
    assert_eq!(offered(nothing()), [Model::V2, Model::V3, Model::V4]);
    assert_eq!(offered(firmware("a")), [Model::V2, Model::V3]);
    let mut v4 = probe("b", Mode::Firmware);
    v4.mcu = Some(Mcu::Stm32G431);
    assert_eq!(offered(bus(&[v4])), [Model::V4]);
}

#[test]
fn one_usable_probe_with_firmware_needs_no_dfu_mode() {
    let running = |view| {
        let coach = Coach::start(Some(Model::V3), view, Duration::ZERO);
        coach.running().cloned()
    };
    assert_eq!(running(firmware("a")), Some(DeviceId("a".into())));
    assert_eq!(running(katapult("a")), None);
    let (one, mut other) = (probe("a", Mode::Firmware), probe("b", Mode::Firmware));
    assert_eq!(running(bus(&[one, other.clone()])), None);
    other.usable = false;
    assert_eq!(running(bus(&[other])), None);
}
