//! Which requirements are shown by a vendor that is played and fails, and with which tools.

use hubproof_model::requirement::{Area, RequirementId};
use hubproof_model::safety::Risk;

/// The tools that such a requirement is tried with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TriedWith {
    /// Any.
    Any,
    /// Those that change state.
    StateChanging,
}

impl TriedWith {
    /// Of a requirement; `None` where it takes no vendor.
    #[must_use]
    pub fn of(id: RequirementId) -> Option<Self> {
        match (id.area, id.number) {
            (Area::Ups, 6) | (Area::Dry, 6) | (Area::Idm, 9) => Some(Self::StateChanging),
            (Area::Ups, _) => Some(Self::Any),
            _ => None,
        }
    }

    /// Whether a tool of this risk is one of them.
    #[must_use]
    pub fn takes(self, risk: &Risk) -> bool {
        self == Self::Any || risk.is_state_changing()
    }
}
