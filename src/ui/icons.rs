//! The icons: strokes on a 24-unit grid, drawn by the painter so that they are crisp at every scale and need no
//! font. An icon is never the only sign: the widget that shows it says the same in words.

use egui::{Color32, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, Vec2, pos2};

use super::theme::Tone;

/// A small picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Icon {
    /// Done.
    Check,
    /// Not done, remove, close.
    Cross,
    /// Look here.
    Warning,
    /// Worth knowing.
    Info,
    /// A failure, in an octagon.
    Stop,
    /// Done, in a circle.
    CheckCircle,
    /// USB plug.
    Usb,
    /// Microcontroller.
    Chip,
    /// CAN bus: three nodes on one line.
    Can,
    /// Fetch.
    Download,
    /// Save, back up.
    Save,
    /// Folder.
    Folder,
    /// File.
    File,
    /// Copy.
    Copy,
    /// Forward.
    ArrowRight,
    /// Back.
    ArrowLeft,
    /// Read-protected.
    Lock,
    /// Look again, try again.
    Refresh,
    /// No network.
    Offline,
    /// Simulated bench.
    Flask,
    /// Settings.
    Gear,
    /// The firmware goes in.
    Bolt,
    /// Time.
    Clock,
    /// Log.
    Log,
    /// Open.
    ChevronDown,
    /// Closed.
    ChevronRight,
    /// Close upward.
    ChevronUp,
    /// A filled dot: running.
    Dot,
    /// An empty ring: to do.
    Ring,
    /// Left out.
    Skip,
    /// Eye: look closely.
    Eye,
}

impl Icon {
    /// Every icon.
    pub const ALL: [Self; 31] = [
        Self::Check,
        Self::Cross,
        Self::Warning,
        Self::Info,
        Self::Stop,
        Self::CheckCircle,
        Self::Usb,
        Self::Chip,
        Self::Can,
        Self::Download,
        Self::Save,
        Self::Folder,
        Self::File,
        Self::Copy,
        Self::ArrowRight,
        Self::ArrowLeft,
        Self::Lock,
        Self::Refresh,
        Self::Offline,
        Self::Flask,
        Self::Gear,
        Self::Bolt,
        Self::Clock,
        Self::Log,
        Self::ChevronDown,
        Self::ChevronRight,
        Self::ChevronUp,
        Self::Dot,
        Self::Ring,
        Self::Skip,
        Self::Eye,
    ];

    /// The icon that goes with a tone.
    pub const fn of(tone: Tone) -> Self {
        match tone {
            Tone::Neutral | Tone::Info => Self::Info,
            Tone::Success => Self::CheckCircle,
            Tone::Warning => Self::Warning,
            Tone::Danger => Self::Stop,
        }
    }

    /// Draws the icon in the largest square in the middle of `rect`.
    pub fn paint(self, painter: &Painter, rect: Rect, color: Color32) {
        let side = rect.width().min(rect.height());
        let square = Rect::from_center_size(rect.center(), Vec2::splat(side));
        let pen = Pen {
            painter,
            origin: square.min,
            unit: side / GRID,
            stroke: Stroke::new((side / GRID * 1.9).max(1.3), color),
        };
        for mark in self.marks() {
            pen.draw(mark);
        }
    }

    /// The icon as a decoration in the flow of a page; screen readers do not hear of it.
    pub fn show(self, ui: &mut Ui, size: f32, color: Color32) -> Response {
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
        self.paint(ui.painter(), rect, color);
        response
    }

