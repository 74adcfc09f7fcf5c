//! The parts that API keys play in a run.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an API key is for. The profile gives keys by role, and calls name roles: no plan or record holds a key itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Full rights in the workspace under test.
    Primary,
    /// A second key of the primary key's workspace.
    Secondary,
    /// A key of the same workspace that may not call at least one tool.
    Restricted,
    /// A key of another workspace.
    Foreign,
    /// A key that was valid once.
    Revoked,
    /// A key whose limit may be exhausted.
    Throttled,
    /// The first of two keys of one workspace whose common limit may be exhausted.
    SharedA,
    /// The second of these.
    SharedB,
    /// A key that may decide on approvals.
    Approver,
}

impl Role {
    /// Every role, in the order in which documents list them.
    pub const ALL: [Role; 9] = [
        Role::Primary,
        Role::Secondary,
        Role::Restricted,
        Role::Foreign,
        Role::Revoked,
        Role::Throttled,
        Role::SharedA,
        Role::SharedB,
        Role::Approver,
    ];

    /// Whether a run may exhaust the key's limit.
    pub const fn may_be_exhausted(self) -> bool {
        matches!(self, Role::Throttled | Role::SharedA | Role::SharedB)
    }

    /// The name in the profile's `[keys]` table.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Primary => "primary",
            Role::Secondary => "secondary",
            Role::Restricted => "restricted",
            Role::Foreign => "foreign",
            Role::Revoked => "revoked",
            Role::Throttled => "throttled",
            Role::SharedA => "shared_a",
            Role::SharedB => "shared_b",
            Role::Approver => "approver",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
