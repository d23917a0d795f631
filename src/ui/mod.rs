//! Drawing only.

pub mod icons;
pub mod theme;
pub mod widgets;
