//! JSON Schema to valid instances and to instances that break exactly one keyword.
//!
//! ```
//! use schema_gen::{Generator, Options};
//! use serde_json::json;
//!
//! let schema = json!({
//!     "type": "object",
//!     "properties": {"priority": {"type": "integer", "minimum": 1, "maximum": 5}},
//!     "required": ["priority"]
//! });
//! let generator = Generator::compile(&schema, &Options::default())?;
//! for valid in generator.valid(1, 10) {
//!     assert!(generator.is_valid(&valid.instance));
//! }
//! let broken = generator.invalid(1, 10);
//! assert!(broken.iter().any(|broken| broken.keyword == "maximum" && broken.instance == json!({"priority": 6})));
//! # Ok::<(), schema_gen::Declined>(())
//! ```
//!
//! # How it works
//!
//! A schema is compiled into an arena of rules (`document`). To draw a value, the schemas that judge a place of the
//! instance are unfolded into facts per type (`shape`; `numbers`, `strings`, `arrays`, `objects`), choices between
//! branches are decided and taken back on contradiction (`combinators`, `solve`), and a value of these facts is written
//! (`draw`). `coverage` steers draws into what nothing has exercised. A fault is one place of a valid instance drawn again with
//! one rule turned round (`order::bases`, `focus`), as a near miss where there is one (`near`); where no edit breaks a rule, an
//! instance is steered there from the root. `order` says what comes first.
//! Each value is judged by the `jsonschema` validator before it is given out. Each fault is traced to the assertions any one of
//! which, taken out, would let the instance pass (`blame`); where annotations decide (`unevaluated…`), the validator's errors or
//! the schema without the assertion prove it.
//!
//! # Choices
//!
//! The constraint solver is the crate's own rather than a reading of `jsonschema::canonical`: a fault needs the place of every
//! assertion in the document as written, and the canonical form folds those away. The canonical form proves what is empty or
//! universal (`proof`).
//! The source of randomness is a SplitMix64 written out here, not proptest's: one seed must give the same bytes on every
//! machine and with every later version of a library, a draw must cost microseconds, and every place of an instance
//! forks its own stream, so that a broken instance and its control differ at the fault alone. Shrinking is offered as
//! candidates that are checked here and judged by the caller, since the caller's judgment may need a network. The feature
//! `proptest` wraps both as strategies.
//! `format` is an annotation, unless [`Options::assert_format`] says otherwise: valid values satisfy it, and breaking it is
//! never counted as a fault.

mod arrays;
mod blame;
mod combinators;
mod coverage;
mod decimal;
mod declined;
mod document;
mod draw;
mod faults;
mod focus;
mod formats;
mod judge;
mod near;
mod numbers;
mod objects;
mod options;
mod order;
mod pattern;
mod proof;
mod random;
mod rule;
mod shape;
mod shrink;
mod solve;
#[cfg(feature = "proptest")]
pub mod strategy;
mod strings;

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use jsonschema::Validator;
use serde_json::Value;

pub use declined::Declined;
pub use options::{Draft, Options};
pub use proof::Acceptance;

use blame::Culprits;
use faults::Assertion;
use focus::Ways;
use rule::Program;

/// A valid instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Valid {
    /// The instance.
    pub instance: Value,
    /// Why it was chosen: `minimal`, `maximal`, `exercises /properties/tags`, `boundary of …`, `random`.
    pub note: Cow<'static, str>,
}

/// An instance that breaks one assertion at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// The instance.
    pub instance: Value,
    /// The keyword that it breaks; for a property or element whose schema is `false`, the keyword that holds the `false`.
    pub keyword: String,
    /// JSON Pointer into the instance: the value that the keyword judges.
    pub instance_pointer: String,
    /// JSON Pointer into the schema: the keyword.
    pub schema_pointer: String,
    /// The control: a valid instance that differs as little as the schema allows. Where the schema accepts nothing there
    /// is none: then the instance itself.
    pub base: Value,
}

/// A compiled schema that instances are drawn from.
#[derive(Debug)]
pub struct Generator {
    program: Program,
    ways: Ways,
    assertions: Vec<Assertion>,
    culprits: Culprits,
    options: Options,
    draft: Draft,
    document: Value,
    validator: Arc<Validator>,
    /// The same, asserting `format`; compiled when first needed.
    formats: OnceLock<Option<Box<Validator>>>,
    /// The schema without each assertion, compiled when first needed; `None` where it cannot be.
    loosened: Vec<OnceLock<Option<Box<Validator>>>>,
    dropped: AtomicUsize,
}

