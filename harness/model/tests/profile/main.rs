//! Profiles as users write them: the two that come with the project, and every mistake with its place and words.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a test builds on is there, or the test fails"
)]

mod approvals;
mod bundled;
mod effects;
mod grants;
mod mistakes;
mod typos;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use hubproof_model::approval::Driver;
use hubproof_model::effect::{Effect, Pages};
use hubproof_model::profile::{DomainConnection, Profile, ProfileError};
use hubproof_model::role::Role;
use hubproof_model::safety::{Allow, Risk};
use hubproof_model::slo::Percentile;
use hubproof_model::surface::ResetUnit;
use serde_json::json;

const EXAMPLE: &str = include_str!("../../../../fixtures/profiles/example.toml");

/// An environment in which every variable is its own name, but for a few.
fn environment(name: &str) -> Option<String> {
    match name {
        "HUBPROOF_BUNDLED_URL" => Some("http://127.0.0.1:4711".to_owned()),
        "HUBPROOF_BUNDLED_VENDOR_SERVICENOW" => Some("127.0.0.1:4712".to_owned()),
        "HUBPROOF_BUNDLED_VENDOR_JIRA" => Some("127.0.0.1:4713".to_owned()),
        "EMPTY" => Some(" ".to_owned()),
        "ENDS_IN_A_LINE" => Some("hub_sk_secret\n".to_owned()),
        "ODD" => Some("hub_sk_secret\u{e9}".to_owned()),
        "SECRET" => Some("hub_sk_secret".to_owned()),
        "UNSET" => None,
        _ => Some(name.to_lowercase()),
    }
}

fn parse(text: &str) -> Result<Profile, ProfileError> {
    Profile::parse(text, &environment)
}

/// A profile with these lines after a sound `[target]`.
fn with(lines: &str) -> String {
    format!("[target]\nurl = \"https://hub.example\"\n{lines}")
}

fn parsed(lines: &str) -> Profile {
    parse(&with(lines)).unwrap()
}

/// Asserts of each that these lines after a sound `[target]` are refused, at this place and in these words.
fn assert_mistakes(mistakes: &[(&str, &str, &str)]) {
    for &(lines, place, message) in mistakes {
        let text = with(lines);
        let fault = parse(&text).expect_err(lines);
        assert_eq!(fault.message, message, "{lines}");
        assert_eq!(fault.to_string(), message);
        assert_eq!(&text[fault.span.clone().unwrap()], place, "{lines}");
        let help = fault.help.unwrap_or_default();
        for told in [fault.message, help] {
            assert!(!told.contains("hub_sk_secret"), "{told}");
        }
    }
}

