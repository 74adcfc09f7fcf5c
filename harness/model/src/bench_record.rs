//! The record of a bench: all that its reports are made from.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use crate::failure::Failures;
use crate::measurement::{Latencies, Measurement, Pacing};
use crate::record::{RequirementResult, RunEnd, Target};
use crate::safety::{Allow, Risk};

/// A finished (or interrupted) bench.
#[derive(Debug, Clone)]
pub struct BenchRecord {
    /// The version of hubproof.
    pub suite_version: String,
    /// The revision of the contract.
    pub contract_revision: String,
    /// What was measured.
    pub target: Target,
    /// The risk of each tool of the mix.
    pub risks: BTreeMap<String, Risk>,
    /// The tools that could have been called and were not: none of their calls can be expected to succeed, or they were kept out.
    pub left_out: BTreeMap<String, LeftOut>,
    /// The seed of all inputs and of their order.
    pub seed: u64,
    /// How far the bench was allowed to go.
    pub allow: Allow,
    /// Whether inputs were drawn while the target was called, not before.
    pub live: bool,
    /// The wall clock at the start.
    pub started_at: SystemTime,
    /// Requests sent, those of discovery and of the warm-up with them.
    pub requests: u64,
    /// What was measured; of a target that cannot be tested, nothing.
    pub measurement: Option<Measurement>,
    /// How the measured latencies went over time: for each block in which calls were meant to be sent. A stored bench does not hold it.
    pub over_time: Vec<Latencies>,
    /// What kept calls from succeeding.
    pub failures: Failures,
    /// What is worth saying of the load, in words.
    pub notes: Vec<String>,
    /// What it was compared with, where something was given.
    pub baseline: Option<BenchBaseline>,
    /// One result a requirement that was judged: those of LAT, and those that wrong answers broke.
    pub results: Vec<RequirementResult>,
    /// How the bench ended.
    pub end: RunEnd,
}

/// Why a tool was not called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its risk.
    pub risk: Risk,
    /// Why, in words.
    pub why: String,
    /// Whether the profile or a flag keeps it out: then nothing is wrong with it.
    pub by_choice: bool,
}

/// An earlier bench, as it was stored.
#[derive(Debug, Clone)]
pub struct BenchBaseline {
    /// The file's path, as given.
    pub path: String,
    /// The version of hubproof that measured it.
    pub suite_version: String,
    /// The revision of the contract.
    pub contract_revision: String,
    /// What was measured.
    pub target: Target,
    /// The wall clock at its start.
    pub started_at: SystemTime,
    /// How it ended, in words, where it ended early.
    pub early_end: Option<String>,
    /// The tools that were to be called and were not.
    pub left_out: BTreeSet<String>,
    /// The measurement.
    pub measurement: Measurement,
}

/// Why an earlier bench tells nothing of this one.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Incomparable {
    /// Another hub.
    #[error("it was measured of {then}, and this is {now}: compare a hub with itself")]
    Target {
        /// What was measured then.
        then: String,
        /// What is to be measured.
        now: String,
    },
    /// One that was ended early.
    #[error("it ended early ({0}): measure a whole one to compare with")]
    EndedEarly(String),
    /// One that could not send all of its calls.
    #[error(
        "{0} of its calls were not sent: its load was another than it says; measure it again at a rate that is reached"
    )]
    Unsent(u64),
    /// One that sent its calls later than it was to.
    #[error(
        "it did not reach its rate: its load was another than it says; measure it again at a rate that is reached, or over more connections"
    )]
    RateNotReached,
    /// Another load.
    #[error("it was measured with {then}, and this is {now}: latency depends on the load")]
    Pacing {
        /// The load then.
        then: Pacing,
        /// The load now.
        now: Pacing,
    },
    /// More or fewer connections: calls waited for one oftener or more rarely.
    #[error("it was measured over {then} connections, and this is over {now}: give `--connections {then}`")]
    Connections {
        /// How many there were.
        then: u32,
        /// How many there are to be.
        now: u32,
    },
    /// Inputs that a cache may know, and others.
    #[error("it was measured {} `--live`, and this is not so: inputs that repeat may be answered from a cache", if *then { "with" } else { "without" })]
    Live {
        /// Whether they were drawn as the load went on.
        then: bool,
    },
    /// Other inputs.
    #[error("it was measured with the inputs of seed {then}, and this has those of {now}: give `--seed {then}`")]
    Seed {
        /// The seed then.
        then: u64,
        /// The seed now.
        now: u64,
    },
    /// Other tools, or other weights.
    #[error("it was measured with another mix of tools ({0}): name the same with `--tools`")]
    Mix(String),
}

