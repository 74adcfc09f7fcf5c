//! Every plan, over the reference catalogue: at each level it stays within that level, and its cases can be told apart.

#![allow(clippy::unwrap_used, reason = "the support of tests fails the test")]

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use hubproof_model::approval::{CommandDriver, Driver};
use hubproof_model::call::{Call, Endpoint, Intent};
use hubproof_model::case::Case;
use hubproof_model::judgment::Unexercised;
use hubproof_model::profile::{DomainConnection, Key, Profile};
use hubproof_model::requirement::Need;
use hubproof_model::role::Role;
use hubproof_model::safety::{Allow, Risk};
use hubproof_model::secret::Secret;
use hubproof_model::surface::{Dialect, Surface, Surveyed, Tool};
use hubproof_model::upstream::{Player, Upstream};
use hubproof_requirements::areas::REGISTRY;
use hubproof_requirements::effects::Effects;
use hubproof_requirements::inputs::Generators;
use hubproof_requirements::site::Site;
use serde_json::Value;

fn catalogue() -> Vec<Tool> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/catalogue/domains");
    let mut tools = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let domain: Value = serde_json::from_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        for tool in domain["tools"].as_array().unwrap() {
            let connectors = tool
                .get("connectors")
                .unwrap_or(&domain["connectors"])
                .as_array()
                .unwrap();
            tools.push(Tool {
                key: tool["key"].as_str().unwrap().to_owned(),
                domain: domain["domain"].as_str().unwrap().to_owned(),
                risk: Some(Risk::parse(tool["risk_level"].as_str().unwrap())),
                input_schema: Some(tool["input_schema"].clone()),
                output_schema: Some(tool["output_schema"].clone()),
                connectors: connectors
                    .iter()
                    .map(|name| name.as_str().unwrap().to_owned())
                    .collect(),
                listed: tool.clone(),
            });
        }
    }
    tools.sort_by(|a, b| a.key.cmp(&b.key));
    tools
}

fn surface() -> Surface {
    let tools = catalogue();
    let survey: BTreeMap<_, _> = tools
        .iter()
        .filter(|tool| tool.risk() == Risk::Read)
        .map(|tool| {
            let seen = Surveyed {
                error_code: None,
                connection_id: Some(format!("conn_{}", tool.domain)),
            };
            (tool.key.clone(), seen)
        })
        .collect();
    Surface {
        dialect: Dialect::default(),
        tools,
        survey,
    }
}

/// A profile that grants all that checks need to plan their cases.
fn profile() -> Profile {
    let mut profile = Profile::of_url("http://hub.test/api/v1");
    for role in Role::ALL {
        let key = Key {
            secret: Secret::new(format!("key-of-{role}")),
            variable: None,
        };
        profile.keys.by_role.insert(role, key);
    }
    profile.keys.disposable = true;
    profile.keys.restricted_tool = catalogue()
        .into_iter()
        .find(|tool| tool.risk() == Risk::Write)
        .map(|tool| tool.key);
    profile.connections.foreign = Some(DomainConnection {
        domain: "itsm".to_owned(),
        id: "conn_of_another_workspace".to_owned(),
    });
    profile.connections.explicit.insert(
        "crm".to_owned(),
        vec!["conn_crm_second".to_owned(), "conn_crm_third".to_owned()],
    );
    // One that makes a record, and one that changes one.
    profile.approvals.gated = ["ecommerce.refunds.create", "knowledge.articles.publish"]
        .map(str::to_owned)
        .to_vec();
    profile.connections.inactive = Some(DomainConnection {
        domain: "crm".to_owned(),
        id: "conn_off".to_owned(),
    });
    profile.upstream.push(Upstream {
        connection: DomainConnection {
            domain: "itsm".to_owned(),
            id: "conn_played".to_owned(),
        },
        player: Player::StandIn {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9911)),
            vendor: "servicenow".to_owned(),
        },
        limit: Duration::from_secs(5),
        secrets: Vec::new(),
    });
    let gated = ["ecommerce.refunds.create", "knowledge.articles.publish"];
    profile.approvals.gated = gated.map(str::to_owned).to_vec();
    profile.approvals.driver = Some(Driver::Command(CommandDriver {
        program: vec!["./decide".to_owned()],
    }));
    profile
}

/// What each check of the registry plans at a level, where the effects of tools show or do not.
fn plans(surface: &Surface, allow: Allow, seed: u64, effects_show: bool) -> Vec<Result<Vec<Case>, Unexercised>> {
    let (profile, generators) = (profile(), Generators::default());
    let selected: Vec<_> = surface.tools.iter().map(|tool| tool.key.clone()).collect();
    let none = Effects::default();
    let site = |effects| Site {
        surface,
        profile: &profile,
        allow,
        cases: 10,
        seed,
        selected: &selected,
        generators: &generators,
        effects,
        run: "test",
        part: "",
    };
    let effects = match effects_show {
        true => Effects::of(surface, &profile, &site(&none)),
        false => none.clone(),
    };
    let site = site(&effects);
    REGISTRY.iter().map(|check| check.plan(&site)).collect()
}

