//! Every fault at every place: a good end, or an error with a name; never a hang, never a byte into a wedge.

use super::device::{APP, Device, Fault, VirtualClock};
use super::*;
use crate::transport::LinkErrorKind;

/// One page and a half.
const LENGTH: usize = 1500;

struct Ran {
    result: Result<u32, KatapultError>,
    transfers: usize,
    frames: usize,
    replies: usize,
    intact: bool,
    took: Duration,
}

fn run(fault: Fault) -> Ran {
    run_in_chunks(fault, 4096)
}

fn run_in_chunks(fault: Fault, read_chunk: usize) -> Ran {
    run_on(fault, |device| device.read_chunk = read_chunk)
}

fn run_on(fault: Fault, prepare: impl Fn(&mut Device<'_>)) -> Ran {
    let clock = VirtualClock::default();
    let mut device = Device::v3(&clock);
    device.fault = fault;
    prepare(&mut device);
    let image = image(LENGTH);
    let result = flash(&mut device, &clock, &image, 1024, Pace::Windowed);
    Ran {
        result,
        transfers: device.transfers(),
        frames: device.frames,
        replies: device.replies(),
        intact: device.app()[..LENGTH] == image,
        took: clock.now(),
    }
}

fn good() -> Ran {
    let ran = run(Fault::None);
    assert_eq!(ran.result, Ok(3));
    ran
}

#[test]
fn replies_may_come_in_pieces_of_any_size() {
    for chunk in [1, 2, 3, 7, 8, 15, 16, 17, 63, 64, 65, 79, 80] {
        let ran = run_in_chunks(Fault::None, chunk);
        assert_eq!(ran.result, Ok(3), "{chunk}");
    }
}

#[test]
fn a_lost_late_repeated_or_noisy_reply_changes_nothing() {
    let replies = good().replies;
    assert!(replies > 60, "{replies}");
    for reply in 0..replies {
        for fault in [
            Fault::Lose { reply },
            Fault::Duplicate { reply },
            Fault::Delay { reply },
            Fault::NoiseBefore { reply },
            Fault::FalseStartBefore { reply },
            Fault::OddBefore { reply },
        ] {
            let ran = run(fault);
            assert!(
                matches!(ran.result, Ok(3 | 4)),
                "{fault:?}: {:?}",
                ran.result
            );
            assert!(ran.intact, "{fault:?}");
        }
    }
}

#[test]
fn a_prime_answered_late_is_no_refusal() {
    let slow = |device: &mut Device<'_>| device.latency = Duration::from_millis(80);
    let replies = run_on(Fault::None, slow).replies;
    for reply in (2..replies).step_by(7) {
        let ran = run_on(Fault::Lose { reply }, slow);
        assert!(matches!(ran.result, Ok(3 | 4)), "{reply}: {:?}", ran.result);
    }
}

#[test]
fn a_frame_that_was_not_understood_is_sent_again() {
    let good = good();
    for frame in 0..good.frames {
        for (fault, patience_ms) in [(Fault::Nack { frame }, 600), (Fault::Busy { frame }, 2500)] {
            let ran = run(fault);
            let lost = ran.took.saturating_sub(good.took);
            assert!(
                lost < Duration::from_millis(patience_ms),
                "{fault:?}: {lost:?}"
            );
            assert!(
                matches!(ran.result, Ok(3 | 4)),
                "{fault:?}: {:?}",
                ran.result
            );
            assert!(ran.intact, "{fault:?}");
        }
    }
}

#[test]
fn a_line_that_is_never_understood_is_given_up() {
    // The first two frames are the prime and CONNECT, the third asks for the first block.
    let ran = run(Fault::NackForever { frame: 2 });
    assert_eq!(ran.result, Err(KatapultError::Nack { address: Some(APP) }));
}

#[test]
fn unplugging_at_any_transfer_is_a_disconnect() {
    let transfers = good().transfers;
    for transfer in 0..transfers {
        let ran = run(Fault::Unplug { transfer });
        match ran.result {
            Err(KatapultError::Link(error)) => {
                assert_eq!(error.kind, LinkErrorKind::Disconnected);
            }
            // Only what comes after COMPLETE went out.
            Ok(3) => assert_eq!(transfer, transfers - 1),
            other => panic!("{transfer}: {other:?}"),
        }
        assert_eq!(
            ran.transfers,
            transfer + 1,
            "nothing is tried on a dead link"
        );
    }
}

#[test]
fn silence_at_any_frame_has_a_name_and_stops_the_talking() {
    for frame in 0..good().frames {
        let ran = run(Fault::Mute { frame });
        match ran.result {
            Err(KatapultError::Mute) => assert!(frame < 2, "{frame}"),
            Err(KatapultError::StoppedAnswering { .. }) => assert!(frame >= 2, "{frame}"),
            other => panic!("{frame}: {other:?}"),
        }
        // Three tries to connect are six frames; later a window of three, a prime and one more try.
        let after = ran.frames - frame;
        assert!(after <= if frame < 2 { 6 } else { 5 }, "{frame}: {after}");
    }
}

#[test]
fn a_device_that_takes_no_bytes_has_stopped() {
    assert_eq!(
        run(Fault::Clogged { frame: 0 }).result,
        Err(KatapultError::Mute)
    );
    let ran = run(Fault::Clogged { frame: 2 });
    let stopped = KatapultError::StoppedAnswering { address: Some(APP) };
    assert_eq!(ran.result, Err(stopped));
    assert_eq!(ran.frames, 3);
}

#[test]
fn a_refused_page_is_started_again_once() {
    for block in 0..LENGTH.div_ceil(64) as u32 {
        let address = APP + block * 64;
        let ran = run(Fault::Refuse { address, times: 1 });
        assert!(matches!(ran.result, Ok(3 | 4)), "{block}: {:?}", ran.result);
        assert!(ran.intact, "{block}");
        let ran = run(Fault::Refuse {
            address,
            times: usize::MAX,
        });
        if !ran.intact {
            assert_eq!(ran.result, Err(KatapultError::BlockRefused { address }));
        }
    }
}

#[test]
fn answers_for_other_blocks_are_no_answers() {
    let clock = VirtualClock::default();
    let mut device = Device::v3(&clock);
    device.fault = Fault::WrongAddress;
    let mut session = KatapultSession::connect(&mut device, &clock).unwrap();
    let refused = session
        .write_page(APP, &[0; 64], 1024, &mut go)
        .unwrap_err();
    let wrong = KatapultError::WrongAddress {
        expected: APP,
        answered: APP + 64,
    };
    assert_eq!(refused, wrong);
    // And that was the last word.
    assert_eq!(session.finish(), Err(wrong));
    drop(session);
    assert_eq!(device.frames, 2 + 3);
}

#[test]
fn a_reply_that_makes_no_sense_is_named() {
    let ran = run(Fault::ShortAck);
    assert!(
        matches!(ran.result, Err(KatapultError::BadReply(_))),
        "{:?}",
        ran.result
    );
}

#[test]
fn endless_noise_is_no_answer() {
    assert_eq!(run(Fault::Babble).result, Err(KatapultError::Mute));
}
