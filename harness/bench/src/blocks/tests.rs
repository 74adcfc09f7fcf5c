//! What blocks tell of calls that end in any order.

use hubproof_latency::{Histogram, Kind, Place, Recorder, Series};
use hubproof_model::measurement::BlockSummary;

use super::*;
use crate::mix::scattered;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A call that was meant to be sent then, and took so long.
fn call(parts: &mut Parts, blocks: &Blocks, at: u64, tool: usize, took: u64) {
    let block = parts.taken(blocks, ms(at));
    parts.ended(blocks, block, tool, after(ms(took)));
}

fn after(response: Duration) -> Ended {
    Ended {
        kind: Kind::Success,
        response,
        lateness: Duration::ZERO,
    }
}

/// Blocks of two seconds: each takes a tenth of one.
fn blocks(workers: usize) -> Blocks {
    Blocks::new(workers, ms(2000)).unwrap()
}

fn whole(blocks: &Blocks, keys: &[&str], unsent: &BTreeMap<(usize, usize), u64>) -> Vec<Block> {
    blocks.end(keys, unsent, ms(2000)).unwrap().whole
}

fn counts(blocks: &[Block]) -> Vec<(u64, u64)> {
    let sum = |block: &Block, of: fn(&BlockSummary) -> u64| block.tools.values().map(of).sum();
    let counts = blocks
        .iter()
        .map(|block| (sum(block, |own| own.count), sum(block, |own| own.failed)));
    counts.collect()
}

#[test]
fn a_block_is_of_all_workers() {
    let blocks = blocks(2);
    let (mut one, mut other) = (Parts::new(ms(2000)), Parts::new(ms(2000)));
    call(&mut one, &blocks, 10, 0, 1);
    call(&mut one, &blocks, 110, 1, 5);
    call(&mut other, &blocks, 99, 0, 3);
    call(&mut other, &blocks, 410, 0, 300);
    one.finish(&blocks, ms(2000));
    other.finish(&blocks, ms(2000));
    let summed_up = whole(&blocks, &["a", "b"], &BTreeMap::new());
    assert_eq!(summed_up.len(), BLOCKS);
    assert_eq!(
        counts(&summed_up)[..6],
        [(2, 0), (1, 0), (0, 0), (0, 0), (1, 0), (0, 0)]
    );
    assert!(summed_up[0].tools["a"].mean.abs_diff(ms(2)) < ms(1) / 50);
}

/// A stall from 100 ms to 400 ms: what was meant to be sent in it is answered at its end, and by a call after it.
#[test]
fn what_a_stall_holds_up_is_in_its_blocks() {
    let blocks = blocks(1);
    let mut only = Parts::new(ms(2000));
    let intended = [50, 150, 250, 350, 450];
    let taken = intended.map(|at| only.taken(&blocks, ms(at)));
    for (at, block) in intended.into_iter().zip(taken).rev() {
        let took = if (100..400).contains(&at) { 400 - at } else { 1 };
        only.ended(&blocks, block, 0, after(ms(took)));
    }
    only.finish(&blocks, ms(2000));
    let summed_up = whole(&blocks, &["a"], &BTreeMap::new());
    let p50 = |block: &Block| block.tools["a"].p50.map_or(0, |p50| p50.as_millis());
    let told: Vec<_> = summed_up[..5].iter().map(p50).collect();
    assert_eq!(told, [1, 250, 150, 50, 1]);
}

#[test]
fn what_fails_or_is_not_sent_is_slower_than_all() {
    let blocks = blocks(1);
    let mut only = Parts::new(ms(2000));
    for number in 0..10 {
        let block = only.taken(&blocks, ms(number));
        let kind = if number < 8 { Kind::Success } else { Kind::ServerError };
        only.ended(&blocks, block, 0, Ended { kind, ..after(ms(5)) });
    }
    call(&mut only, &blocks, 1950, 0, 5);
    only.finish(&blocks, ms(2000));
    let summed_up = whole(&blocks, &["a"], &[((19, 0), 3)].into());
    assert_eq!(counts(&summed_up)[0], (8, 2));
    let first = summed_up[0].tools["a"];
    assert_eq!((first.p50.is_some(), first.p90), (true, None));
    assert_eq!(counts(&summed_up)[19], (1, 3));
    assert_eq!(summed_up[19].tools["a"].p50, None);
}

