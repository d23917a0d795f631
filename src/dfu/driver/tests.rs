mod mock;

use std::ops::ControlFlow;
use std::time::Duration;

use proptest::prelude::*;

use self::mock::{Fault, Jam, MockClock, MockRom, Seen, WhenPolled};
use super::*;
use crate::board::Mcu;
use crate::dfu::functional::FunctionalError;
use crate::dfu::request::Request;
use crate::dfu::status::StatusCode;
use crate::transport::{AltSetting, Doing, LinkError, LinkErrorKind};

const BASE: u32 = 0x0800_0000;

fn go(_bytes: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn stop(_bytes: u64) -> ControlFlow<()> {
    ControlFlow::Break(())
}

/// Opens a session on the device and does something with it.
fn with<T>(rom: &mut MockRom, act: impl FnOnce(&mut DfuSession<'_>) -> T) -> T {
    let clock = rom.clock.clone();
    rom.opening = true;
    let mut session = DfuSession::open(rom, &clock).unwrap();
    act(&mut session)
}

fn open_error(rom: &mut MockRom) -> DfuError {
    let clock = rom.clock.clone();
    DfuSession::open(rom, &clock).unwrap_err()
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length)
        .map(|i| u8::try_from((i * 7 + i / 256) % 251).unwrap())
        .collect()
}

fn refused(doing: DfuStep, status: StatusCode, address: u32) -> DfuError {
    DfuError::Refused {
        doing,
        status,
        state: State::DfuError,
        address: Some(address),
    }
}

// Opening.

#[test]
fn opening_ends_in_idle_from_every_stale_state() {
    use Seen::{Abort, ClrStatus, GetStatus};
    let table: &[(State, StatusCode, &[Seen])] = &[
        (State::DfuIdle, StatusCode::Ok, &[GetStatus]),
        (
            State::DfuError,
            StatusCode::ErrFirmware,
            &[GetStatus, ClrStatus, GetStatus],
        ),
        (
            State::DfuError,
            StatusCode::ErrStalledPkt,
            &[GetStatus, ClrStatus, GetStatus],
        ),
        (
            State::DfuDnloadIdle,
            StatusCode::Ok,
            &[GetStatus, Abort, GetStatus],
        ),
        (
            State::DfuUploadIdle,
            StatusCode::Ok,
            &[GetStatus, Abort, GetStatus],
        ),
        (
            State::DfuDnBusy,
            StatusCode::Ok,
            &[GetStatus, Abort, GetStatus],
        ),
        // The one CLRSTATUS outside dfuERROR; this device takes it badly and is brought back.
        (
            State::DfuIdle,
            StatusCode::ErrFirmware,
            &[GetStatus, ClrStatus, GetStatus, ClrStatus, GetStatus],
        ),
    ];
    for (state, status, requests) in table {
        let mut rom = MockRom::new(Mcu::Stm32F042);
        rom.state = *state;
        rom.status = *status;
        with(&mut rom, |session| {
            assert_eq!(session.chip(), DfuChip::Known(Mcu::Stm32F042));
            assert_eq!(session.transfer_size(), 2048);
            assert_eq!(session.layout().name, "Internal Flash");
        });
        assert_eq!(rom.state, State::DfuIdle);
        assert_eq!(rom.status, StatusCode::Ok);
        assert_eq!(rom.log[0], Seen::Alt(0));
        assert_eq!(&rom.log[1..], *requests, "{state} {status}");
    }
}

#[test]
fn a_device_that_leaves_or_runs_its_application_is_not_opened() {
    for state in [
        State::DfuManifestSync,
        State::DfuManifest,
        State::DfuManifestWaitReset,
    ] {
        let mut rom = MockRom::new(Mcu::Stm32F042);
        rom.state = state;
        assert_eq!(open_error(&mut rom), DfuError::Manifesting { state });
    }
    for state in [State::AppIdle, State::AppDetach, State::Unknown(77)] {
        let mut rom = MockRom::new(Mcu::Stm32F042);
        rom.state = state;
        assert_eq!(
            open_error(&mut rom),
            DfuError::UnexpectedState {
                doing: DfuStep::Settle,
                state,
                status: StatusCode::Ok
            }
        );
    }
}

#[test]
fn a_jammed_device_is_freed_by_two_clrstatus_or_given_up() {
    let mut rom = MockRom::new(Mcu::Stm32G431);
    rom.state = State::DfuDnBusy;
    rom.jam = Jam::UntilCleared;
    with(&mut rom, |_| ());
    assert_eq!(rom.state, State::DfuIdle);
    assert_eq!(rom.seen(|seen| *seen == Seen::ClrStatus), 2);
    assert!(rom.clock.now() >= Duration::from_secs(5));

    for poll in [
        Duration::ZERO,
        Duration::from_millis(100),
        Duration::from_secs(16_000),
    ] {
        let mut rom = MockRom::new(Mcu::Stm32G431);
        rom.state = State::DfuDnBusy;
        rom.jam = Jam::ForEver;
        rom.poll = poll;
        let error = open_error(&mut rom);
        assert!(
            matches!(
                error,
                DfuError::Stuck { doing: DfuStep::Settle, state: State::DfuDnBusy, waited }
                    if waited >= Duration::from_secs(5)
            ),
            "{error:?}"
        );
        assert_eq!(rom.seen(|seen| *seen == Seen::ClrStatus), 2);
        assert!(rom.clock.now() < Duration::from_secs(6));
    }
}

#[test]
fn a_device_that_is_not_dfuse_or_has_no_flash_is_not_touched() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.functional.clear();
    assert_eq!(
        open_error(&mut rom),
        DfuError::NotDfuSe(FunctionalError::Missing)
    );
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.functional[5..7].fill(0);
    assert_eq!(
        open_error(&mut rom),
        DfuError::NotDfuSe(FunctionalError::TransferSize { size: 0 })
    );
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.functional[7] = 0x10;
    assert_eq!(
        open_error(&mut rom),
        DfuError::NotDfuSe(FunctionalError::Version {
            version: Some(0x0110)
        })
    );
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.alts.remove(0);
    assert_eq!(open_error(&mut rom), DfuError::NoFlashAlt);
    let mut rom = MockRom::new(Mcu::Stm32G431);
    let flash = rom.alts[0].name.clone();
    rom.alts[1].name = flash;
    assert_eq!(open_error(&mut rom), DfuError::NoFlashAlt);
    assert_eq!(rom.log, []);
}

