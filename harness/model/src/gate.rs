//! Which requirements decide whether a run passes.

use serde::{Deserialize, Serialize};

use crate::requirement::Level;

/// From which level on a violation fails the run (`--fail-on`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Only a violated MUST.
    #[default]
    Must,
    /// A violated SHOULD too.
    Should,
}

impl FailOn {
    /// Both.
    pub const ALL: [FailOn; 2] = [FailOn::Must, FailOn::Should];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            FailOn::Must => "must",
            FailOn::Should => "should",
        }
    }

    /// Whether a requirement of this level decides the run.
    pub fn gates(self, level: Level) -> bool {
        match level {
            Level::Must => true,
            Level::Should => self == FailOn::Should,
            Level::May => false,
        }
    }
}
