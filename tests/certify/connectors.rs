//! Certificates of a single connector.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::Path;

use hubproof_certificate::certificate::Certificate;
use hubproof_certificate::statement::Statement;
use serde_json::Value;
use tempfile::TempDir;

use crate::reference_hub;
use crate::stage::{CERTIFICATE, command, ended, hubproof};

#[test]
fn a_connector_that_the_profile_or_the_hub_does_not_know_is_told() {
    let folder = TempDir::new().unwrap();
    let connector = ["certify", "--set", "connector", "--unsigned", "-q", "--connector"];
    let slip = hubproof(folder.path(), &[&connector[..], &["servicenov"]].concat());
    assert_eq!(slip.code, 9);
    assert!(
        slip.err.contains("did you mean `servicenow`?") && slip.err.contains("[connections.by_connector]"),
        "{}",
        slip.err
    );
    let hub = reference_hub::Hub::start();
    let profile = format!(
        "[target]\nurl = \"{}\"\n[keys]\nprimary = \"${{HUB_KEY}}\"\n[connections.by_connector]\nsage = [\"conn_1\"]\n",
        hub.url()
    );
    fs::write(folder.path().join("hub.toml"), profile).unwrap();
    let arguments = [&connector[..], &["sage", "--profile", "hub.toml"]].concat();
    let unknown = ended(
        command(folder.path(), &arguments)
            .env("HUB_KEY", hub.key("primary"))
            .output()
            .unwrap(),
    );
    assert_eq!(unknown.code, 9, "{}", unknown.err);
    assert!(
        unknown.err.contains("no tool of the hub names the connector `sage`"),
        "{}",
        unknown.err
    );
}

/// The arguments of a quick run of a connector, unsigned, whose reports go to `out`.
fn connector<'a>(name: &'a str, allow: &'a str) -> Vec<&'a str> {
    let line = "certify --set connector --cases 2 --unsigned -q --out out --connector";
    let mut arguments: Vec<_> = line.split(' ').collect();
    arguments.extend([name, "--allow", allow]);
    arguments
}

/// The certificate that a run of a connector wrote.
fn written(folder: &Path) -> Certificate {
    let text = fs::read_to_string(folder.join("out/statement.json")).unwrap();
    Statement::read(text.as_bytes()).unwrap().certificate().unwrap()
}

/// Which connections answered for the tools of a run, by the report.
fn answered(folder: &Path) -> BTreeSet<String> {
    let report: Value = serde_json::from_slice(&fs::read(folder.join("out/report.json")).unwrap()).unwrap();
    let tools = report["tools"].as_array().unwrap().iter();
    let connections = tools.flat_map(|tool| tool["answered_by"].as_object().unwrap().keys().cloned());
    connections.collect()
}

#[test]
fn a_connector_that_is_not_its_domains_default_is_certified_on_its_own_connection() {
    let folder = TempDir::new().unwrap();
    let certified = hubproof(folder.path(), &connector("jira", "write"));
    assert_eq!(certified.code, 0, "{}{}", certified.out, certified.err);
    assert_eq!(
        answered(folder.path()),
        BTreeSet::from(["conn_itsm_jira".to_owned()]),
        "the default is ServiceNow's"
    );
    let certificate = written(folder.path());
    let own = ["conn_itsm_jira", "conn_itsm_jira_staging"];
    assert_eq!(certificate.connector.as_ref().unwrap().connections, own);
    let equal = &certificate.connector.as_ref().unwrap().equal;
    for tool in ["itsm.tickets.create", "itsm.tickets.update", "itsm.tickets.list"] {
        assert_eq!(equal.get(tool).map(String::as_str), Some("servicenow"), "{tool}");
    }
    for shown in ["UPS-01", "UPS-06", "DRY-06", "IDM-09"] {
        assert!(certificate.passed.contains(&shown.parse().unwrap()), "{shown}");
    }
}

