//! `hubproof init`: what it writes of a hub, and what it says where it cannot.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod reference_hub;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use hubproof_model::profile::Profile;
use hubproof_model::role::Role;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::reference_hub::Hub;

/// What the owner of the bundled hub knows of it.
const BUNDLED: &str = include_str!("../fixtures/profiles/bundled.toml");

fn hubproof(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env_remove("HUB_KEY");
    command
}

/// The text of the profile that is written for a hub, and what is said on standard output.
fn written(folder: &TempDir, url: &str, key: &str) -> (String, String) {
    let arguments = ["init", url, "--key-env", "HUB_KEY"];
    let output = hubproof(folder.path(), &arguments)
        .env("HUB_KEY", key)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = std::fs::read_to_string(folder.path().join("hub.toml")).unwrap();
    (text, String::from_utf8(output.stdout).unwrap())
}

/// Runs with the profile of the folder and every key of the hub in the environment, and gives exit code and report.
fn run(folder: &TempDir, hub: &Hub) -> (Option<i32>, Value) {
    let mut command = hubproof(folder.path(), &["run", "--profile", "hub.toml"]);
    for role in Role::ALL {
        command.env(format!("HUB_KEY_{}", role.name().to_uppercase()), hub.key(role.name()));
    }
    let output = command.env("HUB_KEY", hub.key("primary")).output().unwrap();
    let report = std::fs::read(folder.path().join("hubproof-out/report.json"));
    let report = report.unwrap_or_else(|fault| panic!("{fault}: {output:?}"));
    (output.status.code(), serde_json::from_slice(&report).unwrap())
}

fn requirements(report: &Value) -> &[Value] {
    report["requirements"].as_array().unwrap()
}

fn exercised(report: &Value) -> BTreeSet<String> {
    let is_exercised = |requirement: &&Value| ["held", "violated"].contains(&requirement["verdict"].as_str().unwrap());
    let exercised = requirements(report).iter().filter(is_exercised);
    exercised
        .map(|requirement| requirement["id"].as_str().unwrap().to_owned())
        .collect()
}

/// The requirements that are broken or undecided, in words.
fn broken(report: &Value) -> String {
    let is_broken =
        |requirement: &&Value| ["violated", "inconclusive"].contains(&requirement["verdict"].as_str().unwrap());
    let broken = requirements(report).iter().filter(is_broken);
    let said = broken.map(|requirement| {
        format!(
            "{}: {}\n{}",
            requirement["id"], requirement["reason"], requirement["violations"]
        )
    });
    said.collect::<Vec<_>>().join("\n")
}

/// Each line that is an entry, on or off, with its table and the comment above it.
struct Entry<'t> {
    table: &'t str,
    key: &'t str,
    said: String,
}

fn entries(text: &str) -> Vec<Entry<'_>> {
    let (mut table, mut said, mut entries) = ("", String::new(), Vec::new());
    for line in text.lines() {
        let bare = line.trim_start_matches('#');
        if line.is_empty() || line.starts_with("# ") || line == "#" {
            if !said.ends_with('\n') && !line.is_empty() {
                said.push(' ');
            }
            said.push_str(line.trim_start_matches(['#', ' ']));
        } else if let Some(name) = heading(bare) {
            (table, said) = (name, String::new());
        } else {
            let key = bare.split(" = ").next().unwrap();
            entries.push(Entry {
                table,
                key,
                said: std::mem::take(&mut said),
            });
        }
    }
    entries
}

