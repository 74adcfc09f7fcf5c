//! What is certified of a report, and each thing that keeps it from being certified.

use std::time::{Duration, UNIX_EPOCH};

use hubproof_model::catalogue::CatalogueSeen;
use hubproof_model::gate::FailOn;
use hubproof_model::observations::{ComparedTool, Comparison};
use hubproof_model::record::{RequirementResult, RunEnd, RunRecord, Target as RunTarget, ToolSummary};
use hubproof_model::requirement::{Area, Basis, CONTRACT_REVISION, RequirementId};
use hubproof_model::safety::{Allow, Risk};
use hubproof_model::shard::Shard;
use hubproof_reports::document::end::{Exit, Gate};

use super::*;
use crate::set::SetName;

const GET: &str = "itsm.tickets.get";
const CREATE: &str = "itsm.tickets.create";

fn result(id: RequirementId, verdict: Verdict) -> RequirementResult {
    RequirementResult {
        id,
        level: Level::Must,
        basis: Basis::Ref,
        source: String::new(),
        title: String::new(),
        statement: String::new(),
        why: String::new(),
        verdict,
        reason: None,
        undecided: None,
        grants: Vec::new(),
        cases: 3,
        violation_count: 0,
        known_count: 0,
        kinds: Vec::new(),
        violations: Vec::new(),
        violated_tools: [].into(),
        tried_tools: [GET, CREATE].map(str::to_owned).into(),
    }
}

fn set(name: SetName) -> RequirementSet {
    RequirementSet::published(name, CONTRACT_REVISION).unwrap()
}

fn tool(key: &str, risk: Risk) -> ToolSummary {
    ToolSummary {
        key: key.to_owned(),
        domain: key.split('.').next().unwrap().to_owned(),
        risk,
        connectors: vec!["servicenow".to_owned()],
        requests: 9,
        answered_by: [("conn_servicenow".to_owned(), 4)].into(),
    }
}

/// A run of two tools that shows all there is to show.
fn record() -> RunRecord {
    RunRecord {
        suite_version: "0.1.0".to_owned(),
        contract_revision: CONTRACT_REVISION.to_owned(),
        target: RunTarget {
            profile_sha256: Some(Sha256::of("a profile").to_string()),
            ..RunTarget::of_url("https://hub.example/api/v1")
        },
        dialect: None,
        catalogue: Some(CatalogueSeen {
            sha256: Sha256::of("a catalogue").to_string(),
            tools: 2,
        }),
        connector: None,
        tools: vec![tool(CREATE, Risk::Write), tool(GET, Risk::Read)],
        left_out: Vec::new(),
        denied: Vec::new(),
        seed: 7,
        cases: 20,
        allow: Allow::Write,
        started_at: UNIX_EPOCH + Duration::from_secs(1_767_312_000),
        duration: Duration::from_secs(60),
        requests: 1000,
        run: "k3".to_owned(),
        side_effects: Default::default(),
        results: set(SetName::HubFull)
            .requirements
            .iter()
            .map(|asked| RequirementResult {
                level: asked.level,
                ..result(asked.id, Verdict::Held)
            })
            .collect(),
        observations: Default::default(),
        latency: Default::default(),
        quota: Default::default(),
        timeline: Default::default(),
        baseline: None,
        plan: None,
        shard: None,
        end: RunEnd::Complete,
    }
}

/// What comes of a record with something changed in it.
fn issued(name: SetName, change: impl FnOnce(&mut RunRecord)) -> Result<Certificate, Refusal> {
    let mut record = record();
    change(&mut record);
    let gate = Gate {
        fail_on: FailOn::Must,
        require: Vec::new(),
    };
    let report = Report::of(&record, gate, Exit::UNDECIDED);
    let set = set(name);
    let connector = (name == SetName::Connector).then(|| Connector {
        connector: "servicenow".to_owned(),
        connections: vec!["conn_servicenow".to_owned()],
        equal: Default::default(),
        uncompared: Default::default(),
    });
    let claim = Claim {
        set: &set,
        subjects: Vec::new(),
        url: None,
        connector,
    };
    issue(&report, Sha256::of("the report"), claim)
}

