//! What it costs to mask an answer, and to send a call and record its exchange over the loopback.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark fails by panicking")]

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hubproof_model::call::Call;
use hubproof_model::profile::{Key, Profile};
use hubproof_model::role::Role;
use hubproof_model::secret::Secret;
use hubproof_wire::{Session, SessionOptions};

/// A listing of 25 records, as large as a hub's usual page.
fn answer() -> String {
    let record = |at: usize| {
        format!(
            r#"{{"id":"INC-{at:05}","title":"The printer on floor {at} prints nothing","status":"in_progress","priority":"high","assignee":{{"id":"u-{at}","name":"S. Ibrahim"}},"updated_at":"2026-01-05T08:00:00Z"}}"#
        )
    };
    let records: Vec<_> = (0..25).map(record).collect();
    format!(
        r#"{{"success":true,"data":{{"items":[{}],"total":25}}}}"#,
        records.join(",")
    )
}

/// A profile with keys of every role: each is looked for in all that comes back.
fn profile(url: &str) -> Profile {
    let mut profile = Profile::of_url(url);
    for role in Role::ALL {
        let key = Key {
            secret: Secret::new(format!("hub_sk_of_{role}_9fQ2vXw7TbLk4RzN8sYpC3")),
            variable: None,
        };
        profile.keys.by_role.insert(role, key);
    }
    profile
}

/// Answers every request on every connection, until the benchmark ends.
fn serve(listener: TcpListener) {
    for stream in listener.incoming() {
        std::thread::spawn(|| answer_all(stream.unwrap()));
    }
}

fn answer_all(mut stream: TcpStream) {
    stream.set_nodelay(true).unwrap();
    let body = answer();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-ratelimit-limit: 600\r\nx-ratelimit-remaining: 599\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut heard = [0; 4096];
    // A GET is small, and comes in one piece over the loopback.
    while stream.read(&mut heard).is_ok_and(|bytes| bytes > 0) {
        stream.write_all(answer.as_bytes()).unwrap();
    }
}

fn benchmarks(criterion: &mut Criterion) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let profile = profile(&format!("http://{}/api/v1", listener.local_addr().unwrap()));
    std::thread::spawn(|| serve(listener));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let session = runtime
        .block_on(async { Session::new(&profile, SessionOptions::default()) })
        .unwrap();

    let mut group = criterion.benchmark_group("wire");
    let body = answer();
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("mask an answer", |bencher| {
        bencher.iter(|| session.masked(black_box(&body)))
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("send and record", |bencher| {
        let call = Call::listing(None);
        bencher.iter(|| {
            let exchange = runtime.block_on(session.send("bench", &call));
            assert!(exchange.result.is_ok());
            exchange
        });
    });
    group.finish();
}

criterion_group!(benches, benchmarks);
criterion_main!(benches);
