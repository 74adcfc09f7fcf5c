//! `report.md`: the run for the summary of a CI job, or a comment on a pull request.
//!
//! The verdict comes first, then what is broken, and its evidence is folded. The whole fits into a comment: what does not is counted,
//! and stands in `report.json`.

mod evidence;
mod figures;
pub(crate) mod text;

use hubproof_model::gate::FailOn;

use self::text::{code, prose};
use crate::clusters;
use crate::document::Report;
use crate::document::end::{EndKind, Exit};
use crate::document::requirement::RequirementReport;
use crate::figures::{count, counted};
use crate::printable::shortened;
use crate::standing::Standing;
use crate::{terminal, unexercised};

/// The most bytes: a comment on GitHub takes 65,536 characters, and something may be put around this.
const MOST: usize = 60_000;
/// How many of them the tables may take, and each of the lists.
const MOST_OF_TABLES: usize = 18_000;
const MOST_OF_LIST: usize = 5_000;
/// What the lines that count what is left out need.
const MOST_OF_COUNTS: usize = 1_000;
/// The most characters of a text of the target in a line.
const LINE: usize = 200;

/// The standings that have a table, with their evidence.
const SHOWN: [Standing; 3] = [Standing::Broken, Standing::Warning, Standing::Known];

/// The report as Markdown; the level is the one from which on a violation shows as a failure.
#[must_use]
pub fn render(report: &Report, fail_on: FailOn) -> String {
    let of = |standing: Standing| {
        let own = report.requirements.iter();
        own.filter(move |own| Standing::of(own, fail_on) == standing)
    };
    let head = head(report, fail_on);
    let mut room = MOST_OF_TABLES;
    let tables = SHOWN.map(|standing| table(standing, &of(standing).collect::<Vec<_>>(), &mut room));
    let tail = [
        inconclusive(report),
        stale(report),
        not_shown(report),
        figures::section(report),
    ]
    .concat();
    let taken = head.len() + tail.len() + tables.iter().map(String::len).sum::<usize>() + MOST_OF_COUNTS;
    let mut room = MOST.saturating_sub(taken);
    let mut page = head;
    for (standing, table) in SHOWN.into_iter().zip(tables) {
        page.push_str(&table);
        let folded = of(standing).map(|own| format!("{}\n", evidence::folded(own)));
        let (shown, left) = fitting(folded, &mut room);
        page.push_str(&shown);
        if left > 0 {
            let what = counted(left, "requirement");
            page.push_str(&format!("The evidence of {what} more is in `report.json`.\n\n"));
        }
    }
    page + &tail
}

/// As many of the pieces as there is room for, from the first on, and how many are left.
fn fitting(pieces: impl Iterator<Item = String>, room: &mut usize) -> (String, u64) {
    let (mut shown, mut left) = (String::new(), 0);
    for piece in pieces {
        // One that is left out ends it: what follows would seem to be all.
        if left > 0 || piece.len() > *room {
            left += 1;
        } else {
            *room -= piece.len();
            shown.push_str(&piece);
        }
    }
    (shown, left)
}

fn head(report: &Report, fail_on: FailOn) -> String {
    // Another level may gate here than in the run.
    let is_proved = report.exit.code == Exit::PROVED && report.broken(fail_on).next().is_none();
    let symbol = if is_proved { "✅" } else { "❌" };
    let closing = terminal::closing(report, fail_on);
    let mut head = format!(
        "## {symbol} hubproof: {}\n\n",
        prose(&shortened(closing.trim_end(), LINE * 2))
    );
    if report.end.kind != EndKind::Complete {
        let message = report.end.message.as_deref().unwrap_or_default();
        let message = prose(&shortened(message, LINE * 2));
        head.push_str(&format!(
            "**Ended early: {}.** {message}\n\n",
            report.end.kind.heading()
        ));
    }
    let bundled = if report.target.bundled {
        " (bundled reference hub)"
    } else {
        ""
    };
    let standings = Standing::ALL.iter().filter_map(|standing| {
        let own = report.requirements.iter();
        let number = own.filter(|own| Standing::of(own, fail_on) == *standing).count();
        (number > 0).then(|| format!("{} {}", count(number as u64), standing.word()))
    });
    let standings = standings.collect::<Vec<_>>().join(", ");
    let all = counted(report.summary.requirements, "requirement");
    let colon = if standings.is_empty() { "" } else { ": " };
    let url = code(&shortened(&report.target.url, LINE));
    head.push_str(&format!("{url}{bundled} · {all}{colon}{standings}\n\n"));
    head
}

