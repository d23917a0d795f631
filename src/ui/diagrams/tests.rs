//! The drawings agree with the facts.

use egui::{Rect, pos2, vec2};

use super::canvas::rounded;
use super::part::{BoardArt, Contact, Label, Part, Run};
use super::scene::art;
use super::v2v3::COIL_BOARD;
use super::*;
use crate::ui::words::drawings::orientation;

/// boards-and-firmware.md §3, tables and text: ±0.005.
type Fact = (Board, Contact, &'static [(f32, f32)]);

const FACTS: [Fact; 10] = [
    (
        Board::V3Rear,
        Contact::Reset,
        &[(0.194, 0.617), (0.194, 0.758)],
    ),
    (
        Board::V3Rear,
        Contact::Boot0,
        &[(0.808, 0.617), (0.808, 0.759)],
    ),
    (
        Board::V2Rear,
        Contact::Reset,
        &[(0.193, 0.572), (0.193, 0.714)],
    ),
    (
        Board::V2Rear,
        Contact::Boot0,
        &[(0.807, 0.571), (0.807, 0.714)],
    ),
    (Board::V4Bottom, Contact::Bt0, &[(0.901, 0.266)]),
    (Board::V4Bottom, Contact::V3v3, &[(0.954, 0.266)]),
    (Board::V4Bottom, Contact::Rst, &[(0.901, 0.336)]),
    (Board::V4Bottom, Contact::Gnd, &[(0.954, 0.336)]),
    (Board::V4Top, Contact::V3v3, &[(0.05, 0.27)]),
    (Board::V4Top, Contact::Gnd, &[(0.05, 0.34)]),
];

/// Width and height of the box around printed letters: a capital with its space is a little narrower than high.
fn letters_mm(label: &Label) -> (f32, f32) {
    let along = label.text.chars().map(|_| label.cap_mm * 0.95).sum();
    match label.run {
        Run::Across => (along, label.cap_mm),
        Run::Up => (label.cap_mm, along),
    }
}

fn inside(polygon: &[(f32, f32)], point: (f32, f32)) -> bool {
    let mut odd = false;
    for (a, b) in polygon.iter().zip(polygon.iter().cycle().skip(1)) {
        let crosses = (a.1 > point.1) != (b.1 > point.1);
        if crosses && point.0 < (b.0 - a.0) * (point.1 - a.1) / (b.1 - a.1) + a.0 {
            odd = !odd;
        }
    }
    odd
}

fn pad_rects(art: &BoardArt) -> Vec<Rect> {
    art.pads
        .iter()
        .map(|pad| {
            let at = art.mm(pad.at);
            Rect::from_center_size(pos2(at.0, at.1), vec2(pad.size_mm.0, pad.size_mm.1))
        })
        .collect()
}

fn labels(art: &BoardArt) -> Vec<(Label, Rect)> {
    art.parts
        .iter()
        .filter_map(|part| match part {
            Part::Label(label) => {
                let at = art.mm(label.at);
                let size = letters_mm(label);
                Some((
                    *label,
                    Rect::from_center_size(pos2(at.0, at.1), vec2(size.0, size.1)),
                ))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn contacts_are_where_the_facts_say() {
    for (board, contact, places) in FACTS {
        let found: Vec<_> = art(board)
            .pads
            .iter()
            .filter(|pad| pad.contact == contact)
            .map(|pad| pad.at)
            .collect();
        assert_eq!(found.len(), places.len(), "{board:?} {contact:?}");
        for (got, want) in found.iter().zip(places) {
            let off = (got.0 - want.0).abs().max((got.1 - want.1).abs());
            assert!(
                off <= 0.0051,
                "{board:?} {contact:?}: {got:?}, not {want:?}"
            );
        }
    }
}

#[test]
fn the_top_of_v4_is_the_mirror_of_its_bottom() {
    for pad in art(Board::V4Bottom).pads {
        let mirrored = art(Board::V4Top)
            .pads
            .iter()
            .find(|other| other.contact == pad.contact)
            .unwrap();
        assert!((mirrored.at.0 - (1.0 - pad.at.0)).abs() < 1e-4, "{pad:?}");
        assert!((mirrored.at.1 - pad.at.1).abs() < 1e-6, "{pad:?}");
    }
}

#[test]
fn pads_lie_inside_the_outline() {
    for board in Board::ALL {
        let art = art(board);
        let outline = rounded(art.outline, art.size_mm);
        for rect in pad_rects(art) {
            for corner in [
                rect.left_top(),
                rect.right_top(),
                rect.left_bottom(),
                rect.right_bottom(),
            ] {
                assert!(inside(&outline, (corner.x, corner.y)), "{board:?} {rect:?}");
            }
        }
    }
}

#[test]
fn holes_lie_inside_the_outline() {
    for board in Board::ALL {
        let art = art(board);
        let outline = rounded(art.outline, art.size_mm);
        for part in art.parts {
            let Part::Joint { at, ring_mm, .. } = *part else {
                continue;
            };
            let (x, y) = art.mm(at);
            let half = ring_mm / 2.0;
            for edge in [(x - half, y), (x + half, y), (x, y - half), (x, y + half)] {
                assert!(inside(&outline, edge), "{board:?} {part:?}");
            }
        }
    }
}

#[test]
fn outlines_fill_their_boxes() {
    for (name, art) in Board::ALL
        .map(|board| (format!("{board:?}"), art(board)))
        .into_iter()
        .chain([("coil".to_owned(), &COIL_BOARD)])
    {
        let points = rounded(art.outline, art.size_mm);
        let most = |pick: fn(&(f32, f32)) -> f32| points.iter().map(pick).fold(f32::MIN, f32::max);
        let least = |pick: fn(&(f32, f32)) -> f32| points.iter().map(pick).fold(f32::MAX, f32::min);
        assert!((most(|p| p.0) - art.size_mm.0).abs() < 0.1, "{name}");
        assert!((most(|p| p.1) - art.size_mm.1).abs() < 0.1, "{name}");
        assert!(least(|p| p.0).abs() < 0.1, "{name}");
        assert!(least(|p| p.1).abs() < 0.1, "{name}");
    }
}

#[test]
fn v4_outline_runs_through_the_measured_points() {
    let art = art(Board::V4Bottom);
    let points = rounded(art.outline, art.size_mm);
    for measured in [
        (0.008, 0.70),
        (0.028, 0.737),
        (0.076, 0.771),
        (0.402, 0.972),
        (0.5, 1.0),
    ] {
        let want = art.mm(measured);
        let off = points
            .iter()
            .zip(points.iter().cycle().skip(1))
            .map(|(a, b)| distance_to_segment(want, *a, *b))
            .fold(f32::MAX, f32::min);
        assert!(off < 0.35, "{measured:?} is {off} mm off");
    }
}

fn distance_to_segment(point: (f32, f32), a: (f32, f32), b: (f32, f32)) -> f32 {
    let (p, a, b) = (vec2(point.0, point.1), vec2(a.0, a.1), vec2(b.0, b.1));
    let along = b - a;
    let part = ((p - a).dot(along) / along.length_sq().max(1e-9)).clamp(0.0, 1.0);
    (p - (a + along * part)).length()
}

#[test]
fn labels_cover_neither_pads_nor_each_other() {
    for board in Board::ALL {
        let art = art(board);
        let labels = labels(art);
        for (index, (label, rect)) in labels.iter().enumerate() {
            for pad in pad_rects(art) {
                assert!(
                    !rect.intersects(pad),
                    "{board:?}: {} covers a pad",
                    label.text
                );
            }
            for (other, other_rect) in &labels[index + 1..] {
                assert!(
                    !rect.intersects(*other_rect),
                    "{board:?}: {} covers {}",
                    label.text,
                    other.text
                );
            }
        }
    }
}

#[test]
fn labels_lie_inside_the_outline() {
    for board in Board::ALL {
        let art = art(board);
        let outline = rounded(art.outline, art.size_mm);
        for (label, rect) in labels(art) {
            for corner in [rect.left_top(), rect.right_bottom()] {
                assert!(
                    inside(&outline, (corner.x, corner.y)),
                    "{board:?}: {}",
                    label.text
                );
            }
        }
    }
}

#[test]
fn v4_contacts_are_two_millimeters_apart() {
    let art = art(Board::V4Bottom);
    for pair in [
        (Contact::Bt0, Contact::V3v3),
        (Contact::Rst, Contact::Gnd),
        (Contact::V3v3, Contact::Gnd),
    ] {
        let (_, half) = art.pair_mm(pair).unwrap();
        let apart = 2.0 * vec2(half.0, half.1).length();
        assert!((apart - 2.0).abs() < 0.1, "{pair:?}: {apart}");
    }
}

#[test]
fn every_drawing_is_told_in_words() {
    for board in Board::ALL {
        for step in Step::ALL {
            let text = description(board, step);
            assert!(text.ends_with('.'), "{text}");
            assert!(!text.contains("  "), "{text}");
            let v4 = matches!(board, Board::V4Bottom | Board::V4Top);
            assert_eq!(
                text.contains("Never bridge"),
                v4 && step != Step::None,
                "{text}"
            );
            assert_eq!(text.contains("BOOT0"), !v4, "{text}");
        }
        let held = orientation(board);
        assert!(held.up.contains("onnector"));
    }
    let tap = description(Board::V3Rear, Step::TapReset);
    assert!(
        tap.contains("stays bridged") && tap.contains("RESET"),
        "{tap}"
    );
}