#[test]
fn a_complaint_that_does_not_go_away_is_no_obstacle() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.complains = true;
    with(&mut rom, |_| ());
    assert_eq!(rom.state, State::DfuIdle);
}

#[test]
fn settings_are_selected_by_number_not_by_place() {
    let mut rom = MockRom::new(Mcu::Stm32G431);
    rom.alts.reverse();
    rom.alts.iter_mut().for_each(|alt| alt.number += 3);
    with(&mut rom, |_| ());
    assert_eq!(rom.log[0], Seen::Alt(3));
}

// Reading, erasing, writing.

#[test]
fn a_flash_job_on_both_chips() {
    for (mcu, full, blocks) in [(Mcu::Stm32F042, 2048, 3), (Mcu::Stm32G431, 1024, 6)] {
        let mut rom = MockRom::new(mcu);
        let page = rom.chip.page_size;
        rom.flash.fill(0x55);
        let data = pattern(full * blocks + 500);
        let start = BASE + page;
        let mut told = Vec::new();
        let read = with(&mut rom, |session| {
            for offset in (0..=data.len()).step_by(usize::try_from(page).unwrap()) {
                // Any address inside the page will do.
                let address = start + u32::try_from(offset).unwrap() + 4;
                session.erase_page(address).unwrap();
            }
            session
                .write(start, &data, &mut |bytes| {
                    told.push(bytes);
                    ControlFlow::Continue(())
                })
                .unwrap();
            session.read(start, data.len(), &mut go).unwrap()
        });
        assert!(read == data);
        assert_eq!(rom.flash[0], 0x55);
        assert_eq!(rom.state, State::DfuIdle);

        let mut expected_told = vec![u64::try_from(full).unwrap(); blocks];
        expected_told.push(500);
        assert_eq!(told, expected_told);

        // One SET_ADDRESS, full blocks numbered on, then one SET_ADDRESS and block 2 for the tail.
        let data_blocks: Vec<(u16, usize)> = rom
            .dnloads()
            .into_iter()
            .skip_while(|(block, _)| *block == 0)
            .collect();
        let mut expected: Vec<(u16, usize)> = (2..).map(|n| (n, full)).take(blocks).collect();
        expected.extend([(0, 5), (2, 500), (0, 5)]);
        assert_eq!(data_blocks, expected);
        // The tail of the read is a full block, trimmed here.
        assert_eq!(
            rom.uploads(),
            (2..)
                .map(|n| (n, full))
                .take(blocks + 1)
                .collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_read_that_ends_at_the_end_of_flash() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.flash = pattern(32 * 1024);
    let whole = rom.flash.clone();
    let start = 0x6c00;
    let read = with(&mut rom, |session| {
        session.read(BASE + 0x6c00, 0x1400, &mut go).unwrap()
    });
    assert!(read == whole[start..]);
    assert_eq!(rom.uploads(), [(2, 2048), (3, 2048), (2, 1024)]);
    assert_eq!(rom.state, State::DfuIdle);
}

#[test]
fn a_read_of_less_than_a_block_asks_for_no_more() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.flash = pattern(32 * 1024);
    let whole = rom.flash.clone();
    let (odd, none) = with(&mut rom, |session| {
        (
            session.read(BASE + 0x400, 5, &mut go).unwrap(),
            session.read(BASE, 0, &mut go).unwrap(),
        )
    });
    assert_eq!(odd, whole[0x400..0x405]);
    assert!(none.is_empty());
    assert_eq!(rom.uploads(), [(2, 6)]);
}

#[test]
fn what_is_outside_the_layout_is_never_asked_for() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    let end = BASE + 32 * 1024;
    with(&mut rom, |session| {
        let outside = |address, length| DfuError::OutsideLayout { address, length };
        assert_eq!(session.read(end - 2, 4, &mut go), Err(outside(end - 2, 4)));
        assert_eq!(
            session.read(u32::MAX, 1, &mut go),
            Err(outside(u32::MAX, 1))
        );
        assert_eq!(
            session.read(BASE, usize::MAX, &mut go),
            Err(outside(BASE, usize::MAX))
        );
        assert_eq!(
            session.write(BASE - 2, &[0; 4], &mut go),
            Err(outside(BASE - 2, 4))
        );
        assert_eq!(session.write(end, &[0; 2], &mut go), Err(outside(end, 2)));
        assert_eq!(session.erase_page(end), Err(outside(end, 1)));
        let misaligned = |address, length| DfuError::Misaligned { address, length };
        assert_eq!(
            session.read(BASE + 1, 2, &mut go),
            Err(misaligned(BASE + 1, 2))
        );
        assert_eq!(
            session.write(BASE + 1, &[0; 2], &mut go),
            Err(misaligned(BASE + 1, 2))
        );
        assert_eq!(
            session.write(BASE, &[0; 3], &mut go),
            Err(misaligned(BASE, 3))
        );
    });
    assert_eq!(rom.log, [Seen::Alt(0), Seen::GetStatus]);
}

