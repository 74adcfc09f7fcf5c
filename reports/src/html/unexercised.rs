//! What the run did not show, and what would show it.

use maud::{Markup, html};

use super::prose::prose;
use super::requirement::grants;
use crate::document::Report;
use crate::printable::visible;
use crate::unexercised;

/// Whether everything was exercised.
pub(super) fn is_empty(report: &Report) -> bool {
    unexercised::of(report).is_empty()
}

/// The requirements that were not exercised, by what would exercise them.
pub(super) fn section(report: &Report) -> Markup {
    let groups = unexercised::of(report);
    html! {
        @if !groups.is_empty() {
            section #not-shown aria-labelledby="not-shown-heading" {
                h2 #not-shown-heading { "What was not shown, and what would show it" }
                @for group in &groups {
                    article.missing {
                        p { (prose(group.reason)) }
                        (grants(group.grants))
                        p {
                            @for requirement in &group.requirements {
                                a href={ "#" (requirement.id) } title=(visible(&requirement.title)) { (requirement.id) } " "
                            }
                        }
                    }
                }
            }
        }
    }
}
