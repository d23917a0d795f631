//! Which firmware exists and where its bytes are.

pub mod digest;
pub mod embedded;
mod entry;
pub mod fetch;

pub mod path;
pub mod select;

pub use entry::{BadVersion, Entry, EntryRole, Origin, UnknownRole, Version};