impl Generator {
    /// Compiles a schema. Bounded in time, memory and stack, and never fetches.
    ///
    /// # Errors
    ///
    /// [`Declined`] names what cannot be modelled. A schema that nothing satisfies is no error: [`Generator::valid`] is
    /// empty then.
    pub fn compile(schema: &Value, options: &Options) -> Result<Self, Declined> {
        Self::compile_with(schema, options, |document, draft| {
            validator(document, draft, options.assert_format).map(Arc::new)
        })
    }

    /// Compiles a schema, with a validator from elsewhere: for callers that have one already, or want it too. It is asked for once,
    /// by the document that it is to judge and the draft to read that by; it must assert `format` as [`Options::assert_format`]
    /// says, and must not fetch.
    ///
    /// # Errors
    ///
    /// What keeps the schema from being modelled, and what `validator` says.
    pub fn compile_with(
        schema: &Value,
        options: &Options,
        validator: impl FnOnce(&Value, Draft) -> Result<Arc<Validator>, Declined>,
    ) -> Result<Self, Declined> {
        let (draft, document) = document::dialect(schema, options)?;
        let program = document::compile(&document, draft, options)?;
        let validator = validator(&document, draft)?;
        let ways = Ways::find(&program);
        let assertions = faults::assertions(&program, &ways.order);
        let culprits = Culprits::new(&program, &assertions);
        let loosened = assertions.iter().map(|_| OnceLock::new()).collect();
        let options = Options {
            integral_floats: options.integral_floats && draft >= Draft::Draft6,
            ..options.clone()
        };
        Ok(Self {
            program,
            ways,
            assertions,
            culprits,
            options,
            draft,
            document,
            validator,
            formats: OnceLock::new(),
            loosened,
            dropped: AtomicUsize::new(0),
        })
    }

    /// At most `n` distinct valid instances: minimal, maximal, each branch and optional property once, boundaries, then
    /// random ones. The same seed gives the same list; fewer than `n` where the search finds no more.
    pub fn valid(&self, seed: u64, n: usize) -> Vec<Valid> {
        order::ValidOrder::new(self, seed, n).run()
    }

    /// At most `n` distinct instances that each break one assertion: one per assertion first (each name of `required` is
    /// one), then random ones. The same seed gives the same list.
    pub fn invalid(&self, seed: u64, n: usize) -> Vec<Broken> {
        order::InvalidOrder::new(self, seed, n).run()
    }