    /// The strokes, on the grid.
    #[expect(clippy::too_many_lines, reason = "a table: a few strokes per icon")]
    fn marks(self) -> &'static [Mark] {
        use Mark::{Arc, Circle, Disc, Fill, Line, Loop};
        match self {
            Self::Check => &[Line(&[(4.5, 12.8), (9.6, 17.8), (19.5, 6.8)])],
            Self::Cross => &[
                Line(&[(6.0, 6.0), (18.0, 18.0)]),
                Line(&[(18.0, 6.0), (6.0, 18.0)]),
            ],
            Self::Warning => &[
                Loop(&[(12.0, 3.2), (22.0, 20.5), (2.0, 20.5)]),
                Line(&[(12.0, 9.6), (12.0, 14.2)]),
                Disc((12.0, 17.3), 1.15),
            ],
            Self::Info => &[
                Circle((12.0, 12.0), 9.4),
                Line(&[(12.0, 11.2), (12.0, 16.6)]),
                Disc((12.0, 7.6), 1.2),
            ],
            Self::Stop => &[
                Loop(&[
                    (8.1, 2.6),
                    (15.9, 2.6),
                    (21.4, 8.1),
                    (21.4, 15.9),
                    (15.9, 21.4),
                    (8.1, 21.4),
                    (2.6, 15.9),
                    (2.6, 8.1),
                ]),
                Line(&[(8.6, 8.6), (15.4, 15.4)]),
                Line(&[(15.4, 8.6), (8.6, 15.4)]),
            ],
            Self::CheckCircle => &[
                Circle((12.0, 12.0), 9.4),
                Line(&[(7.4, 12.5), (10.7, 15.8), (16.8, 8.7)]),
            ],
            Self::Usb => &[
                Line(&[(12.0, 20.4), (12.0, 5.2)]),
                Fill(&[(12.0, 1.6), (14.8, 6.2), (9.2, 6.2)]),
                Disc((12.0, 20.2), 2.3),
                Line(&[(12.0, 16.6), (6.4, 13.2), (6.4, 10.2)]),
                Disc((6.4, 9.3), 1.9),
                Line(&[(12.0, 13.6), (17.6, 10.4), (17.6, 8.6)]),
                Fill(&[(15.9, 5.4), (19.3, 5.4), (19.3, 8.8), (15.9, 8.8)]),
            ],
            Self::Chip => &[
                Loop(&[(6.2, 6.2), (17.8, 6.2), (17.8, 17.8), (6.2, 17.8)]),
                Disc((9.2, 9.2), 1.2),
                Line(&[(9.4, 2.6), (9.4, 5.8)]),
                Line(&[(14.6, 2.6), (14.6, 5.8)]),
                Line(&[(9.4, 18.2), (9.4, 21.4)]),
                Line(&[(14.6, 18.2), (14.6, 21.4)]),
                Line(&[(2.6, 9.4), (5.8, 9.4)]),
                Line(&[(2.6, 14.6), (5.8, 14.6)]),
                Line(&[(18.2, 9.4), (21.4, 9.4)]),
                Line(&[(18.2, 14.6), (21.4, 14.6)]),
            ],
            Self::Can => &[
                Line(&[(2.4, 12.0), (21.6, 12.0)]),
                Line(&[(6.4, 12.0), (6.4, 8.6)]),
                Line(&[(17.6, 12.0), (17.6, 8.6)]),
                Line(&[(12.0, 12.0), (12.0, 15.4)]),
                Loop(&[(3.8, 3.4), (9.0, 3.4), (9.0, 8.6), (3.8, 8.6)]),
                Loop(&[(15.0, 3.4), (20.2, 3.4), (20.2, 8.6), (15.0, 8.6)]),
                Loop(&[(9.4, 15.4), (14.6, 15.4), (14.6, 20.6), (9.4, 20.6)]),
            ],
            Self::Download => &[
                Line(&[(12.0, 3.4), (12.0, 15.0)]),
                Line(&[(6.8, 10.2), (12.0, 15.4), (17.2, 10.2)]),
                Line(&[(4.2, 16.6), (4.2, 20.4), (19.8, 20.4), (19.8, 16.6)]),
            ],
            Self::Save => &[
                Loop(&[
                    (4.0, 4.0),
                    (16.4, 4.0),
                    (20.0, 7.6),
                    (20.0, 20.0),
                    (4.0, 20.0),
                ]),
                Line(&[(8.0, 4.4), (8.0, 9.0), (15.0, 9.0), (15.0, 4.4)]),
                Line(&[(7.6, 19.6), (7.6, 13.6), (16.4, 13.6), (16.4, 19.6)]),
            ],
            Self::Folder => &[Loop(&[
                (3.0, 5.6),
                (9.4, 5.6),
                (11.6, 8.2),
                (21.0, 8.2),
                (21.0, 19.0),
                (3.0, 19.0),
            ])],
            Self::File => &[
                Loop(&[
                    (5.6, 2.8),
                    (14.0, 2.8),
                    (18.6, 7.4),
                    (18.6, 21.2),
                    (5.6, 21.2),
                ]),
                Line(&[(13.6, 3.2), (13.6, 7.8), (18.2, 7.8)]),
            ],
            Self::Copy => &[
                Loop(&[(8.6, 8.6), (20.2, 8.6), (20.2, 20.6), (8.6, 20.6)]),
                Line(&[
                    (15.6, 8.2),
                    (15.6, 3.6),
                    (3.8, 3.6),
                    (3.8, 15.6),
                    (8.2, 15.6),
                ]),
            ],
            Self::ArrowRight => &[
                Line(&[(3.8, 12.0), (19.4, 12.0)]),
                Line(&[(13.6, 5.8), (19.8, 12.0), (13.6, 18.2)]),
            ],
            Self::ArrowLeft => &[
                Line(&[(20.2, 12.0), (4.6, 12.0)]),
                Line(&[(10.4, 5.8), (4.2, 12.0), (10.4, 18.2)]),
            ],
            Self::Lock => &[
                Loop(&[(5.0, 10.8), (19.0, 10.8), (19.0, 20.8), (5.0, 20.8)]),
                Line(&[(8.0, 10.4), (8.0, 7.4)]),
                Line(&[(16.0, 10.4), (16.0, 7.4)]),
                Arc((12.0, 7.4), 4.0, 0.5, 1.0),
                Disc((12.0, 15.8), 1.4),
            ],
            Self::Refresh => &[
                Arc((12.0, 12.0), 8.4, 0.97, 1.85),
                Line(&[(20.6, 4.4), (20.6, 9.4), (15.6, 9.4)]),
            ],
            Self::Offline => &[
                Line(&[(9.4, 18.6), (6.6, 18.6)]),
                Arc((6.6, 14.4), 4.2, 0.25, 0.70),
                Arc((11.6, 10.8), 5.6, 0.56, 0.98),
                Arc((17.4, 14.6), 4.0, 0.76, 1.22),
                Line(&[(17.6, 18.6), (13.8, 18.6)]),
                Line(&[(3.6, 3.4), (20.6, 21.4)]),
            ],
            Self::Flask => &[
                Line(&[(8.4, 2.8), (15.6, 2.8)]),
                Loop(&[
                    (9.8, 3.0),
                    (14.2, 3.0),
                    (14.2, 9.2),
                    (20.2, 19.2),
                    (19.0, 21.2),
                    (5.0, 21.2),
                    (3.8, 19.2),
                    (9.8, 9.2),
                ]),
                Line(&[(7.4, 14.8), (16.6, 14.8)]),
            ],
            Self::Gear => &[
                Circle((12.0, 12.0), 3.2),
                Circle((12.0, 12.0), 7.0),
                Line(&[(12.0, 2.2), (12.0, 4.8)]),
                Line(&[(12.0, 19.2), (12.0, 21.8)]),
                Line(&[(2.2, 12.0), (4.8, 12.0)]),
                Line(&[(19.2, 12.0), (21.8, 12.0)]),
                Line(&[(5.1, 5.1), (6.9, 6.9)]),
                Line(&[(17.1, 17.1), (18.9, 18.9)]),
                Line(&[(18.9, 5.1), (17.1, 6.9)]),
                Line(&[(6.9, 17.1), (5.1, 18.9)]),
            ],
            Self::Bolt => &[Loop(&[
                (13.4, 2.6),
                (4.6, 13.6),
                (11.2, 13.6),
                (10.2, 21.4),
                (19.4, 10.0),
                (12.6, 10.0),
            ])],
            Self::Clock => &[
                Circle((12.0, 12.0), 9.4),
                Line(&[(12.0, 6.4), (12.0, 12.2), (15.8, 14.6)]),
            ],
            Self::Log => &[
                Line(&[(4.0, 6.0), (20.0, 6.0)]),
                Line(&[(4.0, 12.0), (20.0, 12.0)]),
                Line(&[(4.0, 18.0), (13.0, 18.0)]),
            ],
            Self::ChevronDown => &[Line(&[(5.4, 8.8), (12.0, 15.4), (18.6, 8.8)])],
            Self::ChevronRight => &[Line(&[(8.8, 5.4), (15.4, 12.0), (8.8, 18.6)])],
            Self::ChevronUp => &[Line(&[(5.4, 15.4), (12.0, 8.8), (18.6, 15.4)])],
            Self::Dot => &[Circle((12.0, 12.0), 9.0), Disc((12.0, 12.0), 4.8)],
            Self::Ring => &[Circle((12.0, 12.0), 9.0)],
            Self::Skip => &[
                Circle((12.0, 12.0), 9.0),
                Line(&[(7.8, 12.0), (16.2, 12.0)]),
            ],
            Self::Eye => &[
                Arc((12.0, 19.6), 12.0, 0.605, 0.895),
                Arc((12.0, 4.4), 12.0, 0.105, 0.395),
                Disc((12.0, 12.0), 3.0),
            ],
        }
    }
}