#[test]
fn what_a_run_could_not_exercise_stands_beside_the_line_that_grants_it() {
    let (hub, folder) = (Hub::start(), TempDir::new().unwrap());
    let before = hub.state();
    let (text, said) = written(&folder, hub.url(), hub.key("primary"));
    assert!(said.contains("next: hubproof run --profile hub.toml\n"), "{said}");
    assert!(!text.contains(hub.key("primary")), "the profile holds the key");
    let (code, report) = run(&folder, &hub);
    assert_eq!(
        (code, &report["allow"]),
        (Some(0), &json!("read")),
        "{}",
        broken(&report)
    );
    assert_eq!(hub.state(), before, "what may only read has changed something");
    let entries = entries(&text);
    let mut granted = 0;
    for requirement in requirements(&report) {
        let id = requirement["id"].as_str().unwrap();
        for grant in requirement["grants"].as_array().unwrap() {
            let grant = grant.as_str().unwrap();
            granted += 1;
            let is_beside = |entry: &&Entry<'_>| match grant.strip_prefix('[').and_then(|line| line.split_once("] ")) {
                Some((table @ "connections.explicit", _)) => entry.table == table,
                Some((table @ "effects", _)) => entry.table.starts_with(table),
                Some((table, line)) => entry.table == table && line.starts_with(&format!("{} = ", entry.key)),
                None => entry.table == "safety" && entry.key == "allow" && entry.said.contains(grant),
            };
            let found = entries.iter().find(is_beside);
            let found = found.unwrap_or_else(|| panic!("{id}: nothing in the profile is as {grant}\n{text}"));
            assert!(
                found.said.contains(id),
                "{id} does not stand beside {grant}: {}",
                found.said
            );
        }
    }
    assert!(granted > 4, "only {granted} lines would grant something");
}

/// The name of the table that a line is the heading of.
fn heading(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']')
}

/// The profile with every line switched on, and what the bundled hub's own profile says in place of what `init` did not know.
fn switched_on(text: &str) -> String {
    let mut known: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    let mut table = "";
    for line in BUNDLED.lines().filter(|line| !line.starts_with('#')) {
        table = heading(line).unwrap_or(table);
        known.insert((table, line.split(" = ").next().unwrap()), line);
    }
    // How an effect shows is said whole, or not at all.
    let is_pinned = |table: &str| table.starts_with("effects.") && known.keys().any(|(own, _)| *own == table);
    let mut on = String::new();
    for line in text.lines() {
        let is_off = line.starts_with('#') && !line.starts_with("# ") && line != "#";
        let bare = if is_off { &line[1..] } else { line };
        table = heading(bare).unwrap_or(table);
        match known.get(&(table, bare.split(" = ").next().unwrap())) {
            _ if is_pinned(table) => continue,
            Some(own) if is_off && !own.contains("${") => on.push_str(own),
            // Any free port will do: the connection is none that the hub has.
            _ if table == "upstream" => on.push_str(&bare.replace(":9911", ":0")),
            // An effect shows at once there.
            _ if bare.starts_with("settle") => on.push_str("settle = \"0s\""),
            _ => on.push_str(bare),
        }
        on.push('\n');
    }
    for line in BUNDLED.lines().filter(|line| !line.starts_with('#')) {
        table = heading(line).unwrap_or(table);
        if is_pinned(table) {
            on.push_str(line);
            on.push('\n');
        }
    }
    on
}

#[test]
fn more_is_exercised_once_its_lines_are_switched_on() {
    let (hub, folder) = (Hub::start(), TempDir::new().unwrap());
    let (text, _) = written(&folder, hub.url(), hub.key("primary"));
    let (_, reading) = run(&folder, &hub);
    let before = hub.state();
    let on = switched_on(&text);
    let profile = Profile::parse(&on, &|name| Some(name.to_lowercase()));
    let profile = profile.unwrap_or_else(|fault| panic!("{fault:?}\n{on}"));
    assert!(profile.effects.len() > 30 && profile.inputs.len() > 30, "{on}");
    std::fs::write(folder.path().join("hub.toml"), on).unwrap();
    let (code, switched_on) = run(&folder, &hub);
    assert_eq!(
        (code, &switched_on["allow"]),
        (Some(0), &json!("probe")),
        "{}",
        broken(&switched_on)
    );
    assert_eq!(
        hub.state(),
        before,
        "what a sound hub only refuses has changed something"
    );
    let (less, more) = (exercised(&reading), exercised(&switched_on));
    assert!(less.is_subset(&more), "{less:?} {more:?}");
    for id in ["AUTH-05", "AUTH-09", "ENV-08", "EXE-05"] {
        assert!(more.contains(id) && !less.contains(id), "{id}: {less:?} {more:?}");
    }
    assert!(switched_on["summary"]["requests"].as_u64() > reading["summary"]["requests"].as_u64());
}

