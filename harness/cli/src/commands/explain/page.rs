//! A requirement on a page of the terminal.

use hubproof_model::requirement::{Basis, Level, Requirement};
use hubproof_model::safety::Allow;
use hubproof_reports::terminal::page::Page;
use hubproof_reports::terminal::style::Style;
use hubproof_requirements::areas::is_measured;

use super::Explained;
use crate::examples::{Example, ViolatedExample};

/// Writes all of it.
pub(super) fn write(page: &mut Page, explained: &Explained) {
    let requirement = explained.requirement;
    page.headed(
        0,
        Style::Bold,
        &requirement.id.to_string(),
        Style::Bold,
        requirement.title,
    );
    page.prose(0, Style::Faint, &standing(requirement));
    page.gap();
    page.prose(0, Style::Plain, requirement.statement);
    section(page, "Why it matters");
    page.prose(2, Style::Plain, requirement.rationale);
    section(page, probed(requirement));
    page.prose(2, Style::Plain, requirement.method);
    section(page, "What it does to the target");
    page.prose(2, Style::Plain, reach(requirement));
    if !requirement.needs.is_empty() {
        section(page, "What it needs");
        for need in requirement.needs {
            item(page, &format!("{need}: {}", need.grant()));
        }
    }
    if !explained.defects.is_empty() {
        section(page, "How hubs break it");
        for defect in &explained.defects {
            item(page, &format!("{} ({})", defect.summary, defect.name));
        }
    }
    section(page, "How it is mended");
    page.prose(2, Style::Plain, requirement.mend);
    if let Some(examples) = &explained.examples {
        held(page, &examples.held);
        violated(page, &examples.violated);
    }
    try_it(page, explained);
}

fn section(page: &mut Page, heading: &str) {
    page.gap();
    page.prose(0, Style::Bold, heading);
}

fn item(page: &mut Page, text: &str) {
    page.headed(2, Style::Plain, "-", Style::Plain, text);
}

/// Level, basis, source and age.
fn standing(requirement: &Requirement) -> String {
    let consequence = match requirement.level {
        Level::Must => "a violation fails the run",
        Level::Should => "a violation is a warning, and fails the run with --fail-on should",
        Level::May => "an observation, which fails no run",
    };
    let authority = match requirement.basis {
        Basis::Ref => "the REST reference says so",
        Basis::Docs => "the product's other public pages say so",
        Basis::Http => "an RFC or IETF draft says so",
        Basis::Safe => "not written down, but a hub without it loses data, leaks or misleads",
        Basis::Profile => "the target's own profile says so",
    };
    let Requirement {
        level,
        basis,
        source,
        since,
        ..
    } = requirement;
    format!("{level}: {consequence}. Basis {basis}: {authority}. Source: {source}. Since {since}.")
}

fn probed(requirement: &Requirement) -> &'static str {
    match is_measured(requirement.id) {
        true => "How it is measured",
        false => "How it is probed",
    }
}

fn reach(requirement: &Requirement) -> &'static str {
    if is_measured(requirement.id) {
        return "A bench executes read tools alone, unless --allow says more.";
    }
    match requirement.reach {
        Allow::Read => "It only reads: state-changing tools get no execute at all.",
        Allow::Probe => {
            "At most (--allow probe) it sends state-changing tools calls that a sound hub refuses, or answers as dry runs; a broken hub may \
             execute them."
        }
        Allow::Write => {
            "At most (--allow write) it executes tools of risk write. What it makes carries the run's marker, and is removed at the end \
             where the hub has a tool for it."
        }
        Allow::Destructive => {
            "At most (--allow destructive) it executes tools that delete: on records that the run made itself, where it can. What it makes \
             is removed at the end where the hub has a tool for it."
        }
        Allow::Admin => {
            "At most (--allow admin) it executes tools of every risk; with less it tries the tools that it may. What it makes carries the \
             run's marker, and is removed at the end where the hub has a tool for it."
        }
    }
}

fn held(page: &mut Page, example: &Example) {
    section(page, "An exchange that holds");
    exchange(page, example);
}

fn violated(page: &mut Page, example: &ViolatedExample) {
    section(page, "An exchange that does not");
    page.headed(2, Style::Bad, "wrong:", Style::Plain, &example.summary);
    page.field(2, "expected", &example.expected);
    page.field(2, "observed", &example.observed);
    page.field(2, "defect", &example.defect);
    exchange(page, &example.exchange);
}

fn exchange(page: &mut Page, example: &Example) {
    let call = match &example.tried {
        Some(tried) => format!("{tried} (the call \"{}\")", example.call),
        None => format!("the call \"{}\"", example.call),
    };
    page.field(2, "tried", &call);
    page.gap();
    page.verbatim(4, Style::Plain, &example.request);
    page.gap();
    page.verbatim(4, Style::Plain, &example.answer);
}

/// What shows it at work, on the bundled hub and on one's own.
fn try_it(page: &mut Page, explained: &Explained) {
    section(page, "Try it");
    let id = explained.requirement.id;
    let on_own = match is_measured(id) {
        true => "hubproof bench URL --rate 100".to_owned(),
        false => format!("hubproof run URL --only {id}"),
    };
    let defect = explained.defects.first().filter(|_| !is_measured(id));
    let on_bundled = defect.map(|defect| format!("hubproof run --only {id} --defect {}", defect.name));
    for line in on_bundled.into_iter().chain([on_own]) {
        page.verbatim(4, Style::Plain, &line);
    }
}