#[test]
fn of_an_early_end_whole_blocks_are_left() {
    let blocks = blocks(1);
    let mut only = Parts::new(ms(2000));
    call(&mut only, &blocks, 10, 0, 1);
    call(&mut only, &blocks, 250, 0, 1);
    only.finish(&blocks, ms(260));
    let told = blocks.end(&["a"], &BTreeMap::new(), ms(260)).unwrap();
    assert_eq!(told.whole.len(), 2);
    // The latencies of the third are kept as far as it went.
    let stretches = told.over_time.iter().map(|own| (own.start, own.length));
    assert_eq!(stretches.collect::<Vec<_>>(), [(ms(0), ms(100)), (ms(200), ms(60))]);
}

/// Latencies are held of the blocks alone that calls are still to come of.
#[test]
fn memory_is_of_open_blocks() {
    let blocks = blocks(1);
    let mut only = Parts::new(ms(2000));
    let slow = only.taken(&blocks, ms(150));
    for at in (0..1900).filter(|at| *at >= 150) {
        call(&mut only, &blocks, at, 0, 1);
    }
    assert_eq!(only.open(), [1, 18]);
    only.not_sent(&blocks, slow, 0);
    assert_eq!(only.open(), [18]);
    assert!(blocks.slots().iter().all(|slot| slot.calls.is_empty()));
}

/// Whatever ends when, and however early the end: all latencies of all blocks are those of all calls, by tool and outcome.
#[test]
fn the_latencies_of_all_blocks_are_those_of_the_whole() {
    for seed in 0..10_u64 {
        let measured = if seed % 2 == 0 { ms(2000) } else { ms(140 + seed * 180) };
        let random = |call: u64, below: u64| scattered(seed, call) % below;
        let workers = 1 + seed as usize % 3;
        let blocks = blocks(workers);
        let (mut response, mut lateness) = (Recorder::default(), Histogram::default());
        for worker in 0..workers as u64 {
            let mut parts = Parts::new(ms(2000));
            let (mut open, mut at) = (Vec::new(), ms(0));
            for call in (worker << 32..).step_by(4) {
                at += Duration::from_micros(random(call, 20_000));
                if at > measured {
                    break;
                }
                open.push((parts.taken(&blocks, at), call));
                // Now and then none of some ends for long.
                while open.len() as u64 > random(call + 1, 40) {
                    let (block, call) = open.swap_remove(random(call + 2, open.len() as u64) as usize);
                    let ended = Ended {
                        kind: Kind::ALL[random(call + 3, 6) as usize],
                        response: Duration::from_nanos(random(call, 1 << (10 + call % 25))),
                        lateness: Duration::from_nanos(random(call + 1, 1_000_000)),
                    };
                    let tool = random(call + 2, 2) as usize;
                    let place = Place::Execute(["a", "b"][tool].to_owned());
                    let kind = ended.kind;
                    response.record(&Series { place, kind }, ended.response);
                    lateness.record(ended.lateness);
                    parts.ended(&blocks, block, tool, ended);
                }
            }
            open.into_iter()
                .for_each(|(block, _)| parts.not_sent(&blocks, block, 0));
            parts.finish(&blocks, measured);
        }
        let over_time = blocks.end(&["a", "b"], &BTreeMap::new(), measured).unwrap().over_time;
        let (mut of_blocks, mut lateness_of_blocks) = (Recorder::default(), Histogram::default());
        let mut end = Duration::ZERO;
        for own in &over_time {
            let told = own.response.iter();
            told.for_each(|(series, latencies)| of_blocks.add_to(series, &latencies.unpacked()));
            lateness_of_blocks.add(&own.lateness.unpacked());
            assert!(own.start >= end && !own.length.is_zero(), "{seed}: {own:?}");
            end = own.start + own.length;
        }
        assert!(end <= measured && over_time.len() > 1, "{seed}: {end:?}");
        assert!(of_blocks.all().eq(response.all()), "{seed}");
        assert_eq!(lateness_of_blocks, lateness, "{seed}");
    }
}
