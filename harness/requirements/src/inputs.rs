//! Inputs for tools: the profile's examples, the schema's own, and generated ones.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hubproof_model::profile::ToolInputs;
use hubproof_model::surface::Tool;
use schema_gen::{Broken, Declined, Generator, Options};
use serde_json::{Value, json};

use crate::schemas::Schemas;

/// The generators of a run, one a tool, compiled at first use, with the good input of each: many checks ask for it, and drawing it
/// takes time.
#[derive(Default)]
pub struct Generators {
    schemas: Arc<Schemas>,
    compiled: Mutex<HashMap<String, Result<Arc<Generator>, String>>>,
    good_inputs: Mutex<HashMap<String, Option<Value>>>,
}

impl Generators {
    /// None yet; they will judge their inputs by these schemas, so that none is compiled again.
    pub fn new(schemas: Arc<Schemas>) -> Self {
        Self {
            schemas,
            ..Self::default()
        }
    }

    /// The schemas that the inputs are judged by.
    pub(crate) fn schemas(&self) -> &Schemas {
        &self.schemas
    }

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
                let validator = |document: &Value, _| {
                    let compiled = self.schemas.validator(document);
                    compiled.map_err(|reason| Declined::InvalidSchema { reason })
                };
                let generator = Generator::compile_with(&of_objects(schema), &input_options(), validator);
                generator.map(Arc::new).map_err(|declined| declined.to_string())
            })
            .clone()
    }

    /// The good input of a tool, which `draw` makes at first use.
    pub(crate) fn good_input(&self, tool: &Tool, draw: impl FnOnce() -> Option<Value>) -> Option<Value> {
        let mut inputs = self.good_inputs.lock().unwrap_or_else(PoisonError::into_inner);
        inputs.entry(tool.key.clone()).or_insert_with(draw).clone()
    }
}

/// The limits of an input: those of a body (contract: "How requirements are judged") less what stands around the input in it.
fn input_options() -> Options {
    const BODY_LEVELS: usize = 32;
    const BODY_BYTES: usize = 64 * 1024;
    const AROUND: usize = 1024;
    Options {
        max_depth: BODY_LEVELS - 1,
        max_bytes: BODY_BYTES - AROUND,
        max_integer: 1 << 53,
        // A SHOULD by itself (EXE-18).
        integral_floats: false,
        ..Options::default()
    }
}

