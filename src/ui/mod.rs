//! Drawing only.

pub mod diagrams;
pub mod icons;
pub mod theme;
pub mod widgets;
