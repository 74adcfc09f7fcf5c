//! A requirement as a rule.

use hubproof_model::requirement::Level;
use serde_json::{Value, json};

use super::message::{message, text};
use crate::document::requirement::RequirementReport;
use crate::markdown::text::prose;
use crate::printable::visible;

/// The rule of a requirement. It has no `helpUri`: no page has the requirements of this version.
pub(super) fn of(requirement: &RequirementReport) -> Value {
    let RequirementReport { statement, why, .. } = requirement;
    let source = format!("Source: {} ({}).", requirement.source, requirement.basis);
    let level = requirement.level.to_string();
    let plain = message([statement.clone(), why.clone(), source.clone()]);
    let markdown = [statement, why, &source].map(|line| prose(line)).join("\n\n");
    let (result_level, severity) = match requirement.level {
        Level::Must => ("error", "error"),
        Level::Should => ("warning", "warning"),
        Level::May => ("note", "recommendation"),
    };
    json!({
        "id": requirement.id,
        "shortDescription": text(&requirement.title),
        "fullDescription": text(statement),
        "help": { "text": plain["text"], "markdown": markdown },
        "defaultConfiguration": { "level": result_level },
        "properties": {
            "area": visible(&requirement.area),
            "basis": requirement.basis,
            "level": level,
            "verdict": requirement.verdict,
            "cases": requirement.cases,
            "violationCount": requirement.violation_count,
            "tags": [requirement.id.area.code(), level],
            "problem.severity": severity,
        },
    })
}
