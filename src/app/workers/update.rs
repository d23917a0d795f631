//! The thread that asks whether there is a newer version of this program.

use std::sync::Arc;
use std::thread::Builder;

use crate::app::event::{Event, Sender};
use crate::catalog::fetch::Fetch;
use crate::transport::Hardware;
use crate::update;

/// Asks; tells only if there is an answer.
pub(in crate::app) fn ask(
    source: String,
    fetch: Arc<dyn Fetch>,
    hardware: Arc<dyn Hardware>,
    sender: Sender,
) -> std::io::Result<()> {
    Builder::new()
        .name("update-check".into())
        .spawn(
            move || match update::ask(fetch.as_ref(), &source, hardware.clock()) {
                Ok(Some(release)) => sender.send(Event::Release(release)),
                Ok(None) => tracing::debug!("no release of this program is offered"),
                Err(error) => tracing::debug!("releases could not be asked for: {error}"),
            },
        )
        .map(drop)
}
