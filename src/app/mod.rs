//! The program without pixels.

pub mod coach;
