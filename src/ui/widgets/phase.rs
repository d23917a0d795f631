//! One phase of a job: its state, name, bar and numbers.

use egui::{Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::{Progress, text};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette, Tone, Type, space};
use crate::ui::words::widgets as w;

/// How far a phase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhaseState {
    /// Not started.
    Waiting,
    /// It ended before this.
    NotReached,
    /// Going on.
    Running,
    /// Done.
    Done,
    /// Not needed.
    Skipped,
    /// The user stopped it.
    Stopped,
    /// Failed.
    Failed,
}

impl PhaseState {
    fn icon(self) -> Icon {
        match self {
            Self::Waiting | Self::NotReached => Icon::Ring,
            Self::Running => Icon::Dot,
            Self::Done => Icon::CheckCircle,
            Self::Skipped => Icon::Skip,
            Self::Stopped | Self::Failed => Icon::Stop,
        }
    }

    fn color(self, p: &Palette) -> egui::Color32 {
        match self {
            Self::Waiting | Self::NotReached => p.outline,
            Self::Running => p.accent,
            Self::Done => p.success.strong,
            Self::Skipped => p.muted,
            Self::Stopped => p.warning.strong,
            Self::Failed => p.danger.strong,
        }
    }
}

/// A phase as a row.
#[must_use = "call show"]
#[derive(Debug, Clone, Copy)]
pub struct PhaseRow<'a> {
    /// What is done.
    pub name: &'a str,
    /// How far it is.
    pub state: PhaseState,
    /// The part that is done; none while it is a wait.
    pub fraction: Option<f32>,
    /// Bytes, speed, time; on the right. When empty, the state in words.
    pub numbers: &'a str,
}

impl PhaseRow<'_> {
    /// Draws the row, as wide as there is room.
    pub fn show(self, ui: &mut Ui) -> Response {
        let p = theme::palette(ui);
        let width = ui.available_width();
        let numbers = if self.numbers.is_empty() {
            w::phase(self.state)
        } else {
            self.numbers
        };
        let icon_size = theme::icon_size(ui, Type::Body) + 2.0;
        let left = icon_size + space::M;
        let right = text::layout_line(ui, numbers, Type::Small, width * 0.6);
        let name_width = width - left - right.size().x - space::M;
        let loud = matches!(
            self.state,
            PhaseState::Running | PhaseState::Stopped | PhaseState::Failed
        );
        let name = if loud {
            text::bold_line(ui, self.name, Type::Body, name_width)
        } else {
            text::layout_line(ui, self.name, Type::Body, name_width)
        };
        let bar = self.state == PhaseState::Running;
        let line = name.size().y.max(right.size().y).max(icon_size);
        let height = line + 2.0 * space::S + if bar { 6.0 + space::S } else { 0.0 };
        let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());

        let painter = ui.painter();
        let middle = rect.min.y + space::S + line / 2.0;
        let icon_rect = Rect::from_center_size(
            pos2(rect.min.x + icon_size / 2.0, middle),
            Vec2::splat(icon_size),
        );
        self.state
            .icon()
            .paint(painter, icon_rect, self.state.color(p));
        let at = pos2(rect.min.x + left, middle - name.size().y / 2.0);
        match self.state {
            PhaseState::Running | PhaseState::Stopped | PhaseState::Failed | PhaseState::Done => {
                text::paint(painter, at, &name, p.text);
            }
            PhaseState::Waiting | PhaseState::NotReached | PhaseState::Skipped => {
                text::paint(painter, at, &name, p.muted);
            }
        }
        let at = pos2(rect.max.x - right.size().x, middle - right.size().y / 2.0);
        let numbers_color = if self.state == PhaseState::Failed {
            p.danger.strong
        } else {
            p.muted
        };
        text::paint(painter, at, &right, numbers_color);
        if bar {
            let area = Rect::from_min_max(
                pos2(rect.min.x + left, rect.max.y - space::S - 6.0),
                pos2(rect.max.x, rect.max.y - space::S),
            );
            Progress::new(self.name, self.fraction)
                .tone(Tone::Neutral)
                .paint(ui, area);
        }
        response.widget_info(|| {
            let name = format!("{}, {}", self.name, w::phase(self.state));
            let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, name);
            info.value = self.fraction.map(|part| f64::from(part * 100.0).round());
            info
        });
        if !self.numbers.is_empty() {
            super::describe(ui, response.id, self.numbers);
        }
        response
    }
}
