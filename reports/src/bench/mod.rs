//! `bench.json`: a measurement in full, for programs to read and for later benches to be compared with. `docs/bench.schema.json`
//! describes it.

mod stored;
mod write;

pub use self::stored::{StoredFault, read};
pub use self::write::render;

/// What tells the file from others.
pub const FORMAT: &str = "hubproof-bench";
/// The version of its format.
pub const FORMAT_VERSION: u64 = 3;

#[cfg(test)]
mod tests;
