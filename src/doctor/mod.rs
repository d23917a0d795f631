//! Found but not usable: why, and the repair.
