//! `hubproof doctor` against what a user may point it at: the bundled hub, nothing, a wrong key, another web server.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

/// What refuses a key.
const REFUSING: &str =
    "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";

fn doctor(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    command.arg("doctor").args(arguments).env("HUB_KEY", "hub_sk_wrong");
    command.output().unwrap()
}

/// The exit code, and what `--json` tells.
fn looked_at(arguments: &[&str]) -> (i32, Value) {
    let output = doctor(&[arguments, &["--json"]].concat());
    let told = serde_json::from_slice(&output.stdout).unwrap_or_else(|fault| panic!("{fault}: {output:?}"));
    (output.status.code().unwrap(), told)
}

/// The check of a group.
fn check<'t>(told: &'t Value, group: &str, what: &str) -> &'t Value {
    let checks = told["checks"].as_array().unwrap();
    let found = checks
        .iter()
        .find(|check| check["group"] == group && check["check"] == what);
    found.unwrap_or_else(|| panic!("no {what} of {group} in {told:#}"))
}

fn verdict<'t>(told: &'t Value, group: &str, what: &str) -> &'t str {
    check(told, group, what)["verdict"].as_str().unwrap()
}

/// A server that answers every request so.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

/// A hub over TLS that refuses every key, and whose own certificate is valid for so many days from now; the certificate in PEM form.
fn secured(days: i64) -> (String, String) {
    let mut certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    certificate.distinguished_name.push(DnType::CommonName, "An Authority");
    let day = std::time::Duration::from_secs(24 * 60 * 60);
    let now = rcgen::date_time_ymd(1970, 1, 1) + std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    certificate.not_before = now - 400 * day;
    certificate.not_after =
        now + day * u32::try_from(days.max(0)).unwrap() - day * u32::try_from((-days).max(0)).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = certificate.self_signed(&key).unwrap();
    let pem = certificate.pem();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
            if stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
                let _ = stream.write_all(REFUSING.as_bytes());
            }
        }
    });
    (url, pem)
}

#[test]
fn the_hosts_certificate_says_how_long_it_is_valid() {
    for (days, stands, seen) in [
        (400, "ok", "valid until"),
        (5, "warning", "expires in"),
        (-5, "problem", "expired 5 days ago"),
    ] {
        let (url, pem) = secured(days);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), pem).unwrap();
        let profile = folder.path().join("hub.toml");
        let ca = folder.path().join("ca.pem");
        let text = format!(
            "[target]\nurl = \"{url}\"\nca_file = \"{}\"\n[keys]\nprimary = \"${{HUB_KEY}}\"\n",
            ca.display()
        );
        std::fs::write(&profile, text).unwrap();
        let (code, told) = looked_at(&["--profile", profile.to_str().unwrap()]);
        assert_eq!(
            (code, verdict(&told, "network", "certificate")),
            (3, stands),
            "{told:#}"
        );
        let own = check(&told, "network", "certificate");
        let text = own["seen"].as_str().unwrap();
        assert!(
            text.starts_with("of CN=An Authority, ") && text.contains(seen),
            "{text}"
        );
        assert_eq!(own["fix"].is_string(), days < 14, "{own}");
    }
}

#[test]
fn the_bundled_hub_has_no_problem() {
    let (code, told) = looked_at(&[]);
    assert_eq!((code, told["exit"].as_i64()), (0, Some(0)), "{told:#}");
    for (group, what) in [
        ("network", "name"),
        ("network", "connection"),
        ("network", "TLS"),
        ("hub", "listing"),
        ("hub", "read tools"),
        ("keys", "primary key"),
        ("keys", "restricted key"),
        ("keys", "foreign key"),
        ("keys", "revoked key"),
        ("keys", "throttled key"),
        ("clock", "difference"),
        ("rate limits", "primary key"),
        ("approvals", "driver"),
    ] {
        assert_eq!(verdict(&told, group, what), "ok", "{group}, {what}: {told:#}");
    }
}

#[test]
fn a_revoked_key_that_works_is_found() {
    let (code, told) = looked_at(&["--defect", "revoked-keys-work"]);
    assert_eq!((code, verdict(&told, "keys", "revoked key")), (3, "problem"));
}

#[test]
fn a_dead_port_ends_what_can_be_tried() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (code, told) = looked_at(&[&url, "--key-env", "HUB_KEY"]);
    assert_eq!((code, verdict(&told, "network", "connection")), (3, "problem"));
    assert_eq!(verdict(&told, "hub", "listing"), "not tried");
}

#[test]
fn a_wrong_key_is_told_from_a_wrong_address() {
    let (code, told) = looked_at(&[&answering(REFUSING), "--key-env", "HUB_KEY"]);
    assert_eq!((code, verdict(&told, "keys", "primary key")), (3, "problem"));
    assert_eq!(verdict(&told, "hub", "listing"), "not tried");
    let fix = check(&told, "keys", "primary key")["fix"].as_str().unwrap();
    assert!(fix.contains("$HUB_KEY"), "{fix}");
    assert!(!told.to_string().contains("hub_sk_wrong"));
}

#[test]
fn a_web_server_is_no_hub() {
    let page = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: 6\r\n\r\n<html>";
    let (code, told) = looked_at(&[&answering(page), "--key-env", "HUB_KEY"]);
    assert_eq!((code, verdict(&told, "hub", "listing")), (3, "problem"));
}

#[test]
fn a_profile_that_cannot_be_read_is_told_as_by_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.toml");
    std::fs::write(
        &path,
        "[target]\nurl = \"http://localhost:1\"\n[keys]\nprimry = \"a\"\n",
    )
    .unwrap();
    let output = doctor(&["--profile", path.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("did you mean `primary`?"), "{said}");
}

#[test]
fn the_page_says_what_to_do_without_colours_where_no_terminal_reads_it() {
    let output = doctor(&["http://127.0.0.1:1"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("problem connection") && text.contains("fix: start the hub"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'));
}
