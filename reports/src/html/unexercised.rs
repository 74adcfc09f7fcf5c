//! What the run did not show, by why: a green page must not be taken for more than it proves.

use std::collections::BTreeMap;

use hubproof_model::judgment::Verdict;
use maud::{Markup, html};

use super::prose::prose;
use super::requirement::grants;
use crate::document::Report;
use crate::document::requirement::RequirementReport;
use crate::printable::visible;

/// Whether everything was exercised.
pub(super) fn is_empty(report: &Report) -> bool {
    unexercised(report).next().is_none()
}

/// The requirements that were not exercised, by what would exercise them.
pub(super) fn section(report: &Report) -> Markup {
    let mut reasons: BTreeMap<(&[String], &str), Vec<&RequirementReport>> = BTreeMap::new();
    for requirement in unexercised(report) {
        let reason = requirement.reason.as_deref().unwrap_or_default();
        reasons
            .entry((&requirement.grants, reason))
            .or_default()
            .push(requirement);
    }
    html! {
        @if !reasons.is_empty() {
            section #not-shown aria-labelledby="not-shown-heading" {
                h2 #not-shown-heading { "What was not shown, and what would show it" }
                @for ((needed, reason), requirements) in &reasons {
                    article.missing {
                        p { (prose(reason)) }
                        (grants(needed))
                        p {
                            @for requirement in requirements {
                                a href={ "#" (requirement.id) } title=(visible(&requirement.title)) { (requirement.id) } " "
                            }
                        }
                    }
                }
            }
        }
    }
}

fn unexercised(report: &Report) -> impl Iterator<Item = &RequirementReport> {
    report
        .requirements
        .iter()
        .filter(|own| own.verdict == Verdict::NotExercised)
}