    /// Every assertion that faults are looked for at, as keyword and JSON Pointer into the schema (each name of `required`
    /// is one). For what [`Generator::invalid`] never gives, however many are asked, no single fault was found.
    pub fn assertions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.assertions
            .iter()
            .map(|assertion| (assertion.keyword, assertion.pointer.as_str()))
    }

    /// Whether the schema accepts the instance; `format` asserts only by [`Options::assert_format`].
    pub fn is_valid(&self, instance: &Value) -> bool {
        self.validator.is_valid(instance)
    }

    /// Whether the schema accepts nothing, or everything, where that can be proved: why a list is empty.
    pub fn acceptance(&self) -> Acceptance {
        proof::acceptance(
            &self.document,
            self.draft,
            self.program.nodes.len(),
            self.options.assert_format,
        )
    }

    /// The draft that the schema is read by.
    pub fn draft(&self) -> Draft {
        self.draft
    }

    /// Smaller instances that are still valid, the smallest first. Empty where the instance is as small as it gets.
    pub fn shrink_valid(&self, instance: &Value) -> Vec<Value> {
        let mut candidates = shrink::smaller(instance);
        let as_written = self.keeps_formats(instance);
        candidates.retain(|candidate| self.is_valid(candidate) && (!as_written || self.keeps_formats(candidate)));
        candidates.sort_by_key(shrink::weight);
        candidates
    }

    /// Smaller instances that still break the same assertion and nothing else, the smallest first.
    pub fn shrink_broken(&self, broken: &Broken) -> Vec<Broken> {
        let same =
            |assertion: &&Assertion| assertion.pointer == broken.schema_pointer && assertion.keyword == broken.keyword;
        let matching: Vec<usize> = (0..self.assertions.len())
            .filter(|at| same(&&self.assertions[*at]))
            .collect();
        // Several names of one `required` share a pointer: stay with the one that is broken now.
        let Some(index) = matching.into_iter().find(|at| self.breaks(&broken.instance, *at)) else {
            return Vec::new();
        };
        let mut candidates = shrink::smaller(&broken.instance);
        let as_written = self.keeps_formats(&broken.instance);
        candidates.retain(|candidate| self.breaks(candidate, index) && (!as_written || self.keeps_formats(candidate)));
        candidates.sort_by_key(shrink::weight);
        candidates
            .into_iter()
            .filter_map(|instance| {
                let instance_pointer = self.broken_place(&instance, index, &broken.instance_pointer)?;
                Some(Broken {
                    instance,
                    instance_pointer,
                    ..broken.clone()
                })
            })
            .collect()
    }

    /// Whether no string breaks a `format`: a judge that asserts it must not find a second fault in a shrunk instance.
    fn keeps_formats(&self, instance: &Value) -> bool {
        let compiled = self.formats.get_or_init(|| {
            let asserting = validator(&self.document, self.draft, true).ok();
            asserting.map(Box::new)
        });
        compiled.as_ref().is_none_or(|validator| {
            let mut faults = validator.iter_errors(instance);
            !faults.any(|fault| fault.kind().keyword() == "format")
        })
    }

    /// Values drawn that validation contradicted; they were not given out.
    pub fn dropped(&self) -> usize {
        self.dropped.load(Ordering::Relaxed)
    }

    fn is_late(&self) -> bool {
        self.options.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    fn count_dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether a drawn instance may be given out as valid.
    fn usable(&self, instance: &Value) -> bool {
        if !self.is_valid(instance) {
            self.count_dropped();
            return false;
        }
        self.fits(instance)
    }

    /// Whether the instance keeps to the size limit.
    fn fits(&self, instance: &Value) -> bool {
        size(instance) <= self.options.max_bytes
    }

    /// Whether the instance breaks the assertion and nothing else.
    fn breaks(&self, instance: &Value, index: usize) -> bool {
        self.broken_with(instance, index).is_some()
    }

    /// The assertions that the instance breaks by themselves, where the one at `index` is among them.
    fn broken_with(&self, instance: &Value, index: usize) -> Option<Vec<u32>> {
        if self.is_valid(instance) {
            return None;
        }
        match self.culprits.of(&self.program, instance) {
            Some(culprits) => culprits.contains(&(index as u32)).then_some(culprits),
            None => self.is_proven(instance, index).then(|| vec![index as u32]),
        }
    }

    /// Whether the validator blames the assertion alone, or the schema without the assertion accepts the instance.
    fn is_proven(&self, instance: &Value, index: usize) -> bool {
        let assertion = &self.assertions[index];
        if faults::blames(&self.validator, &self.program, instance, assertion) {
            return true;
        }
        let loosened = self.loosened[index].get_or_init(|| {
            let document = faults::without(&self.document, &self.program, assertion)?;
            validator(&document, self.draft, self.options.assert_format)
                .ok()
                .map(Box::new)
        });
        loosened.as_ref().is_some_and(|loosened| loosened.is_valid(instance))
    }

    /// Where a shrunk instance breaks the assertion: as the validator says, or where it was where a wrapper hides it.
    fn broken_place(&self, instance: &Value, index: usize, before: &str) -> Option<String> {
        let pointer = &self.assertions[index].pointer;
        let reported = self
            .validator
            .iter_errors(instance)
            .find(|error| error.schema_path().as_str() == pointer);
        match reported {
            Some(error) => Some(error.instance_path().as_str().to_owned()),
            None => instance.pointer(before).map(|_| before.to_owned()),
        }
    }
}

fn validator(document: &Value, draft: Draft, formats: bool) -> Result<Validator, Declined> {
    jsonschema::options()
        .with_draft(draft)
        .offline()
        .should_validate_formats(formats)
        .build(document)
        .map_err(|error| Declined::InvalidSchema {
            reason: error.to_string(),
        })
}

/// Bytes of the value as compact JSON, closely enough (escapes aside).
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 12,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(|item| size(item) + 1).sum::<usize>(),
        Value::Object(members) => {
            2 + members
                .iter()
                .map(|(name, member)| name.len() + 4 + size(member))
                .sum::<usize>()
        }
    }
}
