//! What a row of the table is held to, and what was measured for it.

use std::fmt;

/// In what a row is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unit {
    /// A ratio.
    Times,
    /// Microseconds.
    Microseconds,
    /// Milliseconds.
    Milliseconds,
    /// Megabytes (10⁶ bytes).
    Megabytes,
}

impl Unit {
    /// A value in words.
    pub(super) fn show(self, value: f64) -> String {
        let digits = if value.abs() < 10.0 {
            2
        } else {
            usize::from(value.abs() < 100.0)
        };
        match self {
            Unit::Times => format!("{:.*}", if value.abs() < 10.0 { digits.max(2) } else { digits }, value),
            Unit::Microseconds => format!("{value:.0} µs"),
            Unit::Milliseconds => format!("{value:.digits$} ms"),
            Unit::Megabytes => format!("{value:.digits$} MB"),
        }
    }
}

/// When a median is good enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Goal {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// No further from 1 than this part.
    Near(f64),
    /// None: it is told beside others.
    Told,
}

impl Goal {
    /// Whether a median meets it.
    pub(super) fn is_met(self, median: f64) -> bool {
        match self {
            Goal::AtLeast(least) => median >= least,
            Goal::AtMost(most) => median <= most,
            Goal::Near(part) => (median - 1.0).abs() <= part,
            Goal::Told => true,
        }
    }

    /// In words.
    pub(super) fn show(self, unit: Unit) -> String {
        match self {
            Goal::AtLeast(least) => format!("≥ {}", unit.show(least)),
            Goal::AtMost(most) => format!("≤ {}", unit.show(most)),
            Goal::Near(part) => format!("1 ± {part}"),
            Goal::Told => "–".to_owned(),
        }
    }
}

/// The values of a row, one a round.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Samples(Vec<f64>);

impl Samples {
    /// Takes in the value of a round.
    pub(super) fn push(&mut self, value: f64) {
        self.0.push(value);
        self.0.sort_by(f64::total_cmp);
    }

    /// All of them, sorted.
    pub(super) fn sorted(&self) -> &[f64] {
        &self.0
    }

    /// The value in the middle; of an even number, the mean of the two there. `None` where there are none.
    pub(super) fn median(&self) -> Option<f64> {
        let middle = self.0.len() / 2;
        match self.0.len() {
            0 => None,
            odd if odd % 2 == 1 => Some(self.0[middle]),
            _ => Some((self.0[middle - 1] + self.0[middle]) / 2.0),
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// What is measured.
    pub(super) what: &'static str,
    /// In what.
    pub(super) unit: Unit,
    /// What it is held to.
    pub(super) goal: Goal,
    /// What was measured, or why it was not.
    pub(super) measured: Result<Samples, String>,
}

/// How a row came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The median meets the goal.
    Met,
    /// It does not.
    Missed,
    /// It is held to nothing.
    Told,
    /// Nothing was measured.
    NotMeasured,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::Met => "met",
            Outcome::Missed => "**missed**",
            Outcome::Told => "",
            Outcome::NotMeasured => "not measured",
        })
    }
}

impl Row {
    /// How it came out.
    pub(super) fn outcome(&self) -> Outcome {
        match self.measured.as_ref().map(Samples::median) {
            Ok(Some(_)) if self.goal == Goal::Told => Outcome::Told,
            Ok(Some(median)) if self.goal.is_met(median) => Outcome::Met,
            Ok(Some(_)) => Outcome::Missed,
            Ok(None) | Err(_) => Outcome::NotMeasured,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: &[f64]) -> Samples {
        let mut samples = Samples::default();
        values.iter().for_each(|value| samples.push(*value));
        samples
    }

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        assert_eq!(samples(&[3.0, 1.0, 2.0]).median(), Some(2.0));
        assert_eq!(samples(&[4.0, 1.0, 2.0, 3.0]).median(), Some(2.5));
        assert_eq!(Samples::default().median(), None);
    }

    #[test]
    fn a_goal_is_met_at_its_very_bound_and_missed_beyond() {
        for (goal, met, missed) in [
            (Goal::AtLeast(0.5), 0.5, 0.49),
            (Goal::AtMost(2.3), 2.3, 2.31),
            (Goal::Near(0.02), 0.985, 0.97),
            (Goal::Near(0.02), 1.015, 1.03),
        ] {
            assert!(goal.is_met(met) && !goal.is_met(missed), "{goal:?}");
        }
    }

    #[test]
    fn a_row_without_a_value_is_neither_met_nor_missed() {
        let row = |measured| Row {
            what: "",
            unit: Unit::Times,
            goal: Goal::AtLeast(0.0),
            measured,
        };
        assert_eq!(row(Ok(samples(&[1.0]))).outcome(), Outcome::Met);
        assert_eq!(row(Ok(Samples::default())).outcome(), Outcome::NotMeasured);
        assert_eq!(row(Err("why".to_owned())).outcome(), Outcome::NotMeasured);
    }
}
