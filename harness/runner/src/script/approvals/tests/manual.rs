//! The manual driver: the test is the person, who hears of a call and decides, or does not.

use hubproof_model::approval::ManualDriver;
use hubproof_model::exchange::{Response, SentRequest};

use super::super::manual::Standing;
use super::*;

async fn hub() -> Hub {
    let place = "the office".to_owned();
    let mut hub = Hub::start().await.driven_by(Driver::Manual(ManualDriver { place }));
    hub.profile.approvals.wait = Duration::from_secs(60);
    hub
}

/// Plays a case with a person who sets the entry to this status when asked; gives what the person was told.
async fn with_person(hub: &Hub, steps: Vec<Step>, status: &'static str) -> (Played, Vec<String>) {
    let told = Mutex::new(Vec::new());
    let memory = Arc::clone(&hub.memory);
    let person = |event: Event| {
        if let Event::AwaitingApproval { text, .. } = event {
            told.lock().unwrap().push(text);
            memory.lock().unwrap().entries[0].status = status;
        }
    };
    let played = hub.play_telling(steps, &person).await;
    (played, told.into_inner().unwrap())
}

#[tokio::test]
async fn a_person_is_told_what_to_approve_and_where() {
    let hub = hub().await;
    let steps = vec![
        gated("asked"),
        decide("approval", ApprovalVerdict::Approve),
        gated("replay"),
    ];
    let (played, told) = with_person(&hub, steps, "approved").await;
    assert_eq!(
        told,
        ["approve the call of shop.refunds.create with the idempotency key hubproof-test-key at the office"]
    );
    assert_eq!(deed(&played, "approval"), &Ok(Done::Decided));
    assert_eq!(outcome(&played, "replay"), Outcome::Success);
    // Two looks go out at once: before anybody is asked, and after.
    assert_eq!(played.beside.len(), 4);
}

#[tokio::test]
async fn a_rejection_is_seen_by_the_refusal() {
    let hub = hub().await;
    let steps = vec![gated("asked"), decide("rejection", ApprovalVerdict::Reject)];
    let (played, told) = with_person(&hub, steps, "rejected").await;
    assert!(told[0].starts_with("reject the call of"));
    assert_eq!(deed(&played, "rejection"), &Ok(Done::Decided));
}

#[tokio::test]
async fn a_rejection_that_still_says_approval_required_is_seen_by_its_details() {
    let hub = hub().await;
    let steps = vec![gated("asked"), decide("rejection", ApprovalVerdict::Reject)];
    // The look before that tells what differs each time.
    let (played, _) = with_person(&hub, steps, "declined").await;
    assert_eq!(deed(&played, "rejection"), &Ok(Done::Decided));
    assert_eq!(played.beside.len(), 4);
}

#[tokio::test]
async fn the_wrong_decision_is_no_approval() {
    let hub = hub().await;
    let steps = vec![gated("asked"), decide("approval", ApprovalVerdict::Approve)];
    let (played, _) = with_person(&hub, steps, "rejected").await;
    assert_eq!(
        why(&played, "approval"),
        "the call was to be approved, and is refused now (HTTP 403, FORBIDDEN): was it rejected?"
    );
}

#[tokio::test]
async fn nobody_decides() {
    let mut hub = hub().await;
    hub.profile.approvals.wait = Duration::from_millis(700);
    let steps = vec![
        gated("asked"),
        decide("approval", ApprovalVerdict::Approve),
        gated("replay"),
    ];
    let played = hub.play(steps).await;
    assert_eq!(
        why(&played, "approval"),
        "nobody was seen to approve the call of shop.refunds.create with the idempotency key hubproof-test-key within \
         700ms: see [approvals] wait"
    );
    assert_eq!(outcome(&played, "replay").to_string(), "APPROVAL_REQUIRED");
}

#[tokio::test]
async fn details_that_differ_each_time_are_no_decision() {
    let mut hub = hub().await;
    hub.profile.approvals.wait = Duration::from_millis(700);
    let number = std::sync::atomic::AtomicUsize::new(0);
    let waits = move |_: &Request| {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let details = json!({"approval_id": "apr_0", "asked": number});
        envelope(
            202,
            json!({"success": false, "error": {"code": "APPROVAL_REQUIRED", "message": "", "details": details}}),
        )
    };
    let mock = Mock::given(path_regex("/execute$"))
        .respond_with(waits)
        .with_priority(1);
    hub.server.register(mock).await;
    let played = hub
        .play(vec![gated("asked"), decide("rejection", ApprovalVerdict::Reject)])
        .await;
    assert!(why(&played, "rejection").starts_with("nobody was seen to reject"));
}

/// The answer APPROVAL_REQUIRED with these details.
fn waiting(details: Value) -> Exchange {
    let body = json!({"success": false, "error": {"code": "APPROVAL_REQUIRED", "message": "", "details": details}});
    Exchange {
        number: 1,
        case: "a-case".to_owned(),
        call: Call::post_execute("shop.refunds.create", json!({}), Intent::Refused),
        request: SentRequest {
            method: "POST".to_owned(),
            url: String::new(),
            headers: Vec::new(),
        },
        result: Ok(Response::new(202, Vec::new(), body.to_string().into_bytes())),
        sent_after: Duration::ZERO,
        elapsed: Duration::ZERO,
    }
}

#[test]
fn a_countdown_is_no_rejection() {
    // Whole seconds: the looks before anybody is asked see the same.
    let details = |seconds: u64, status: &str, is_final: bool| {
        json!({
            "approval": {"id": "apr_1", "status": status, "final": is_final},
            "expires_in": seconds,
            "message": format!("waits for {seconds} s more"),
            "reminders": [seconds],
        })
    };
    let mut standing = Standing::of(&waiting(details(60, "pending", false)));
    standing.keep_what_stays(&waiting(details(60, "pending", false)));
    let decision = |own: Value| standing.decision_in(&waiting(own), ApprovalVerdict::Reject);
    assert_eq!(decision(details(59, "pending", false)), None);
    assert_eq!(decision(details(9, "pending", false)), None);
    for decided in [
        details(59, "rejected", false),
        details(59, "pending", true),
        json!({"expires_in": 59}),
    ] {
        assert_eq!(decision(decided), Some(Ok(())));
    }
}

#[tokio::test]
async fn an_interrupted_run_waits_for_nobody() {
    let hub = hub().await;
    let session = hub.session();
    let interrupt = |event: Event| {
        if matches!(event, Event::AwaitingApproval { .. }) {
            session.interrupt();
        }
    };
    let stage = Stage::new(&session, &hub.profile, &interrupt);
    let steps = vec![gated("asked"), decide("approval", ApprovalVerdict::Approve)];
    let played = stage.play(&Case::of_steps("a-case", "", steps)).await;
    assert!(deed(&played, "approval").is_err());
}

#[tokio::test]
async fn entries_cannot_be_counted() {
    let hub = hub().await;
    let played = hub.play(vec![gated("asked"), count(1), show()]).await;
    for label in ["entries", "entry"] {
        assert!(why(&played, label).starts_with("a person decides approvals here, and entries cannot be listed"));
    }
}
