//! Lists of words: numbered steps, and points of no order.

use egui::Ui;

use super::text;
use crate::ui::theme::space;

/// Draws steps in their order, each with its number; a single step needs none.
pub fn numbered<T>(
    ui: &mut Ui,
    steps: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    mut step: impl FnMut(&mut Ui, T),
) {
    let steps = steps.into_iter();
    let alone = steps.len() == 1;
    for (number, item) in (1_u32..).zip(steps) {
        let mark = if alone {
            String::new()
        } else {
            format!("{number}.")
        };
        ui.push_id(number, |ui| {
            row(
                ui,
                |ui| {
                    if !mark.is_empty() {
                        text::strong(ui, &mark);
                    }
                },
                |ui| step(ui, item),
            );
        });
    }
}

/// Draws points, each behind its dot.
pub fn bullets<T>(
    ui: &mut Ui,
    points: impl IntoIterator<Item = T>,
    mut point: impl FnMut(&mut Ui, T),
) {
    for item in points {
        row(
            ui,
            |ui| {
                text::muted(ui, "•");
            },
            |ui| point(ui, item),
        );
    }
}

/// What stands before a line is beside its first row.
fn row(ui: &mut Ui, mark: impl FnOnce(&mut Ui), words: impl FnOnce(&mut Ui)) {
    ui.horizontal_top(|ui| {
        // Rows of words are no controls: no height to hit.
        ui.spacing_mut().interact_size.y = 0.0;
        ui.spacing_mut().item_spacing.x = space::S;
        mark(ui);
        ui.vertical(words);
    });
}
