//! Shards put together, and reports that are none.

use hubproof_model::judgment::Verdict;
use hubproof_model::record::RunEnd;
use hubproof_model::shard::fell_elsewhere;

use super::*;
use crate::canned;
use crate::document::requirement::RequirementReport;
use crate::json;

fn shard(index: u32, of: u32) -> Shard {
    Shard::new(index, of).unwrap()
}

fn part(index: u32, of: u32) -> Part {
    let mut report = canned::report(&canned::complete());
    report.shard = Some(shard(index, of));
    Part {
        name: format!("{index}.json"),
        report,
    }
}

#[test]
fn what_was_counted_is_added_and_can_be_read_again() {
    let whole = canned::report(&canned::complete());
    let merged = merge(vec![part(2, 2), part(1, 2)]).unwrap();
    assert_eq!(merged.shard, None);
    assert_eq!(merged.summary.requests, 2 * whole.summary.requests);
    assert_eq!(merged.summary.requirements, whole.summary.requirements);
    for (own, whole) in merged.requirements.iter().zip(&whole.requirements) {
        assert_eq!(own.verdict, whole.verdict, "{}", own.id);
        assert_eq!(own.cases, 2 * whole.cases, "{}", own.id);
        assert_eq!(
            own.violations.len(),
            whole.violations.len(),
            "alike ones are folded: {}",
            own.id
        );
    }
    let (once, twice) = (whole.latency.unwrap(), merged.latency.as_ref().unwrap());
    for (row, sum) in once.service.iter().zip(&twice.service) {
        let mut both = row.histogram.clone();
        both.add(&row.histogram);
        assert_eq!(both, sum.histogram);
    }
    let mut decided = merged.clone();
    decided.exit.code = Exit::VIOLATED;
    assert_eq!(Report::read(json::render(&decided)).unwrap(), decided);
}

#[test]
fn exchanges_of_two_shards_have_numbers_of_their_own() {
    let merged = merge(vec![part(1, 2), part(2, 2)]).unwrap();
    let before = part(1, 2).report.summary.requests;
    let mut second = part(2, 2).report;
    measures::renumber(&mut second, before, Duration::from_secs(1));
    let numbers = |report: &Report| -> Vec<u64> {
        let violations = report.requirements.iter().flat_map(|own| &own.violations);
        violations
            .flat_map(|own| own.exchanges.iter().map(|exchange| exchange.number))
            .collect()
    };
    assert!(numbers(&second).iter().all(|number| *number > before));
    assert!(numbers(&merged).iter().all(|number| *number <= before));
}

#[test]
fn what_fell_elsewhere_is_no_verdict() {
    let of = |shard: Shard, verdict, reason: Option<&str>| {
        let elsewhere = fell_elsewhere(shard);
        let own = RequirementReport {
            verdict,
            reason: Some(reason.map_or(elsewhere, str::to_owned)).filter(|_| verdict != Verdict::Held),
            ..canned::report(&canned::complete()).requirements[0].clone()
        };
        (shard, own)
    };
    let told = |parts: &[(Shard, RequirementReport)]| {
        let parts: Vec<_> = parts.iter().map(|(shard, own)| (*shard, own)).collect();
        let own = requirement::together(&parts);
        (own.verdict, own.reason)
    };
    let (one, two) = (shard(1, 2), shard(2, 2));
    let not = Verdict::NotExercised;
    assert_eq!(
        told(&[of(one, not, None), of(two, Verdict::Held, None)]),
        (Verdict::Held, None)
    );
    assert_eq!(
        told(&[of(one, not, None), of(two, not, Some("no key"))]),
        (not, Some("no key".to_owned()))
    );
    let open = told(&[
        of(one, Verdict::Held, None),
        of(two, Verdict::Inconclusive, Some("no answer")),
    ]);
    assert_eq!(open, (Verdict::Inconclusive, Some("no answer".to_owned())));
}

#[test]
fn a_shard_without_a_plan_leaves_open_what_the_others_hold() {
    let of = |index, end| {
        let mut part = part(index, 3);
        part.report.end = End::from(&end);
        if part.report.end.kind == EndKind::TargetUnusable {
            part.report.plan = None;
            part.report.tools.clear();
        }
        part
    };
    let gone = || of(1, RunEnd::TargetUnusable("nobody answers".to_owned()));
    let merged = merge(vec![gone(), of(2, RunEnd::Complete), of(3, RunEnd::Complete)]).unwrap();
    assert_eq!(merged.end.message.as_deref(), Some("shard 1/3: nobody answers"));
    assert_eq!(merged.tools.len(), part(1, 3).report.tools.len());
    let whole = part(1, 3).report.requirements;
    for (own, of_others) in merged.requirements.iter().zip(&whole) {
        let (verdict, reason) = match of_others.verdict {
            Verdict::Held => (
                Verdict::Inconclusive,
                Some("shard 1/3 sent none of its cases".to_owned()),
            ),
            other => (other, of_others.reason.clone()),
        };
        assert_eq!((own.verdict, &own.reason), (verdict, &reason), "{}", own.id);
    }
    assert!(whole.iter().any(|own| own.verdict == Verdict::Held));

    let mut other = of(3, RunEnd::Complete);
    other.report.plan = Some("another".to_owned());
    let fault = merge(vec![gone(), of(2, RunEnd::Complete), other])
        .unwrap_err()
        .to_string();
    assert!(
        fault.starts_with("2.json and 3.json are not shards of one run: the plan"),
        "{fault}"
    );
}

