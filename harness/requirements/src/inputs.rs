//! Inputs for tools: the profile's examples, the schema's own, and generated ones.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hubproof_model::profile::ToolInputs;
use hubproof_model::surface::Tool;
use schema_gen::{Generator, Options};
use serde_json::Value;

/// The generators of a run, one a tool, compiled at first use.
#[derive(Default)]
pub struct Generators {
    compiled: Mutex<HashMap<String, Result<Arc<Generator>, String>>>,
}

impl Generators {
    /// The generator of a tool's input schema.
    ///
    /// # Errors
    /// Why inputs cannot be generated, in words.
    pub fn of(&self, tool: &Tool) -> Result<Arc<Generator>, String> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled
            .entry(tool.key.clone())
            .or_insert_with(|| {
                let schema = tool.input_schema.as_ref().ok_or("the definition has no input schema")?;
                let generator = Generator::compile(schema, &Options::default());
                generator.map(Arc::new).map_err(|declined| declined.to_string())
            })
            .clone()
    }
}

/// Puts the values that the profile insists on into an input, where the places exist or can be made as members of objects.
/// `pick` chooses among several values.
pub fn with_profile_values(mut input: Value, known: Option<&ToolInputs>, pick: usize) -> Value {
    for (pointer, values) in known.iter().flat_map(|known| &known.values) {
        if let Some(value) = (!values.is_empty()).then(|| &values[pick % values.len()]) {
            put(&mut input, pointer, value.clone());
        }
    }
    input
}

fn put(input: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = input.pointer_mut(pointer) {
        *place = value;
    } else if let Some((parent, name)) = pointer.rsplit_once('/')
        && let Some(Value::Object(object)) = input.pointer_mut(parent)
    {
        object.insert(name.replace("~1", "/").replace("~0", "~"), value);
    }
}
