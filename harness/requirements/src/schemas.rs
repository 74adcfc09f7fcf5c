//! The schemas of a run, each compiled at most once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use hubproof_model::surface::{Surface, Tool};
use jsonschema::Validator;
use serde_json::Value;

/// Validators of the schemas that a run judges by, compiled at first use and shared by all that ask: judges, generators, checks of
/// the catalogue. `format` is never asserted (EXE-02).
#[derive(Debug, Default)]
pub struct Schemas {
    output: HashMap<String, OutputSchema>,
    compiled: Mutex<Compiled>,
}

/// What was compiled so far.
#[derive(Debug, Default)]
struct Compiled {
    /// By the schema's text: members in another order make another list of errors.
    by_text: HashMap<String, Result<Arc<Validator>, String>>,
    /// How often a schema was compiled.
    times: usize,
}

/// The output schema of a tool, with its validator once somebody asked.
#[derive(Debug)]
struct OutputSchema {
    schema: Value,
    validator: OnceLock<Option<Arc<Validator>>>,
}

impl Schemas {
    /// The schemas of a surface's tools. Nothing is compiled yet.
    pub fn of(surface: &Surface) -> Self {
        let published = |tool: &Tool| {
            let schema = tool.output_schema.clone()?;
            let validator = OnceLock::new();
            Some((tool.key.clone(), OutputSchema { schema, validator }))
        };
        Self {
            output: surface.tools.iter().filter_map(published).collect(),
            ..Self::default()
        }
    }

    /// The validator of a tool's output schema. `None` where it has none, or what it has is no schema: CAT-06's business.
    pub fn output(&self, tool: &str) -> Option<&Validator> {
        let own = self.output.get(tool)?;
        let validator = own.validator.get_or_init(|| self.validator(&own.schema).ok());
        validator.as_deref()
    }

    /// The validator of a schema, of the draft that its `$schema` names, else 2020-12. References are never fetched.
    ///
    /// # Errors
    /// What keeps it from being a schema of its draft.
    pub fn validator(&self, schema: &Value) -> Result<Arc<Validator>, String> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let Compiled { by_text, times } = &mut *compiled;
        let entry = by_text.entry(schema.to_string());
        let compile = || {
            *times += 1;
            compile(schema)
        };
        entry.or_insert_with(compile).clone()
    }

    /// How often a schema was compiled so far.
    pub fn compiled(&self) -> usize {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner).times
    }
}

fn compile(schema: &Value) -> Result<Arc<Validator>, String> {
    let options = jsonschema::options().offline().should_validate_formats(false);
    options.build(schema).map(Arc::new).map_err(|fault| fault.to_string())
}

#[cfg(test)]
mod tests {
    use hubproof_model::safety::Risk;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, listing_input, tool};
    use crate::inputs::Generators;

    #[test]
    fn a_schema_is_compiled_when_it_is_asked_for_and_never_again() {
        let listing = Tool {
            output_schema: Some(json!({"type": "object", "required": ["tickets"]})),
            ..tool("itsm.tickets.list", Risk::Read, listing_input())
        };
        let hub = Hub::of(vec![listing.clone()]);
        let schemas = Arc::new(Schemas::of(&hub.surface));
        assert_eq!(schemas.compiled(), 0);
        for _ in 0..3 {
            assert!(
                schemas
                    .output(&listing.key)
                    .is_some_and(|schema| !schema.is_valid(&json!({})))
            );
        }
        assert_eq!(schemas.compiled(), 1);
        // A generator and whoever else judges by the same schema share its validator.
        let generators = Generators::new(Arc::clone(&schemas));
        assert!(generators.of(&listing).is_ok());
        assert!(schemas.validator(&listing_input()).is_ok());
        assert_eq!(schemas.compiled(), 2);
    }

    #[test]
    fn what_is_no_schema_is_not_tried_again_either() {
        let schemas = Schemas::default();
        for _ in 0..2 {
            assert!(schemas.validator(&json!({"type": "text"})).is_err());
        }
        assert_eq!(schemas.compiled(), 1);
    }

    #[test]
    fn a_format_is_an_annotation() {
        let dated = Schemas::default().validator(&json!({"format": "date"})).unwrap();
        assert!(dated.is_valid(&json!("no date")));
    }
}
