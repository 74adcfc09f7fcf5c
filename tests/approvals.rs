//! Approvals from end to end on the bundled hub: decided by the test through REST while the run waits for a person, by nobody, and by
//! drivers that do not work.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::Duration;

use hubproof_cli::Bundled;
use hubproof_model::approval::{CommandDriver, Driver, ManualDriver};
use hubproof_model::event::Event;
use hubproof_model::judgment::Verdict;
use hubproof_model::profile::Profile;
use hubproof_model::record::{RequirementResult, RunEnd, RunRecord, Target};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_model::secret::Secret;
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::options::RunOptions;
use hubproof_runner::run::run;
use hubproof_runner::select::Selection;
use serde_json::Value;
use tokio::sync::mpsc::unbounded_channel;

/// What a person does who is asked for a decision: `None` for nothing.
type Person = fn(&str) -> Option<&'static str>;

/// Proves the bundled hub's approvals, and how AUTH-01 fares beside them.
async fn prove(defects: &[&str], change: impl FnOnce(&mut Profile), person: Person) -> (RunRecord, Vec<String>) {
    let defects: Vec<_> = defects.iter().map(|name| (*name).to_owned()).collect();
    let hub = Bundled::start(&defects).await.unwrap();
    let mut profile = hub.profile.clone();
    change(&mut profile);
    let approver = Approver::of(&hub.profile);
    let options = RunOptions {
        cases: 1,
        ..RunOptions::new(
            Selection::new(&["APR".to_owned(), "AUTH-01".to_owned()], &[]).unwrap(),
            Allow::Admin,
        )
    };
    let told = Mutex::new(Vec::new());
    let (ask, mut asked) = unbounded_channel();
    let events = |event: Event| {
        if let Event::AwaitingApproval { text, .. } = event {
            told.lock().unwrap().push(text.clone());
            let _ = ask.send(text);
        }
    };
    let decides = tokio::spawn(async move {
        while let Some(text) = asked.recv().await {
            if let Some(decision) = person(&text) {
                let approver = approver.clone();
                let decide = move || approver.decide(&text, decision);
                tokio::task::spawn_blocking(decide).await.unwrap();
            }
        }
    });
    let target = Target::of_url(&profile.target.url);
    let record = run(profile, target, &options, &Interrupt::default(), &events)
        .await
        .unwrap();
    decides.abort();
    hub.shutdown().await;
    (record, told.into_inner().unwrap())
}

/// Decides through the hub's own REST.
#[derive(Clone)]
struct Approver {
    address: String,
    base: String,
    key: String,
}

impl Approver {
    fn of(profile: &Profile) -> Self {
        let (address, base) = profile
            .target
            .url
            .strip_prefix("http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        Self {
            address: address.to_owned(),
            base: base.to_owned(),
            key: profile.keys.get(Role::Approver).unwrap().secret.expose().to_owned(),
        }
    }

    /// Decides on the call whose idempotency key the text names.
    fn decide(&self, text: &str, decision: &str) {
        let key = text
            .split("idempotency key ")
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap();
        let waiting = self.send("GET", "/approvals?status=pending");
        let entries = waiting["approvals"].as_array().unwrap().iter();
        let own: Vec<_> = entries.filter(|entry| entry["idempotency_key"] == key).collect();
        let [entry] = own.as_slice() else {
            panic!("one entry of {key}: {waiting}")
        };
        let id = entry["id"].as_str().unwrap();
        let decided = self.send("POST", &format!("/approvals/{id}/{decision}"));
        assert_eq!(decided["approval"]["id"], id, "{decided}");
    }

    fn send(&self, method: &str, path: &str) -> Value {
        let Self { address, base, key } = self;
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "{method} /{base}{path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\
             content-length: 0\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }
}

fn result<'r>(record: &'r RunRecord, id: &str) -> &'r RequirementResult {
    record
        .results
        .iter()
        .find(|result| result.id.to_string() == id)
        .unwrap()
}

fn verdicts(record: &RunRecord) -> Vec<(String, Verdict)> {
    let told = |result: &RequirementResult| (result.id.to_string(), result.verdict);
    record.results.iter().map(told).collect()
}

fn manual(wait: Duration) -> impl FnOnce(&mut Profile) {
    move |profile| {
        let place = "the Approvals page".to_owned();
        profile.approvals.driver = Some(Driver::Manual(ManualDriver { place }));
        profile.approvals.wait = wait;
    }
}