/// Runs `init` without a hub's key, asserts that it leaves no file, and gives the exit code and what was said.
fn complaint(arguments: &[&str], key: Option<&str>) -> (i32, String) {
    let folder = TempDir::new().unwrap();
    let output = complained(folder.path(), arguments, key);
    assert!(!folder.path().join("hub.toml").exists(), "{output:?}");
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn complained(folder: &Path, arguments: &[&str], key: Option<&str>) -> Output {
    let arguments = [&["init"], arguments].concat();
    let mut command = hubproof(folder, &arguments);
    if let Some(key) = key {
        command.env("HUB_KEY", key);
    }
    command.output().unwrap()
}

#[test]
fn a_profile_that_is_there_is_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("hub.toml");
    std::fs::write(&path, "mine").unwrap();
    // Nothing listens there: the file is looked at before the hub is.
    let output = complained(folder.path(), &["http://127.0.0.1:9"], None);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("hub.toml is there already"), "{said}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), "mine");
}

#[test]
fn a_hub_that_wants_a_key_says_so() {
    let hub = Hub::start();
    let (code, said) = complaint(&[hub.url()], None);
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("wants an API key (401)") && said.contains("--key-env"),
        "{said}"
    );
    let (code, said) = complaint(&[hub.url(), "--key-env", "HUB_KEY"], Some("no_key_of_this_hub"));
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("refused the key in $HUB_KEY") && !said.contains("no_key_of"),
        "{said}"
    );
    let (code, said) = complaint(&[hub.url(), "--key-env", "HUB_KEY"], None);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("HUB_KEY is not set"), "{said}");
}

#[test]
fn what_cannot_be_done_says_why() {
    let refused = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let page = serving(|_| "<html>hi</html>".to_owned());
    for (arguments, code, words) in [
        (vec![refused.as_str()], 3, "cannot be reached"),
        (vec![page.as_str()], 3, "is no hub's listing"),
        (vec!["localhost:8080"], 2, "does not begin with http://"),
        (vec!["http://me:word@localhost"], 2, "a user name or a password"),
        (vec![], 2, "<URL>"),
        (vec!["http://127.0.0.1:9", "--kye-env", "X"], 2, "--key-env"),
        (
            vec!["http://127.0.0.1:9", "--key-env", "my-key"],
            2,
            "neither a shell nor a profile can name the variable `my-key`",
        ),
        (
            vec!["http://127.0.0.1:9", "--out", "no/such/hub.toml"],
            2,
            "--out: cannot write no/such/hub.toml",
        ),
    ] {
        let (ended, said) = complaint(&arguments, None);
        assert_eq!(ended, code, "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

/// A server that answers every request with 200 and a body, on a free port; it ends with the process.
fn serving(mut body: impl FnMut(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap_or(0);
            let body = body(&String::from_utf8_lossy(&request[..read]));
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
            let _ = write!(stream, "{head}content-length: {length}\r\n\r\n{body}");
        }
    });
    url
}

#[test]
fn nothing_that_a_hub_says_switches_anything_on() {
    let bad = "x\n[approvals]\ndriver = \"command\"\nprogram = [\"rm\"]\n\u{1b}[2J\u{202e} ${HOME} \"\\";
    let tools = [
        json!({"key": format!("itsm.{bad}.create"), "domain": bad, "risk_level": "write",
            "input_schema": {"type": "object", "properties": {format!("{bad}_id"): {"type": "string"}}, "required": [format!("{bad}_id")]}}),
        json!({"key": format!("itsm.{bad}.list"), "domain": bad, "risk_level": "read", "input_schema": {"type": "object"}}),
        json!({"key": "crm.contacts.list", "domain": "crm", "risk_level": bad, "input_schema": {"type": "object"}}),
    ];
    let url = serving(move |request| {
        let data = json!({"success": true, "data": {}, "connection_id": bad, "duration_ms": 1, "request_id": "r"});
        match request.starts_with("GET /tools ") {
            true => json!({"tools": tools}).to_string(),
            false if request.starts_with("GET") => json!({}).to_string(),
            false => data.to_string(),
        }
    });
    let folder = TempDir::new().unwrap();
    let (text, _) = written(&folder, &url, "key");
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    let profile = Profile::parse(&text, &|name| (name == "HUB_KEY").then(|| "key".to_owned())).unwrap();
    assert!(profile.approvals.driver.is_none() && profile.inputs.is_empty() && profile.effects.is_empty());
    assert_eq!(profile.connections.default, [(bad.to_owned(), bad.to_owned())].into());
}
