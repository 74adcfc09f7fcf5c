//! Certificates as a user meets them: issued, refused, verified, compared.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use hubproof_certificate::certificate::Certificate;
use hubproof_certificate::envelope::{peek, seal};
use hubproof_certificate::keys::SigningKey;
use hubproof_certificate::statement::Statement;
use serde_json::{Value, json};
use tempfile::TempDir;

mod reference_hub;

const CERTIFICATE: &str = "certificate.dsse.json";
const IMAGE: &str = "registry.example/hub=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const P256: &str = "-----BEGIN PUBLIC KEY-----\n\
                    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n\
                    6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n\
                    -----END PUBLIC KEY-----\n";

/// What a command came to.
struct Ended {
    code: i32,
    out: String,
    err: String,
}

fn hubproof(folder: &Path, arguments: &[&str]) -> Ended {
    ended(command(folder, arguments).output().unwrap())
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1");
    command
}

fn ended(output: Output) -> Ended {
    Ended {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The arguments of a quick run for the least set, signed by `own.key`.
const CORE: [&str; 12] = [
    "certify",
    "--set",
    "hub-core",
    "--allow",
    "read",
    "--cases",
    "4",
    "--signing-key",
    "own.key",
    "--subject",
    IMAGE,
    "-q",
];

/// A folder with the keys `own` and `other`, and in `out` the certificate that `own` signed for the bundled hub. Nobody changes it.
fn issued() -> &'static Path {
    static ISSUED: OnceLock<(TempDir, Ended)> = OnceLock::new();
    let (folder, certified) = ISSUED.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        for key in ["own.key", "other.key"] {
            assert_eq!(hubproof(folder.path(), &["keygen", "--out", key]).code, 0);
        }
        let certified = hubproof(folder.path(), &[&CORE[..], &["--out", "out"]].concat());
        (folder, certified)
    });
    assert_eq!(certified.code, 0, "{}{}", certified.out, certified.err);
    assert!(
        certified.out.contains("certified: hub-core, signed by sha256:"),
        "{}",
        certified.out
    );
    folder.path()
}

fn key(name: &str) -> SigningKey {
    SigningKey::from_pem(&fs::read_to_string(issued().join(name)).unwrap()).unwrap()
}

fn envelope() -> Value {
    serde_json::from_slice(&fs::read(issued().join("out").join(CERTIFICATE)).unwrap()).unwrap()
}

/// Verifies a text in the certificate's place.
fn verify(text: &str, arguments: &[&str]) -> Ended {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("given.json");
    fs::write(&file, text).unwrap();
    let given = ["verify", file.to_str().unwrap(), "--key", "own.pub"];
    hubproof(issued(), &[&given[..], arguments].concat())
}

/// Verifies the certificate itself.
fn verify_own(arguments: &[&str]) -> Ended {
    hubproof(
        issued(),
        &[&["verify", "out", "--key", "own.pub"][..], arguments].concat(),
    )
}

/// The certificate with something changed in it, signed again by its own key.
fn signed_again(change: impl FnOnce(&mut Certificate)) -> String {
    let payload = peek(envelope().to_string().as_bytes()).unwrap();
    let mut certificate = Statement::read(&payload).unwrap().certificate().unwrap();
    change(&mut certificate);
    seal(Statement::from(&certificate).to_json().as_bytes(), &key("own.key"))
}

#[test]
#[cfg(target_os = "linux")]
fn a_verdict_that_standard_output_does_not_take_is_none() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let verified = command(issued(), &["verify", "out", "--key", "own.pub"])
        .stdout(full)
        .output();
    let verified = ended(verified.unwrap());
    assert_eq!(verified.code, 4, "{}", verified.err);
    assert!(
        verified.err.starts_with("hubproof: cannot write to standard output: "),
        "{}",
        verified.err
    );
}

