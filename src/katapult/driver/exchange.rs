//! Commands and their answers: a few may be under way, each is answered by what echoes its code and its address.
//! Late and duplicate answers are ignored; silence is met as protocols.md §4.6 and §4.7 say.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::Duration;

use super::connect::CONNECT_TIMEOUT;
use super::wire::{Heard, Wire};
use crate::katapult::error::KatapultError;
use crate::katapult::message::{Command, Reply};

/// How long the answer to a prime may take: it has nothing to erase.
const PRIME_TIMEOUT: Duration = Duration::from_millis(100);

/// One command without an answer.
struct Flight {
    command: Command,
    resent: bool,
}

/// What one frame from the device was.
enum Sorted {
    /// An answer, now among [`Exchange::answers`], or nothing of interest.
    Taken,
    Refused,
    NotUnderstood,
}

pub(super) struct Exchange<'w, 'l> {
    wire: &'w mut Wire<'l>,
    block_size: usize,
    window: usize,
    timeout: Duration,
    flying: VecDeque<Flight>,
    /// Matched, not yet given to the caller.
    answers: VecDeque<Reply>,
    /// What was wrong with the last frame that should have been an answer.
    oddity: Option<KatapultError>,
    /// A prime without its ERROR.
    primed: bool,
    /// A NACK was already forgiven.
    forgiven: bool,
}

impl<'w, 'l> Exchange<'w, 'l> {
    pub(super) fn new(
        wire: &'w mut Wire<'l>,
        block_size: usize,
        window: usize,
        timeout: Duration,
    ) -> Self {
        Self {
            wire,
            block_size,
            window,
            timeout,
            flying: VecDeque::new(),
            answers: VecDeque::new(),
            oddity: None,
            primed: false,
            forgiven: false,
        }
    }

    /// Sends `commands` in order and gives every answer to `on_reply`. After its `Break` nothing new is sent, and
    /// what is under way is waited for.
    pub(super) fn run(
        mut self,
        commands: &mut dyn Iterator<Item = Command>,
        on_reply: &mut dyn FnMut(Reply) -> ControlFlow<()>,
    ) -> Result<(), KatapultError> {
        let mut stopping = false;
        loop {
            while !stopping && self.flying.len() < self.window {
                let Some(command) = commands.next() else {
                    break;
                };
                self.wire.send(&command)?;
                self.flying.push_back(Flight {
                    command,
                    resent: false,
                });
            }
            if self.flying.is_empty() && self.answers.is_empty() {
                return Ok(());
            }
            let reply = self.next_answer()?;
            stopping |= on_reply(reply).is_break();
        }
    }

    /// Waits for the answer to anything under way.
    fn next_answer(&mut self) -> Result<Reply, KatapultError> {
        let mut deadline = self.deadline();
        loop {
            if let Some(reply) = self.answers.pop_front() {
                return Ok(reply);
            }
            let Some(heard) = self.wire.listen(deadline)? else {
                self.break_silence()?;
                deadline = self.deadline();
                continue;
            };
            match self.sort(heard) {
                Sorted::Taken => {}
                Sorted::Refused if self.primed => self.primed = false,
                Sorted::Refused => return Err(self.refused()?),
                Sorted::NotUnderstood => {
                    self.forgive()?;
                    deadline = self.deadline();
                }
            }
        }
    }

    fn deadline(&self) -> Duration {
        self.wire.now().saturating_add(self.timeout)
    }

    fn sort(&mut self, heard: Heard) -> Sorted {
        let reply = match heard {
            Heard::Reply(Reply::Error) => return Sorted::Refused,
            Heard::Reply(Reply::Nack) => return Sorted::NotUnderstood,
            // BUSY too is no answer: the silence behind it has the command sent again.
            Heard::Reply(reply) => reply,
            Heard::Odd(error) => {
                self.oddity = Some(error.into());
                return Sorted::Taken;
            }
        };
        let answered = self
            .flying
            .iter()
            .position(|flight| is_answer(&flight.command, &reply, self.block_size));
        if let Some(index) = answered {
            self.flying.remove(index);
            self.oddity = None;
            self.answers.push_back(reply);
        } else if let (Some(expected), Some(answered)) = (self.address(), reply.address()) {
            self.oddity = Some(KatapultError::WrongAddress { expected, answered });
        }
        Sorted::Taken
    }

