//! `hubproof vendor` as a user meets it, alone and before a reference hub.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod reference_hub;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::reference_hub::Hub;

/// A vendor that is ended when this is dropped.
struct Vendor {
    process: Child,
    lines: BufReader<ChildStdout>,
    ready: Value,
}

impl Vendor {
    fn start(arguments: &[&str]) -> Self {
        let mut process = command(arguments)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap();
        Self { process, lines, ready }
    }

    fn url(&self) -> &str {
        self.ready["url"].as_str().unwrap()
    }

    /// Ends it as Ctrl-C does, and gives its exit code and last line.
    fn stop(mut self) -> (i32, Value) {
        let pid = Pid::from_child(&self.process);
        kill_process(pid, Signal::INT).unwrap();
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        let code = self.process.wait().unwrap().code().unwrap();
        (code, serde_json::from_str(&line).unwrap())
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    command.arg("vendor").args(arguments).env("NO_COLOR", "1");
    command
}

fn output(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn complaint(arguments: &[&str]) -> String {
    ending_with(2, arguments)
}

/// What a command complains about that ends with this code.
fn ending_with(code: i32, arguments: &[&str]) -> String {
    let output = output(arguments);
    assert_eq!(output.status.code(), Some(code));
    String::from_utf8(output.stderr).unwrap()
}

/// Executes a tool on a connection of a hub.
fn execute(hub: &Hub, connection: &str, tool: &str, input: &Value) -> Value {
    let (address, base) = hub.url().strip_prefix("http://").unwrap().split_once('/').unwrap();
    let body = json!({"input": input, "connection_id": connection}).to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /{base}/tools/{tool}/execute HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        hub.key("primary"),
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn a_hub_in_its_own_process_meets_a_vendor_in_another() {
    let vendor = Vendor::start(&["--vendor", "jira", "--fault", "status:503", "--first", "1"]);
    assert_eq!(vendor.ready["connector"], "jira");
    assert_eq!(vendor.ready["pid"], vendor.process.id());
    let link = format!("conn_itsm_jira={}", vendor.url());
    let hub = Hub::start_with(&["--vendor-url", &link]);
    let create = || {
        execute(
            &hub,
            "conn_itsm_jira",
            "itsm.tickets.create",
            &json!({"title": "met over HTTP"}),
        )
    };
    let refused = create();
    assert_eq!(refused["error"]["details"]["vendor_status"], 503, "{refused}");
    assert_eq!(create()["data"]["title"], "met over HTTP");
    let (code, ending) = vendor.stop();
    // The second creation is read back.
    assert_eq!(
        ending,
        json!({"requests": 3, "changes": 2, "changes_carried_out": 1, "unauthorized": 0})
    );
    assert_eq!(code, 0);
}

#[test]
fn the_bundled_vendors_are_listed() {
    let output = output(&["--list"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        ["servicenow   ServiceNow", "jira         Jira", "slack        Slack"]
    );
}

#[test]
fn mistakes_are_one_message_each() {
    let unknown = complaint(&["--vendor", "servicenau"]);
    assert_eq!(
        unknown,
        "hubproof: --vendor: there is no vendor `servicenau`: give one of servicenow, jira, slack, or a vendor file\n"
    );
    let unreadable = complaint(&["--vendor", "nowhere/vendor.toml"]);
    assert!(
        unreadable.starts_with("hubproof: --vendor: cannot read nowhere/vendor.toml: "),
        "{unreadable}"
    );
    let fault = complaint(&["--fault", "explode"]);
    assert!(
        fault.contains("give status:N (400 to 599), throttle:SECONDS, wrong-type:N, or one of refuse, reset,"),
        "{fault}"
    );

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let in_use = ending_with(8, &["--listen", &address]);
    let message = format!("hubproof: --listen: cannot listen on {address}: ");
    assert!(in_use.starts_with(&message) && in_use.lines().count() == 1, "{in_use}");
}

#[test]
fn a_run_whose_vendors_port_is_taken_ends_with_the_code_of_that() {
    let hub = Hub::start();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let directory = TempDir::new().unwrap();
    let profile = format!(
        "[target]\nurl = \"{}\"\n[keys]\nprimary = \"${{HUB_KEY}}\"\n[upstream.conn_itsm_jira]\ndomain = \"itsm\"\nvendor = \"jira\"\n\
         listen = \"{}\"\n",
        hub.url(),
        taken.local_addr().unwrap()
    );
    let file = directory.path().join("hub.toml");
    std::fs::write(&file, profile).unwrap();
    let mut run = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    run.args(["run", "--only", "UPS-01", "--profile", file.to_str().unwrap()]);
    let ended = run
        .current_dir(&directory)
        .env("HUB_KEY", hub.key("primary"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(8), "{said}");
    assert!(said.contains("[upstream] conn_itsm_jira: cannot listen on"), "{said}");
}

#[test]
fn a_mistake_in_a_vendor_file_has_its_place() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("vendor.toml");
    std::fs::write(&file, "name = \"Notes\"\nconnector = \"notes\"\ncredential = 1\n").unwrap();
    let said = complaint(&["--vendor", file.to_str().unwrap()]);
    assert!(
        said.contains("unknown field `credential`") && said.contains("vendor.toml:3:1"),
        "{said}"
    );
}

#[test]
fn a_hub_that_is_linked_wrongly_does_not_start() {
    let hub = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_reference-hub"))
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let unknown = hub(&["--vendor-url", "conn_none=http://127.0.0.1:1"]);
    assert!(
        unknown.starts_with("reference-hub: no connection and no connector is called `conn_none`"),
        "{unknown}"
    );
    let unset = hub(&[
        "--vendor-url",
        "jira=http://127.0.0.1:1",
        "--vendor-key-env",
        "jira=HUBPROOF_TEST_UNSET",
    ]);
    assert!(
        unset.contains("the environment variable HUBPROOF_TEST_UNSET is not set"),
        "{unset}"
    );
    assert!(hub(&["--vendor-url", "jira"]).contains("give CONNECTION=URL"));
}
