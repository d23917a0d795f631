//! Whole frames out, replies in, over one serial link. Knows no dialogue.

use std::collections::VecDeque;
use std::time::Duration;

use crate::katapult::error::KatapultError;
use crate::katapult::frame::{FrameDecoder, Received};
use crate::katapult::message::{Command, Reply, ReplyError};
use crate::transport::{Clock, LinkErrorKind, SerialLink};

/// How long the device may keep a whole frame waiting: it stalls for one page erase at most.
const SEND_TIMEOUT: Duration = Duration::from_secs(1);
/// One read: more than the device's send buffer.
const READ_LEN: usize = 512;
/// Bytes after the last frame sent beyond which a device is babbling and not heard any more. A windowful of the
/// largest blocks is 3 KiB.
const BABBLE_LIMIT: usize = 64 * 1024;
/// A pause for links that come back early with nothing.
const IDLE: Duration = Duration::from_millis(1);

/// A frame from the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    Reply(Reply),
    /// A valid frame that is no reply.
    Odd(ReplyError),
}

/// The link with its decoder. Once anything fatal happened it stays silent and repeats what happened.
pub(super) struct Wire<'l> {
    link: &'l mut dyn SerialLink,
    clock: &'l dyn Clock,
    decoder: FrameDecoder,
    heard: VecDeque<Heard>,
    heard_since_send: usize,
    frames_sent: u64,
    lost: u32,
    broken: Option<KatapultError>,
}

impl<'l> Wire<'l> {
    pub(super) fn new(link: &'l mut dyn SerialLink, clock: &'l dyn Clock) -> Self {
        Self {
            link,
            clock,
            decoder: FrameDecoder::new(),
            heard: VecDeque::new(),
            heard_since_send: 0,
            frames_sent: 0,
            lost: 0,
            broken: None,
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.now()
    }

    /// Notes a frame that got lost on its way out or back and is made good.
    pub(super) fn note_lost(&mut self) {
        self.lost = self.lost.saturating_add(1);
    }

    /// How many frames got lost and were made good.
    pub(super) fn lost(&self) -> u32 {
        self.lost
    }

    /// How many frames went out whole.
    pub(super) fn frames_sent(&self) -> u64 {
        self.frames_sent
    }

    /// Marks the dialogue as over: not one more byte.
    pub(super) fn fail(&mut self, error: KatapultError) -> KatapultError {
        self.broken.get_or_insert(error).clone()
    }

    /// Writes one frame in one piece (hazard 0.1).
    pub(super) fn send(&mut self, command: &Command) -> Result<(), KatapultError> {
        self.check()?;
        let address = command.address();
        let Some(frame) = command.encode() else {
            // A session never builds a block longer than the device's own block size.
            return Err(KatapultError::BadRange {
                address: address.unwrap_or_default(),
                length: usize::MAX,
            });
        };
        self.heard_since_send = 0;
        match self.link.write(&frame, SEND_TIMEOUT) {
            Ok(()) => {
                self.frames_sent = self.frames_sent.saturating_add(1);
                Ok(())
            }
            // It takes no more bytes: a wedged parser with a full buffer.
            Err(error) if error.kind == LinkErrorKind::TimedOut => {
                Err(self.fail(KatapultError::StoppedAnswering { address }))
            }
            Err(error) => Err(self.fail(error.into())),
        }
    }

    /// The next frame from the device; `None` if there was none until `deadline`.
    pub(super) fn listen(&mut self, deadline: Duration) -> Result<Option<Heard>, KatapultError> {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return Ok(Some(heard));
            }
            self.check()?;
            let now = self.clock.now();
            let Some(left) = deadline.checked_sub(now).filter(|left| !left.is_zero()) else {
                return Ok(self.give_up_on_fragment());
            };
            let mut buffer = [0; READ_LEN];
            let len = match self.link.read(&mut buffer, left) {
                Ok(len) => len,
                Err(error) if error.kind == LinkErrorKind::TimedOut => 0,
                Err(error) => return Err(self.fail(error.into())),
            };
            if len == 0 {
                let waited = self.clock.now().saturating_sub(now);
                if waited < left.min(IDLE) {
                    self.clock.sleep(left.min(IDLE));
                }
                continue;
            }
            self.heard_since_send = self.heard_since_send.saturating_add(len);
            if self.heard_since_send > BABBLE_LIMIT {
                return Ok(None);
            }
            let received = self
                .decoder
                .push(buffer.get(..len).unwrap_or(buffer.as_slice()));
            self.note(received);
        }
    }

    /// Hears the device out until it was quiet for `quiet`, at most until `deadline`.
    pub(super) fn drain(
        &mut self,
        quiet: Duration,
        deadline: Duration,
    ) -> Result<(), KatapultError> {
        while self
            .listen(deadline.min(self.now().saturating_add(quiet)))?
            .is_some()
        {}
        Ok(())
    }

    fn check(&self) -> Result<(), KatapultError> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    fn give_up_on_fragment(&mut self) -> Option<Heard> {
        let received = self.decoder.flush();
        self.note(received);
        self.heard.pop_front()
    }

    fn note(&mut self, received: Vec<Received>) {
        self.heard
            .extend(received.into_iter().filter_map(|received| match received {
                Received::Frame(frame) => {
                    Some(Reply::decode(&frame).map_or_else(Heard::Odd, Heard::Reply))
                }
                Received::Noise(_) => None,
            }));
    }
}
