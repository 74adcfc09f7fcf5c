//! Sequences on hand-made hubs: drawn, played, judged and shortened.

mod explaining;
mod playing;
mod shrinking;
mod sound_hub;

use hubproof_model::case::ApprovalVerdict;
use hubproof_model::role::Role;

use super::operation::{Decision, Manner, Operation, Sent, Sequence, Which};

/// A real call of the plain tool by the primary key.
pub(super) fn call(key: Option<u8>, input: u8) -> Sent {
    Sent {
        actor: Role::Primary,
        tool: Which::Plain,
        input,
        key,
        manner: Manner::Real,
    }
}

/// A real call of the gated tool.
pub(super) fn gated(key: Option<u8>, input: u8) -> Sent {
    Sent {
        tool: Which::Gated,
        ..call(key, input)
    }
}

/// The decision on a gated call.
pub(super) fn decide(verdict: ApprovalVerdict, key: u8, input: u8) -> Operation {
    Operation::Decide(Decision { verdict, key, input })
}

/// A sequence on the tools of the acting hub.
pub(super) fn sequence(groups: Vec<Vec<Operation>>) -> Sequence {
    Sequence {
        plain: "itsm.tickets.create".to_owned(),
        gated: Some("hr.offers.create".to_owned()),
        groups,
    }
}

/// A group of one call.
pub(super) fn one(sent: Sent) -> Vec<Operation> {
    vec![Operation::Call(sent)]
}

/// A group of calls at once.
pub(super) fn at_once(sent: &[Sent]) -> Vec<Operation> {
    sent.iter().copied().map(Operation::Call).collect()
}
