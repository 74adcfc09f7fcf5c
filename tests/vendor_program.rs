//! A program that triggers a vendor's faults (`[upstream.conn_x] command`), before a reference hub in a process of its own.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod reference_hub;

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::reference_hub::Hub;

const CONNECTION: &str = "conn_itsm_servicenow_staging";

/// Plays the vendor by a process that it starts anew for each question: with the fault that begins, or without one.
const PROGRAM: &str = r#"
set -eu
cd "$(dirname "$0")"
question=$(cat)
printf '%s\n' "$question" >> questions
fault=$(printf '%s' "$question" | sed -n 's/.*"action":"begin".*"fault":"\([^"]*\)".*/--fault \1/p')
if [ -f pid ]; then
    kill -9 "$(cat pid)"
fi
# It is there once it says so; until the port is free again it says nothing.
until
    rm -f ready && mkfifo ready
    # shellcheck disable=SC2086
    HUBPROOF vendor --vendor servicenow --listen ADDRESS $fault > ready 2> /dev/null &
    echo $! > pid
    read -r line < ready
do :; done
"#;

/// A folder with the program, and the vendor that it has started.
struct Sandbox {
    folder: TempDir,
    address: SocketAddr,
}

impl Sandbox {
    fn start() -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let folder = TempDir::new().unwrap();
        let program = PROGRAM
            .replace("HUBPROOF", env!("CARGO_BIN_EXE_hubproof"))
            .replace("ADDRESS", &address.to_string());
        fs::write(folder.path().join("faults.sh"), program).unwrap();
        let sandbox = Self { folder, address };
        let question = sandbox.path().join("question");
        fs::write(&question, "{\"action\":\"end\"}").unwrap();
        let started = Command::new("sh")
            .arg(sandbox.path().join("faults.sh"))
            .stdin(fs::File::open(question).unwrap())
            .status();
        assert!(started.unwrap().success());
        sandbox
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Proves the vendor's requirements on a hub that reaches the vendor, and gives the report.
    fn prove(&self, command: &str, defects: &[&str]) -> Value {
        let link = format!("{CONNECTION}=http://{}", self.address);
        let defects: Vec<_> = defects.iter().flat_map(|defect| ["--defect", defect]).collect();
        let arguments = ["--vendor-url", &link, "--vendor-time-limit", "1500"];
        let hub = Hub::start_with(&[&arguments[..], &defects].concat());
        let profile = format!(
            "[target]\nurl = \"{}\"\n[keys]\nprimary = \"${{HUB_KEY}}\"\n[upstream.{CONNECTION}]\ndomain = \"itsm\"\n\
             command = [{command}]\nlimit = \"5s\"\n[inputs]\n\"itsm.tickets.get\".values = {{ \"/ticket_id\" = \"INC0010001\" }}\n",
            hub.url()
        );
        fs::write(self.path().join("hub.toml"), profile).unwrap();
        let only = "run --profile hub.toml --only UPS,DRY-06,IDM-09 --allow write --cases 2 -q --out out --format json";
        let ended = Command::new(env!("CARGO_BIN_EXE_hubproof"))
            .args(only.split(' '))
            .current_dir(self.path())
            .env("HUB_KEY", hub.key("primary"))
            .output()
            .unwrap();
        let report = fs::read(self.path().join("out/report.json"));
        let report = report.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&ended.stderr)));
        serde_json::from_slice(&report).unwrap()
    }

    fn program(&self) -> String {
        format!("\"sh\", \"{}\"", self.path().join("faults.sh").display())
    }

    /// What the program was asked.
    fn questions(&self) -> Vec<Value> {
        let questions = fs::read_to_string(self.path().join("questions")).unwrap();
        questions
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let id = fs::read_to_string(self.path().join("pid")).ok();
        if let Some(pid) = id.and_then(|id| id.trim().parse().ok()).and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// Verdict and reason of a requirement.
fn verdict(report: &Value, id: &str) -> (String, String) {
    let mut all = report["requirements"].as_array().unwrap().iter();
    let own = all.find(|own| own["id"] == id).unwrap();
    let text = |name: &str| own[name].as_str().unwrap_or_default().to_owned();
    (text("verdict"), text("reason"))
}

#[test]
fn what_the_hubs_answers_show_is_judged_and_the_rest_says_why_not() {
    let sandbox = Sandbox::start();
    let report = sandbox.prove(&sandbox.program(), &[]);
    for id in ["UPS-01", "UPS-02", "UPS-03", "UPS-04", "UPS-05", "UPS-08"] {
        let (verdict, reason) = verdict(&report, id);
        assert_eq!(verdict, "held", "{id}: {reason}");
    }
    for id in ["UPS-06", "UPS-07", "DRY-06", "IDM-09"] {
        let (verdict, reason) = verdict(&report, id);
        assert!(
            verdict == "not_exercised" && reason.contains("does not tell what reaches it"),
            "{id}: {verdict}: {reason}"
        );
    }
    let questions = sandbox.questions();
    let begun: Vec<_> = questions.iter().filter(|asked| asked["action"] == "begin").collect();
    assert!(
        begun.iter().any(|asked| asked["fault"] == "status:503"),
        "{questions:?}"
    );
    for asked in &begun {
        assert_eq!(
            (&asked["connection"], &asked["domain"]),
            (&CONNECTION.into(), &"itsm".into())
        );
        assert!(asked["tool"].as_str().unwrap().starts_with("itsm."), "{asked}");
    }
    // One end for each beginning, and none but after it; the first is the sandbox's own.
    let actions: Vec<_> = questions[1..]
        .iter()
        .map(|asked| asked["action"].as_str().unwrap())
        .collect();
    assert!(actions.chunks(2).all(|pair| pair == ["begin", "end"]), "{actions:?}");
}

#[test]
fn a_hub_that_takes_the_vendors_401_for_the_clients_is_found() {
    let sandbox = Sandbox::start();
    let report = sandbox.prove(&sandbox.program(), &["vendor-401-is-the-clients"]);
    assert_eq!(verdict(&report, "UPS-03").0, "violated");
    assert_eq!(verdict(&report, "UPS-01").0, "held");
}

#[test]
fn a_program_that_triggers_nothing_shows_nothing() {
    let sandbox = Sandbox::start();
    let report = sandbox.prove("\"true\"", &[]);
    for id in ["UPS-01", "UPS-02", "UPS-03", "UPS-04", "UPS-05", "UPS-08"] {
        let (verdict, reason) = verdict(&report, id);
        assert!(
            verdict == "not_exercised" && reason.contains("as if the vendor were sound"),
            "{id}: {verdict}: {reason}"
        );
    }
}

#[test]
fn a_program_that_fails_is_told_with_what_it_says() {
    let sandbox = Sandbox::start();
    let report = sandbox.prove("\"sh\", \"-c\", \"echo no such fault >&2; exit 3\"", &[]);
    let (verdict, reason) = verdict(&report, "UPS-02");
    assert_eq!(verdict, "not_exercised", "{reason}");
    for part in [
        "sh does not begin throttle:7 (exit status: 3)",
        "`no such fault`",
        CONNECTION,
    ] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
}