/// Does as is asked.
fn obeys(text: &str) -> Option<&'static str> {
    Some(if text.starts_with("approve ") {
        "approve"
    } else {
        "reject"
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_decides_twice_shows_all_but_what_only_a_list_shows() {
    let (record, told) = prove(&[], manual(Duration::from_secs(60)), obeys).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("reject the call of ") && told[1].starts_with("approve the call of "));
    assert!(told.iter().all(|text| text.ends_with(" at the Approvals page")));
    let expected = |id: String| {
        // Whether the entry has what the details name, nobody has seen.
        let verdict = if id == "APR-09" {
            Verdict::NotExercised
        } else {
            Verdict::Held
        };
        (id, verdict)
    };
    let expected: Vec<_> = verdicts(&record).into_iter().map(|(id, _)| expected(id)).collect();
    assert_eq!(verdicts(&record), expected);
    for id in ["APR-04", "APR-08", "APR-09"] {
        let why = result(&record, id).reason.as_deref().unwrap();
        assert!(why.contains("entries cannot be listed"), "{id}: {why}");
    }
    let why = result(&record, "APR-04").reason.as_deref().unwrap();
    assert!(
        why.starts_with("not all of it was shown: a person decides approvals here"),
        "{why}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_finds_an_approval_that_is_used_twice() {
    for defect in ["approved-replays-race", "approved-calls-act-each-time"] {
        let (record, _) = prove(&[defect], manual(Duration::from_secs(60)), obeys).await;
        let found = result(&record, "APR-03");
        assert_eq!(found.verdict, Verdict::Violated, "{defect}: {:?}", found.reason);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_decides_the_rest_is_judged_all_the_same() {
    let (record, told) = prove(&[], manual(Duration::from_millis(600)), |_| None).await;
    assert_eq!(told.len(), 2, "{told:?}");
    for (id, verdict) in verdicts(&record) {
        let needs_nobody = ["AUTH-01", "APR-01", "APR-04", "APR-08", "APR-10"].contains(&id.as_str());
        let expected = if needs_nobody {
            Verdict::Held
        } else {
            Verdict::NotExercised
        };
        assert_eq!(verdict, expected, "{id}: {:?}", result(&record, &id).reason);
    }
    for id in ["APR-03", "APR-05"] {
        let why = result(&record, id).reason.as_deref().unwrap();
        assert!(
            why.starts_with("nobody was seen to ") && why.ends_with("see [approvals] wait"),
            "{why}"
        );
    }
}

/// That what needs a decision is not exercised, for a reason that begins like this, and that the rest of the run went on.
fn assert_undecided(record: &RunRecord, why: &str) {
    assert_eq!(record.end, RunEnd::Complete);
    for id in ["AUTH-01", "APR-01", "APR-04", "APR-08", "APR-10"] {
        assert_eq!(result(record, id).verdict, Verdict::Held, "{id}");
    }
    for id in ["APR-02", "APR-03", "APR-05", "APR-06", "APR-07", "APR-09"] {
        let result = result(record, id);
        assert_eq!(result.verdict, Verdict::NotExercised, "{id}: {:?}", result.reason);
        assert!(
            result.reason.as_deref().unwrap().starts_with(why),
            "{id}: {:?}",
            result.reason
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_key_that_is_refused_leaves_the_rest_of_the_run_alone() {
    let refused = |profile: &mut Profile| {
        let key = profile.keys.by_role.get_mut(&Role::Approver).unwrap();
        key.secret = Secret::new("nobodys-key-at-all");
    };
    let (record, _) = prove(&[], refused, |_| None).await;
    assert_undecided(
        &record,
        "the approver's GET /approvals?status=pending failed (HTTP 401, UNAUTHORIZED): see [keys] approver",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_fails_leaves_the_rest_of_the_run_alone() {
    let failing = |profile: &mut Profile| {
        let program = vec!["false".to_owned()];
        profile.approvals.driver = Some(Driver::Command(CommandDriver { program }));
    };
    let (record, _) = prove(&[], failing, |_| None).await;
    assert_undecided(&record, "false failed (exit status: 1): ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_hangs_leaves_the_rest_of_the_run_alone() {
    let hanging = |profile: &mut Profile| {
        let program = vec!["sleep".to_owned(), "600".to_owned()];
        profile.approvals.driver = Some(Driver::Command(CommandDriver { program }));
        profile.approvals.wait = Duration::from_millis(100);
    };
    let (record, _) = prove(&[], hanging, |_| None).await;
    assert_undecided(&record, "sleep did not end within 100ms, and was ended: ");
}
