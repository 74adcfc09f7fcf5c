//! The schemas of a surface, compiled once a run.

use std::collections::HashMap;

use hubproof_model::surface::{Surface, Tool};
use jsonschema::Validator;
use serde_json::Value;

/// Validators of the tools' schemas, by tool key. `format` is never asserted (EXE-02).
#[derive(Debug, Default)]
pub struct Schemas {
    input: HashMap<String, Validator>,
    output: HashMap<String, Validator>,
}

impl Schemas {
    /// Compiles every schema of the surface that is one; the rest is CAT-06's business.
    pub fn compile(surface: &Surface) -> Self {
        let all = |schema_of: fn(&Tool) -> Option<&Value>| {
            let compiled = |tool: &Tool| Some((tool.key.clone(), compile(schema_of(tool)?).ok()?));
            surface.tools.iter().filter_map(compiled).collect()
        };
        Self {
            input: all(|tool| tool.input_schema.as_ref()),
            output: all(|tool| tool.output_schema.as_ref()),
        }
    }

    /// The validator of a tool's input schema.
    pub fn input(&self, tool: &str) -> Option<&Validator> {
        self.input.get(tool)
    }

    /// The validator of a tool's output schema.
    pub fn output(&self, tool: &str) -> Option<&Validator> {
        self.output.get(tool)
    }
}

/// Compiles a schema of the draft that its `$schema` names, else 2020-12. References are never fetched.
///
/// # Errors
/// What keeps it from being a schema of its draft.
pub fn compile(schema: &Value) -> Result<Validator, Box<jsonschema::ValidationError<'static>>> {
    jsonschema::options()
        .should_validate_formats(false)
        .build(schema)
        .map_err(Box::new)
}