// Transfers that get lost.

#[test]
fn a_short_block_is_read_again_from_its_own_address() {
    let mut rom = MockRom::new(Mcu::Stm32G431);
    rom.flash = pattern(128 * 1024);
    let whole = rom.flash.clone();
    rom.faults = vec![(Request::Upload, 1, Fault::Short(64))];
    let read = with(&mut rom, |session| {
        session.read(BASE, 4096, &mut go).unwrap()
    });
    assert!(read == whole[..4096]);
    assert_eq!(
        rom.uploads(),
        [(2, 1024), (3, 1024), (2, 1024), (3, 1024), (4, 1024)]
    );

    rom.faults = vec![
        (Request::Upload, 5, Fault::Short(64)),
        (Request::Upload, 6, Fault::Short(0)),
    ];
    let again = with(&mut rom, |session| {
        let error = session.read(BASE, 4096, &mut go).unwrap_err();
        assert_eq!(
            error,
            DfuError::ShortRead {
                address: BASE,
                expected: 1024,
                received: 0
            }
        );
        session.read(BASE, 4096, &mut go).unwrap()
    });
    assert!(again == whole[..4096]);
}

#[test]
fn a_lost_read_is_asked_for_again() {
    for fault in [
        Fault::Lost(LinkErrorKind::Io),
        Fault::Lost(LinkErrorKind::TimedOut),
        Fault::AnswerLost(LinkErrorKind::Io),
        Fault::AnswerLost(LinkErrorKind::Overflow),
    ] {
        let mut rom = MockRom::new(Mcu::Stm32F042);
        rom.flash = pattern(32 * 1024);
        let whole = rom.flash.clone();
        rom.faults = vec![
            (Request::Upload, 2, fault),
            (Request::GetStatus, 3, Fault::Lost(LinkErrorKind::Io)),
        ];
        let (read, lost) = with(&mut rom, |session| {
            let read = session.read(BASE, 32 * 1024, &mut go).unwrap();
            (read, session.lost_transfers())
        });
        assert!(read == whole);
        assert_eq!(lost, 2);
    }
}

