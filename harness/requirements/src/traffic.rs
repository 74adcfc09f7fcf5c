//! Cases that several requirements of scope `Log` plan alike, so that their exchanges exist however the run is filtered. Two
//! requirements that plan the same case share its exchanges.

use std::collections::BTreeSet;

use hubproof_model::call::{Body, Call, Credentials, ExecuteBody, Intent};
use hubproof_model::case::Case;
use hubproof_model::surface::Tool;
use serde_json::{Map, Value, json};

use crate::site::Site;

/// A listing. Discovery has read every page of it and every definition before: a judge of scope `Log` looks at those too.
pub fn catalogue() -> Vec<Case> {
    let listing = Call::listing(None).labelled("listing");
    vec![Case::new(
        "traffic/catalogue",
        "the listing of all tools",
        vec![listing],
    )]
}

/// One likely success of each read tool.
pub fn reads(site: &Site<'_>) -> Vec<Case> {
    let is_read = |case: &Case| {
        let tool = case.tool.as_deref().and_then(|key| site.surface.tool(key));
        tool.is_some_and(|tool| !tool.risk().is_state_changing())
    };
    successes(site).into_iter().filter(is_read).collect()
}

/// One likely success of each tool that may be executed: a real execute for read tools and for state-changing tools that the run's
/// level allows, in the order of the keys.
pub fn successes(site: &Site<'_>) -> Vec<Case> {
    let case = |tool: &Tool| {
        let id = format!("traffic/success/{}", tool.key);
        let input = site.marked(tool, site.good_input(tool)?, &id);
        let call = Call::execute(tool, ExecuteBody::new(input)).labelled("success");
        Some(Case::new(id, "a call that should succeed", vec![call]).about(&tool.key))
    };
    site.executable_tools()
        .filter(|tool| !site.lacks_connection(&tool.domain))
        .filter_map(case)
        .collect()
}

/// A dry run of one state-changing tool in each domain, where the run may probe them: the other way in which calls succeed.
pub fn dry_runs(site: &Site<'_>) -> Vec<Case> {
    let mut domains = BTreeSet::new();
    let tools = site
        .probeable_tools()
        .filter(|tool| tool.risk().is_state_changing() && !site.lacks_connection(&tool.domain));
    let case = |tool: &Tool| {
        let call = site.control(tool)?.labelled("dry run");
        domains.insert(tool.domain.clone()).then(|| {
            Case::new(
                format!("traffic/dry-run/{}", tool.key),
                "a dry run that should succeed",
                vec![call],
            )
            .about(&tool.key)
        })
    };
    tools.filter_map(case).collect()
}

/// Some errors that every hub gives: a call without a key, an unknown tool, an input that is no object, an unknown connection.
pub fn errors(site: &Site<'_>) -> Vec<Case> {
    let mut calls = vec![
        (
            "unknown-tool",
            Call::post_execute("hubproof.no_such.tool", json!({"input": {}}), Intent::Read),
        ),
        (
            "unauthorised-listing",
            Call::listing(None).with_credentials(Credentials::Absent),
        ),
    ];
    if let Ok(tool) = site.read_tool() {
        let input = site.good_input(tool).unwrap_or_else(|| json!({}));
        let unknown_connection = ExecuteBody::new(input.clone()).on("conn_hubproof_does_not_exist");
        calls.push((
            "unauthorised-execute",
            Call::execute(tool, ExecuteBody::new(input)).with_credentials(Credentials::Absent),
        ));
        calls.push((
            "invalid-input",
            Call::post_execute(&tool.key, json!({"input": "no object"}), Intent::Read),
        ));
        calls.push(("unknown-connection", Call::execute(tool, unknown_connection)));
    }
    calls
        .into_iter()
        .map(|(name, call)| {
            Case::new(
                format!("traffic/error/{name}"),
                "a call that ends in an error",
                vec![call.labelled("error")],
            )
        })
        .collect()
}

/// The control with one member of its body set, as the probe beside it. It means to the target what the control means.
pub(crate) fn with_member(control: &Call, name: &str, value: Value) -> Call {
    changed(control, |body| {
        body.insert(name.to_owned(), value);
    })
}

/// The control with one change to its body, as the probe beside it. It means to the target what the control means.
pub(crate) fn changed(control: &Call, change: impl FnOnce(&mut Map<String, Value>)) -> Call {
    let mut probe = control.clone().labelled("probe");
    if let Body::Json(Value::Object(body)) = &mut probe.body {
        change(body);
    }
    probe
}
