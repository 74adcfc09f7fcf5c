//! What a profile promises of a hub's latency (`[slo]`): objectives by risk level and by tool.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::safety::Risk;

/// `[slo]`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Slo {
    /// What each tool of a risk level keeps to.
    pub by_risk: BTreeMap<Risk, Objectives>,
    /// What a tool keeps to, by its key.
    pub by_tool: BTreeMap<String, Objectives>,
}

/// What is promised of each tool that they are for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Objectives {
    /// The longest that a percentile of the response times may be.
    pub latency: BTreeMap<Percentile, Duration>,
    /// The largest part of the calls that may fail, from 0 to 1.
    pub error_rate: Option<f64>,
}

/// A percentile that objectives are told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Percentile {
    P50,
    P90,
    P95,
    P99,
    P99_9,
    /// The longest of all.
    Max,
}

impl Percentile {
    /// All of them, from the lowest.
    pub const ALL: [Percentile; 6] = [
        Percentile::P50,
        Percentile::P90,
        Percentile::P95,
        Percentile::P99,
        Percentile::P99_9,
        Percentile::Max,
    ];

    /// Its key in a profile, and its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Percentile::P50 => "p50",
            Percentile::P90 => "p90",
            Percentile::P95 => "p95",
            Percentile::P99 => "p99",
            Percentile::P99_9 => "p99.9",
            Percentile::Max => "max",
        }
    }

    /// The part of all calls that is no slower: 0.99 for p99.
    pub const fn part(self) -> f64 {
        match self {
            Percentile::P50 => 0.5,
            Percentile::P90 => 0.9,
            Percentile::P95 => 0.95,
            Percentile::P99 => 0.99,
            Percentile::P99_9 => 0.999,
            Percentile::Max => 1.0,
        }
    }
}

impl fmt::Display for Percentile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The risk level that a risk's objectives are those of: unknown risk counts as destructive.
#[must_use]
pub fn level(risk: &Risk) -> &Risk {
    match risk {
        Risk::Unknown(_) => &Risk::Destructive,
        known => known,
    }
}

impl Slo {
    /// Whether nothing is promised.
    pub fn is_empty(&self) -> bool {
        self.by_risk.is_empty() && self.by_tool.is_empty()
    }

    /// What a tool of this risk keeps to: its own objectives, and those of its risk level that it has none of its own for. Unknown risk
    /// counts as destructive.
    pub fn of(&self, tool: &str, risk: &Risk) -> Objectives {
        let mut objectives = self.by_risk.get(level(risk)).cloned().unwrap_or_default();
        if let Some(own) = self.by_tool.get(tool) {
            objectives.latency.extend(&own.latency);
            objectives.error_rate = own.error_rate.or(objectives.error_rate);
        }
        objectives
    }
}

impl Objectives {
    /// Whether nothing is promised.
    pub fn is_empty(&self) -> bool {
        self.latency.is_empty() && self.error_rate.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(latency: &[(Percentile, u64)], error_rate: Option<f64>) -> Objectives {
        let latency = latency.iter();
        Objectives {
            latency: latency.map(|(at, most)| (*at, Duration::from_millis(*most))).collect(),
            error_rate,
        }
    }

    #[test]
    fn a_tool_keeps_to_its_own_and_for_the_rest_to_its_level() {
        let slo = Slo {
            by_risk: [
                (
                    Risk::Read,
                    within(&[(Percentile::P50, 50), (Percentile::P99, 300)], Some(0.01)),
                ),
                (Risk::Destructive, within(&[(Percentile::Max, 9)], None)),
            ]
            .into(),
            by_tool: [("a.list".to_owned(), within(&[(Percentile::P99, 100)], None))].into(),
        };
        assert_eq!(
            slo.of("a.list", &Risk::Read),
            within(&[(Percentile::P50, 50), (Percentile::P99, 100)], Some(0.01))
        );
        assert_eq!(slo.of("a.get", &Risk::Read), slo.by_risk[&Risk::Read]);
        assert_eq!(slo.of("a.list", &Risk::Write), slo.by_tool["a.list"]);
        assert_eq!(
            slo.of("a.odd", &Risk::Unknown("odd".to_owned())),
            slo.by_risk[&Risk::Destructive]
        );
        assert!(slo.of("a.create", &Risk::Write).is_empty());
    }
}