/// A load that is to be measured, as far as latency depends on it.
#[derive(Debug, Clone)]
pub struct PlannedLoad {
    /// How calls are paced.
    pub pacing: Pacing,
    /// How many connections there are to be.
    pub connections: u32,
    /// Whether inputs are drawn while the target is called.
    pub live: bool,
    /// The seed of all inputs and of their order.
    pub seed: u64,
}

impl BenchBaseline {
    /// Whether it was measured of this target. The bundled hub is the same whatever its address and its defects.
    ///
    /// # Errors
    /// That it was another.
    pub fn check_target(&self, target: &Target) -> Result<(), Incomparable> {
        let is_same = match (self.target.bundled, target.bundled) {
            (true, true) => true,
            (false, false) => self.target.url == target.url,
            _ => false,
        };
        let name = |target: &Target| match target.bundled {
            true => "the bundled hub".to_owned(),
            false => target.url.clone(),
        };
        match is_same {
            true => Ok(()),
            false => Err(Incomparable::Target {
                then: name(&self.target),
                now: name(target),
            }),
        }
    }

    /// Whether it was measured as it was meant to be.
    ///
    /// # Errors
    /// What was not.
    pub fn check_whole(&self) -> Result<(), Incomparable> {
        match (&self.early_end, self.measurement.unsent()) {
            (Some(how), _) => Err(Incomparable::EndedEarly(how.clone())),
            (None, 0) if !self.measurement.is_rate_reached() => Err(Incomparable::RateNotReached),
            (None, 0) => Ok(()),
            (None, unsent) => Err(Incomparable::Unsent(unsent)),
        }
    }

    /// What else differs from a bench of this version and revision, in words: it may be what makes the difference.
    pub fn differences(&self, suite_version: &str, contract_revision: &str) -> Vec<String> {
        let compared = [
            ("hubproof", &self.suite_version, suite_version),
            ("the contract's revision", &self.contract_revision, contract_revision),
        ];
        let differ = compared.into_iter().filter(|(_, then, now)| then != now);
        differ
            .map(|(what, then, now)| format!("--compare: it was measured with {what} {then}, and this is {now}"))
            .collect()
    }

    /// Whether it was measured under the same load, whatever the tools.
    ///
    /// # Errors
    /// What differs.
    pub fn check_load(&self, now: &PlannedLoad) -> Result<(), Incomparable> {
        let then = &self.measurement;
        if then.pacing != now.pacing {
            return Err(Incomparable::Pacing {
                then: then.pacing,
                now: now.pacing,
            });
        }
        if then.connections != now.connections {
            return Err(Incomparable::Connections {
                then: then.connections,
                now: now.connections,
            });
        }
        if then.live != now.live {
            return Err(Incomparable::Live { then: then.live });
        }
        if then.seed != now.seed {
            return Err(Incomparable::Seed {
                then: then.seed,
                now: now.seed,
            });
        }
        Ok(())
    }

