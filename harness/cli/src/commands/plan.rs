//! `hubproof plan`: what a run would send, and what it could not exercise. It reads the listing and the definitions, and executes
//! nothing.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::ExitCode;

use hubproof_model::call::{Endpoint, Intent};
use hubproof_model::effect::Effect;
use hubproof_model::event::Event;
use hubproof_model::requirement::RequirementId;
use hubproof_runner::ground::{Ground, GroundError};
use hubproof_runner::options::RunOptions;
use hubproof_runner::plan::{Plan, plan_run};
use hubproof_runner::run::UsageError;
use hubproof_runner::select::Selection;

use super::run::scope_options;
use crate::Done;
use crate::arguments::PlanArguments;
use crate::target::resolve;
use crate::terminal;
use crate::usage::Complaint;

/// Prints the plan of a run with the same arguments.
pub(crate) async fn plan(arguments: &PlanArguments) -> Done {
    let requirements = Selection::new(&arguments.scope.only, &arguments.scope.skip).map_err(Complaint::from)?;
    let target = resolve(&arguments.target).await?;
    let options = scope_options(&arguments.scope, &target, requirements);
    let ground = Ground::discover(target.profile.clone(), &options, &mistakes).await;
    let planned = ground.map_err(complaint).and_then(|ground| {
        let plan = plan_run(&options.requirements, &ground.site(&options));
        plan.map(|plan| render(&ground, &options, &plan))
            .map_err(|fault| Complaint::Harness(fault.to_string()))
    });
    target.close().await;
    terminal::deliver(&planned?)?;
    Ok(ExitCode::SUCCESS)
}

/// Tells the profile's mistakes: all else that goes on is over in a moment.
fn mistakes(event: Event) {
    if let Event::Mistaken { text } = event {
        terminal::note(&text);
    }
}

pub(super) fn complaint(fault: GroundError) -> Complaint {
    match fault {
        GroundError::Session(fault) => UsageError::from(fault).into(),
        GroundError::Select(fault) => fault.into(),
        GroundError::Unusable(unusable) => Complaint::Unusable(unusable.to_string()),
    }
}

fn render(ground: &Ground, options: &RunOptions, plan: &Plan) -> String {
    let mut text = String::new();
    let calls: usize = plan.cases.iter().map(|planned| planned.case.calls().len()).sum();
    let _ = writeln!(
        text,
        "Plan for {}: {} cases with {calls} calls on {} of {} tools, seed {}, --allow {}",
        ground.profile.target.url,
        plan.cases.len(),
        ground.selected.len(),
        ground.surface.tools.len(),
        options.seed,
        options.allow,
    );
    for note in &ground.notes {
        let _ = writeln!(text, "  assumed: {note}");
    }
    render_kinds(&mut text, plan);
    render_tools(&mut text, ground, plan);
    render_requirements(&mut text, plan);
    render_effects(&mut text, ground);
    render_unexercised(&mut text, plan);
    text
}

/// Calls by what they do to the target: what a careful person asks first.
fn render_kinds(text: &mut String, plan: &Plan) {
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
    let _ = writeln!(text, "\nWhat the calls do");
    for (kind, calls) in kinds {
        let _ = writeln!(text, "  {calls:6} {kind}");
    }
}

fn render_tools(text: &mut String, ground: &Ground, plan: &Plan) {
    let _ = writeln!(
        text,
        "\nBy tool{:40} {:>8} {:>8} {:>8}",
        "", "reads", "refused", "executes"
    );
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
        let _ = writeln!(text, "  {tool:32} {risk:12} {reads:>8} {refused:>8} {executes:>8}");
    }
}

fn render_requirements(text: &mut String, plan: &Plan) {
    let mut cases: BTreeMap<RequirementId, usize> = BTreeMap::new();
    for id in plan.cases.iter().flat_map(|planned| &planned.requirements) {
        *cases.entry(*id).or_default() += 1;
    }
    let _ = writeln!(text, "\nBy requirement");
    for (id, cases) in cases {
        let _ = writeln!(text, "  {id:8} {cases:6} cases");
    }
    let observed = plan
        .cases
        .iter()
        .filter(|planned| planned.requirements.is_empty())
        .count();
    if observed > 0 {
        let _ = writeln!(
            text,
            "  {:8} {observed:6} cases whose answers are shown and not judged",
            "none"
        );
    }
}

/// How the writes of the selected tools show, so that a person can pin what was inferred wrongly.
fn render_effects(text: &mut String, ground: &Ground) {
    let _ = writeln!(text, "\nHow effects show");
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
        let _ = writeln!(text, "  {:32} {how}", tool.key);
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

fn render_unexercised(text: &mut String, plan: &Plan) {
    if plan.unexercised.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nNot exercised");
    for (id, why) in &plan.unexercised {
        let _ = writeln!(text, "  {id:8} {why}");
    }
}
