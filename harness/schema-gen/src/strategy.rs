//! The instances as proptest strategies that shrink: a shrunk instance stays valid, or keeps breaking the same assertion.
//!
//! ```
//! use std::sync::Arc;
//!
//! use proptest::prelude::*;
//! use schema_gen::{Generator, Options, strategy};
//! use serde_json::json;
//!
//! let schema = json!({"type": "object", "properties": {"limit": {"type": "integer", "minimum": 1}}, "required": ["limit"]});
//! let generator = Arc::new(Generator::compile(&schema, &Options::default())?);
//! proptest!(|(valid in strategy::valid(Arc::clone(&generator)))| {
//!     prop_assert!(generator.is_valid(&valid));
//! });
//! proptest!(|(broken in strategy::invalid(Arc::clone(&generator)))| {
//!     prop_assert!(!generator.is_valid(&broken.instance));
//! });
//! # Ok::<(), schema_gen::Declined>(())
//! ```

use std::sync::Arc;

use proptest::prelude::Rng;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::{Broken, Generator};

/// Of the list that a seed gives, a draw takes one instance: mostly of the first ones, which differ most from each other.
const FIRST: u32 = 8;
const ALL: u32 = 64;

/// A strategy for valid instances. A draw is rejected where the schema accepts nothing that was found.
pub fn valid(generator: Arc<Generator>) -> Valid {
    Valid(generator)
}

/// A strategy for instances that break one assertion. A draw is rejected where there is nothing to break.
pub fn invalid(generator: Arc<Generator>) -> Invalid {
    Invalid(generator)
}

/// See [`valid`].
#[derive(Debug, Clone)]
pub struct Valid(Arc<Generator>);

/// See [`invalid`].
#[derive(Debug, Clone)]
pub struct Invalid(Arc<Generator>);

impl Strategy for Valid {
    type Tree = Tree<Value>;
    type Value = Value;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let (seed, at) = draw(runner);
        let pool = self.0.valid(seed, at + 1);
        let drawn = pool.into_iter().next_back().ok_or("no valid instance was found")?;
        Ok(Tree::new(&self.0, drawn.instance, Generator::shrink_valid))
    }
}

impl Strategy for Invalid {
    type Tree = Tree<Broken>;
    type Value = Broken;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let (seed, at) = draw(runner);
        let pool = self.0.invalid(seed, at + 1);
        let drawn = pool.into_iter().next_back().ok_or("nothing was found to break")?;
        Ok(Tree::new(&self.0, drawn, Generator::shrink_broken))
    }
}

fn draw(runner: &mut TestRunner) -> (u64, usize) {
    let random = runner.rng();
    let seed = random.next_u64();
    let among = if random.next_u32().is_multiple_of(4) {
        ALL
    } else {
        FIRST
    };
    (seed, (random.next_u32() % among) as usize)
}

/// An instance with the smaller ones that are tried in its place.
#[derive(Debug)]
pub struct Tree<T> {
    generator: Arc<Generator>,
    /// What failed last.
    kept: T,
    /// What is tried now, where that is not `kept`.
    tried: Option<T>,
    /// Steps from `kept` still to be tried, the smallest last.
    steps: Option<Vec<T>>,
    smaller: fn(&Generator, &T) -> Vec<T>,
}

impl<T> Tree<T> {
    fn new(generator: &Arc<Generator>, drawn: T, smaller: fn(&Generator, &T) -> Vec<T>) -> Self {
        Self {
            generator: Arc::clone(generator),
            kept: drawn,
            tried: None,
            steps: None,
            smaller,
        }
    }

    fn step(&mut self) -> bool {
        let steps = self.steps.get_or_insert_with(|| {
            let mut steps = (self.smaller)(&self.generator, &self.kept);
            steps.reverse();
            steps
        });
        self.tried = steps.pop();
        self.tried.is_some()
    }
}

impl<T: Clone + std::fmt::Debug> ValueTree for Tree<T> {
    type Value = T;

    fn current(&self) -> T {
        self.tried.as_ref().unwrap_or(&self.kept).clone()
    }

    fn simplify(&mut self) -> bool {
        if let Some(tried) = self.tried.take() {
            self.kept = tried;
            self.steps = None;
        }
        self.step()
    }

    fn complicate(&mut self) -> bool {
        self.tried.is_some() && self.step()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Options;

    fn generator() -> Arc<Generator> {
        let schema = json!({
            "type": "object",
            "properties": {
                "tags": {"type": "array", "items": {"type": "string", "minLength": 2}, "uniqueItems": true},
                "limit": {"type": "integer", "minimum": 1, "maximum": 100}
            },
            "required": ["limit"],
            "additionalProperties": false
        });
        Arc::new(Generator::compile(&schema, &Options::default()).unwrap())
    }

    /// Shrinks as a test that fails wherever `fails` holds would.
    fn shrunk<T: ValueTree>(mut tree: T, fails: impl Fn(&T::Value) -> bool) -> T::Value {
        let mut smallest = tree.current();
        let mut more = tree.simplify();
        while more {
            more = if fails(&tree.current()) {
                smallest = tree.current();
                tree.simplify()
            } else {
                tree.complicate()
            };
        }
        smallest
    }

    #[test]
    fn valid_instances_shrink_to_the_smallest_valid_one() {
        let generator = generator();
        let mut runner = TestRunner::deterministic();
        for _ in 0..40 {
            let tree = valid(Arc::clone(&generator)).new_tree(&mut runner).unwrap();
            assert!(generator.is_valid(&tree.current()));
            assert_eq!(shrunk(tree, |_| true), json!({"limit": 1}));
        }
    }

    #[test]
    fn a_fault_is_never_shrunk_away_or_swapped_for_another() {
        let generator = generator();
        let mut runner = TestRunner::deterministic();
        for _ in 0..40 {
            let tree = invalid(Arc::clone(&generator)).new_tree(&mut runner).unwrap();
            let drawn = tree.current();
            let smallest = shrunk(tree, |broken| !generator.is_valid(&broken.instance));
            assert!(!generator.is_valid(&smallest.instance));
            assert_eq!(
                (&smallest.keyword, &smallest.schema_pointer),
                (&drawn.keyword, &drawn.schema_pointer)
            );
        }
    }

    #[test]
    fn one_seed_draws_one_instance() {
        let draw = || {
            let tree = invalid(generator()).new_tree(&mut TestRunner::deterministic());
            tree.unwrap().current()
        };
        assert_eq!(draw(), draw());
    }

    #[test]
    fn strategies_can_be_sent() {
        fn is_send<T: Send + Sync>(_: &T) {}
        is_send(&valid(generator()));
        is_send(&invalid(generator()));
    }

    #[test]
    fn what_cannot_be_drawn_is_rejected() {
        let nothing = Arc::new(Generator::compile(&json!(false), &Options::default()).unwrap());
        let everything = Arc::new(Generator::compile(&json!(true), &Options::default()).unwrap());
        assert!(valid(nothing).new_tree(&mut TestRunner::deterministic()).is_err());
        assert!(invalid(everything).new_tree(&mut TestRunner::deterministic()).is_err());
    }
}
