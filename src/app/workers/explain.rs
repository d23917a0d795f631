//! The thread that listens to the program that failed.

use std::sync::mpsc::Sender;
use std::thread::Builder;

use crate::app::event::Wake;
use crate::app::explain;
use crate::crash::Fate;

/// Reads standard input to its end.
pub(in crate::app) fn listen(tell: Sender<Fate>, wake: Wake) -> std::io::Result<()> {
    Builder::new()
        .name("failed-program".into())
        .spawn(move || explain::read(std::io::stdin().lock(), &tell, &wake))
        .map(drop)
}
