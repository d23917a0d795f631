//! The first words with a bootloader: from an open port to a [`ConnectInfo`] and a quiet line.

use std::time::Duration;

use super::wire::{Heard, Wire};
use crate::katapult::error::KatapultError;
use crate::katapult::message::{Command, ConnectInfo, MAX_BLOCK_LEN, Reply};

/// What is sent in each try (§4.3, §4.6).
///
/// A device that has just enumerated holds its first packet back until a second is queued, so it is given two
/// replies to send. In later tries the second comes behind the CONNECT reply, to push out one that fills its
/// packets exactly.
const TRIES: [[Command; 2]; 3] = [
    [Command::Prime, Command::Connect],
    [Command::Connect, Command::Prime],
    [Command::Connect, Command::Prime],
];
/// How long an answer may take, §4.3.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);
/// A line this long without a frame has nothing more to say, §4.3.
const QUIET: Duration = Duration::from_millis(50);
/// Smallest block of a Katapult build, §4.9.
const MIN_BLOCK_SIZE: usize = 64;
/// Largest block of a Katapult build, §4.9.
const MAX_BLOCK_SIZE: usize = 512;
const _: () = assert!(MAX_BLOCK_SIZE <= MAX_BLOCK_LEN, "a block fits its frame");

/// Introduces us. The ERROR that answers the prime, and whatever an earlier session left, is ignored.
pub(super) fn connect(wire: &mut Wire<'_>) -> Result<ConnectInfo, KatapultError> {
    let mut oddity = None;
    for commands in TRIES {
        for command in &commands {
            wire.send(command).map_err(|error| match error {
                KatapultError::StoppedAnswering { .. } => KatapultError::Mute,
                other => other,
            })?;
        }
        let deadline = wire.now().saturating_add(CONNECT_TIMEOUT);
        while let Some(heard) = wire.listen(deadline)? {
            match heard {
                Heard::Reply(Reply::Connected(info)) => {
                    let deadline = wire.now().saturating_add(CONNECT_TIMEOUT);
                    wire.drain(QUIET, deadline)?;
                    return Ok(info);
                }
                Heard::Reply(_) => {}
                Heard::Odd(error) => oddity = Some(error),
            }
        }
    }
    Err(wire.fail(oddity.map_or(KatapultError::Mute, KatapultError::BadReply)))
}

/// The announced block size as a length, if a bootloader can mean it.
pub(super) fn usable_block_size(info: &ConnectInfo) -> Result<usize, KatapultError> {
    usize::try_from(info.block_size)
        .ok()
        .filter(|size| (MIN_BLOCK_SIZE..=MAX_BLOCK_SIZE).contains(size) && size.is_power_of_two())
        .ok_or(KatapultError::UnsupportedBlockSize {
            block_size: info.block_size,
        })
}
