//! A violation with its evidence.

use maud::{Markup, html};

use super::prose::prose;
use super::room::Room;
use super::{exchange, sequence_diagram};
use crate::document::violation::Violation;
use crate::figures::counted;
use crate::known::excuse;
use crate::printable::visible;
use crate::smallest::{search, shortened};

/// The longest line that is of use to copy.
const LONGEST_LINE: usize = 20_000;

/// How a violation is shown, as far as there is room.
pub(super) type Shown = fn(&Violation, &mut Room) -> Markup;

/// The first violation of a requirement: in full, unless it is very large.
pub(super) fn first(violation: &Violation, room: &mut Room) -> Markup {
    let evidence = evidence(violation);
    if room.take_first(evidence.0.len()) {
        html! { div.violation { (evidence) } }
    } else {
        in_report_json(violation)
    }
}

/// The first of a further kind: in full while there is room.
pub(super) fn first_of_kind(violation: &Violation, room: &mut Room) -> Markup {
    match fitting(violation, room) {
        Some(evidence) => html! { div.violation { (evidence) } },
        None => in_report_json(violation),
    }
}

/// A further one: folded, and only named where there is no room.
pub(super) fn further(violation: &Violation, room: &mut Room) -> Markup {
    match fitting(violation, room) {
        Some(evidence) => html! {
            details.violation {
                summary { (title(violation)) }
                (evidence)
            }
        },
        None => in_report_json(violation),
    }
}

/// The evidence, where there is room for it. Where there is none at all it is not even written.
fn fitting(violation: &Violation, room: &mut Room) -> Option<Markup> {
    if room.is_spent() {
        return None;
    }
    Some(evidence(violation)).filter(|evidence| room.take(evidence.0.len()))
}

fn title(violation: &Violation) -> Markup {
    html! {
        @if let Some(tool) = &violation.tool { code { (visible(tool)) } " " }
        (prose(&violation.summary))
    }
}

fn in_report_json(violation: &Violation) -> Markup {
    html! { p.violation { (title(violation)) " " span.muted { "(evidence in report.json, case " (visible(&violation.case)) ")" } } }
}

fn evidence(violation: &Violation) -> Markup {
    html! {
        dl.facts {
            @if let Some(tool) = &violation.tool { dt { "Tool" } dd { code { (visible(tool)) } } }
            dt { "Expected" } dd { (prose(&violation.expected)) }
            dt { "Observed" } dd.observed { (prose(&violation.observed)) }
            @if let Some(assertion) = &violation.assertion {
                dt { "Broken keyword" }
                dd {
                    code { (visible(&assertion.keyword)) } " at " code { "\"" (visible(&assertion.instance_pointer)) "\"" }
                    " of the input, " code { "\"" (visible(&assertion.schema_pointer)) "\"" } " of the schema"
                }
            }
            @if violation.alike > 0 {
                dt { "Alike" } dd { (counted(violation.alike, "further violation")) " of the same tool and summary" }
            }
            @if let Some(known) = &violation.known { dt { "Known" } dd { (visible(&excuse(known))) } }
            dt { "Case" } dd { code { (visible(&violation.case)) } }
        }
        @if let Some(smallest) = &violation.smallest {
            h5 { "Smallest input" }
            (exchange::body("Smallest input", Some(&smallest.input), None))
            p.muted { (search(smallest)) }
        }
        @if let Some(sequence) = &violation.sequence {
            h5 { "Sequence" }
            ol.sequence { @for operation in &sequence.operations { li { (prose(operation)) } } }
            p.muted { (shortened(sequence)) }
        }
        (sequence_diagram::diagram(&violation.exchanges))
        @if !violation.exchanges.is_empty() {
            h5 { (counted(violation.exchanges.len() as u64, "exchange")) }
            (exchange::list(&violation.exchanges))
        }
        (commands(violation))
    }
}

/// The lines that show it again, each with a button that copies it.
fn commands(violation: &Violation) -> Markup {
    html! {
        h5 { "Show it again" }
        @for line in violation.reproduce.lines() {
            div.command {
                @if line.len() <= LONGEST_LINE {
                    pre tabindex="0" role="group" aria-label="Line for a shell" { code { (visible(line)) } }
                    button.copy type="button" aria-label="Copy this line" { "Copy" }
                } @else {
                    p.muted { "a line of " (counted(line.len() as u64, "byte")) ": see report.json" }
                }
            }
        }
        @if let Some(caveat) = violation.reproduce.caveat() {
            p.muted { (caveat) }
        }
    }
}