#[test]
fn a_lost_erase_is_sent_again_but_a_lost_write_is_not() {
    for fault in [
        Fault::Lost(LinkErrorKind::Io),
        Fault::AnswerLost(LinkErrorKind::TimedOut),
    ] {
        let mut rom = MockRom::new(Mcu::Stm32F042);
        rom.flash.fill(0);
        rom.faults = vec![(Request::Dnload, 0, fault)];
        with(&mut rom, |session| session.erase_page(BASE).unwrap());
        assert_eq!(rom.flash[0], 0xff);
        assert_eq!(rom.dnloads().len(), 2);

        // 2 is SET_ADDRESS, 3 the data.
        rom.faults = vec![(Request::Dnload, 3, fault)];
        with(&mut rom, |session| {
            let error = session.write(BASE, &[1; 1024], &mut go).unwrap_err();
            assert!(error.is_disconnect_like(), "{error:?}");
            // The same session goes on from there.
            session.erase_page(BASE).unwrap();
            session.write(BASE, &[2; 1024], &mut go).unwrap();
        });
        assert_eq!(rom.flash[..1024], [2; 1024]);
        assert_eq!(rom.dnloads().len(), 2 + 2 + 1 + 2);
    }
}

#[test]
fn a_lost_status_is_asked_for_again_once() {
    for fault in [
        Fault::Lost(LinkErrorKind::Io),
        Fault::AnswerLost(LinkErrorKind::TimedOut),
    ] {
        for nth in 1..5 {
            let mut rom = MockRom::new(Mcu::Stm32F042);
            rom.faults = vec![(Request::GetStatus, nth, fault)];
            with(&mut rom, |session| {
                session.write(BASE, &[1; 1024], &mut go).unwrap();
            });
            assert_eq!(rom.flash[..1024], [1; 1024]);
            assert_eq!(rom.dnloads().len(), 2);
        }
    }
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.faults = vec![
        (Request::GetStatus, 3, Fault::Lost(LinkErrorKind::Io)),
        (Request::GetStatus, 4, Fault::Lost(LinkErrorKind::Io)),
    ];
    let error = with(&mut rom, |session| {
        session.write(BASE, &[1; 1024], &mut go).unwrap_err()
    });
    assert!(error.is_disconnect_like());
}

#[test]
fn an_unplugged_device_is_not_asked_again() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    let gone = Fault::Lost(LinkErrorKind::Disconnected);
    rom.faults = vec![(Request::Upload, 3, gone)];
    let error = with(&mut rom, |session| {
        session.read(BASE, 32 * 1024, &mut go).unwrap_err()
    });
    assert!(error.is_disconnect_like());
    assert_eq!(rom.uploads().len(), 4);
    assert_eq!(rom.log.last(), Some(&Seen::Upload(5, 2048)));
}

#[test]
fn a_short_status_is_asked_for_again_and_twice_is_an_error() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.faults = vec![(Request::GetStatus, 0, Fault::Short(5))];
    with(&mut rom, |session| assert_eq!(session.lost_transfers(), 1));
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.faults = vec![
        (Request::GetStatus, 0, Fault::Short(5)),
        (Request::GetStatus, 1, Fault::Short(5)),
    ];
    let error = open_error(&mut rom);
    assert!(matches!(error, DfuError::ShortStatus(short) if short.received == 5));
}

// Polling.

#[test]
fn an_early_poll_that_stalls_makes_the_driver_patient() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.when_polled = WhenPolled::Stall;
    rom.poll = Duration::from_millis(45);
    rom.flash.fill(0);
    with(&mut rom, |session| {
        for page in 0..4 {
            session.erase_page(BASE + page * 1024).unwrap();
        }
    });
    assert!(rom.flash[..4096].iter().all(|byte| *byte == 0xff));
    // One stalled poll in the first erase, two GETSTATUS in each of the others.
    assert_eq!(rom.seen(|seen| *seen == Seen::GetStatus), 1 + 3 + 3 * 2);
    assert!(rom.clock.now() >= Duration::from_millis(4 * 45));
}

