//! `report.html`: the run as one page that opens offline, for people.
//!
//! The page is whole in itself: style and script stand in it, and it asks nothing of any server. Whatever came from the target is
//! escaped, and its hidden characters are spelled out; a content security policy lets no script run but the page's own.

mod badge;
mod chart;
mod differences;
mod exchange;
mod json_lines;
mod latency;
mod matrix;
mod overview;
mod prose;
mod rate_limits;
mod requirement;
mod room;
mod sequence_diagram;
mod timeline;
mod unexercised;
mod violation;

use hubproof_model::gate::FailOn;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use self::badge::badge;
use self::room::Room;
use crate::document::Report;
use crate::document::requirement::RequirementReport;
use crate::printable::{brackets_spelled, visible};
use crate::standing::Standing;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The SHA-256 of the script, in base64: what the content security policy lets run.
const SCRIPT_HASH: &str = "k+UOPuFmYtdm+QOQGfKo/UYDv0EjKusQnkNRBBiVs0Y=";

/// The page of a report; the level is the one from which on a violation shows as a failure.
#[must_use]
pub fn render(report: &Report, fail_on: FailOn) -> String {
    let title = format!("hubproof: {}", visible(&report.target.url));
    let policy = format!("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{SCRIPT_HASH}'");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="generator" content=(format!("hubproof {}", visible(&report.tool.version)));
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#requirements" { "Skip to the requirements" }
                (overview::section(report, fail_on))
                (navigation(report))
                main {
                    (requirements(report, fail_on))
                    (unexercised::section(report))
                    (matrix::section(report, fail_on))
                    (latency::section(report))
                    (rate_limits::section(report))
                    (overview::target_section(report))
                }
                footer {
                    p {
                        "Written by hubproof " (visible(&report.tool.version)) " from " code { "report.json" }
                        ", which holds everything that is folded here."
                    }
                }
                div #told role="status" aria-live="polite" {}
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    // Also a page may be shown in the log of a CI server as it is; texts of the hub stand in its elements alone.
    brackets_spelled(&(page.into_string() + "\n"), "&#91;").into_owned()
}

fn navigation(report: &Report) -> Markup {
    html! {
        nav aria-label="Sections" {
            a href="#requirements" { "Requirements" }
            @if !unexercised::is_empty(report) { a href="#not-shown" { "Not shown" } }
            @if !report.tools.is_empty() { a href="#matrix" { "Tools" } }
            @if report.latency.is_some() { a href="#latency" { "Latency" } }
            @if !report.quota.is_empty() { a href="#rate-limits" { "Rate limits" } }
            a href="#target" { "Target" }
        }
    }
}

/// The requirements, those that are broken first, with what filters them.
fn requirements(report: &Report, fail_on: FailOn) -> Markup {
    let mut room = Room::default();
    let mut areas: Vec<_> = report.requirements.iter().map(|own| own.id.area).collect();
    areas.dedup();
    let of = |standing: Standing| {
        let own = report.requirements.iter();
        own.filter(move |own| Standing::of(own, fail_on) == standing)
            .collect::<Vec<&RequirementReport>>()
    };
    html! {
        section #requirements aria-labelledby="requirements-heading" {
            h2 #requirements-heading { "Requirements" }
            form.filters role="search" {
                label {
                    span { "Search" }
                    input #search type="search" placeholder="id, word or tool" autocomplete="off" spellcheck="false"
                        aria-keyshortcuts="/";
                }
                label {
                    span { "Area" }
                    select #area {
                        option value="" { "all areas" }
                        @for area in &areas { option value=(area.code()) { (area.code()) " " (area.title()) } }
                    }
                }
                fieldset {
                    legend { "Verdict" }
                    @for standing in Standing::ALL {
                        @let count = of(standing).len();
                        @if count > 0 {
                            label.choice {
                                input type="checkbox" name="standing" value=(standing.name()) checked;
                                (badge(standing)) " " (count)
                            }
                        }
                    }
                }
                label.choice.keys {
                    input #keys type="checkbox" checked;
                    "Single keys: " kbd { "/" } " searches, " kbd { "j" } " and " kbd { "k" } " go on and back"
                }
                p #shown aria-live="polite" {}
            }
            @for standing in Standing::ALL {
                @let own = of(standing);
                @if !own.is_empty() {
                    div.group {
                        h3 { (standing.heading()) " " span.count { (own.len()) } }
                        @for requirement in own { (requirement::entry(requirement, standing, &mut room)) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
