//! A plan on a page of the terminal. The keys of tools, and what was assumed, are the hub's words.

use std::collections::BTreeMap;

use hubproof_model::call::{Endpoint, Intent};
use hubproof_model::effect::Effect;
use hubproof_model::requirement::RequirementId;
use hubproof_reports::figures::{counted, plural};
use hubproof_reports::terminal::page::Page;
use hubproof_reports::terminal::style::Style;
use hubproof_runner::ground::Ground;
use hubproof_runner::options::RunOptions;
use hubproof_runner::plan::Plan;

/// The plan by what a careful person asks first: what the calls do, to which tools, for what, and what is left out.
pub(super) fn render(ground: &Ground, options: &RunOptions, plan: &Plan) -> String {
    let mut page = Page::new(false, usize::MAX);
    let calls: usize = plan.cases.iter().map(|planned| planned.case.calls().len()).sum();
    let head = format!(
        "Plan for {}: {} with {} on {} of {} tools, seed {}, --allow {}",
        ground.profile.target.url,
        counted(plan.cases.len() as u64, "case"),
        counted(calls as u64, "call"),
        ground.selected.len(),
        ground.surface.tools.len(),
        options.seed,
        options.allow,
    );
    line(&mut page, &head);
    for note in &ground.notes {
        line(&mut page, &format!("  assumed: {note}"));
    }
    render_kinds(&mut page, plan);
    render_tools(&mut page, ground, plan);
    render_requirements(&mut page, plan);
    render_effects(&mut page, ground);
    render_unexercised(&mut page, plan);
    page.finish()
}

fn heading(page: &mut Page, text: &str) {
    page.gap();
    line(page, text);
}

/// Columns must stay columns, and reasons are looked for by a `grep`: nothing is wrapped.
fn line(page: &mut Page, text: &str) {
    page.unbroken_line(Style::Plain, text);
}

/// Calls by what they do to the target: what a careful person asks first.
fn render_kinds(page: &mut Page, plan: &Plan) {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for call in plan.cases.iter().flat_map(|planned| planned.case.calls()) {
        let kind = match (call.intent, &call.endpoint) {
            (Intent::Read, Endpoint::Execute { .. }) => "execute a read tool, or are refused",
            (Intent::Read, _) => "read listings, definitions and unknown routes",
            (Intent::Refused, _) => "reach a state-changing tool, but are refused or dry runs",
            (Intent::Execute(_), _) => "execute a state-changing tool",
        };
        *kinds.entry(kind).or_default() += 1;
    }
    heading(page, "What the calls do");
    for (kind, calls) in kinds {
        line(page, &format!("  {calls:6} {kind}"));
    }
}

fn render_tools(page: &mut Page, ground: &Ground, plan: &Plan) {
    let head = format!("By tool{:40} {:>8} {:>8} {:>8}", "", "reads", "refused", "executes");
    heading(page, &head);
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for call in plan.cases.iter().flat_map(|planned| planned.case.calls()) {
        let column = match call.intent {
            Intent::Read => 0,
            Intent::Refused => 1,
            Intent::Execute(_) => 2,
        };
        if let Some(tool) = call.tool().filter(|tool| ground.surface.tool(tool).is_some()) {
            counts.entry(tool).or_default()[column] += 1;
        }
    }
    for (tool, [reads, refused, executes]) in counts {
        let risk = ground
            .surface
            .tool(tool)
            .map(|tool| tool.risk().to_string())
            .unwrap_or_default();
        line(
            page,
            &format!("  {tool:32} {risk:12} {reads:>8} {refused:>8} {executes:>8}"),
        );
    }
}

fn render_requirements(page: &mut Page, plan: &Plan) {
    let mut cases: BTreeMap<RequirementId, usize> = BTreeMap::new();
    for id in plan.cases.iter().flat_map(|planned| &planned.requirements) {
        *cases.entry(*id).or_default() += 1;
    }
    heading(page, "By requirement");
    for (id, cases) in cases {
        line(page, &format!("  {id:8} {cases:6} {}", plural(cases as u64, "case")));
    }
    let observed = plan
        .cases
        .iter()
        .filter(|planned| planned.requirements.is_empty())
        .count();
    if observed > 0 {
        let cases = plural(observed as u64, "case");
        line(
            page,
            &format!(
                "  {:8} {observed:6} {cases} whose answers are shown and not judged",
                "none"
            ),
        );
    }
}

/// How the writes of the selected tools show, so that a person can pin what was inferred wrongly.
fn render_effects(page: &mut Page, ground: &Ground) {
    heading(page, "How effects show");
    for key in &ground.selected {
        let Some(tool) = ground.surface.tool(key).filter(|tool| tool.risk().is_state_changing()) else {
            continue;
        };
        let known = ground.effects.all().find(|(own, _)| own == key);
        let how = known.map_or_else(
            || "not known: see [effects] in the profile".to_owned(),
            |(_, known)| {
                let origin = if known.pinned {
                    "as the profile says"
                } else {
                    "inferred"
                };
                format!("{} ({origin})", describe(&known.effect))
            },
        );
        line(page, &format!("  {:32} {how}", tool.key));
    }
}

fn describe(effect: &Effect) -> String {
    let read = &effect.read().tool;
    match effect {
        Effect::Creates(creates) => {
            let undo = match &creates.undo {
                Some(undo) => format!("removed by {}", undo.tool),
                None => "not removed".to_owned(),
            };
            format!(
                "makes a record: marker at `{}`, shown by {read}, {undo}",
                creates.marker
            )
        }
        Effect::Changes(changes) => format!("changes a record that {} makes, shown by {read}", changes.object),
        Effect::Fingerprint(_) => format!("changes what {read} shows"),
    }
}

fn render_unexercised(page: &mut Page, plan: &Plan) {
    if plan.unexercised.is_empty() {
        return;
    }
    heading(page, "Not exercised");
    for (id, why) in &plan.unexercised {
        line(page, &format!("  {id:8} {why}"));
    }
}