#[test]
fn four_stalled_polls_in_a_row_are_an_error() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.when_polled = WhenPolled::Stall;
    rom.poll = Duration::ZERO;
    let error = with(&mut rom, |session| session.erase_page(BASE).unwrap_err());
    assert!(matches!(error, DfuError::Link(link) if link.kind == LinkErrorKind::Stalled));
}

#[test]
fn stalled_polls_only_count_in_a_row() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.when_polled = WhenPolled::Report;
    rom.poll = Duration::from_millis(5);
    rom.faults = [2, 3, 4, 6, 7, 8]
        .map(|nth| (Request::GetStatus, nth, Fault::Lost(LinkErrorKind::Stalled)))
        .to_vec();
    with(&mut rom, |session| session.erase_page(BASE).unwrap());
    assert!(rom.seen(|seen| *seen == Seen::GetStatus) > 9);
}

#[test]
fn a_device_that_reports_busy_is_polled_until_it_is_done() {
    for says_sync in [false, true] {
        for poll in [0, 1, 5, 100, 16_000_000] {
            let mut rom = MockRom::new(Mcu::Stm32G431);
            rom.when_polled = WhenPolled::Report;
            rom.says_sync = says_sync;
            rom.poll = Duration::from_millis(poll);
            rom.idle_poll = Duration::from_secs(1000);
            with(&mut rom, |session| {
                session.erase_page(BASE).unwrap();
                session.write(BASE, &pattern(2048), &mut go).unwrap();
            });
            assert!(rom.flash[..2048] == pattern(2048));
            // Never the device's own idea of a poll timeout, and nothing after the work is done.
            assert!(rom.clock.now() < Duration::from_millis(80), "{poll}");
        }
    }
}

#[test]
fn an_unknown_chip_gets_its_own_poll_timeout() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.alts[0].name = "@Internal Flash/0x08000000/16*1Kg,16*1Kg".to_owned();
    rom.poll = Duration::from_millis(70);
    with(&mut rom, |session| {
        assert_eq!(session.chip(), DfuChip::Other);
        session.erase_page(BASE).unwrap();
    });
    assert!(rom.clock.now() >= Duration::from_millis(70));
}

/// A device that answers every GETSTATUS with dfuIDLE until a DNLOAD, then with "busy".
struct EndlesslyBusy {
    inner: MockRom,
    started: bool,
    poll_ms: u8,
    polls: u32,
}

impl DfuLink for EndlesslyBusy {
    fn control_in(
        &mut self,
        _request: u8,
        _value: u16,
        buffer: &mut [u8],
        _timeout: Duration,
    ) -> Result<usize, LinkError> {
        let state = if self.started { 4 } else { 2 };
        self.polls += 1;
        buffer.copy_from_slice(&[0, self.poll_ms, 0, 0, state, 0]);
        Ok(6)
    }

    fn control_out(
        &mut self,
        _request: u8,
        _value: u16,
        _data: &[u8],
        _timeout: Duration,
    ) -> Result<(), LinkError> {
        self.started = true;
        Ok(())
    }

    fn select_alt(&mut self, _alt: u8) -> Result<(), LinkError> {
        Ok(())
    }

    fn functional_descriptor(&self) -> &[u8] {
        &self.inner.functional
    }

    fn alt_settings(&self) -> &[AltSetting] {
        &self.inner.alts
    }
}

