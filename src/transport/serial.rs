//! `SerialLink` over the serialport crate.