/// The certificate of Jira's connector on a hub where these connectors have one connection each, which all are in [upstream].
fn certified_where_all_are_played(connectors: &[&str]) -> Certificate {
    let free = |connector: &&str| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        ((*connector).to_owned(), listener.local_addr().unwrap(), listener)
    };
    let ports: Vec<_> = connectors.iter().map(free).collect();
    let links = ports
        .iter()
        .flat_map(|(name, port, _)| ["--vendor-url".to_owned(), format!("conn_itsm_{name}=http://{port}")]);
    let links: Vec<_> = links.collect();
    let mut flags: Vec<_> = links.iter().map(String::as_str).collect();
    flags.extend(["--vendor-time-limit", "1500"]);
    let hub = reference_hub::Hub::start_with(&flags);
    let by_connector = ports
        .iter()
        .map(|(name, _, _)| format!("{name} = [\"conn_itsm_{name}\"]\n"));
    let upstream = ports.iter().map(|(name, port, _)| {
        format!(
            "[upstream.conn_itsm_{name}]\ndomain = \"itsm\"\nvendor = \"{name}\"\nlisten = \"{port}\"\nlimit = \"5s\"\n"
        )
    });
    let (by_connector, upstream): (String, String) = (by_connector.collect(), upstream.collect());
    let folder = TempDir::new().unwrap();
    let profile = format!(
        "[target]\nurl = \"{}\"\n[keys]\nprimary = \"${{HUB_KEY}}\"\n[connections.by_connector]\n{by_connector}{upstream}\
         [inputs]\n\"itsm.tickets.get\".values = {{ \"/ticket_id\" = \"INC0010001\" }}\n\
         \"itsm.comments.list\".values = {{ \"/ticket_id\" = \"INC0010001\" }}\n\
         \"itsm.changes.get\".values = {{ \"/change_id\" = \"CHG0002001\" }}\n",
        hub.url()
    );
    fs::write(folder.path().join("hub.toml"), profile).unwrap();
    drop(ports);
    let arguments = [connector("jira", "read"), vec!["--profile", "hub.toml"]].concat();
    let mut certify = command(folder.path(), &arguments);
    let certified = ended(certify.env("HUB_KEY", hub.key("primary")).output().unwrap());
    assert_eq!(certified.code, 0, "{}{}", certified.out, certified.err);
    assert_eq!(answered(folder.path()), BTreeSet::from(["conn_itsm_jira".to_owned()]));
    written(folder.path())
}

#[test]
fn a_connector_whose_only_connection_is_played_is_certified() {
    let connector = certified_where_all_are_played(&["jira"]).connector.unwrap();
    assert!(connector.equal.is_empty(), "{connector:?}");
    assert_eq!(
        connector.uncompared["itsm.tickets.get"],
        "the profile names no connection of servicenow or zendesk in itsm"
    );
}

#[test]
fn connectors_whose_only_connections_are_played_are_compared() {
    let connector = certified_where_all_are_played(&["servicenow", "jira"])
        .connector
        .unwrap();
    for tool in ["itsm.tickets.get", "itsm.tickets.list"] {
        let with = connector.equal.get(tool).map(String::as_str);
        assert_eq!(with, Some("servicenow"), "{tool}: {connector:?}");
    }
}

#[test]
fn a_connector_whose_vendor_nobody_plays_is_refused_with_the_lines_that_have_it_played() {
    let folder = TempDir::new().unwrap();
    let refused = hubproof(folder.path(), &connector("workday", "read"));
    assert_eq!(refused.code, 7, "{}", refused.err);
    for part in [
        "UPS-01, UPS-02, UPS-03, UPS-04, UPS-05, UPS-07, UPS-08 were not exercised",
        "a connection of workday whose vendor it may play",
        "\n    [upstream.conn_123]\n",
    ] {
        assert!(refused.err.contains(part), "{part}\n{}", refused.err);
    }
}

#[test]
fn a_connector_whose_results_are_not_those_of_another_is_refused() {
    let folder = TempDir::new().unwrap();
    let defect = ["--defect", "priorities-shift-at-one-vendor"];
    let refused = hubproof(
        folder.path(),
        &[&connector("servicenow", "write")[..], &defect].concat(),
    );
    assert_eq!(refused.code, 7, "{}", refused.err);
    for part in [
        "\n  itsm.tickets.create fails equal-results: its results are other ones than at jira: `/priority` is \"",
        "read back: `/priority` is",
    ] {
        assert!(refused.err.contains(part), "{part}\n{}", refused.err);
    }
    let run = hubproof(folder.path(), &[&["run"][..], &defect].concat());
    assert!(
        run.code == 2 && run.err.contains("it shows between two connectors"),
        "{}",
        run.err
    );
}

#[test]
fn a_connector_that_asks_its_vendor_twice_is_refused() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        connector("servicenow", "write"),
        vec!["--defect", "vendor-errors-are-retried"],
    ]
    .concat();
    let refused = hubproof(folder.path(), &arguments);
    assert_eq!(refused.code, 7, "{}", refused.err);
    assert!(refused.err.contains("\n  UPS-06 is violated"), "{}", refused.err);
}

#[test]
fn a_statement_without_a_signature_is_what_would_have_been_signed() {
    let folder = TempDir::new().unwrap();
    let certified = hubproof(folder.path(), &connector("servicenow", "read"));
    assert_eq!(certified.code, 0, "{}{}", certified.out, certified.err);
    let certificate = written(folder.path());
    let own = ["conn_itsm_servicenow", "conn_itsm_servicenow_staging"];
    assert_eq!(certificate.connector.unwrap().connections, own);
    assert!(certificate.run.tools.keys().all(|tool| tool.starts_with("itsm.")));
    assert!(!folder.path().join("out").join(CERTIFICATE).exists());
}
