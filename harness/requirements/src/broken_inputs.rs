//! Cases of inputs that break one assertion of a tool's schema each, beside a control that breaks none. Several requirements
//! judge them, so that each is sent once.

use std::collections::HashMap;

use hubproof_model::call::{Call, ExecuteBody, Intent};
use hubproof_model::case::Case;
use hubproof_model::judgment::{Assertion, Unexercised};
use hubproof_model::surface::Tool;
use schema_gen::Broken;
use serde_json::{Value, json};

use crate::inputs::{fitted_fault, of_objects};
use crate::site::Site;

/// How many of a state-changing tool's broken inputs are sent as real calls too.
const REAL_CALLS: usize = 3;

/// A call of such a case that carries a broken input.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    /// The label of the call.
    pub(crate) label: String,
    /// What its input breaks.
    pub(crate) assertion: Assertion,
}

/// The faults of a case.
pub(crate) fn faults(case: &Case) -> Vec<Fault> {
    let read = |fact: &Value| {
        let assertion = serde_json::from_value(fact.get("assertion")?.clone()).ok()?;
        Some(Fault {
            label: fact.get("label")?.as_str()?.to_owned(),
            assertion,
        })
    };
    case.facts.as_array().into_iter().flatten().filter_map(read).collect()
}

/// The cases of every tool that may be probed; inputs with the same control share a case.
///
/// The control of a state-changing tool is a dry run, and so is the probe beside it: else the two would differ by two things. The
/// first few are sent as real calls too, since a hub may well check the one and not the other.
///
/// # Errors
/// That no input of the tools can be broken.
pub(crate) fn cases(site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
    let tools = site
        .probeable_tools()
        .filter(|tool| !site.lacks_connection(&tool.domain));
    let cases: Vec<_> = tools.flat_map(|tool| cases_of(tool, site)).collect();
    if cases.is_empty() {
        let why = "no probed tool has a schema that an input can break".to_owned();
        return Err(Unexercised::NotApplicable(why));
    }
    Ok(cases)
}

fn cases_of(tool: &Tool, site: &Site<'_>) -> Vec<Case> {
    let Ok(generator) = site.generator(tool) else {
        return Vec::new();
    };
    let known = site.profile.inputs.get(&tool.key);
    let breaks_published = breaks_published(tool, site);
    let broken = generator.invalid(site.seed, site.cases).into_iter().enumerate();
    let broken = broken.filter(|(_, broken)| breaks_published(&broken.instance));
    let mut by_control: Vec<(Value, Vec<Broken>)> = Vec::new();
    // Each with the others of its control would be a comparison of all with all.
    let mut place_of: HashMap<String, usize> = HashMap::new();
    for broken in broken.filter_map(|(at, broken)| fitted_fault(&generator, broken, known, at)) {
        let place = *place_of.entry(broken.base.to_string()).or_insert(by_control.len());
        match by_control.get_mut(place) {
            Some((_, alike)) => alike.push(broken),
            None => by_control.push((broken.base.clone(), vec![broken])),
        }
    }
    let mut real_calls = if tool.risk().is_state_changing() { REAL_CALLS } else { 0 };
    let numbered = by_control.into_iter().enumerate();
    numbered
        .map(|(number, (control, alike))| case(tool, number + 1, control, &alike, &mut real_calls))
        .collect()
}

/// Whether an input that breaks the schema for objects breaks the tool's own too. Where the schema accepts more than objects, what
/// is no object does not break it: EXE-06 tries that.
pub(crate) fn breaks_published(tool: &Tool, site: &Site<'_>) -> impl Fn(&Value) -> bool {
    let published = tool
        .input_schema
        .as_ref()
        .filter(|schema| *of_objects(schema) != **schema);
    let published = published.and_then(|schema| site.generators.schemas().validator(schema).ok());
    move |input| published.as_ref().is_none_or(|own| !own.is_valid(input))
}

/// What a case says of an input that breaks an assertion.
pub(crate) fn fact(label: &str, broken: &Broken) -> Value {
    json!({"label": label, "assertion": {
        "keyword": broken.keyword,
        "instance_pointer": broken.instance_pointer,
        "schema_pointer": broken.schema_pointer,
    }})
}

fn case(tool: &Tool, number: usize, control: Value, alike: &[Broken], real_calls: &mut usize) -> Case {
    let is_dry = tool.risk().is_state_changing();
    let harmless = |input: Value| {
        let body = ExecuteBody::new(input);
        Call::execute(tool, if is_dry { body.dry() } else { body })
    };
    let mut calls = vec![harmless(control).labelled("control")];
    let mut facts = Vec::new();
    let mut add = |call: Call, label: String, broken: &Broken| {
        facts.push(fact(&label, broken));
        calls.push(call.labelled(label));
    };
    for (at, broken) in alike.iter().enumerate() {
        add(harmless(broken.instance.clone()), format!("probe-{}", at + 1), broken);
        if *real_calls > 0 {
            *real_calls -= 1;
            let real = Call::execute(tool, ExecuteBody::new(broken.instance.clone())).with_intent(Intent::Refused);
            add(real, format!("real-{}", at + 1), broken);
        }
    }
    Case::new(
        format!("broken-input/{}/{number}", tool.key),
        "inputs that break the schema at one place each",
        calls,
    )
    .about(&tool.key)
    .with_facts(Value::Array(facts))
}

#[cfg(test)]
mod tests {
    use hubproof_model::safety::Allow;

    use super::*;
    use crate::exchanges::Hub;

    #[test]
    fn every_probe_is_broken_and_every_control_is_not() {
        let hub = Hub::small();
        let site = hub.site();
        let cases = cases(&site).unwrap();
        assert_eq!(
            cases
                .iter()
                .map(|case| &case.tool)
                .collect::<std::collections::BTreeSet<_>>()
                .len(),
            4
        );
        for case in &cases {
            let tool = hub.surface.tool(case.tool.as_ref().unwrap()).unwrap();
            let generator = site.generator(tool).unwrap();
            let is_valid = |call: &Call| generator.is_valid(&call.json().unwrap()["input"]);
            assert!(is_valid(case.calls()[0]), "{}", case.id);
            assert!(!case.calls()[1..].iter().any(|call| is_valid(call)), "{}", case.id);
            assert_eq!(faults(case).len(), case.calls().len() - 1);
        }
    }

    #[test]
    fn state_changing_tools_get_dry_runs_and_a_few_refused_calls() {
        let hub = Hub::small().allowing(Allow::Probe);
        let cases = cases(&hub.site()).unwrap();
        let real = |tool: &str| {
            let calls = cases
                .iter()
                .filter(|case| case.tool.as_deref() == Some(tool))
                .flat_map(|case| case.calls());
            calls.filter(|call| !call.is_dry_run()).count()
        };
        assert_eq!(real("itsm.tickets.create"), REAL_CALLS);
        assert!(cases.iter().all(|case| case.required_allow() <= Allow::Probe));
    }

    #[test]
    fn a_run_that_only_reads_leaves_state_changing_tools_alone() {
        let hub = Hub::small().allowing(Allow::Read);
        for case in cases(&hub.site()).unwrap() {
            assert!(case.tool.as_deref().unwrap().ends_with(".list"), "{}", case.id);
            assert_eq!(case.required_allow(), Allow::Read);
        }
    }
}
