//! The driver against a device that says anything at all.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::device::{APP, VirtualClock};
use super::*;
use crate::katapult::frame::Frame;
use crate::transport::LinkError;

/// Gives out prepared pieces, one a read, whatever is asked.
struct Babbler<'c>(&'c VirtualClock, VecDeque<Vec<u8>>);

impl SerialLink for Babbler<'_> {
    fn write(&mut self, _: &[u8], _: Duration) -> Result<(), LinkError> {
        Ok(())
    }
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
        let Some(piece) = self.1.pop_front() else {
            self.0.sleep(timeout);
            return Ok(0);
        };
        let len = piece.len().min(buffer.len());
        buffer[..len].copy_from_slice(&piece[..len]);
        Ok(len)
    }
}

/// Pieces a device could send: noise, any frame, any reply.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let code = prop::sample::select(vec![0x11u8, 0x90, 0xa0, 0xa0, 0xa0, 0xf1, 0xf2, 0xf3]);
    let command = prop::sample::select(vec![0x11u8, 0x12, 0x13, 0x14, 0x15, 0x16, 0x90]);
    let body = prop::collection::vec(any::<u8>(), 0..90);
    let address = prop::sample::select(vec![APP, APP + 64, APP + 1024, 0, u32::MAX]);
    let frame =
        (code, command, address, body.clone()).prop_map(|(code, command, address, body)| {
            let head = [u32::from(command).to_le_bytes(), address.to_le_bytes()].concat();
            Frame::new(code, [head, body].concat()).unwrap().encode()
        });
    let written = prop::sample::select(vec![APP, APP + 64, APP + 128])
        .prop_map(|address| Reply::Written { address }.encode().unwrap());
    prop_oneof![body, frame, written]
}

fn hello() -> Vec<u8> {
    let info = ConnectInfo {
        protocol: ProtocolVersion::new(1, 0, 0),
        app_start: APP,
        block_size: 64,
        mcu: "stm32f042x6".into(),
        version: None,
    };
    Reply::Connected(info).encode().unwrap()
}

proptest! {
    #[test]
    fn any_answers_are_survived(says_hello: bool, pieces in prop::collection::vec(piece(), 0..60)) {
        let mut pieces: VecDeque<Vec<u8>> = pieces.into();
        if says_hello {
            // An empty read is silence: the drain after CONNECT ends there.
            pieces.push_front(vec![]);
            pieces.push_front(hello());
        }
        let clock = VirtualClock::default();
        let mut babbler = Babbler(&clock, pieces);
        if let Ok(mut session) = KatapultSession::connect(&mut babbler, &clock) {
            let read = session.read(APP, 256, &mut go);
            prop_assert!(read.is_err() || read.is_ok_and(|bytes| bytes.len() == 256));
            let written = session.write_page(APP, &[0; 256], 1024, &mut go);
            let finished = session.finish();
            if matches!(written, Err(KatapultError::StoppedAnswering { .. } | KatapultError::Nack { .. })) {
                prop_assert_eq!(finished.err(), written.err(), "the first failure stays");
            }
            drop(session.complete());
        }
    }
}