/// Units along one side of the grid.
const GRID: f32 = 24.0;

type At = (f32, f32);

/// One stroke on the grid. Angles are turns from the right, clockwise as the screen sees them.
enum Mark {
    /// Open line with round ends.
    Line(&'static [At]),
    /// Closed line.
    Loop(&'static [At]),
    /// Filled convex polygon.
    Fill(&'static [At]),
    /// Circle line.
    Circle(At, f32),
    /// Filled circle.
    Disc(At, f32),
    /// Part of a circle line, from one turn to another.
    Arc(At, f32, f32, f32),
}

struct Pen<'a> {
    painter: &'a Painter,
    origin: Pos2,
    unit: f32,
    stroke: Stroke,
}

impl Pen<'_> {
    fn at(&self, (x, y): At) -> Pos2 {
        pos2(self.origin.x + x * self.unit, self.origin.y + y * self.unit)
    }

    fn points(&self, ats: &[At]) -> Vec<Pos2> {
        ats.iter().map(|at| self.at(*at)).collect()
    }

    fn draw(&self, mark: &Mark) {
        match mark {
            Mark::Line(ats) => self.open_line(self.points(ats)),
            Mark::Loop(ats) => {
                self.painter
                    .add(Shape::closed_line(self.points(ats), self.stroke));
            }
            Mark::Fill(ats) => {
                self.painter.add(Shape::convex_polygon(
                    self.points(ats),
                    self.stroke.color,
                    Stroke::NONE,
                ));
            }
            Mark::Circle(at, radius) => {
                self.painter
                    .circle_stroke(self.at(*at), radius * self.unit, self.stroke);
            }
            Mark::Disc(at, radius) => {
                self.painter
                    .circle_filled(self.at(*at), radius * self.unit, self.stroke.color);
            }
            Mark::Arc(at, radius, from, to) => {
                self.open_line(arc_points(self.at(*at), radius * self.unit, *from, *to));
            }
        }
    }

    fn open_line(&self, points: Vec<Pos2>) {
        for end in [points.first(), points.last()].into_iter().flatten() {
            self.painter
                .circle_filled(*end, self.stroke.width * 0.47, self.stroke.color);
        }
        self.painter.add(Shape::line(points, self.stroke));
    }
}

/// Points along a circle, between two angles in turns (0 right, 0.25 down).
pub(crate) fn arc_points(center: Pos2, radius: f32, from_turn: f32, to_turn: f32) -> Vec<Pos2> {
    const PIECES: u8 = 28;
    (0..=PIECES)
        .map(|piece| {
            let part = f32::from(piece) / f32::from(PIECES);
            let angle = std::f32::consts::TAU * (from_turn + (to_turn - from_turn) * part);
            center + Vec2::angled(angle) * radius
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_stays_on_its_grid() {
        for icon in Icon::ALL {
            let marks = icon.marks();
            assert!(!marks.is_empty(), "{icon:?}");
            for mark in marks {
                let points: Vec<Pos2> = match mark {
                    Mark::Line(ats) | Mark::Loop(ats) | Mark::Fill(ats) => {
                        ats.iter().map(|at| pos2(at.0, at.1)).collect()
                    }
                    Mark::Circle(at, r) | Mark::Disc(at, r) => {
                        arc_points(pos2(at.0, at.1), *r, 0.0, 1.0)
                    }
                    Mark::Arc(at, r, from, to) => arc_points(pos2(at.0, at.1), *r, *from, *to),
                };
                let grid = Rect::from_min_max(pos2(1.0, 1.0), pos2(GRID - 1.0, GRID - 1.0));
                assert!(
                    points.iter().all(|point| grid.contains(*point)),
                    "{icon:?} leaves its grid"
                );
            }
        }
    }

    #[test]
    fn tones_have_icons_of_different_shape() {
        let icons: std::collections::HashSet<Icon> =
            [Tone::Info, Tone::Success, Tone::Warning, Tone::Danger]
                .into_iter()
                .map(Icon::of)
                .collect();
        assert_eq!(icons.len(), 4);
    }
}