    /// The block that has waited longest.
    fn address(&self) -> Option<u32> {
        self.flying.front()?.command.address()
    }

    /// An ERROR names no command: the one that has waited longest is blamed. What else is under way is heard out,
    /// so that its answers cannot be taken for later ones.
    fn refused(&mut self) -> Result<KatapultError, KatapultError> {
        let blamed = self.flying.pop_front().map(|flight| flight.command);
        while !self.flying.is_empty() {
            let deadline = self.deadline();
            let Some(heard) = self.wire.listen(deadline)? else {
                break;
            };
            if matches!(self.sort(heard), Sorted::Refused | Sorted::NotUnderstood) {
                self.flying.pop_front();
            }
        }
        Ok(match blamed {
            Some(command) => match command.address() {
                Some(address) => KatapultError::BlockRefused { address },
                None => KatapultError::Refused {
                    command: command.code(),
                },
            },
            None => KatapultError::StoppedAnswering { address: None },
        })
    }

    /// A NACK: something on the way was damaged, and the parser may be wedged. One CONNECT shows whether it lives;
    /// then what is under way is sent again.
    fn forgive(&mut self) -> Result<(), KatapultError> {
        let address = self.address();
        if self.forgiven {
            return Err(self.wire.fail(KatapultError::Nack { address }));
        }
        self.forgiven = true;
        self.wire.note_lost();
        self.wire.send(&Command::Connect)?;
        let deadline = self.wire.now().saturating_add(CONNECT_TIMEOUT);
        loop {
            match self.wire.listen(deadline)? {
                Some(Heard::Reply(Reply::Connected(_))) => break,
                // Answers count; whatever else was on the line is from before.
                Some(heard) => drop(self.sort(heard)),
                None => {
                    return Err(self.wire.fail(KatapultError::StoppedAnswering { address }));
                }
            }
        }
        for flight in &mut self.flying {
            flight.resent = true;
            self.wire.send(&flight.command)?;
        }
        Ok(())
    }

    /// Nothing came in time. A prime flushes an answer that the host holds back because it ends on a packet boundary
    /// (§4.6); if that was not it, the command that has waited longest is sent again, once.
    fn break_silence(&mut self) -> Result<(), KatapultError> {
        let address = self.address();
        if self.flying.front().is_none_or(|flight| flight.resent) {
            let error = self
                .oddity
                .take()
                .unwrap_or(KatapultError::StoppedAnswering { address });
            return Err(self.wire.fail(error));
        }
        self.wire.send(&Command::Prime)?;
        self.primed = true;
        let deadline = self.wire.now().saturating_add(PRIME_TIMEOUT);
        while self.primed
            && let Some(heard) = self.wire.listen(deadline)?
        {
            // An ERROR is the prime's, or a refusal that the second sending will repeat.
            if matches!(self.sort(heard), Sorted::Refused) {
                self.primed = false;
            }
        }
        if self.answers.is_empty()
            && let Some(flight) = self.flying.front_mut()
        {
            flight.resent = true;
            self.wire.note_lost();
            self.wire.send(&flight.command)?;
        }
        Ok(())
    }
}

fn is_answer(command: &Command, reply: &Reply, block_size: usize) -> bool {
    match (command, reply) {
        (Command::SendBlock { address, .. }, Reply::Written { address: echoed }) => {
            address == echoed
        }
        (
            Command::RequestBlock { address },
            Reply::Block {
                address: echoed,
                data,
            },
        ) => address == echoed && data.len() == block_size,
        (Command::Eof, Reply::Ended { .. }) | (Command::Complete, Reply::Completing) => true,
        _ => false,
    }
}
