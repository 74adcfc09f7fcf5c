//! The verdict at a glance, how strong the evidence is, and what was tested.

use hubproof_model::gate::FailOn;
use maud::{Markup, html};

use super::badge::badge;
use crate::document::Report;
use crate::document::end::{EndKind, Exit};
use crate::document::side_effects::{Fate, SideEffects};
use crate::figures::{count, counted, short_milliseconds, span};
use crate::printable::visible;
use crate::standing::Standing;

/// How many records that are left behind are named.
const MOST_LEFT: usize = 50;

/// The head of the page.
pub(super) fn section(report: &Report, fail_on: FailOn) -> Markup {
    let number = |standing| {
        let own = report.requirements.iter();
        own.filter(|own| Standing::of(own, fail_on) == standing).count()
    };
    // Another level may gate here than in the run.
    let is_proved = report.exit.code == Exit::PROVED && report.broken(fail_on).next().is_none();
    html! {
        header class=(if is_proved { "top proved" } else { "top unproved" }) {
            p.target { code { (visible(&report.target.url)) } @if report.target.bundled { " (bundled reference hub)" } }
            h1 {
                span aria-hidden="true" { (if is_proved { "✓ " } else { "✗ " }) }
                (visible(&sentence(&report.exit.meaning)))
            }
            @if report.end.kind != EndKind::Complete {
                p.ended {
                    strong { "Ended early: " (report.end.kind.heading()) "." } " "
                    @if let Some(message) = &report.end.message { (visible(message)) }
                }
            }
            (bar(&Standing::ALL.map(|standing| (standing, number(standing)))))
            ul.tally {
                @for standing in Standing::ALL {
                    @if number(standing) > 0 { li { (badge(standing)) " " strong { (number(standing)) } } }
                }
            }
            dl.strength {
                div { dt { "Requirements" } dd { (count(report.summary.requirements)) } }
                div { dt { "Judged cases" } dd { (count(judged(report))) } }
                div { dt { "Requests" } dd { (count(report.summary.requests)) } }
                div { dt { "Tools" } dd { (count(report.summary.tools)) } }
                div { dt { "Seed" } dd { (report.seed) } }
                div { dt { "Allowed" } dd { (report.allow.name()) } }
                div { dt { "Took" } dd { (span(report.duration.duration())) } }
                @if let Some(p99) = p99(report) { div { dt { "p99 of successes" } dd { (p99) } } }
            }
        }
    }
}

/// A sentence with a capital at its beginning.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn judged(report: &Report) -> u64 {
    let cases = report.requirements.iter().map(|requirement| requirement.cases);
    cases.fold(0, u64::saturating_add)
}

fn p99(report: &Report) -> Option<String> {
    let successes = report.latency.as_ref()?.of_outcome(hubproof_latency::Kind::Success);
    (!successes.is_empty()).then(|| short_milliseconds(successes.quantile(0.99)))
}

/// The verdicts as a bar: what is broken stands out by its length.
fn bar(parts: &[(Standing, usize)]) -> Markup {
    let all: usize = parts.iter().map(|(_, number)| number).sum();
    let described: Vec<_> = parts
        .iter()
        .filter(|(_, number)| *number > 0)
        .map(|(standing, number)| format!("{number} {}", standing.word()))
        .collect();
    html! {
        @if all > 0 {
            div.bar role="img" aria-label=(described.join(", ")) {
                @for (standing, number) in parts {
                    @if *number > 0 { span class=(standing.name()) style=(format!("flex-grow:{number}")) {} }
                }
            }
        }
    }
}

/// What was tested, and what the run did to it.
pub(super) fn target_section(report: &Report) -> Markup {
    let target = &report.target;
    let require = &report.gate.require;
    html! {
        section #target aria-labelledby="target-heading" {
            h2 #target-heading { "Target and run" }
            dl.facts {
                dt { "URL" } dd { code { (visible(&target.url)) } }
                @if let Some(shard) = report.shard { dt { "Shard" } dd { (shard) ": a part of the cases" } }
                @if !target.defects.is_empty() { dt { "Planted defects" } dd { (visible(&target.defects.join(", "))) } }
                @if let Some(profile) = &target.profile { dt { "Profile" } dd { code { (visible(profile)) } } }
                @if let Some(connector) = &report.connector { dt { "Connector" } dd { (visible(connector)) } }
                dt { "Contract" } dd { "revision " (visible(&report.contract.revision)) }
                dt { "Suite" } dd { "hubproof " (visible(&report.tool.version)) }
                dt { "Began" } dd { time datetime=(report.started_at) { (report.started_at) } }
                dt { "Run" } dd { code { (visible(&report.run)) } }
                dt { "Gate" } dd {
                    "fails on " (match report.gate.fail_on { FailOn::Must => "a violated MUST", FailOn::Should => "a violated MUST or SHOULD" })
                    @if !require.is_empty() { ", and requires " (counted(require.len() as u64, "requirement")) " to be exercised" }
                }
                dt { "Exit code" } dd { (report.exit.code) }
                @if !report.left_out.is_empty() {
                    dt { (match report.connector { Some(_) => "Left out by --connector", None => "Left out by --tools" }) } dd { (counted(report.left_out.len() as u64, "tool")) }
                }
            }
            (side_effects(&report.side_effects))
            (observed(report))
        }
    }
}

fn side_effects(effects: &SideEffects) -> Markup {
    let left: Vec<_> = effects
        .created
        .iter()
        .filter(|record| record.fate == Fate::Left)
        .collect();
    html! {
        @if *effects != SideEffects::default() {
            h3 { "What the run did to it" }
            p {
                (counted(effects.created.len() as u64, "record")) " created, "
                @if left.is_empty() { "all removed again." } @else { strong { (count(left.len() as u64)) " left behind." } }
            }
            @if !left.is_empty() {
                ul {
                    @for record in left.iter().take(MOST_LEFT) {
                        li {
                            code { (visible(&record.tool)) } " "
                            @if let Some(id) = &record.id { code { (visible(id)) } }
                            @if let Some(reason) = &record.reason { ": " (visible(reason)) }
                        }
                    }
                }
                @if left.len() > MOST_LEFT { p.muted { "… and " (count((left.len() - MOST_LEFT) as u64)) " more: see report.json" } }
            }
            @if !effects.changed.is_empty() {
                p { "Changed for good by: "
                    @for changed in &effects.changed { code { (visible(&changed.tool)) } " (" (count(changed.executes)) "×) " }
                }
            }
        }
    }
}

fn observed(report: &Report) -> Markup {
    let observations = &report.observations;
    html! {
        @if !observations.is_empty() {
            details {
                summary { "Observed where the contract promises nothing" }
                ul {
                    @for seen in &observations.precedence {
                        li { (seen.first) " and " (seen.second) ": " code { (visible(&seen.outcome)) } }
                    }
                    @for seen in &observations.undecided {
                        li { (seen.question) ": " code { (visible(&seen.outcome)) } }
                    }
                    @for compared in &observations.equal_results {
                        li { code { (visible(&compared.tool)) } ": " (visible(&compared.told())) }
                    }
                    @for told in observations.told_uncompared() {
                        li { (visible(&told)) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_begins_with_a_capital() {
        assert_eq!(sentence("not proved: a b"), "Not proved: a b");
        assert_eq!(sentence(""), "");
    }
}
