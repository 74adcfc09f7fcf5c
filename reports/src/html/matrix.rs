//! Tools against areas: where in the hub what is broken.

use std::collections::BTreeMap;

use hubproof_model::gate::FailOn;
use hubproof_model::judgment::Verdict;
use hubproof_model::requirement::Area;
use maud::{Markup, html};

use super::badge::badge;
use crate::document::Report;
use crate::document::requirement::RequirementReport;
use crate::figures::{count, counted};
use crate::printable::visible;
use crate::standing::Standing;

/// The most tools without a violation that are shown: what is sound needs no row of its own in a long list.
const MOST_SOUND: usize = 1_000;
/// The most tools with one.
const MOST_BROKEN: usize = 1_000;

/// What an area's requirements came to at a tool.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Cell {
    /// Requirements with a verdict whose cases called the tool.
    tried: u64,
    /// Violations that the tool showed.
    violations: u64,
    /// The worst that is violated there.
    worst: Option<Standing>,
}

/// The table.
pub(super) fn section(report: &Report, fail_on: FailOn) -> Markup {
    let cells = cells(&report.requirements, fail_on);
    let mut areas: Vec<Area> = cells.keys().map(|(_, area)| *area).collect();
    areas.sort_unstable();
    areas.dedup();
    let is_broken = |tool: &str| areas.iter().any(|area| at(&cells, tool, *area).violations > 0);
    let tools: Vec<&str> = report.tools.iter().map(|tool| tool.key.as_str()).collect();
    let (broken, sound): (Vec<&str>, Vec<&str>) = tools.into_iter().partition(|tool| is_broken(tool));
    let rows = |tools: &[&str], most: usize| {
        html! {
            @for tool in tools.iter().take(most) {
                tr {
                    th scope="row" { code { (visible(tool)) } }
                    @for area in &areas { (cell(at(&cells, tool, *area), *area)) }
                }
            }
        }
    };
    let left_out = broken.len().saturating_sub(MOST_BROKEN) + sound.len().saturating_sub(MOST_SOUND);
    html! {
        @if !report.tools.is_empty() && !areas.is_empty() {
            section #matrix aria-labelledby="matrix-heading" {
                h2 #matrix-heading { "Tools" }
                p.muted {
                    (counted(report.tools.len() as u64, "tool")) ", against the areas of the contract. "
                    (badge(Standing::Held)) " by so many requirements, "
                    (badge(Standing::Broken)) " so often, "
                    (Standing::NotExercised.symbol()) " not tried."
                }
                div.wide tabindex="0" role="group" aria-label="Tools against areas" {
                    table.matrix {
                        thead {
                            tr {
                                th scope="col" { "Tool" }
                                @for area in &areas { th scope="col" { abbr title=(area.title()) { (area.code()) } } }
                            }
                        }
                        tbody { (rows(&broken, MOST_BROKEN)) (rows(&sound, MOST_SOUND)) }
                    }
                }
                @if left_out > 0 { p.muted { "… and " (count(left_out as u64)) " more tools: see report.json" } }
            }
        }
    }
}

/// What was tried, by tool and area.
fn cells(requirements: &[RequirementReport], fail_on: FailOn) -> BTreeMap<(&str, Area), Cell> {
    let mut cells: BTreeMap<(&str, Area), Cell> = BTreeMap::new();
    for requirement in requirements {
        let area = requirement.id.area;
        if matches!(requirement.verdict, Verdict::Held | Verdict::Violated) {
            for tool in &requirement.tried_tools {
                cells.entry((tool, area)).or_default().tried += 1;
            }
        }
        let standing = Standing::of(requirement, fail_on);
        for (tool, violations) in &requirement.violated_tools {
            let cell = cells.entry((tool, area)).or_default();
            cell.violations = cell.violations.saturating_add(*violations);
            let rank = |standing: Standing| Standing::ALL.iter().position(|own| *own == standing);
            let is_worse = cell.worst.is_none_or(|worst| rank(standing) < rank(worst));
            if is_worse {
                cell.worst = Some(standing);
            }
        }
    }
    cells
}

fn at(cells: &BTreeMap<(&str, Area), Cell>, tool: &str, area: Area) -> Cell {
    cells.get(&(tool, area)).copied().unwrap_or_default()
}

fn cell(cell: Cell, area: Area) -> Markup {
    let (standing, number) = match (cell.worst, cell.tried) {
        (Some(worst), _) => (worst, cell.violations),
        (None, 0) => (Standing::NotExercised, 0),
        (None, tried) => (Standing::Held, tried),
    };
    let spoken = match standing {
        Standing::NotExercised => format!("{}: not tried", area.code()),
        Standing::Held => format!("{}: {} held", area.code(), counted(number, "requirement")),
        broken => format!("{}: {}, {}", area.code(), broken.word(), counted(number, "violation")),
    };
    html! {
        td class=(standing.name()) aria-label=(spoken) {
            (standing.symbol()) @if number > 0 { " " (count(number)) }
        }
    }
}
