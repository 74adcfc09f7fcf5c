//! What it costs to render the page of a run of 2,000 tools with 5,000 violations: under two seconds is the goal.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark fails by panicking")]

#[path = "../tests/large_run/mod.rs"]
mod large_run;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use hubproof_model::gate::FailOn;
use hubproof_reports::formats::FORMATS;
use hubproof_reports::html;

fn render(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("5,000 violations");
    group.sample_size(10);
    for shape in large_run::SHAPES {
        let report = large_run::report(shape);
        group.bench_function(format!("html, {shape:?}"), |bencher| {
            bencher.iter(|| html::render(black_box(&report), FailOn::Must));
        });
        group.bench_function(format!("every format, {shape:?}"), |bencher| {
            bencher.iter(|| FORMATS.map(|format| (format.render)(black_box(&report), FailOn::Must)));
        });
    }
    group.finish();
}

criterion_group!(benches, render);
criterion_main!(benches);
