//! The program without pixels.
