//! The command driver: small shell programs, each right or wrong in one way.
#![cfg(unix)]

use std::path::Path;
use std::time::Duration;

use hubproof_model::approval::CommandDriver;
use tempfile::TempDir;

use super::*;

const ENTRY: &str = r#"{"id": "e-1", "key": "hubproof-test-key"}"#;

/// A hub whose approvals a shell script decides; `$directory` stands for a directory of its own.
async fn hub(script: &str) -> (Hub, TempDir) {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("decide.sh");
    std::fs::write(&file, script.replace("$directory", directory.path().to_str().unwrap())).unwrap();
    let program = vec![
        "/bin/sh".to_owned(),
        file.to_str().unwrap().to_owned(),
        "--staging".to_owned(),
    ];
    let hub = Hub::start().await.driven_by(Driver::Command(CommandDriver { program }));
    (hub, directory)
}

/// A script that answers a list with this, and any other question with what `decision` does.
fn listing(entries: &str, decision: &str) -> String {
    format!(
        "question=$(cat)\ncase \"$question\" in\n*'\"action\":\"list\"'*) echo '{entries}' ;;\n*) {decision} ;;\nesac\n"
    )
}

fn steps() -> Vec<Step> {
    let approve = decide("approval", ApprovalVerdict::Approve);
    vec![gated("asked"), count(1), show(), approve, gated("replay")]
}

fn read(directory: &Path, name: &str) -> String {
    std::fs::read_to_string(directory.join(name)).unwrap()
}

#[tokio::test]
async fn a_program_lists_and_decides() {
    let script = listing(&format!("[{ENTRY}]"), "echo \"$1 $question\" > $directory/asked");
    let (hub, directory) = hub(&script).await;
    let played = hub.play(steps()).await;
    assert_eq!(deed(&played, "entries"), &Ok(Done::Entries(1)));
    let entry = Done::Entry {
        id: "e-1".to_owned(),
        shown: serde_json::from_str(ENTRY).unwrap(),
    };
    assert_eq!(deed(&played, "entry"), &Ok(entry));
    assert_eq!(deed(&played, "approval"), &Ok(Done::Decided));
    let asked = read(directory.path(), "asked");
    let question: Value = serde_json::from_str(asked.strip_prefix("--staging ").unwrap()).unwrap();
    let expected = json!({
        "action": "approve", "id": "e-1", "tool": "shop.refunds.create", "idempotency_key": KEY,
        "input": {"order": 7}, "details": {"approval_id": "apr_0", "status": "pending"},
    });
    assert_eq!(question, expected);
}

