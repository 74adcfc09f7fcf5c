//! What recording a latency costs, and reading quantiles.
#![allow(missing_docs, reason = "a benchmark has no callers")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use hubproof_latency::{Histogram, Kind, Place, Recorder, Series};

/// Latencies in a pass, from 50 µs to some 50 ms, few of them long.
const PASS: u64 = 10_000;

fn latencies() -> impl Iterator<Item = Duration> {
    // Multiplying by an odd number visits every remainder: an order without a pattern that caches could learn.
    (0..PASS).map(|at| {
        let place = at * 7919 % PASS;
        Duration::from_nanos(50_000 + place + 5_000_000_000 / (place + 100))
    })
}

fn filled() -> Histogram {
    let mut histogram = Histogram::default();
    latencies().for_each(|latency| histogram.record(latency));
    histogram
}

fn benchmarks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("latency");
    group.throughput(Throughput::Elements(PASS));
    group.bench_function("histogram, record", |bencher| {
        let mut histogram = filled();
        bencher.iter(|| latencies().for_each(|latency| histogram.record(black_box(latency))));
    });
    group.bench_function("recorder, record in one of thirty series", |bencher| {
        let tools = (0..30).map(|tool| Place::Execute(format!("domain.resource.tool_{tool}")));
        let series: Vec<_> = tools
            .map(|place| Series {
                place,
                kind: Kind::Success,
            })
            .collect();
        let mut recorder = Recorder::default();
        bencher.iter(|| {
            let turns = series.iter().cycle();
            latencies()
                .zip(turns)
                .for_each(|(latency, series)| recorder.record(black_box(series), latency));
        });
    });

    group.throughput(Throughput::Elements(1));
    group.bench_function("histogram, add", |bencher| {
        let (sum, other) = (filled(), filled());
        let add = |mut sum: Histogram| {
            sum.add(black_box(&other));
            sum
        };
        bencher.iter_batched(|| sum.clone(), add, BatchSize::SmallInput);
    });
    group.bench_function("histogram, p99.9", |bencher| {
        let histogram = filled();
        bencher.iter(|| black_box(&histogram).quantile(0.999));
    });
    group.finish();
}

criterion_group!(benches, benchmarks);
criterion_main!(benches);
