//! What an execute costs the hub itself: from a request to the bytes of its answer, without a socket.
#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![allow(missing_docs, reason = "criterion's macros document nothing")]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use criterion::{Criterion, criterion_group, criterion_main};
use http::{Request, Response, StatusCode};
use reference_server::clock::Clock;
use reference_server::{Hub, InProcessHub};
use tokio::runtime::{Builder, Runtime};

/// Moves a minute whenever it is asked, so that no benchmark meets the limit of its key.
#[derive(Default)]
struct Hasty(AtomicU64);

impl Clock for Hasty {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(60 * self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// A call's name, its tool, its body, and the status of its answer.
const CALLS: [(&str, &str, &str, StatusCode); 4] = [
    (
        "get",
        "itsm.tickets.get",
        r#"{"input":{"ticket_id":"INC0010001"}}"#,
        StatusCode::OK,
    ),
    ("list", "itsm.tickets.list", r#"{"input":{"limit":5}}"#, StatusCode::OK),
    (
        "create",
        "itsm.tickets.create",
        r#"{"input":{"title":"VPN is slow","priority":"high"}}"#,
        StatusCode::OK,
    ),
    (
        "invalid",
        "itsm.tickets.get",
        r#"{"input":{"ticket_id":5}}"#,
        StatusCode::BAD_REQUEST,
    ),
];

fn answer(runtime: &Runtime, hub: &InProcessHub, tool: &str, body: &'static str) -> Response<impl AsRef<[u8]> + use<>> {
    let request = Request::post(format!("/api/v1/tools/{tool}/execute"))
        .header("authorization", format!("Bearer {}", hub.ready().keys["primary"]))
        .header("content-type", "application/json")
        .body(body)
        .unwrap();
    runtime.block_on(hub.answer(request))
}

fn execute(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let hub = Hub::builder().clock(Arc::new(Hasty::default())).in_process().unwrap();
    let mut group = criterion.benchmark_group("execute");
    for (name, tool, body, status) in CALLS {
        // What is measured is what is meant.
        assert_eq!(answer(&runtime, &hub, tool, body).status(), status, "{name}");
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(answer(&runtime, &hub, black_box(tool), black_box(body))));
        });
    }
    group.finish();
}

criterion_group!(benches, execute);
criterion_main!(benches);
