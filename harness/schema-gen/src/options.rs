//! What a caller may set.

use std::time::Instant;

pub use jsonschema::Draft;
use serde_json::Value;

/// Limits and choices of a [`Generator`](crate::Generator). The defaults keep instances to a size that any transport
/// carries.
#[derive(Debug, Clone)]
pub struct Options {
    /// The draft to read the schema by; `None`: `$schema` decides, 2020-12 where there is none.
    pub draft: Option<Draft>,
    /// Levels of nesting that an instance may have (a scalar has one).
    pub max_depth: usize,
    /// Bytes that an instance may have as compact JSON.
    pub max_bytes: usize,
    /// Largest magnitude of a generated integer; beyond 2^53 readers that keep numbers as binary64 lose digits.
    pub max_integer: u64,
    /// Subschemas that a schema may have before it is declined.
    pub max_subschemas: usize,
    /// Whether `format` is an assertion: kept always, and broken as any other. By default it is an annotation, which valid
    /// values satisfy and which is never a fault, since servers differ in what they check.
    pub assert_format: bool,
    /// When to stop: what is not found by then is left out of a list. The one thing that can make two runs differ.
    pub deadline: Option<Instant>,
    /// Instances that are known to make sense: given out where the schema accepts them, right after the minimal and the maximal
    /// one.
    pub examples: Vec<Value>,
    /// Whether an integer may be written as `1.0` at times; every draft from 6 on takes it for one.
    pub integral_floats: bool,
    /// Whether strings may hold characters beyond ASCII where the schema allows them (lengths count code points).
    pub unicode: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            draft: None,
            max_depth: 32,
            max_bytes: 64 * 1024,
            max_integer: i64::MAX as u64,
            max_subschemas: 50_000,
            assert_format: false,
            deadline: None,
            examples: Vec::new(),
            integral_floats: true,
            unicode: true,
        }
    }
}
