//! The figures, each group with how it is measured in one round.

mod closed_loop;
mod conformance;
mod hub;
mod memory;
mod open_loop;
mod start;

use super::goal::{Goal, Unit};
use super::scene::Scene;

/// A figure: a row of the table.
pub(super) struct Figure {
    /// What it is.
    pub(super) what: &'static str,
    /// In what it is told.
    pub(super) unit: Unit,
    /// What it is held to.
    pub(super) goal: Goal,
}

/// Figures that are measured together.
pub(super) trait Measure {
    /// What it is called on the command line.
    fn name(&self) -> &'static str;

    /// Its figures.
    fn figures(&self) -> &'static [Figure];

    /// The rounds that it takes part in, where not in all: some take long.
    fn most_rounds(&self) -> Option<u32> {
        None
    }

    /// Measures once: a value for each figure, in their order.
    ///
    /// # Errors
    /// Why nothing can be measured, in words.
    fn measure(&self, scene: &Scene, round: u32) -> Result<Vec<f64>, String>;
}

/// All of them, in the table's order.
pub(super) fn all() -> Vec<Box<dyn Measure>> {
    vec![
        Box::new(hub::AgainstAxum),
        Box::new(closed_loop::POOLED),
        Box::new(closed_loop::LIVE),
        Box::new(open_loop::Stalled),
        Box::new(conformance::AgainstSchemathesis),
        Box::new(memory::Memory),
        Box::new(start::Start),
    ]
}

/// Two measurements back to back: the first one first in even rounds, so that what drifts favours neither.
fn pair<T, U>(
    round: u32,
    first: impl FnOnce() -> Result<T, String>,
    second: impl FnOnce() -> Result<U, String>,
) -> Result<(T, U), String> {
    if round.is_multiple_of(2) {
        let first = first()?;
        return Ok((first, second()?));
    }
    let second = second()?;
    Ok((first()?, second))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn a_pair_changes_places_every_round() {
        for (round, expected) in [(0, "ab"), (1, "ba"), (2, "ab")] {
            let order = RefCell::new(String::new());
            let note = |name: &'static str| {
                order.borrow_mut().push_str(name);
                Ok(name)
            };
            assert_eq!(pair(round, || note("a"), || note("b")), Ok(("a", "b")));
            assert_eq!(order.into_inner(), expected);
        }
    }
}