#[test]
fn the_example_says_everything_once() {
    let profile = parse(EXAMPLE).unwrap();
    assert_eq!(profile.warnings, Vec::<String>::new());
    assert_eq!(profile.target.url, "https://hub.example/api/v1");
    assert_eq!(profile.target.timeout, Duration::from_secs(30));
    assert_eq!(profile.target.connect_timeout, Duration::from_secs(5));
    assert_eq!(profile.target.ca_file, Some(PathBuf::from("company-ca.pem")));
    let headers: Vec<_> = profile
        .target
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.expose()))
        .collect();
    assert_eq!(headers, [("X-Tenant", "hub_tenant")]);
    assert_eq!(profile.target.settle, Duration::from_secs(2));
    assert!(profile.target.exclusive);
    for role in Role::ALL {
        let key = profile.keys.get(role).unwrap();
        let suffix = match role {
            Role::Primary => String::new(),
            other => format!("_{}", other.name().to_uppercase()),
        };
        let variable = format!("HUB_KEY{suffix}");
        assert_eq!(key.secret.expose(), variable.to_lowercase());
        assert_eq!(key.variable, Some(variable));
    }
    assert_eq!(profile.keys.restricted_tool.as_deref(), Some("itsm.tickets.delete"));
    assert!(!profile.keys.disposable);
    let of_itsm = |id: &str| {
        Some(DomainConnection {
            domain: "itsm".to_owned(),
            id: id.to_owned(),
        })
    };
    assert_eq!(profile.connections.inactive, of_itsm("conn_zendesk_old"));
    assert_eq!(profile.connections.foreign, of_itsm("conn_other_servicenow"));
    assert_eq!(profile.connections.none, ["payments"]);
    assert_eq!(profile.connections.default["itsm"], "conn_servicenow");
    assert_eq!(profile.connections.explicit["itsm"], ["conn_jira"]);
    assert_eq!(profile.connections.by_connector["servicenow"], ["conn_servicenow"]);
    assert_eq!(profile.safety.allow, Some(Allow::Read));
    assert_eq!(profile.safety.allow_tools, ["itsm.*", "crm.*"]);
    assert_eq!(profile.safety.deny_tools, ["*.purge"]);
    assert_eq!(profile.safety.max_requests, Some(20_000));
    assert_eq!(profile.safety.rate, Some(50.0));
    assert_eq!(profile.safety.max_effects, Some(200));
    let inputs = &profile.inputs["itsm.tickets.update"];
    assert_eq!(
        inputs.examples,
        [json!({"ticket_id": "INC0010001", "changes": {"priority": "high"}})]
    );
    assert_eq!(inputs.values["/ticket_id"], [json!("INC0010001"), json!("INC0010002")]);
    assert_eq!(inputs.leave, ["/changes/custom_fields"]);
    let Effect::Creates(creates) = &profile.effects["itsm.tickets.create"] else {
        panic!("{:?}", profile.effects);
    };
    assert_eq!(
        (creates.marker.as_str(), creates.id.as_deref()),
        ("/title", Some("/id"))
    );
    assert_eq!(creates.undo.as_ref().unwrap().tool, "itsm.tickets.delete");
    assert!(matches!(&creates.read.pages, Some(Pages::Offset { .. })));
    let Effect::Changes(changes) = &profile.effects["itsm.tickets.update"] else {
        panic!("{:?}", profile.effects);
    };
    assert_eq!(
        (changes.object.as_str(), changes.id_at.as_str()),
        ("itsm.tickets.create", "/ticket_id")
    );
    assert!(matches!(&changes.read.pages, Some(Pages::Cursor { .. })));
    let fingerprint = &profile.effects["crm.pipelines.update"];
    assert!(matches!(fingerprint, Effect::Fingerprint(read) if read.input == json!({"pipeline_id": "PIPE-1"})));
    assert_eq!(profile.approvals.gated, ["itsm.changes.cancel"]);
    assert_eq!(profile.approvals.wait, Duration::from_secs(600));
    let of_reads = &profile.slo.by_risk[&Risk::Read];
    let latency = [50, 100, 150, 300, 1000, 5000].map(Duration::from_millis);
    assert!(
        of_reads
            .latency
            .iter()
            .eq(&Percentile::ALL.into_iter().zip(latency).collect::<BTreeMap<_, _>>())
    );
    assert_eq!(of_reads.error_rate, Some(0.001));
    let of_a_tool = &profile.slo.by_tool["itsm.tickets.list"].latency;
    assert_eq!(of_a_tool[&Percentile::P99], Duration::from_millis(200));
    let Some(Driver::Http(driver)) = &profile.approvals.driver else {
        panic!("{:?}", profile.approvals);
    };
    assert_eq!(driver.list.path, "/approvals?status=pending");
    assert_eq!(driver.reject.body, Some(json!({"reason": "a test"})));
    let dialect = serde_json::to_value(&profile.dialect).unwrap();
    assert!(
        dialect.as_object().unwrap().values().all(|member| !member.is_null()),
        "{dialect}"
    );
    assert_eq!(profile.dialect.limit_header.as_deref(), Some("RateLimit-Limit"));
    assert_eq!(profile.dialect.reset_unit, Some(ResetUnit::DeltaSeconds));
}

#[test]
fn a_profile_may_be_next_to_nothing() {
    let profile = parsed("");
    let of_url = Profile::of_url("https://hub.example");
    assert_eq!(format!("{profile:?}"), format!("{of_url:?}"));
}