/// The schema for objects alone: a call's `input` is one whatever the tool's schema accepts beside (EXE-06; CAT-09 judges the schema).
pub(crate) fn of_objects(schema: &Value) -> Cow<'_, Value> {
    let takes_objects = |types: &Value| types.as_array().is_some_and(|types| types.contains(&json!("object")));
    match schema {
        Value::Bool(true) => Cow::Owned(json!({"type": "object"})),
        Value::Object(members) if members.get("type").is_none_or(takes_objects) => {
            let mut members = members.clone();
            members.insert("type".to_owned(), json!("object"));
            Cow::Owned(Value::Object(members))
        }
        _ => Cow::Borrowed(schema),
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

/// A generated input as the profile wants it: with the values that it insists on, and with the places that it leaves alone as its
/// first example has them, or gone. `None` where the input is not valid then, or is no object.
pub fn fitted(generator: &Generator, input: Value, known: Option<&ToolInputs>, pick: usize) -> Option<Value> {
    if !input.is_object() {
        return None;
    }
    let Some(known) = known else {
        return Some(input);
    };
    let has_place = known.values.keys().any(|pointer| input.pointer(pointer).is_some());
    let mut insisted = with_profile_values(input.clone(), Some(known), pick);
    leave_alone(&mut insisted, known);
    if generator.is_valid(&insisted) {
        return Some(insisted);
    }
    // A branch of the schema that does not have the places at all may go without the values.
    let mut plain = input;
    leave_alone(&mut plain, known);
    (!has_place && generator.is_valid(&plain)).then_some(plain)
}

/// A broken input and its control as the profile wants them, still one fault apart. `None` where the fault is at a place that the
/// profile leaves alone, or does not survive, and where the control is no object.
pub fn fitted_fault(generator: &Generator, broken: Broken, known: Option<&ToolInputs>, pick: usize) -> Option<Broken> {
    if !broken.base.is_object() {
        return None;
    }
    let Some(known) = known else {
        return Some(broken);
    };
    let is_fault = |pointer: &String| broken.base.pointer(pointer) != broken.instance.pointer(pointer);
    if known.leave.iter().any(is_fault) {
        return None;
    }
    let elsewhere = ToolInputs {
        values: known
            .values
            .iter()
            .filter(|(pointer, _)| !is_fault(pointer))
            .map(|(p, v)| (p.clone(), v.clone()))
            .collect(),
        ..known.clone()
    };
    let apply = |values: Option<&ToolInputs>, with_fault: &Value| {
        let mut input = with_profile_values(with_fault.clone(), values, pick);
        leave_alone(&mut input, known);
        input
    };
    let pairs = [
        (
            apply(Some(known), &broken.base),
            apply(Some(&elsewhere), &broken.instance),
        ),
        (apply(None, &broken.base), apply(None, &broken.instance)),
    ];
    let sound = |(base, instance): &(Value, Value)| generator.is_valid(base) && !generator.is_valid(instance);
    let (base, instance) = pairs.into_iter().find(sound)?;
    Some(Broken {
        base,
        instance,
        ..broken
    })
}

/// Puts back what the example has at the places to leave alone, or takes out what stands there.
fn leave_alone(input: &mut Value, known: &ToolInputs) {
    for pointer in &known.leave {
        match known.examples.first().and_then(|example| example.pointer(pointer)) {
            Some(value) => put(input, pointer, value.clone()),
            None => take_out(input, pointer),
        }
    }
}

/// Whether a smaller input still is as the profile wants it: the places that it speaks of are as they were, or cannot be made any
/// more, since nothing is left to hold them. Places that `is_free` names may change: a fault is there.
pub(crate) fn keeps_to_profile(
    known: Option<&ToolInputs>,
    before: &Value,
    after: &Value,
    is_free: impl Fn(&str) -> bool,
) -> bool {
    let mut places = known
        .into_iter()
        .flat_map(|known| known.values.keys().chain(&known.leave));
    places.all(|pointer| {
        let holder = pointer.rsplit_once('/').and_then(|(parent, _)| after.pointer(parent));
        let has_holder = holder.is_some_and(|holder| holder.is_object() || holder.is_array());
        is_free(pointer) || after.pointer(pointer) == before.pointer(pointer) || !has_holder
    })
}

pub(crate) fn take_out(input: &mut Value, pointer: &str) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return;
    };
    match input.pointer_mut(parent) {
        Some(Value::Object(object)) => {
            object.shift_remove(&name.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            if let Some(at) = name.parse::<usize>().ok().filter(|at| *at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    }
}

pub(crate) fn put(input: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = input.pointer_mut(pointer) {
        *place = value;
    } else if let Some((parent, name)) = pointer.rsplit_once('/')
        && let Some(Value::Object(object)) = input.pointer_mut(parent)
    {
        object.insert(name.replace("~1", "/").replace("~0", "~"), value);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn generator() -> Generator {
        let schema = json!({
            "type": "object",
            "properties": {"id": {"type": "string"}, "to": {"type": "string"}, "note": {"type": "string", "maxLength": 5}},
            "required": ["id"],
            "additionalProperties": false
        });
        Generator::compile(&schema, &Options::default()).unwrap()
    }

    fn known(values: &[(&str, Value)], leave: &[&str], examples: Vec<Value>) -> ToolInputs {
        let values: BTreeMap<_, _> = values.iter().map(|(p, v)| ((*p).to_owned(), vec![v.clone()])).collect();
        ToolInputs {
            examples,
            values,
            leave: leave.iter().map(|p| (*p).to_owned()).collect(),
        }
    }

    #[test]
    fn a_body_keeps_to_32_levels_and_64_kib_with_its_input() {
        fn levels(value: &Value) -> usize {
            match value {
                Value::Array(items) => 1 + items.iter().map(levels).max().unwrap_or_default(),
                Value::Object(members) => 1 + members.values().map(levels).max().unwrap_or_default(),
                _ => 1,
            }
        }
        let deep = (0..30).fold(
            json!({"type": "string"}),
            |below, _| json!({"type": "object", "properties": {"a": below}, "required": ["a"]}),
        );
        let texts = json!({"type": "array", "items": {"type": "string", "minLength": 1010}, "minItems": 64});
        let wide = json!({"type": "object", "properties": {"texts": texts}, "required": ["texts"]});
        for (schema, fits) in [
            (deep.clone(), true),
            (
                json!({"type": "object", "properties": {"a": deep}, "required": ["a"]}),
                false,
            ),
            (wide, false),
        ] {
            let tool = crate::exchanges::tool("a.b.list", hubproof_model::safety::Risk::Read, schema);
            let inputs = Generators::default()
                .of(&tool)
                .map(|generator| generator.valid(7, 8))
                .unwrap_or_default();
            assert_eq!(!inputs.is_empty(), fits);
            for input in inputs {
                let body = json!({"input": input.instance, "connection_id": "conn_1", "dry_run": true});
                assert!(levels(&body) <= 32 && body.to_string().len() <= 64 * 1024);
            }
        }
    }

    #[test]
    fn inputs_are_objects_whatever_else_the_schema_accepts() {
        for schema in [
            json!(true),
            json!({}),
            json!({"properties": {"id": {"type": "string"}}}),
            json!({"type": ["null", "object"]}),
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/any", "definitions": {"any": {}}}),
        ] {
            let generator = Generator::compile(&of_objects(&schema), &Options::default()).unwrap();
            let inputs = generator.valid(1, 20).into_iter();
            let inputs: Vec<_> = inputs
                .filter_map(|valid| fitted(&generator, valid.instance, None, 0))
                .collect();
            assert!(
                !inputs.is_empty() && inputs.iter().all(Value::is_object),
                "{schema}: {inputs:?}"
            );
        }
        assert_eq!(*of_objects(&json!({"type": "array"})), json!({"type": "array"}));
    }

    #[test]
    fn profile_values_are_put_in_and_left_places_taken_out() {
        let known = known(&[("/id", json!("T-1"))], &["/to"], Vec::new());
        let input = json!({"id": "x", "to": "everyone", "note": "n"});
        assert_eq!(
            fitted(&generator(), input, Some(&known), 0),
            Some(json!({"id": "T-1", "note": "n"}))
        );
    }

    #[test]
    fn a_left_place_is_as_the_example_has_it() {
        let known = known(&[], &["/to"], vec![json!({"id": "T-1", "to": "nobody"})]);
        assert_eq!(
            fitted(&generator(), json!({"id": "x"}), Some(&known), 0),
            Some(json!({"id": "x", "to": "nobody"}))
        );
    }

    #[test]
    fn an_input_that_may_not_be_sent_as_the_profile_wants_is_dropped() {
        assert_eq!(
            fitted(
                &generator(),
                json!({"id": "x"}),
                Some(&known(&[("/id", json!(5))], &[], Vec::new())),
                0
            ),
            None
        );
        assert_eq!(
            fitted(
                &generator(),
                json!({"id": "x"}),
                Some(&known(&[], &["/id"], Vec::new())),
                0
            ),
            None
        );
    }

    #[test]
    fn a_fault_keeps_its_control_one_step_away() {
        let known = known(&[("/id", json!("T-1"))], &["/to"], Vec::new());
        let broken = |base: Value, instance: Value| Broken {
            instance,
            keyword: "maxLength".to_owned(),
            instance_pointer: "/note".to_owned(),
            schema_pointer: "/properties/note/maxLength".to_owned(),
            base,
        };
        let at_note = broken(json!({"id": "x", "note": "n"}), json!({"id": "x", "note": "nnnnnn"}));
        let fitted = fitted_fault(&generator(), at_note, Some(&known), 0).unwrap();
        assert_eq!(fitted.base, json!({"id": "T-1", "note": "n"}));
        assert_eq!(fitted.instance, json!({"id": "T-1", "note": "nnnnnn"}));
        let at_value = broken(json!({"id": "x"}), json!({"id": 5}));
        let fitted = fitted_fault(&generator(), at_value, Some(&known), 0).unwrap();
        assert_eq!((fitted.base, fitted.instance), (json!({"id": "T-1"}), json!({"id": 5})));
        let at_left_place = broken(json!({"id": "x", "to": "a"}), json!({"id": "x", "to": 5}));
        assert_eq!(fitted_fault(&generator(), at_left_place, Some(&known), 0), None);
    }
}