#[test]
fn endless_busy_is_stuck() {
    for (poll_ms, most_polls) in [(0, 110), (1, 3000), (255, 3000)] {
        let clock = MockClock::default();
        let mut link = EndlesslyBusy {
            inner: MockRom::new(Mcu::Stm32F042),
            started: false,
            poll_ms,
            polls: 0,
        };
        let mut session = DfuSession::open(&mut link, &clock).unwrap();
        let error = session.erase_page(BASE).unwrap_err();
        assert!(
            matches!(
                error,
                DfuError::Stuck {
                    doing: DfuStep::ErasePage,
                    state: State::DfuDnBusy,
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(link.polls < most_polls, "{}", link.polls);
        assert!(clock.now() <= Duration::from_secs(5));
    }
}

// Refusals.

#[test]
fn refusals_say_what_where_and_why_and_leave_the_session_usable() {
    for status in [
        StatusCode::ErrVendor,
        StatusCode::ErrAddress,
        StatusCode::ErrTarget,
        StatusCode::ErrErase,
        StatusCode::ErrWrite,
        StatusCode::ErrProg,
        StatusCode::Unknown(200),
    ] {
        let mut rom = MockRom::new(Mcu::Stm32G431);
        rom.refuse = Some((BASE + 2048, status));
        with(&mut rom, |session| {
            assert_eq!(
                session.erase_page(BASE + 2048),
                Err(refused(DfuStep::ErasePage, status, BASE + 2048))
            );
            session.erase_page(BASE).unwrap();
            assert_eq!(
                session.write(BASE, &[0; 4096], &mut go),
                Err(refused(DfuStep::Write, status, BASE + 2048))
            );
            assert_eq!(
                session.write(BASE + 2048, &[0; 1024], &mut go),
                Err(refused(DfuStep::SetAddress, status, BASE + 2048))
            );
            assert_eq!(
                session.read(BASE, 4096, &mut go),
                Err(refused(DfuStep::Read, status, BASE + 2048))
            );
            assert_eq!(session.read(BASE, 2048, &mut go), Ok(vec![0; 2048]));
        });
        assert_eq!(rom.state, State::DfuIdle);
    }
}

#[test]
fn writing_what_is_not_erased_is_refused_by_the_chip() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.flash.fill(0);
    let error = with(&mut rom, |session| {
        session.write(BASE, &[1; 2], &mut go).unwrap_err()
    });
    assert_eq!(error, refused(DfuStep::Write, StatusCode::ErrProg, BASE));
}

#[test]
fn a_stalled_dnload_is_asked_for_its_reason() {
    let mut rom = MockRom::new(Mcu::Stm32G431);
    // The web updater's mistake: more than the chip takes at once (protocols.md §2.3).
    rom.functional[5..7].copy_from_slice(&2048_u16.to_le_bytes());
    let error = with(&mut rom, |session| {
        session.write(BASE, &[1; 2048], &mut go).unwrap_err()
    });
    assert_eq!(
        error,
        refused(DfuStep::Write, StatusCode::ErrStalledPkt, BASE)
    );
    assert_eq!(rom.state, State::DfuIdle);
}

#[test]
fn a_read_protected_chip_is_recognised() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.read_protected = true;
    with(&mut rom, |session| {
        let error = session.read(BASE, 2048, &mut go).unwrap_err();
        assert_eq!(error, refused(DfuStep::Read, StatusCode::ErrVendor, BASE));
        assert!(error.may_be_read_protection());
        assert!(
            session
                .erase_page(BASE)
                .unwrap_err()
                .may_be_read_protection()
        );
        assert!(!error.is_disconnect_like());
    });
}

#[test]
fn protection_levels() {
    for mcu in Mcu::ALL {
        for (rdp, level) in [
            (0xaa, Protection::Level0),
            (0xcc, Protection::Level2),
            (0xbb, Protection::Level1),
            (0x00, Protection::Level1),
            (0xff, Protection::Level1),
        ] {
            let mut rom = MockRom::new(mcu);
            rom.option_bytes[0] = rdp;
            rom.alts.reverse();
            with(&mut rom, |session| {
                session.erase_page(BASE).unwrap();
                assert_eq!(session.protection(mcu.chip()), Ok(level));
                // Main flash is selected again.
                session.erase_page(BASE).unwrap();
                session.read(BASE, 1024, &mut go).unwrap();
            });
        }
    }
}

#[test]
fn protection_of_a_device_that_does_not_tell() {
    let chip = Mcu::Stm32F042.chip();
    for (status, level) in [
        (StatusCode::ErrVendor, Protection::Level1),
        (StatusCode::ErrStalledPkt, Protection::Level1),
        (StatusCode::ErrTarget, Protection::Unknown),
    ] {
        let mut rom = MockRom::new(Mcu::Stm32F042);
        rom.refuse = Some((chip.option_bytes, status));
        with(&mut rom, |session| {
            assert_eq!(session.protection(chip), Ok(level));
            session.erase_page(BASE).unwrap();
        });
    }
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.alts.pop();
    with(&mut rom, |session| {
        assert_eq!(session.protection(chip), Ok(Protection::Unknown));
    });
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.faults = vec![(Request::Upload, 0, Fault::Lost(LinkErrorKind::Io))];
    with(&mut rom, |session| {
        assert_eq!(session.protection(chip), Ok(Protection::Level0));
    });
}

// Stopping and leaving.

#[test]
fn stopping_ends_after_the_block_and_at_rest() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    with(&mut rom, |session| {
        assert_eq!(
            session.read(BASE, 8192, &mut stop),
            Err(DfuError::Cancelled)
        );
    });
    assert_eq!(rom.uploads(), [(2, 2048)]);
    assert_eq!(rom.state, State::DfuIdle);
    with(&mut rom, |session| {
        let mut blocks = 0;
        let mut stop_at_two = |_bytes| {
            blocks += 1;
            if blocks == 2 { stop(0) } else { go(0) }
        };
        assert_eq!(
            session.write(BASE, &pattern(8192), &mut stop_at_two),
            Err(DfuError::Cancelled)
        );
    });
    assert!(rom.flash[..4096] == pattern(8192)[..4096]);
    assert_eq!(rom.flash[4096], 0xff);
    assert_eq!(rom.state, State::DfuIdle);
}