#[test]
fn values_become_json() {
    let profile = parsed(
        r#"
        [inputs."a.b".values]
        "/when" = 2026-01-05 10:00:00Z
        "/day" = 2026-01-05
        "/numbers" = [0xff, 1_000.5, -3, 18446744073709551615]
        "/list" = [["a", "b"]]
        "/object" = { on = true, in = [{ name = "$${X} ${SECRET}" }] }
        [[inputs."a.b".examples]]
        deep.er = 1
        "#,
    );
    let inputs = &profile.inputs["a.b"];
    assert_eq!(inputs.values["/when"], [json!("2026-01-05T10:00:00Z")]);
    assert_eq!(inputs.values["/day"], [json!("2026-01-05")]);
    assert_eq!(
        inputs.values["/numbers"],
        [json!(255), json!(1000.5), json!(-3), json!(u64::MAX)]
    );
    assert_eq!(inputs.values["/list"], [json!(["a", "b"])]);
    assert_eq!(
        inputs.values["/object"],
        [json!({"on": true, "in": [{"name": "${X} hub_sk_secret"}]})]
    );
    assert_eq!(inputs.examples, [json!({"deep": {"er": 1}})]);
}

#[test]
fn rates_are_numbers_with_or_without_their_unit() {
    for (rate, number) in [("50", 50.0), ("0.5", 0.5), ("\"50/s\"", 50.0), ("\"2.5 /s\"", 2.5)] {
        assert_eq!(
            parsed(&format!("[safety]\nrate = {rate}")).safety.rate,
            Some(number),
            "{rate}"
        );
    }
}

#[test]
fn an_effect_may_show_at_once() {
    for (settle, milliseconds) in [("0s", 0), ("2s", 2_000)] {
        let profile = parsed(&format!("settle = \"{settle}\""));
        assert_eq!(profile.target.settle, Duration::from_millis(milliseconds));
    }
}

#[test]
fn a_key_remembers_its_variable_and_loses_the_end_of_its_line() {
    let profile = parsed("[keys]\nprimary = \"${ENDS_IN_A_LINE}\"\nsecondary = \"x${SECRET}\"");
    let primary = profile.keys.get(Role::Primary).unwrap();
    assert_eq!(primary.secret.expose(), "hub_sk_secret");
    assert_eq!(primary.variable.as_deref(), Some("ENDS_IN_A_LINE"));
    let secondary = profile.keys.get(Role::Secondary).unwrap();
    assert_eq!(secondary.secret.expose(), "xhub_sk_secret");
    assert_eq!(secondary.variable, None);
    assert_eq!(profile.warnings, Vec::<String>::new());
}

#[test]
fn a_url_given_elsewhere_stands_for_the_profiles() {
    let variables = |_: &str| None;
    for text in ["", "[target]\ntimeout = \"9s\"", "[target]\nurl = \"${UNSET}\""] {
        let profile = Profile::parse_with_url(text, Some("https://hub.example/"), &variables).unwrap();
        assert_eq!(profile.target.url, "https://hub.example");
    }
    let fault = Profile::parse_with_url("", Some("hub.example"), &variables).unwrap_err();
    assert_eq!(
        (fault.message.as_str(), fault.span),
        ("expected a URL that begins with http:// or https://", None)
    );
}

#[test]
fn what_is_no_mistake_is_a_warning() {
    let plain = "[keys]\nprimary = \"hub_sk_secret\"\nrestricted_tool = \"a.b\"\nshared_a = \"${SHARED}\"";
    assert_eq!(
        parsed(plain).warnings,
        [
            "`primary` in [keys] is written in plain text; \"${HUB_KEY_PRIMARY}\" would take it from the environment",
            "`restricted_tool` in [keys] says nothing without a `restricted` key",
            "`shared_a` and `shared_b` in [keys] serve only together, and one is missing",
        ]
    );
    let open = "[target]\nurl = \"http://hub.example\"\n[keys]\nprimary = \"${HUB_KEY}\"";
    let warning = "`url` in [target] is not https: keys sent there can be read on their way";
    assert_eq!(parse(open).unwrap().warnings, [warning]);
    let keyless = "[target]\nurl = \"http://hub.example//\"";
    assert_eq!(parse(keyless).unwrap().warnings, Vec::<String>::new());
}