    /// Whether the same tools were selected, with the same weights, as far as the hub still has them: whether they succeed, then or now, is not
    /// for the user to mend. `selected` holds the weights, and `is_there` says whether the hub has a tool.
    ///
    /// # Errors
    /// The first tool that differs.
    pub fn check_mix(
        &self,
        selected: &BTreeMap<String, u32>,
        is_there: impl Fn(&str) -> bool,
    ) -> Result<(), Incomparable> {
        let then = &self.measurement.mix;
        let is_same = |tool: &str| match (then.get(tool), selected.get(tool)) {
            (Some(before), None) => *before == 0 || !is_there(tool),
            (None, Some(_)) => self.left_out.contains(tool),
            (before, now) => before == now,
        };
        match then.keys().chain(selected.keys()).find(|tool| !is_same(tool)) {
            None => Ok(()),
            Some(tool) => {
                let weight = |mix: &BTreeMap<String, u32>| mix.get(tool).map_or("none".to_owned(), u32::to_string);
                let (before, after) = (weight(then), weight(selected));
                Err(Incomparable::Mix(format!(
                    "the weight of {tool} was {before}, and is {after}"
                )))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hubproof_latency::{Kind, Place, Series};

    use super::*;
    use crate::measurement::samples::of_nothing;

    fn baseline(target: Target) -> BenchBaseline {
        BenchBaseline {
            path: "bench.json".to_owned(),
            suite_version: "0.1.0".to_owned(),
            target,
            contract_revision: "1".to_owned(),
            started_at: SystemTime::UNIX_EPOCH,
            early_end: None,
            left_out: ["a.broken".to_owned()].into(),
            measurement: Measurement {
                mix: [("a.list".to_owned(), 2), ("a.get".to_owned(), 1)].into(),
                ..of_nothing()
            },
        }
    }

    fn bundled(url: &str, defect: &str) -> Target {
        Target {
            bundled: true,
            defects: vec![defect.to_owned()],
            ..Target::of_url(url)
        }
    }

    #[test]
    fn a_hub_is_compared_with_itself() {
        let of_url = baseline(Target::of_url("https://hub.example"));
        assert_eq!(of_url.check_target(&Target::of_url("https://hub.example")), Ok(()));
        let other = of_url
            .check_target(&Target::of_url("https://other.example"))
            .unwrap_err();
        assert_eq!(
            other.to_string(),
            "it was measured of https://hub.example, and this is https://other.example: compare a hub with itself"
        );
        let own = baseline(bundled("http://127.0.0.1:1", "none"));
        assert_eq!(
            own.check_target(&bundled("http://127.0.0.1:2", "one-tool-slow")),
            Ok(())
        );
        assert!(own.check_target(&Target::of_url("http://127.0.0.1:1")).is_err());
        assert!(of_url.check_target(&bundled("https://hub.example", "none")).is_err());
    }

    #[test]
    fn half_a_bench_is_no_baseline() {
        let whole = baseline(bundled("http://a", ""));
        assert_eq!(whole.check_whole(), Ok(()));
        let mut early = whole.clone();
        early.early_end = Some("stopped by a signal".to_owned());
        let said = early.check_whole().unwrap_err().to_string();
        assert!(said.starts_with("it ended early (stopped by a signal)"), "{said}");
        let mut unsent = whole.clone();
        unsent.measurement.unsent = [("a.get".to_owned(), 3)].into();
        let said = unsent.check_whole().unwrap_err().to_string();
        assert!(said.starts_with("3 of its calls were not sent"), "{said}");
        // All were sent, most of them after the time was up.
        let mut late = whole;
        let series = Series {
            place: Place::Execute("a.get".to_owned()),
            kind: Kind::Success,
        };
        (0..100).for_each(|_| late.measurement.response.record(&series, Duration::from_secs(1)));
        late.measurement.in_time = [("a.get".to_owned(), 82)].into();
        assert_eq!(late.check_whole(), Ok(()), "16 were on their way");
        late.measurement.in_time = [("a.get".to_owned(), 81)].into();
        assert_eq!(late.check_whole(), Err(Incomparable::RateNotReached));
    }

    #[test]
    fn another_version_is_told() {
        let baseline = baseline(bundled("http://a", ""));
        assert_eq!(baseline.differences("0.1.0", "1"), Vec::<String>::new());
        assert_eq!(
            baseline.differences("0.2.0", "2"),
            [
                "--compare: it was measured with hubproof 0.1.0, and this is 0.2.0",
                "--compare: it was measured with the contract's revision 1, and this is 2"
            ]
        );
    }

    #[test]
    fn another_load_is_refused() {
        let baseline = baseline(Target::of_url("https://hub.example"));
        let same = || PlannedLoad {
            pacing: Pacing::Open { rate: 50.0 },
            connections: 16,
            live: false,
            seed: 7,
        };
        let refused = |load: PlannedLoad| baseline.check_load(&load).unwrap_err().to_string();
        assert_eq!(baseline.check_load(&same()), Ok(()));
        let pacing = Pacing::Closed { concurrency: 8 };
        assert_eq!(
            refused(PlannedLoad { pacing, ..same() }),
            "it was measured with 50 calls a second, and this is 8 calls in flight: latency depends on the load"
        );
        let other = PlannedLoad {
            connections: 4,
            ..same()
        };
        assert!(refused(other).contains("--connections 16"));
        let live = PlannedLoad { live: true, ..same() };
        assert!(refused(live).contains("without `--live`"));
        let seeded = PlannedLoad { seed: 8, ..same() };
        assert!(refused(seeded).contains("--seed 7"));
    }

    #[test]
    fn the_tools_are_those_that_were_selected() {
        let baseline = baseline(bundled("http://a", ""));
        let check = |mix: &[(&str, u32)]| {
            let selected = mix.iter().map(|(tool, weight)| ((*tool).to_owned(), *weight)).collect();
            baseline
                .check_mix(&selected, |tool| tool != "a.get")
                .map_err(|fault| fault.to_string())
        };
        assert_eq!(check(&[("a.list", 2), ("a.get", 1)]), Ok(()));
        assert_eq!(check(&[("a.list", 2)]), Ok(()), "the hub has a.get no more");
        assert_eq!(
            check(&[("a.list", 2), ("a.get", 1), ("a.broken", 1)]),
            Ok(()),
            "it failed then"
        );
        let said = check(&[("a.list", 1), ("a.get", 1)]).unwrap_err();
        assert!(said.contains("(the weight of a.list was 2, and is 1)"), "{said}");
        let said = check(&[("a.list", 2), ("a.get", 1), ("a.find", 1)]).unwrap_err();
        assert!(said.contains("(the weight of a.find was none, and is 1)"), "{said}");
        let said = check(&[("a.get", 1)]).unwrap_err();
        assert!(said.contains("(the weight of a.list was 2, and is none)"), "{said}");
    }
}
