//! The simulated bench.

pub mod practice;
