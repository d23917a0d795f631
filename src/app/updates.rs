//! The notice of a newer version: when it is asked for, and what is done with it.

use std::sync::Arc;

use super::App;
use super::workers;
use crate::update::{self, Release};

impl App {
    /// Asks for releases if that is wanted and a day has passed. Never on a simulated bench.
    pub(super) fn follow_updates(&mut self) {
        let settings = &self.state.settings;
        let wanted = settings.check_for_updates
            && !settings.offline
            && !self.state.simulated
            && !self.settings_unreadable;
        let Some(fetch) = self.services.releases.clone().filter(|_| wanted) else {
            return;
        };
        let now = update::seconds(self.bus.hardware.clock().wall());
        if !update::is_due(settings.updates_asked_at, now) {
            return;
        }
        // Remembered before the answer: whoever fails to answer is not asked at every start.
        self.state.settings.updates_asked_at = Some(now);
        let Some(keeper) = &self.keeper else { return };
        keeper.keep_quietly(self.state.settings.clone());
        let source = self.state.settings.update_url.clone();
        let source = source.unwrap_or_else(|| update::SOURCE.to_owned());
        let hardware = Arc::clone(&self.bus.hardware);
        if let Err(error) = workers::update::ask(source, fetch, hardware, self.sender.clone()) {
            tracing::debug!("releases cannot be asked for: {error}");
        }
    }

    pub(super) fn take_in_release(&mut self, release: Release) {
        let skipped = self.state.settings.skipped_version.as_deref();
        let news = update::present().is_some_and(|present| release.is_news(&present, skipped));
        tracing::debug!("the latest release is {}, news: {news}", release.version);
        self.state.release = news.then_some(release);
    }

    pub(super) fn skip_release(&mut self) {
        let Some(release) = self.state.release.take() else {
            return;
        };
        let mut settings = self.state.settings.clone();
        settings.skipped_version = Some(release.version.to_string());
        self.change_settings(settings);
    }
}
