//! A hub that means ill: nothing that it says acts on the terminal, or on the CI server that reads the log.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output};

use hubproof_reports::formats::FORMATS;
use hubproof_reports::printable::is_hidden;
use tempfile::TempDir;

/// What acts on a terminal, on the runners of GitHub, on Azure's and on TeamCity, as JSON has it.
const ILL: &str =
    r"\u001b[2J\u009b31m\u202e ::error::x ##[error]y ##vso[task.complete]z ##teamcity[message text='z']\n::add-mask::z";

fn definition(key: &str, risk: &str) -> String {
    format!(
        r#"{{"key":"{key}","name":"{ILL}","description":"{ILL}","risk_level":"{risk}{ILL}","input_schema":{{"type":"object","properties":{{"title{ILL}":{{"type":"string"}}}}}}}}"#
    )
}

/// A hub that lists three tools and refuses all else, in words of its own.
fn hub() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let read = format!(
            r#"{{"key":"itsm.tickets.list","risk_level":"read","name":"{ILL}","connectors":["c{ILL}"],"input_schema":{{"type":"object"}}}}"#
        );
        let tools = [
            read.clone(),
            definition(&format!("itsm.tickets.get{ILL}"), "read"),
            definition(&format!("itsm.tickets.create {ILL}"), "write"),
        ];
        let refusal = format!(
            r#"{{"success":false,"error":{{"code":"CODE{ILL}","message":"{ILL}","details":{{}}}},"request_id":"r{ILL}"}}"#
        );
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let read_bytes = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..read_bytes]);
            let (status, body) = if request.starts_with("GET /tools ") || request.starts_with("GET /tools?") {
                ("200 OK", format!("[{}]", tools.join(",")))
            } else if request.starts_with("GET /tools/itsm.tickets.list ") {
                ("200 OK", read.clone())
            } else {
                ("418 I'm a teapot", refusal.clone())
            };
            let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n");
            let _ = stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes());
        }
    });
    url
}

fn said(folder: &TempDir, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hubproof"))
        .args(arguments)
        .env("HUB_KEY", "hub_sk_test_0123456789")
        .current_dir(folder.path())
        .output()
        .unwrap()
}

fn assert_inert(arguments: &[&str], text: &[u8]) {
    let text = std::str::from_utf8(text).unwrap();
    let acts = |character: char| is_hidden(character) && character != '\n';
    for line in text.lines() {
        assert!(!line.contains(acts), "{arguments:?}: {line:?}");
        let is_ours = arguments.contains(&"github")
            && ["error", "warning", "notice"]
                .map(|own| format!("::{own} "))
                .iter()
                .any(|own| line.starts_with(own));
        assert!(is_ours || !line.trim_start().starts_with("::"), "{arguments:?}: {line}");
        let commands = ["##[", "##vso[", "##teamcity["];
        assert!(!commands.iter().any(|own| line.contains(own)), "{arguments:?}: {line}");
    }
}

#[test]
fn nothing_that_a_hub_says_acts_on_the_terminal_or_in_the_log() {
    let (folder, url) = (TempDir::new().unwrap(), hub());
    std::fs::write(
        folder.path().join("hub.toml"),
        format!("[target]\nurl = \"{url}\"\n[keys]\nprimary = \"${{HUB_KEY}}\"\n[effects.\"itsm.tickets.create {ILL}\"]\nmarker = \"{ILL}\"\n"),
    )
    .unwrap();
    let key = ["--key-env", "HUB_KEY"];
    let commands: [(&[&str], &[&str]); 9] = [
        (&["plan", &url, "--connector", "none"], &key),
        (&["plan", &url, "--allow", "admin"], &key),
        (&["plan", "--profile", "hub.toml"], &[]),
        (&["doctor", &url], &key),
        (&["doctor", &url, "--json"], &key),
        (&["init", &url, "--out", "drafted.toml"], &key),
        (&["bench", &url, "--duration", "1s", "--rate", "20"], &key),
        (&["run", &url, "-v", "--only", "CAT,ENV,EXE-01,EXE-03"], &key),
        (&["report", "render"], &[]),
    ];
    let rendered = FORMATS.map(|format| ["report", "render", "--format", format.name]);
    let rendered = rendered.iter().map(|arguments| arguments.to_vec());
    let commands = commands.iter().map(|(arguments, more)| [*arguments, *more].concat());
    let mut shown = Vec::new();
    for arguments in commands.chain(rendered) {
        let output = said(&folder, &arguments);
        assert_inert(&arguments, &output.stdout);
        assert_inert(&arguments, &output.stderr);
        let both = [output.stdout, output.stderr].concat();
        // Made visible, not left out.
        if String::from_utf8(both).unwrap().contains(r"\u{1b}[2J") {
            shown.push(arguments[..2].join(" "));
        }
    }
    assert!(
        shown.len() >= 6 && shown[0].starts_with("plan "),
        "the hub's words are shown by {shown:?}"
    );
}