/// Why it is refused, a line each.
fn refused(name: SetName, change: impl FnOnce(&mut RunRecord)) -> Vec<String> {
    let Refusal(shortfalls) = issued(name, change).unwrap_err();
    shortfalls.iter().map(ToString::to_string).collect()
}

fn of<'r>(record: &'r mut RunRecord, id: &str) -> &'r mut RequirementResult {
    let id = id.parse().unwrap();
    record.results.iter_mut().find(|own| own.id == id).unwrap()
}

fn violate(record: &mut RunRecord, id: &str) {
    let own = of(record, id);
    own.verdict = Verdict::Violated;
    own.violation_count = 2;
}

#[test]
fn a_report_that_shows_all_is_certified() {
    for name in SetName::ALL {
        let certificate = issued(name, |_| {}).unwrap();
        assert_eq!(certificate.passed.len(), set(SetName::HubFull).requirements.len());
        assert_eq!(certificate.report, Sha256::of("the report"));
        assert_eq!(certificate.run.findings, 3 * set(name).requirements.len() as u64);
        assert_eq!(certificate.run.finished_at.to_string(), "2026-01-02T00:01:00.000Z");
        assert_eq!(certificate.run.tools[CREATE], "write");
        assert_eq!(certificate.profile, Some(Sha256::of("a profile")));
    }
}

#[test]
fn whatever_is_not_shown_of_the_set_is_named() {
    let lines = refused(SetName::HubCore, |record| {
        violate(record, "AUTH-01");
        let not = of(record, "AUTH-02");
        not.verdict = Verdict::NotExercised;
        not.reason = Some("the hub has no tools".to_owned());
        let granted = of(record, "AUTH-03");
        granted.verdict = Verdict::NotExercised;
        granted.grants = vec!["[keys] restricted".to_owned()];
        let undecided = of(record, "ENV-01");
        undecided.verdict = Verdict::Inconclusive;
        undecided.reason = Some("no answer".to_owned());
        violate(record, "ENV-02");
        of(record, "ENV-02").known_count = 1;
        record.results.retain(|own| own.id.to_string() != "CAT-01");
    });
    assert_eq!(
        lines,
        [
            "AUTH-01 is violated, 2 times",
            "AUTH-02 was not exercised: the hub has no tools",
            "AUTH-03 was not exercised: it needs [keys] restricted",
            "ENV-01 is inconclusive: no answer",
            "ENV-02 is violated: a baseline excuses it from failing a run, and from nothing else",
            "CAT-01 was left out of the run",
        ]
    );
}

#[test]
fn a_vendor_that_nobody_played_is_told_once_with_the_lines_that_have_it_played() {
    let unplayed = |record: &mut RunRecord| {
        for id in ["UPS-01", "DRY-06", "UPS-06"] {
            let own = of(record, id);
            own.verdict = Verdict::NotExercised;
            own.grants = vec![Need::Upstream.grant()];
        }
        of(record, "UPS-06").grants.push("--allow write".to_owned());
    };
    let of_hub = refused(SetName::HubFull, unplayed);
    assert_eq!(of_hub.len(), 2, "{of_hub:?}");
    assert!(of_hub[0].starts_with("UPS-06 was not exercised: it needs [upstream] conn_123 = "));
    assert!(of_hub[1].starts_with("DRY-06, UPS-01 were not exercised: the run needs a connection whose vendor"));
    assert!(!of_hub[1].contains("by_connector"), "{of_hub:?}");
    let of_connector = &refused(SetName::Connector, unplayed)[1];
    for part in [
        "a connection of servicenow whose vendor it may play",
        "[upstream.conn_123]\n",
        "vendor = \"servicenow\"",
        "servicenow = [\"conn_…\", \"conn_123\"]",
    ] {
        assert!(of_connector.contains(part), "{part}\n{of_connector}");
    }
}

#[test]
fn what_is_beyond_the_set_does_not_count_and_is_told() {
    let certificate = issued(SetName::HubCore, |record| {
        violate(record, "DRY-01");
        of(record, "DRY-02").verdict = Verdict::NotExercised;
    });
    let certificate = certificate.unwrap();
    assert_eq!(certificate.warned, ["DRY-01".parse().unwrap()]);
    assert!(!certificate.passed.contains(&"DRY-02".parse().unwrap()));
}