/// A row a requirement, as many as there is room for.
fn table(standing: Standing, requirements: &[&RequirementReport], room: &mut usize) -> String {
    if requirements.is_empty() {
        return String::new();
    }
    let (rows, left) = fitting(requirements.iter().map(|own| row(own)), room);
    let more = match left {
        0 => String::new(),
        left => format!("\n… and {} more: see `report.json`.\n", count(left)),
    };
    format!(
        "### {} ({})\n\n| requirement | violations | tools | what |\n|---|--:|--:|---|\n{rows}{more}\n",
        standing.heading(),
        count(requirements.len() as u64)
    )
}

fn row(requirement: &RequirementReport) -> String {
    let clusters = clusters::of(requirement);
    let what = clusters
        .first()
        .map(|first| prose(&shortened(&first.kind.summary, LINE)));
    let more = match clusters.len() {
        0 | 1 => String::new(),
        more => format!(" (and {} of another kind)", count(more as u64 - 1)),
    };
    format!(
        "| {} | {} | {} | {}{more} |\n",
        name(requirement),
        count(requirement.violation_count),
        count(requirement.violated_tools.len() as u64),
        what.unwrap_or_default()
    )
}

/// A requirement in a line.
fn name(requirement: &RequirementReport) -> String {
    let title = prose(&shortened(&requirement.title, LINE));
    format!("**{}** {} {title}", requirement.id, requirement.level)
}

/// A list with a heading, as much of it as there is room for; nothing where it is empty.
fn list(heading: &str, items: Vec<String>) -> String {
    if items.is_empty() {
        return String::new();
    }
    let mut room = MOST_OF_LIST;
    let (shown, left) = fitting(items.iter().map(|item| format!("- {item}\n")), &mut room);
    let more = match left {
        0 => String::new(),
        left => format!("- … and {} more: see `report.json`\n", count(left)),
    };
    format!("### {heading} ({})\n\n{shown}{more}\n", count(items.len() as u64))
}

fn inconclusive(report: &Report) -> String {
    let undecided = report.requirements.iter().filter(|own| own.is_undecided());
    let items = undecided.map(|own| {
        let why = own
            .undecided
            .as_deref()
            .or(own.reason.as_deref())
            .unwrap_or("no reason given");
        let beside = if own.is_known() { "beside what is known: " } else { "" };
        format!("{}: {beside}{}", name(own), prose(&shortened(why, LINE)))
    });
    list(Standing::Inconclusive.heading(), items.collect())
}

fn stale(report: &Report) -> String {
    let stale = report.baseline.iter().flat_map(|baseline| baseline.stale());
    let items = stale.map(|entry| {
        let (name, message) = (shortened(&entry.name(), LINE), shortened(&entry.message, LINE));
        format!("{}: {}", code(&name), prose(&message))
    });
    list("Stale in the baseline", items.collect())
}

fn not_shown(report: &Report) -> String {
    let groups = unexercised::of(report);
    let items = groups.iter().map(|group| {
        let ids: Vec<_> = group.requirements.iter().map(|own| own.id.to_string()).collect();
        let grants: Vec<_> = group.grants.iter().map(|grant| code(&shortened(grant, LINE))).collect();
        let set = if grants.is_empty() {
            String::new()
        } else {
            format!("; set {}", grants.join(" and "))
        };
        format!("{}: {}{set}", ids.join(", "), prose(&shortened(group.reason, LINE)))
    });
    list("What was not shown, and what would show it", items.collect())
}

#[cfg(test)]
mod tests;
