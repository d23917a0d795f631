//! Real hardware and real time.
