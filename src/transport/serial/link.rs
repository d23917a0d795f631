//! One open serial port as a stream of bytes. Knows no frames.

use std::io::{self, Read, Write};
use std::time::Duration;

use serialport::{ClearBuffer, SerialPort};

use super::error::{AfterRead, after_read, link_error};
use crate::transport::native::{Os, RealClock};
use crate::transport::{Clock, Doing, LinkError, LinkErrorKind, SerialLink};

/// Windows reads and writes for ever with 0, and Linux need not be asked at once.
const SHORTEST: Duration = Duration::from_millis(1);

/// An open port, exclusively ours.
pub struct SerialPortLink {
    port: Box<dyn SerialPort>,
    clock: RealClock,
    /// A write did not go through: what the system still holds of it must not delay the closing.
    stuck: bool,
}

impl std::fmt::Debug for SerialPortLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SerialPortLink")
            .field("port", &self.port.name())
            .finish_non_exhaustive()
    }
}

impl SerialPortLink {
    pub(super) fn new(port: Box<dyn SerialPort>, clock: RealClock) -> Self {
        Self {
            port,
            clock,
            stuck: false,
        }
    }

    /// The time left, as the port's own timeout. It returns as soon as anything is there, on Windows too:
    /// serialport sets ReadIntervalTimeout so that no read waits for a full buffer (protocols.md §8.3).
    fn arm(&mut self, deadline: Duration, doing: Doing) -> Result<(), LinkError> {
        let left = deadline.saturating_sub(self.clock.now()).max(SHORTEST);
        if self.port.timeout() == left {
            return Ok(());
        }
        self.port
            .set_timeout(left)
            .map_err(|error| link_error(&io::Error::from(error), doing))
    }

    fn over(&self, deadline: Duration) -> bool {
        self.clock.now() >= deadline
    }

    fn write_all(&mut self, mut rest: &[u8], deadline: Duration) -> Result<(), LinkError> {
        loop {
            self.arm(deadline, Doing::Sending)?;
            match self.port.write(rest) {
                Ok(sent) => {
                    rest = rest.get(sent..).unwrap_or_default();
                    if rest.is_empty() {
                        return Ok(());
                    }
                }
                Err(error) if again(&error) => {}
                Err(error) => return Err(link_error(&error, Doing::Sending)),
            }
            if self.over(deadline) {
                return Err(LinkError::new(LinkErrorKind::TimedOut, Doing::Sending)
                    .with_detail(format!("{} bytes were not taken", rest.len())));
            }
        }
    }
}

/// Nothing happened: the call may be made again.
fn again(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
    )
}

impl SerialLink for SerialPortLink {
    fn write(&mut self, data: &[u8], timeout: Duration) -> Result<(), LinkError> {
        if data.is_empty() {
            return Ok(());
        }
        let deadline = self.clock.now().saturating_add(timeout);
        let written = self.write_all(data, deadline);
        self.stuck |= written.is_err();
        written
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let deadline = self.clock.now().saturating_add(timeout);
        let mut aborted = false;
        loop {
            self.arm(deadline, Doing::Receiving)?;
            let error = match self.port.read(buffer) {
                // A hung-up terminal reads as the end of a file.
                Ok(0) => {
                    return Err(LinkError::new(
                        LinkErrorKind::Disconnected,
                        Doing::Receiving,
                    ));
                }
                Ok(got) => return Ok(got),
                Err(error) => error,
            };
            match after_read(&error, Os::HERE) {
                AfterRead::Nothing => return Ok(0),
                AfterRead::Aborted if !aborted => aborted = true,
                AfterRead::Aborted | AfterRead::Failed => {
                    return Err(link_error(&error, Doing::Receiving));
                }
                AfterRead::Again => {}
            }
            if self.over(deadline) {
                return Ok(0);
            }
        }
    }
}

impl Drop for SerialPortLink {
    fn drop(&mut self) {
        // Closing a terminal waits up to 30 s for what a mute device does not take (Linux's closing_wait).
        if self.stuck && self.port.clear(ClearBuffer::Output).is_err() {
            tracing::debug!("what was not sent could not be dropped");
        }
    }
}