#[test]
fn a_should_warns_unless_it_gates_or_is_excused() {
    let should = "AUTH-04";
    let certificate = issued(SetName::HubCore, |record| violate(record, should)).unwrap();
    assert_eq!(certificate.warned, [should.parse().unwrap()]);
    let excused = refused(SetName::HubCore, |record| {
        violate(record, should);
        of(record, should).known_count = 2;
    });
    assert!(excused[0].contains("baseline"), "{excused:?}");
    let mut record = record();
    violate(&mut record, should);
    let gate = Gate {
        fail_on: FailOn::Should,
        require: Vec::new(),
    };
    let set = set(SetName::HubCore);
    let claim = Claim {
        set: &set,
        subjects: Vec::new(),
        url: None,
        connector: None,
    };
    let gated = issue(&Report::of(&record, gate, Exit::UNDECIDED), Sha256::of(""), claim);
    assert_eq!(
        gated.unwrap_err().to_string(),
        "no certificate is issued:\n  AUTH-04 is violated, 2 times"
    );
}

#[test]
fn a_part_of_a_run_is_not_certified() {
    assert_eq!(
        refused(SetName::HubCore, |record| record.end =
            RunEnd::Interrupted("stopped by a signal".to_owned())),
        ["the run did not come to its end: stopped by a signal"]
    );
    assert_eq!(
        refused(SetName::HubCore, |record| record.shard = Shard::new(2, 3).ok()),
        ["shard 2/3 of a run shows a part alone: run the whole"]
    );
    assert_eq!(
        refused(SetName::HubCore, |record| record.left_out = vec![GET.to_owned()]),
        [format!("the run left out {GET}: leave --tools out")]
    );
    assert_eq!(
        refused(SetName::HubCore, |record| record.catalogue = None),
        ["the hub told of no catalogue of tools"]
    );
}

#[test]
fn a_connector_is_certified_with_all_of_its_tools() {
    let certificate = issued(SetName::Connector, |record| {
        record.connector = Some("servicenow".to_owned());
        record.left_out = vec!["crm.deals.get".to_owned()];
    });
    assert!(certificate.is_ok(), "{certificate:?}");
    let lines = refused(SetName::Connector, |record| {
        record.denied = vec!["itsm.tickets.delete".to_owned()];
        record.tools[0].answered_by.clear();
        record.tools[1].answered_by.insert("conn_jira".to_owned(), 1);
        of(record, "EXE-01").tried_tools = [GET.to_owned()].into();
    });
    assert_eq!(
        lines,
        [
            format!("EXE-01 was not tried on {CREATE}"),
            "itsm.tickets.delete is kept out by the profile's [safety]: a connector is certified with all of its tools"
                .to_owned(),
            format!("{CREATE} never succeeded without a dry run: give inputs that exist ([inputs] in the profile)"),
            format!(
                "{GET} was answered by the connection conn_jira, which is not the connector's: name one of its own for the domain in \
                 [connections.by_connector]"
            ),
        ]
    );
}

