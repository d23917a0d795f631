//! The connection to one client: TCP, or one end of a socket pair whose other end a kernel holds. Bytes only.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
#[cfg(unix)]
use std::os::unix::net::UnixStream;

/// A connection that can be read in one thread, written in another and ended from a third.
pub(super) trait Stream: Read + Write + Send + Sync {
    /// The same connection once more.
    fn duplicate(&self) -> io::Result<Box<dyn Stream>>;
    /// Ends it for both sides; readers wake up.
    fn hang_up(&self);
}

impl Stream for TcpStream {
    fn duplicate(&self) -> io::Result<Box<dyn Stream>> {
        Ok(Box::new(self.try_clone()?))
    }

    fn hang_up(&self) {
        // It fails only if the other side was faster.
        self.shutdown(Shutdown::Both).ok();
    }
}

#[cfg(unix)]
impl Stream for UnixStream {
    fn duplicate(&self) -> io::Result<Box<dyn Stream>> {
        Ok(Box::new(self.try_clone()?))
    }

    fn hang_up(&self) {
        self.shutdown(Shutdown::Both).ok();
    }
}