#[tokio::test]
async fn a_rejection_is_asked_for_as_such_and_entries_may_stand_in_an_object() {
    let entries = format!("{{\"entries\": [{ENTRY}, {{\"id\": \"other\"}}]}}");
    let (hub, directory) = hub(&listing(&entries, "echo \"$question\" > $directory/asked")).await;
    let reject = decide("rejection", ApprovalVerdict::Reject);
    let played = hub.play(vec![gated("asked"), reject]).await;
    assert_eq!(deed(&played, "rejection"), &Ok(Done::Decided));
    assert!(read(directory.path(), "asked").contains(r#""action":"reject","id":"e-1""#));
}

#[tokio::test]
async fn a_program_that_fails_says_why_and_the_rest_goes_on() {
    let (hub, _directory) = hub(&listing(&format!("[{ENTRY}]"), "echo 'no VPN' >&2; exit 3")).await;
    let played = hub.play(steps()).await;
    let expected = "/bin/sh failed (exit status: 3): `no VPN`: see [approvals] program";
    assert_eq!(why(&played, "approval"), expected);
    assert_eq!(deed(&played, "entries"), &Ok(Done::Entries(1)));
    assert_eq!(outcome(&played, "replay").to_string(), "APPROVAL_REQUIRED");
}

#[tokio::test]
async fn a_program_that_fails_in_silence_is_told_so() {
    let (hub, _directory) = hub("kill -9 $$").await;
    let played = hub.play(vec![gated("asked"), count(1)]).await;
    let expected =
        "/bin/sh failed (signal: 9 (SIGKILL)): it says nothing on its standard error: see [approvals] program";
    assert_eq!(why(&played, "entries"), expected);
}

#[tokio::test]
async fn what_a_program_lets_out_of_the_keys_is_masked() {
    let script = format!("echo '401 for Bearer {APPROVER}' >&2; exit 1");
    let (hub, _directory) = hub(&script).await;
    let played = hub.play(vec![gated("asked"), count(1)]).await;
    let said = why(&played, "entries");
    assert!(said.contains("401 for Bearer") && !said.contains(APPROVER), "{said}");
    let entry = format!(r#"[{{"id": "e-1", "key": "{KEY}", "by": "{APPROVER}"}}]"#);
    let (hub, _directory) = self::hub(&listing(&entry, "true")).await;
    let played = hub.play(vec![gated("asked"), show()]).await;
    let Ok(Done::Entry { shown, .. }) = deed(&played, "entry") else {
        panic!("{:?}", played.deeds)
    };
    assert!(!shown.to_string().contains(APPROVER), "{shown}");
}

#[tokio::test]
async fn a_program_that_writes_no_json_is_told_so() {
    let (hub, _directory) = hub("echo no entries today").await;
    let played = hub.play(vec![gated("asked"), count(1)]).await;
    let said = why(&played, "entries");
    assert!(
        said.starts_with("/bin/sh did not write JSON to list the entries (expected ident"),
        "{said}"
    );
    assert!(said.ends_with("`no entries today`: see [approvals] program"), "{said}");
    let (hub, _directory) = self::hub("echo '{\"approvals\": []}'").await;
    let played = hub.play(vec![gated("asked"), count(1)]).await;
    assert_eq!(
        why(&played, "entries"),
        "/bin/sh wrote neither an array nor an object with `entries`: see [approvals] program"
    );
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_named() {
    let program = vec!["/nowhere/decide".to_owned()];
    let hub = Hub::start().await.driven_by(Driver::Command(CommandDriver { program }));
    let played = hub.play(steps()).await;
    for label in ["entries", "entry", "approval"] {
        let said = why(&played, label);
        assert!(
            said.starts_with("/nowhere/decide cannot be run: No such file"),
            "{said}"
        );
    }
    assert_eq!(outcome(&played, "replay").to_string(), "APPROVAL_REQUIRED");
}

/// Whether a process is there, and no zombie.
fn is_running(id: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/stat", id.trim()));
    status.is_ok_and(|status| !status.contains(") Z"))
}

/// Waits until a process is gone: what was told to end takes a moment.
async fn gone(id: &str) {
    while is_running(id) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

const HANGS: &str = "sleep 600 & echo $! > $directory/child\necho $$ > $directory/own\nwait";

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_that_hangs_is_ended_with_all_that_it_started() {
    let (mut hub, directory) = hub(HANGS).await;
    hub.profile.approvals.wait = Duration::from_millis(300);
    let played = hub.play(vec![gated("asked"), count(1), gated("replay")]).await;
    let expected = "/bin/sh did not end within 300ms, and was ended: see [approvals] wait";
    assert_eq!(why(&played, "entries"), expected);
    assert_eq!(outcome(&played, "replay").to_string(), "APPROVAL_REQUIRED");
    for name in ["own", "child"] {
        gone(&read(directory.path(), name)).await;
    }
}

#[tokio::test]
async fn a_program_that_hung_twice_is_asked_no_more() {
    let (mut hub, directory) = hub("echo asked >> $directory/asked\nsleep 600").await;
    hub.profile.approvals.wait = Duration::from_millis(300);
    let played = hub.play(vec![gated("asked"), count(1), show(), count(1), show()]).await;
    let expected = "/bin/sh did not end within 300ms, and was ended: see [approvals] wait";
    assert_eq!(played.deeds.len(), 4);
    assert!(
        played.deeds.iter().all(|deed| deed.outcome == Err(expected.to_owned())),
        "{:?}",
        played.deeds
    );
    assert_eq!(read(directory.path(), "asked").lines().count(), 2);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_interrupted_run_ends_the_program_at_once() {
    let (mut hub, directory) = hub(HANGS).await;
    hub.profile.approvals.wait = Duration::from_secs(600);
    let session = hub.session();
    let stage = Stage::new(&session, &hub.profile, &|_| {});
    let own = directory.path().join("own");
    let interrupt = async {
        while std::fs::read_to_string(&own).map_or(0, |id| id.len()) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        session.interrupt();
    };
    let case = Case::of_steps("a-case", "", vec![gated("asked"), count(1)]);
    let (played, ()) = futures::future::join(stage.play(&case), interrupt).await;
    assert_eq!(why(&played, "entries"), "the run was interrupted");
    for name in ["own", "child"] {
        gone(&read(directory.path(), name)).await;
    }
}

#[tokio::test]
async fn a_program_need_not_read_its_question_and_may_write_much() {
    let many = "[$(for i in 1 2 3 4 5 6 7 8; do head -c 40000 /dev/zero | tr '\\0' ' '; done)]";
    let (mut hub, _directory) = hub(&format!("exec 0<&-\necho \"{many}\"")).await;
    hub.profile.approvals.wait = Duration::from_secs(20);
    let played = hub.play(vec![gated("asked"), count(0)]).await;
    assert_eq!(deed(&played, "entries"), &Ok(Done::Entries(0)));
}