#[test]
fn a_connectors_results_are_those_of_another_as_far_as_they_could_be_compared() {
    let compared = |comparisons: Vec<Comparison>| {
        issued(SetName::Connector, |record| {
            let of = |(tool, comparison): (&str, Comparison)| ComparedTool {
                tool: tool.to_owned(),
                connectors: ["servicenow", "jira"].map(str::to_owned),
                comparison,
            };
            record.observations.equal_results = [GET, CREATE].into_iter().zip(comparisons).map(of).collect();
        })
    };
    let unknown = || Comparison::Unknown("at jira the call was answered: 502".to_owned());
    let certificate = compared(vec![Comparison::Equal, unknown()]).unwrap();
    let connector = certificate.connector.unwrap();
    assert_eq!(connector.equal, [(GET.to_owned(), "jira".to_owned())].into());
    let why = "not compared with jira: at jira the call was answered: 502".to_owned();
    assert_eq!(connector.uncompared, [(CREATE.to_owned(), why)].into());
    let unseen = compared(vec![Comparison::Equal]).unwrap().connector.unwrap().uncompared;
    assert_eq!(unseen[CREATE], "the run made no calls to compare");
    let alone = issued(SetName::Connector, |record| {
        let why = |tool: &str| (tool.to_owned(), "a person must approve it".to_owned());
        record.observations.uncompared = [GET, CREATE].map(why).into();
    });
    let alone = alone.unwrap().connector.unwrap();
    assert!(alone.equal.is_empty());
    assert_eq!(alone.uncompared.len(), 2);
    assert_eq!(alone.uncompared[CREATE], "a person must approve it");
    let words = |comparisons| compared(comparisons).unwrap_err().to_string();
    let differs = Comparison::Different(vec!["`/priority` is \"high\" and \"low\"".to_owned()]);
    assert!(words(vec![Comparison::Equal, differs]).contains(&format!(
        "{CREATE} fails equal-results: its results are other ones than at jira: `/priority` is"
    )));
    let undecided = words(vec![unknown(), unknown()]);
    assert!(
        undecided.contains(&format!(
            "equal-results was not exercised: {GET} not compared with jira: at jira"
        )),
        "{undecided}"
    );
}

#[test]
fn a_connector_is_certified_in_no_domain_whose_vendor_nobody_played() {
    let other = "knowledge.articles.get";
    let of_two_domains = |played: &[&str]| {
        let played = played.iter().map(|tool| (*tool).to_owned());
        issued(SetName::Connector, |record| {
            record.tools.push(tool(other, Risk::Read));
            for result in &mut record.results {
                result.tried_tools.insert(other.to_owned());
                if result.id.area == Area::Ups {
                    result.tried_tools = played.clone().collect();
                }
            }
        })
    };
    assert!(of_two_domains(&[GET, other]).is_ok());
    let Refusal(shortfalls) = of_two_domains(&[GET, CREATE]).unwrap_err();
    let [shortfall] = &shortfalls[..] else {
        panic!("{shortfalls:?}")
    };
    assert_eq!(
        shortfall.to_string(),
        "UPS-01, UPS-02, UPS-03, UPS-04, UPS-05, UPS-07, UPS-08: nothing shows what servicenow makes of a vendor that fails in knowledge: \
         name a connection of it of each such domain in [upstream]"
    );
}

#[test]
fn each_requirement_is_shown_in_each_domain_that_has_tools_of_its_kind() {
    let (get, create) = ("knowledge.articles.get", "knowledge.articles.create");
    let tried = |id: &str, tools: [&str; 2]| {
        let refused = issued(SetName::Connector, |record| {
            record.tools.push(tool(create, Risk::Write));
            record.tools.push(tool(get, Risk::Read));
            for result in &mut record.results {
                result.tried_tools.extend([get, create].map(str::to_owned));
            }
            of(record, id).tried_tools = tools.iter().map(|tool| (*tool).to_owned()).collect();
        });
        refused.err().map(|refusal| refusal.to_string()).unwrap_or_default()
    };
    for id in ["UPS-01", "UPS-06", "DRY-06", "IDM-09"] {
        assert_eq!(tried(id, [CREATE, create]), "", "{id}");
        let refused = tried(id, [CREATE, GET]);
        assert!(
            refused.contains(&format!(
                "{id}: nothing shows what servicenow makes of a vendor that fails in knowledge"
            )),
            "{refused}"
        );
    }
    assert!(tried("UPS-06", [CREATE, CREATE]).contains("with a tool there that makes records"));
    // What changes nothing is not tried with writes.
    assert!(!tried("UPS-01", [CREATE, CREATE]).contains("makes records"));
}

#[test]
fn what_a_connectors_run_might_not_do_is_not_asked() {
    let read = |record: &mut RunRecord| {
        record.allow = Allow::Read;
        record.tools[0].answered_by.clear();
        of(record, "IDM-01").verdict = Verdict::NotExercised;
        of(record, "EXE-01").tried_tools = [GET.to_owned()].into();
    };
    assert!(issued(SetName::Connector, read).is_ok());
    assert!(refused(SetName::HubFull, read)[0].contains("IDM-01"));
}
