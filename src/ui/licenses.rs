//! The works this program is built from, in a list that can be searched and copied. The words typed are kept by
//! the window's own memory, as is what is open.

use egui::{ScrollArea, Ui, vec2};

use super::icons::Icon;
use super::theme::{self, Type, space};
use super::widgets::{Button, Card, details, text};
use super::words;
use super::words::about as w;
use crate::app::licenses::{Part, parts};

/// Lines that are seen at once.
const LINES: f32 = 12.0;

/// Draws the line that opens the list, and the list.
pub(super) fn licenses_ui(ui: &mut Ui) {
    details(ui, "licenses", &w::licenses(parts().len()), list_ui);
}

fn list_ui(ui: &mut Ui) {
    text::muted(ui, w::LICENSE_TEXTS);
    let id = ui.make_persistent_id("licenses searched");
    let mut query: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let found: Vec<&Part> = parts().iter().filter(|part| part.matches(&query)).collect();
    if search_ui(ui, &mut query, &found) {
        ui.data_mut(|data| data.insert_temp(id, query));
    }
    if found.is_empty() {
        text::muted(ui, w::NO_LICENSE_FOUND);
        return;
    }
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let line = (theme::font(ui, Type::Body).size * 1.7).ceil();
        ScrollArea::vertical()
            .id_salt("licenses")
            .max_height(line * LINES)
            .auto_shrink([false, true])
            .show_rows(ui, line, found.len(), |ui, rows| {
                for part in found.iter().skip(rows.start).take(rows.len()) {
                    part_ui(ui, part, line);
                }
            });
    });
}

/// True if what is searched for changed.
fn search_ui(ui: &mut Ui, query: &mut String, found: &[&Part]) -> bool {
    let label = text::small(ui, w::SEARCH_LICENSES);
    ui.horizontal(|ui| {
        let words = text::layout_line(ui, words::COPY_ALL, Type::Body, f32::INFINITY);
        let button = words.size().x + 2.0 * space::L + theme::icon_size(ui, Type::Body) + space::S;
        let width = (ui.available_width() - button - space::S).max(80.0);
        let height = theme::target(ui) + 2.0;
        let field = egui::TextEdit::singleline(query)
            .font(theme::font(ui, Type::Body))
            .hint_text(w::SEARCH_HINT)
            .margin(egui::Margin::symmetric(10, 0))
            .align(egui::Align2::LEFT_CENTER)
            .min_size(vec2(width, height))
            .desired_width(width);
        let changed = ui.add(field).labelled_by(label.id).changed();
        if Button::secondary(words::COPY_ALL)
            .icon(Icon::Copy)
            .show(ui)
            .clicked()
        {
            let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
            ui.ctx().copy_text(lines.join("\n"));
        }
        changed
    })
    .inner
}

/// Name and version at the left, terms at the right; the address of the source on hover.
fn part_ui(ui: &mut Ui, part: &Part, height: f32) {
    let p = theme::palette(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height), egui::Sense::hover());
    let half = rect.width() / 2.0;
    let cells = [
        (
            format!("{} {}", part.name, part.version),
            rect.min.x,
            p.text,
        ),
        (part.license.clone(), rect.min.x + half, p.muted),
    ];
    for (words, x, color) in cells {
        let line = text::layout_line(ui, &words, Type::Body, half - space::M);
        let at = egui::pos2(x, rect.center().y - line.size().y / 2.0);
        text::paint(ui.painter(), at, &line, color);
    }
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, part.to_string()));
    response.on_hover_text(part.to_string());
}