#[test]
fn reports_that_are_not_shards_of_one_run_are_refused() {
    let fault = |parts| merge(parts).unwrap_err().to_string();
    assert_eq!(fault(Vec::new()), "name the reports of all shards");
    assert_eq!(fault(vec![part(1, 4), part(3, 4)]), "shards are missing: 2/4, 4/4");
    assert_eq!(fault(vec![part(1, 2)]), "a shard is missing: 2/2");
    assert_eq!(
        fault(vec![part(1, 2), part(1, 2)]),
        "1.json and 1.json are both shard 1/2"
    );
    let mut whole = part(1, 1);
    whole.report.shard = None;
    assert!(fault(vec![whole]).starts_with("1.json is the report of a whole run"));
    let differing = |change: fn(&mut Report)| {
        let mut other = part(2, 2);
        change(&mut other.report);
        fault(vec![part(1, 2), other])
    };
    assert_eq!(
        differing(|report| report.seed = 8),
        "1.json and 2.json are not shards of one run: the seed is `7` in the first, and `8` in the second"
    );
    assert!(differing(|report| report.target.url.push('x')).contains("the target is"));
    assert!(differing(|report| report.connector = Some("jira".to_owned())).contains("the connector is"));
    assert!(
        differing(|report| report.target.profile_sha256 = Some("0".repeat(64))).contains("the text of the profile")
    );
    assert!(
        differing(|report| drop(report.left_out.pop()))
            .contains("what --tools and --connector left out is `crm.deals.get` in the first, and `` in the second")
    );
    assert!(differing(|report| report.denied.push("crm.deals.wipe".to_owned())).contains("what [safety] kept out is"));
    assert!(differing(|report| report.contract.revision = "2".to_owned()).contains("the contract's revision"));
    assert!(differing(|report| drop(report.requirements.pop())).contains("the list of requirements"));
    assert!(differing(|report| report.plan = Some("fedcba9876543210".to_owned())).contains("the plan (by --cases"));
    assert!(differing(|report| report.shard = Some(shard(2, 3))).contains("the number of shards"));
}

#[test]
fn a_shard_that_came_to_no_plan_is_told_by_its_end() {
    let mut dead = part(1, 2);
    dead.report.plan = None;
    dead.report.tools.clear();
    dead.report.end = End {
        kind: EndKind::TargetUnusable,
        message: Some("could not connect".to_owned()),
    };
    let merged = merge(vec![dead, part(2, 2)]).unwrap();
    assert_eq!(merged.end.message.as_deref(), Some("shard 1/2: could not connect"));
    assert_eq!(merged.tools.len(), part(2, 2).report.tools.len());
}

#[test]
fn the_worst_end_is_the_end() {
    let mut cut = part(2, 2);
    cut.report.end = End {
        kind: EndKind::TimeLimit,
        message: Some("the time limit of 5 s ended the run".to_owned()),
    };
    let merged = merge(vec![part(1, 2), cut]).unwrap();
    assert_eq!(
        merged.end.message.as_deref(),
        Some("shard 2/2: the time limit of 5 s ended the run")
    );
}

#[test]
fn a_known_failure_that_one_shard_saw_is_not_stale() {
    let with_baseline = |index| {
        let mut report = canned::report(&canned::with_baseline());
        report.shard = Some(shard(index, 2));
        Part {
            name: index.to_string(),
            report,
        }
    };
    let (one, mut two) = (with_baseline(1), with_baseline(2));
    let matched = |report: &Report| {
        let entries = &report.baseline.as_ref().unwrap().entries;
        entries
            .iter()
            .map(|entry| (entry.standing, entry.matched))
            .collect::<Vec<_>>()
    };
    for entry in &mut two.report.baseline.as_mut().unwrap().entries {
        entry.standing = crate::document::baseline::Standing::Holds;
        entry.stale = true;
        entry.matched = 0;
    }
    two.report.summary.stale = two.report.baseline.as_ref().unwrap().entries.len() as u64;
    let told = matched(&one.report);
    let merged = merge(vec![one, two]).unwrap();
    for ((before, count), (after, sum)) in told.into_iter().zip(matched(&merged)) {
        if before == crate::document::baseline::Standing::Matched {
            assert_eq!((after, sum), (before, count));
        }
    }
}