#[test]
fn a_certificate_is_verified_with_all_that_can_be_demanded() {
    let badge = TempDir::new().unwrap().path().join("badge.svg");
    fs::create_dir_all(badge.parent().unwrap()).unwrap();
    let badge = badge.to_str().unwrap();
    let verified = verify_own(&[
        "--report",
        "out",
        "--max-age",
        "30d",
        "--set",
        "hub-core",
        "--subject",
        IMAGE,
        "--badge",
        badge,
    ]);
    assert_eq!(verified.code, 0, "{}", verified.err);
    for part in [
        "hub-core, revision 1",
        "sha256:",
        "seed 1, 4 cases, --allow read, 86 of 86 tools",
        IMAGE,
        "is the one that was given",
    ] {
        assert!(verified.out.contains(part), "{part}\n{}", verified.out);
    }
    let drawn = fs::read_to_string(badge).unwrap();
    assert!(drawn.starts_with("<svg") && drawn.contains("hub-core"), "{drawn}");
    fs::remove_dir_all(Path::new(badge).parent().unwrap()).unwrap();
}

#[test]
fn the_statement_says_what_the_report_says() {
    let payload = peek(envelope().to_string().as_bytes()).unwrap();
    let statement: Value = serde_json::from_slice(&payload).unwrap();
    let report: Value = serde_json::from_slice(&fs::read(issued().join("out/report.json")).unwrap()).unwrap();
    let configuration = statement["predicate"]["configuration"].as_array().unwrap();
    let of = |name: &str| configuration.iter().find(|own| own["name"] == name).unwrap();
    assert_eq!(of("target")["annotations"], json!({"bundled": true, "defects": []}));
    assert_eq!(of("profile")["digest"]["sha256"], report["target"]["profile_sha256"]);
    assert_eq!(of("run")["annotations"]["requests"], report["summary"]["requests"]);
    let catalogue = &statement["subject"].as_array().unwrap()[1];
    assert_eq!(catalogue["digest"]["sha256"], report["catalogue"]["sha256"]);
    let held = report["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|own| own["verdict"] == "held");
    let held: Vec<_> = held.map(|own| own["id"].clone()).collect();
    assert_eq!(statement["predicate"]["passedTests"], json!(held));
}

#[test]
fn each_way_of_not_being_what_it_should_be_has_a_code_and_words_of_its_own() {
    let own = envelope();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut envelope = own.clone();
        change(&mut envelope);
        envelope.to_string()
    };
    let text = own.to_string();
    assert_eq!(verify(&text, &[]).code, 0);
    let future = signed_again(|own| {
        own.run.finished_at = (SystemTime::now() + Duration::from_secs(3600)).into();
    });
    let incomplete = signed_again(|own| {
        own.passed.pop();
        own.passed.remove(0);
    });
    let cases: Vec<(&str, String, Vec<&str>, i32, &str)> = vec![
        (
            "payload",
            changed(&|own| own["payload"] = json!("e30=")),
            vec![],
            1,
            "was altered, or signed by another key",
        ),
        (
            "wrong key",
            text.clone(),
            vec!["--key", "other.pub"],
            1,
            "(it names sha256:",
        ),
        (
            "no signature",
            changed(&|own| own["signatures"] = json!([])),
            vec![],
            3,
            "has 0 signatures",
        ),
        (
            "two signatures",
            changed(&|own| own["signatures"] = json!([own["signatures"][0], own["signatures"][0]])),
            vec![],
            3,
            "has 2 signatures",
        ),
        (
            "trailing data",
            format!("{text}\n{text}"),
            vec![],
            3,
            "trailing characters",
        ),
        (
            "twice",
            text.replacen('{', "{\"payload\":\"e30=\",", 1),
            vec![],
            3,
            "/payload stands there twice",
        ),
        (
            "other type",
            changed(&|own| own["payloadType"] = json!("text/plain")),
            vec![],
            3,
            "of type `text/plain`",
        ),
        (
            "not base64",
            changed(&|own| own["payload"] = json!("e31=")),
            vec![],
            3,
            "no canonical base64",
        ),
        ("not JSON", "certificate".to_owned(), vec![], 3, "no DSSE envelope"),
        (
            "not ours",
            seal(b"{}", &key("own.key")),
            vec![],
            3,
            "no in-toto statement",
        ),
        (
            "incomplete",
            incomplete,
            vec![],
            5,
            "incomplete: of its set it does not show AUTH-01",
        ),
        (
            "other set",
            text.clone(),
            vec!["--set", "hub-full"],
            5,
            "of the set hub-core, not of hub-full",
        ),
        (
            "connector",
            text.clone(),
            vec!["--connector", "jira"],
            5,
            "of a hub, not of the connector jira",
        ),
        ("stale", text.clone(), vec!["--max-age", "0s"], 6, "it is stale"),
        (
            "subject",
            text.clone(),
            vec!["--subject", "hub=gitCommit:0123456789012345678901234567890123456789"],
            7,
            "not about hub=",
        ),
        (
            "report",
            text.clone(),
            vec!["--report", "own.pub"],
            8,
            "not the one that it was issued for",
        ),
        ("future", future, vec![], 9, "one of the two clocks is wrong"),
        (
            "no file",
            text.clone(),
            vec!["--report", "nowhere.json"],
            2,
            "nowhere.json",
        ),
    ];
    for (name, text, arguments, code, words) in cases {
        let arguments = match arguments.as_slice() {
            ["--key", other] => {
                let folder = TempDir::new().unwrap();
                let file = folder.path().join("given.json");
                fs::write(&file, &text).unwrap();
                hubproof(issued(), &["verify", file.to_str().unwrap(), "--key", other])
            }
            others => verify(&text, others),
        };
        assert_eq!(arguments.code, code, "{name}: {}", arguments.err);
        assert!(arguments.err.contains(words), "{name}: {}", arguments.err);
        assert!(arguments.out.is_empty(), "{name}: {}", arguments.out);
    }
}

