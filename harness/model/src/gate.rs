//! Which requirements decide whether a run passes.

use crate::requirement::Level;

/// From which level on a violation fails the run (`--fail-on`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FailOn {
    /// Only a violated MUST.
    #[default]
    Must,
    /// A violated SHOULD too.
    Should,
}

impl FailOn {
    /// Whether a requirement of this level decides the run.
    pub fn gates(self, level: Level) -> bool {
        match level {
            Level::Must => true,
            Level::Should => self == FailOn::Should,
            Level::May => false,
        }
    }
}
