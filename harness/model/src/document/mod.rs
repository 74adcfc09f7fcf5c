//! Reading TOML documents that users write: every key is known, every value checked, and every mistake has its place.

mod error;
pub(crate) mod node;
pub(crate) mod suggestion;
pub(crate) mod variables;

pub use error::DocumentError;
