//! A requirement as JSON: what `list` and `explain` tell of it alike.

use hubproof_model::requirement::Requirement;
use hubproof_requirements::areas::is_measured;
use serde_json::{Map, Value, json};

/// Its members, in the order in which they are told.
pub(super) fn row(requirement: &Requirement) -> Map<String, Value> {
    let needs: Vec<_> = requirement.needs.iter().map(|need| need.grant()).collect();
    let exercised_by = if is_measured(requirement.id) { "bench" } else { "run" };
    let members = [
        ("id", json!(requirement.id)),
        ("level", json!(requirement.level)),
        ("basis", json!(requirement.basis)),
        ("source", json!(requirement.source)),
        ("title", json!(requirement.title)),
        ("statement", json!(requirement.statement)),
        ("rationale", json!(requirement.rationale)),
        ("method", json!(requirement.method)),
        ("mend", json!(requirement.mend)),
        ("needs", json!(needs)),
        ("reach", json!(requirement.reach)),
        ("exercised_by", json!(exercised_by)),
        ("since", json!(requirement.since)),
    ];
    members
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}