/// All cases that the registry plans at a level, by requirement.
fn planned(surface: &Surface, allow: Allow, seed: u64) -> Vec<(String, Vec<Case>)> {
    let plans = plans(surface, allow, seed, true).into_iter();
    let ids = REGISTRY.iter().map(|check| check.requirement().id.to_string());
    ids.zip(plans.map(Result::unwrap_or_default)).collect()
}

/// Whether a call may change state at a hub that is sound (`None` where it cannot), judged by the call alone.
fn executes<'s>(call: &Call, surface: &'s Surface) -> Option<&'s Tool> {
    let Endpoint::Execute { tool } = &call.endpoint else {
        return None;
    };
    surface.tool(tool).filter(|tool| tool.risk().is_state_changing())
}

#[test]
fn no_plan_goes_beyond_its_level() {
    let surface = surface();
    for allow in Allow::ALL {
        for (id, cases) in planned(&surface, allow, 1) {
            for call in cases.iter().flat_map(|case| case.calls()) {
                assert!(
                    call.intent.required_allow() <= allow,
                    "{id} at {allow}: {:?}",
                    call.intent
                );
                let Some(tool) = executes(call, &surface) else { continue };
                // What the call says it means must not understate what its tool may do.
                assert_ne!(call.intent, Intent::Read, "{id}: {}", tool.key);
                assert!(allow > Allow::Read, "{id} calls {}", tool.key);
                if let Intent::Execute(level) = call.intent {
                    assert_eq!(level, tool.risk().required_allow(), "{id}: {}", tool.key);
                }
            }
        }
    }
}

#[test]
fn no_plan_goes_further_than_its_requirement_says() {
    let surface = surface();
    let mut further = Vec::new();
    for (check, (id, cases)) in REGISTRY.iter().zip(planned(&surface, Allow::Admin, 1)) {
        let furthest = cases.iter().map(Case::required_allow).max();
        if furthest.is_some_and(|furthest| furthest > check.requirement().reach) {
            further.push(id);
        }
    }
    assert!(further.is_empty(), "{further:?} understate their reach");
}

#[test]
fn cases_can_be_told_apart_and_so_can_their_calls() {
    let surface = surface();
    let mut seen: HashMap<String, Case> = HashMap::new();
    for (id, cases) in planned(&surface, Allow::Admin, 2) {
        for case in cases {
            let mut labels: Vec<_> = case.calls().into_iter().map(|call| &call.label).collect();
            labels.sort();
            labels.dedup();
            assert_eq!(labels.len(), case.calls().len(), "{id}: labels in {}", case.id);
            assert!(!case.id.contains(char::is_whitespace), "{id}: `{}`", case.id);
            if let Some(other) = seen.insert(case.id.clone(), case.clone()) {
                assert_eq!(other, case, "{id}: two different cases of one id");
            }
        }
    }
}

#[test]
fn the_seed_decides_the_plan() {
    let surface = surface();
    assert_eq!(planned(&surface, Allow::Admin, 3), planned(&surface, Allow::Admin, 3));
    let of = |seed| {
        planned(&surface, Allow::Admin, seed)
            .into_iter()
            .find(|(id, _)| id == "EXE-01")
    };
    assert_ne!(of(3), of(4));
}

#[test]
fn inputs_are_tried_on_every_tool() {
    let surface = surface();
    for (id, cases) in planned(&surface, Allow::Admin, 5) {
        if id == "EXE-01" || id == "EXE-02" {
            let tried: std::collections::BTreeSet<_> = cases.iter().filter_map(|case| case.tool.as_ref()).collect();
            let left_out: Vec<_> = surface
                .tools
                .iter()
                .map(|tool| &tool.key)
                .filter(|key| !tried.contains(key))
                .collect();
            assert!(left_out.is_empty(), "{id} leaves out {left_out:?}");
        }
    }
}

#[test]
fn with_all_granted_every_check_has_cases() {
    let planned = planned(&surface(), Allow::Admin, 6);
    let idle: Vec<_> = planned
        .iter()
        .filter(|(_, cases)| cases.is_empty())
        .map(|(id, _)| id)
        .collect();
    assert!(idle.is_empty(), "nothing is planned for {idle:?}");
}

#[test]
fn what_a_plan_misses_stands_among_the_needs() {
    let plans = plans(&surface(), Allow::Admin, 7, false);
    let mut misses = 0;
    for (check, plan) in REGISTRY.iter().zip(plans) {
        let requirement = check.requirement();
        let misses_effect = plan == Err(Unexercised::Missing(vec![Need::Effect]));
        let needs_effect = requirement.needs.contains(&Need::Effect);
        assert!(
            needs_effect || !misses_effect,
            "{} needs more than it says",
            requirement.id
        );
        assert!(
            plan.is_err() || !needs_effect,
            "{} needs less than it says",
            requirement.id
        );
        misses += usize::from(misses_effect);
    }
    assert!(misses > 10, "{misses}");
}