#[test]
fn leaving_is_a_success_however_rude() {
    let answers = [
        None,
        Some(LinkErrorKind::Stalled),
        Some(LinkErrorKind::Io),
        Some(LinkErrorKind::TimedOut),
        Some(LinkErrorKind::Disconnected),
        Some(LinkErrorKind::NotFound),
        Some(LinkErrorKind::Other),
    ];
    for at_leave in answers {
        let mut rom = MockRom::new(Mcu::Stm32F042);
        rom.at_leave = at_leave;
        let clock = rom.clock.clone();
        let mut session = DfuSession::open(&mut rom, &clock).unwrap();
        session.erase_page(BASE + 1024).unwrap();
        assert_eq!(session.leave(BASE), Ok(()));
        assert_eq!(rom.left_to, Some(BASE));
        assert_eq!(
            rom.log[rom.log.len() - 5..],
            [
                Seen::Dnload(0, 5),
                Seen::GetStatus,
                Seen::GetStatus,
                Seen::Dnload(2, 0),
                Seen::GetStatus
            ]
        );
    }
}

#[test]
fn leaving_can_be_refused_before_it_happens() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.refuse = Some((BASE, StatusCode::ErrTarget));
    let clock = rom.clock.clone();
    let error = DfuSession::open(&mut rom, &clock).unwrap().leave(BASE);
    assert_eq!(
        error,
        Err(refused(DfuStep::SetAddress, StatusCode::ErrTarget, BASE))
    );
    let outside = DfuSession::open(&mut rom, &clock).unwrap().leave(0);
    assert!(matches!(outside, Err(DfuError::OutsideLayout { .. })));
    rom.faults = vec![(Request::Dnload, 2, Fault::Lost(LinkErrorKind::Disconnected))];
    let gone = DfuSession::open(&mut rom, &clock)
        .unwrap()
        .leave(BASE + 1024);
    assert!(gone.is_err_and(|error| error.is_disconnect_like()));
    assert_eq!(rom.left_to, None);
}

// Cost.