#[test]
fn a_key_that_verifies_nothing_is_told_why() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("key");
    for (text, words) in [
        (
            P256.to_owned(),
            "of another algorithm: certificates are signed with Ed25519",
        ),
        (
            fs::read_to_string(issued().join("own.key")).unwrap(),
            "holds a private key",
        ),
        ("nothing".to_owned(), "holds no public key"),
    ] {
        fs::write(&file, text).unwrap();
        let ended = hubproof(issued(), &["verify", "out", "--key", file.to_str().unwrap()]);
        assert!(ended.code == 2 && ended.err.contains(words), "{words}: {}", ended.err);
        assert!(
            !ended.err.contains("MC4CAQ"),
            "no message shows a private key: {}",
            ended.err
        );
    }
}

#[test]
fn no_badge_without_a_verified_certificate() {
    let folder = TempDir::new().unwrap();
    let badge = folder.path().join("badge.svg");
    let ended = verify_own(&["--set", "hub-full", "--badge", badge.to_str().unwrap()]);
    assert_eq!(ended.code, 5);
    assert!(!badge.exists());
}

#[test]
fn keys_are_written_once_and_for_their_owner_alone() {
    let folder = TempDir::new().unwrap();
    let made = hubproof(folder.path(), &["keygen"]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(made.out.contains("key id:      sha256:"), "{}", made.out);
    let private = fs::read_to_string(folder.path().join("hubproof.key")).unwrap();
    assert!(private.starts_with("-----BEGIN PRIVATE KEY-----") && !made.out.contains(private.lines().nth(1).unwrap()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path().join("hubproof.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let again = hubproof(folder.path(), &["keygen"]);
    assert!(
        again.code == 2 && again.err.contains("is there already"),
        "{}",
        again.err
    );
    // Neither of the two is made where one is there.
    fs::remove_file(folder.path().join("hubproof.pub")).unwrap();
    assert_eq!(hubproof(folder.path(), &["keygen"]).code, 2);
    assert!(!folder.path().join("hubproof.pub").exists());
    assert_eq!(fs::read_to_string(folder.path().join("hubproof.key")).unwrap(), private);
    let named = hubproof(folder.path(), &["keygen", "--out", "a.pub"]);
    assert!(named.code == 2 && named.err.contains("another ending"), "{}", named.err);
}

#[test]
fn what_is_not_shown_is_refused_by_name_and_leaves_no_certificate() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("out")).unwrap();
    // Of the run before: it must not stay beside the report of this one.
    fs::write(folder.path().join("out").join(CERTIFICATE), "of the run before").unwrap();
    fs::copy(issued().join("own.key"), folder.path().join("own.key")).unwrap();
    let refused = hubproof(
        folder.path(),
        &[&CORE[..], &["--out", "out", "--defect", "any-scheme"]].concat(),
    );
    assert_eq!(refused.code, 7, "{}{}", refused.out, refused.err);
    assert!(
        refused.err.contains("no certificate is issued:\n  AUTH-03 is violated"),
        "{}",
        refused.err
    );
    assert!(
        refused.out.contains("the run: not proved") && !refused.out.contains("exit code"),
        "{}",
        refused.out
    );
    let files: Vec<PathBuf> = fs::read_dir(folder.path().join("out"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    let is_there = |name: &str| files.iter().any(|file| file.ends_with(name));
    assert!(is_there("report.json") && !is_there(CERTIFICATE), "{files:?}");
}

#[test]
fn what_is_not_exercised_is_refused_with_what_would_exercise_it() {
    let full = [
        "certify",
        "--set",
        "hub-full",
        "--allow",
        "read",
        "--cases",
        "2",
        "--unsigned",
        "-q",
    ];
    let folder = TempDir::new().unwrap();
    let refused = hubproof(folder.path(), &full);
    assert_eq!(refused.code, 7, "{}", refused.err);
    assert!(
        refused.err.contains("IDM-01 was not exercised: it needs --allow"),
        "{}",
        refused.err
    );
    assert!(!folder.path().join("hubproof-out/statement.json").exists());
}

#[test]
fn everything_that_a_run_exercises_can_be_certified() {
    let full = [
        "certify",
        "--set",
        "hub-full",
        "--cases",
        "2",
        "--signing-key",
        "own.key",
        "-q",
        "--out",
        "full",
    ];
    let certified = hubproof(issued(), &full);
    assert_eq!(certified.code, 0, "{}{}", certified.out, certified.err);
    let verified = hubproof(
        issued(),
        &[
            "verify", "full", "--key", "own.pub", "--set", "hub-full", "--report", "full",
        ],
    );
    assert_eq!(verified.code, 0, "{}", verified.err);
    assert!(verified.out.contains("--allow admin"), "{}", verified.out);
}

#[test]
fn a_key_comes_from_the_environment_and_an_earlier_certificate_is_compared() {
    let folder = TempDir::new().unwrap();
    let issued = issued();
    let arguments = [
        "certify",
        "--set",
        "hub-core",
        "--allow",
        "read",
        "--cases",
        "2",
        "--signing-key-env",
        "HUBPROOF_TEST_KEY",
        "--compare",
        issued.to_str().unwrap(),
        "-q",
    ];
    let out = issued.join("out");
    let arguments: Vec<_> = arguments
        .iter()
        .map(|own| {
            if *own == issued.to_str().unwrap() {
                out.to_str().unwrap()
            } else {
                own
            }
        })
        .collect();
    let private = fs::read_to_string(issued.join("own.key")).unwrap();
    let certified = ended(
        command(folder.path(), &arguments)
            .env("HUBPROOF_TEST_KEY", &private)
            .output()
            .unwrap(),
    );
    assert_eq!(certified.code, 0, "{}{}", certified.out, certified.err);
    assert!(certified.out.contains("cases: 4 → 2\n"), "{}", certified.out);
    assert!(
        certified.out.contains("since the certificate of 20"),
        "{}",
        certified.out
    );
    assert!(!certified.err.contains("not signed by the key"), "{}", certified.err);
    let missing = ended(
        command(folder.path(), &arguments)
            .env_remove("HUBPROOF_TEST_KEY")
            .output()
            .unwrap(),
    );
    assert!(
        missing.code == 2 && missing.err.contains("HUBPROOF_TEST_KEY is not set"),
        "{}",
        missing.err
    );
}

#[test]
fn mistakes_are_told_before_anything_is_run() {
    let folder = issued();
    let certify = |more: &[&str]| hubproof(folder, &[&["certify", "--set", "hub-core"][..], more].concat());
    for (arguments, words) in [
        (vec![], "--signing-key"),
        (vec!["--unsigned", "--signing-key", "own.key"], "cannot be used with"),
        (vec!["--unsigned", "--only", "AUTH"], "unexpected argument '--only'"),
        (vec!["--unsigned", "--tools", "itsm.*"], "unexpected argument '--tools'"),
        (vec!["--unsigned", "--shard", "1/2"], "unexpected argument '--shard'"),
        (vec!["--unsigned", "--subject", "hub"], "NAME=ALGORITHM:DIGEST"),
        (vec!["--unsigned", "--connector", "jira"], "hub-core is of a whole hub"),
        (vec!["--signing-key", "own.pub"], "it holds a public key"),
        (vec!["--signing-key", "nowhere.key"], "cannot read nowhere.key"),
        (vec!["--unsigned", "--compare", "own.pub"], "no DSSE envelope"),
    ] {
        let ended = certify(&arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(words), "{arguments:?}: {}", ended.err);
    }
    let without = hubproof(folder, &["certify", "--set", "connector", "--unsigned"]);
    assert!(
        without.code == 2 && without.err.contains("--connector"),
        "{}",
        without.err
    );
}

#[test]
fn a_connector_that_the_profile_or_the_hub_does_not_know_is_told() {
    let folder = TempDir::new().unwrap();
    let connector = ["certify", "--set", "connector", "--unsigned", "-q", "--connector"];
    let slip = hubproof(folder.path(), &[&connector[..], &["servicenov"]].concat());
    assert_eq!(slip.code, 2);
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
    assert_eq!(unknown.code, 2, "{}", unknown.err);
    assert!(
        unknown.err.contains("no tool of the hub names the connector `sage`"),
        "{}",
        unknown.err
    );
}

#[cfg(unix)]
#[test]
fn a_private_key_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let own = folder.path().join("own.key");
    fs::copy(issued().join("own.key"), &own).unwrap();
    let said = |mode| {
        fs::set_permissions(&own, fs::Permissions::from_mode(mode)).unwrap();
        // Ends at the earlier certificate, which is read after the key.
        hubproof(folder.path(), &[&CORE[..], &["--compare", "own.key"]].concat()).err
    };
    assert!(said(0o644).contains("own.key can be read by others (mode 0644)"));
    assert!(!said(0o600).contains("can be read by others"));
}

#[test]
fn a_connector_whose_calls_another_answers_is_refused() {
    let folder = TempDir::new().unwrap();
    let jira = [
        "certify",
        "--set",
        "connector",
        "--connector",
        "jira",
        "--allow",
        "read",
        "--cases",
        "2",
        "--unsigned",
        "-q",
    ];
    let refused = hubproof(folder.path(), &jira);
    assert_eq!(refused.code, 7, "{}", refused.err);
    assert!(
        refused
            .err
            .contains("itsm.tickets.get was answered by the connection conn_itsm_servicenow"),
        "{}",
        refused.err
    );
}

#[test]
fn a_statement_without_a_signature_is_what_would_have_been_signed() {
    let folder = TempDir::new().unwrap();
    let unsigned = [
        "certify",
        "--set",
        "connector",
        "--connector",
        "servicenow",
        "--allow",
        "read",
        "--cases",
        "2",
        "--unsigned",
        "-q",
        "--out",
        "out",
    ];
    let certified = hubproof(folder.path(), &unsigned);
    assert_eq!(certified.code, 0, "{}{}", certified.out, certified.err);
    let text = fs::read_to_string(folder.path().join("out/statement.json")).unwrap();
    let certificate = Statement::read(text.as_bytes()).unwrap().certificate().unwrap();
    assert_eq!(certificate.connector.unwrap().connections, ["conn_itsm_servicenow"]);
    assert!(certificate.run.tools.keys().all(|tool| tool.starts_with("itsm.")));
    assert!(!folder.path().join("out").join(CERTIFICATE).exists());
}