/// The transfers of a full 29 KiB job on an F042, with what they cost (protocols.md §8.1). Every count is the
/// least the protocol allows.
#[test]
fn a_full_job_makes_no_needless_transfer() {
    let mut rom = MockRom::new(Mcu::Stm32F042);
    rom.flash.fill(0);
    let clock = rom.clock.clone();
    let image = pattern(29 * 1024);
    let mut marks = Vec::new();
    let mut session = DfuSession::open(&mut rom, &clock).unwrap();
    marks.push(clock.now());
    session.read(BASE, 32 * 1024, &mut go).unwrap();
    marks.push(clock.now());
    for page in 0..29 {
        session.erase_page(BASE + page * 1024).unwrap();
    }
    session.write(BASE, &image, &mut go).unwrap();
    marks.push(clock.now());
    let back = session.read(BASE, image.len(), &mut go).unwrap();
    marks.push(clock.now());
    assert!(back == image);

    // SET_ADDRESS for two reads, a run and a tail; 29 erases; 15 blocks.
    assert_eq!(rom.dnloads().len(), 2 + 2 + 29 + 15);
    // Two for each of them, one at opening, two for each read.
    assert_eq!(rom.seen(|seen| *seen == Seen::GetStatus), 2 * 48 + 1 + 4);
    assert_eq!(rom.uploads().len(), 16 + 15);
    assert_eq!(rom.seen(|seen| *seen == Seen::Abort), 4);
    assert_eq!(rom.seen(|seen| *seen == Seen::ClrStatus), 0);

    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let flash = ms(rom.flash_time);
    let [opened, read, changed, verified] = [0, 1, 2, 3].map(|i: usize| ms(marks[i]));
    let changing = (changed - read - flash) / flash;
    let reading = (read - opened + verified - changed) / flash;
    let all = (verified - flash) / flash;
    let shares = format!("changing {changing:.4}, reading {reading:.4}, all {all:.4}");
    assert_eq!(
        rom.flash_time,
        Duration::from_micros(29 * (30_000 + 27_392))
    );
    // 93 ms of the 107 ms of reading are the 31 blocks themselves.
    assert!(
        changing <= 0.08 && reading <= 0.065 && all <= 0.14,
        "{shares}"
    );
}

// Anything at all from the device.

/// Answers with whatever it was given, then with STALLs.
struct Noise {
    inner: MockRom,
    bytes: std::vec::IntoIter<u8>,
    transfers: usize,
}

impl Noise {
    fn outcome(&mut self) -> Result<(), LinkError> {
        self.transfers += 1;
        self.inner.clock.sleep(Duration::from_millis(1));
        let kind = match self.bytes.next() {
            None | Some(0) => LinkErrorKind::Stalled,
            Some(1) => LinkErrorKind::Io,
            Some(2) => LinkErrorKind::TimedOut,
            Some(3) => LinkErrorKind::Overflow,
            Some(_) => return Ok(()),
        };
        Err(LinkError::new(kind, Doing::Receiving))
    }
}

impl DfuLink for Noise {
    fn control_in(
        &mut self,
        request: u8,
        _value: u16,
        buffer: &mut [u8],
        _timeout: Duration,
    ) -> Result<usize, LinkError> {
        self.outcome()?;
        let mut received = buffer.len();
        if request == Request::GetStatus.code() {
            let [code, state, poll] = [(); 3].map(|()| self.bytes.next().unwrap_or(0));
            let reply = [code % 3, poll, 0, 0, state % 12, 0];
            buffer.copy_from_slice(&reply[..buffer.len()]);
        } else {
            received = received.min(usize::from(self.bytes.next().unwrap_or(0)) * 16);
        }
        Ok(received)
    }

    fn control_out(
        &mut self,
        _request: u8,
        _value: u16,
        _data: &[u8],
        _timeout: Duration,
    ) -> Result<(), LinkError> {
        self.outcome()
    }

    fn select_alt(&mut self, _alt: u8) -> Result<(), LinkError> {
        Ok(())
    }

    fn functional_descriptor(&self) -> &[u8] {
        &self.inner.functional
    }

    fn alt_settings(&self) -> &[AltSetting] {
        &self.inner.alts
    }
}

proptest! {
    #[test]
    fn noise_neither_panics_nor_hangs(
        // A quiet start, so that the opener gets through often enough.
        noise in prop::collection::vec(prop_oneof![3 => Just(4_u8), 1 => Just(2), 1 => any::<u8>()], 0..400),
    ) {
        let mut bytes = vec![4, 0, 2, 0];
        bytes.extend(noise);
        let inner = MockRom::new(Mcu::Stm32F042);
        let clock = inner.clock.clone();
        let mut link = Noise { inner, bytes: bytes.into_iter(), transfers: 0 };
        let mut session = DfuSession::open(&mut link, &clock).unwrap();
        let _protection = session.protection(Mcu::Stm32F042.chip());
        let _read = session.read(BASE, 32 * 1024, &mut go);
        let _erased = session.erase_page(BASE);
        let _written = session.write(BASE, &[0; 4096], &mut go);
        let _left = session.leave(BASE);
        prop_assert!(link.transfers < 2000);
        prop_assert!(clock.now() < Duration::from_mins(5));
    }
}
