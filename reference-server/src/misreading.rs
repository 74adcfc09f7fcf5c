//! Judges inputs by schemas as some hubs misread them: what a defect says of a keyword, made into a validator.
//!
//! Errors of a sound validator could be left out instead, but where a keyword stands below a combinator there is no error of its
//! own to leave out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::{Keyword, ValidationError, Validator};
use serde_json::{Map, Value, json};

use crate::catalogue::{self, Tool};
use crate::error::{ApiError, Code};
use crate::flow::Validate;
use crate::input;
use crate::subschemas::{Place, change_each};

/// A schema's members.
pub(crate) type Schema = Map<String, Value>;

/// As if no schema had these keywords.
pub(crate) fn without(keywords: &'static [&'static str]) -> Validate {
    rewriting(|schema, _| schema.retain(|keyword, _| !keywords.contains(&keyword.as_str())))
}

/// By schemas whose every subschema is rewritten, those below it first.
pub(crate) fn rewriting(rewrite: impl Fn(&mut Schema, &Place) + Send + Sync + 'static) -> Validate {
    rewriting_whole(move |schema| change_each(schema, &mut |subschema, place| rewrite(subschema, place)))
}

/// By schemas that are rewritten as a whole.
pub(crate) fn rewriting_whole(rewrite: impl Fn(&mut Value) + Send + Sync + 'static) -> Validate {
    judging(move |tool| {
        let mut schema = tool.input_schema.clone();
        rewrite(&mut schema);
        catalogue::reading().build(&schema)
    })
}

/// By a keyword's check of the hub's own: from what the schema asks and the value given.
pub(crate) fn checking(keyword: &'static str, holds: fn(&Value, &Value) -> bool) -> Validate {
    judging(move |tool| {
        let reading = catalogue::reading().with_keyword(keyword, move |_, asked, _| {
            Ok(Box::new(OwnCheck {
                asked: asked.clone(),
                holds,
            }))
        });
        reading.build(&tool.input_schema)
    })
}

/// Lets a subschema accept what another accepts, too.
pub(crate) fn accept_too(schema: &mut Schema, other: Value) {
    let own = Value::Object(std::mem::take(schema));
    schema.insert("anyOf".to_owned(), json!([own, other]));
}

/// Adds a subschema that has to hold, too.
pub(crate) fn ask_too(schema: &mut Schema, other: Value) {
    match schema.get_mut("allOf") {
        Some(Value::Array(all)) => all.push(other),
        _ => {
            schema.insert("allOf".to_owned(), json!([other]));
        }
    }
}

/// Each tool's validator is compiled at its first call.
fn judging(compile: impl Fn(&Tool) -> Result<Validator, ValidationError<'static>> + Send + Sync + 'static) -> Validate {
    let compiled: Mutex<HashMap<String, Result<Arc<Validator>, String>>> = Mutex::default();
    Box::new(move |tool, given| {
        let validator = {
            let mut compiled = compiled.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = compiled.entry(tool.key.clone());
            let compile = || compile(tool).map(Arc::new).map_err(|fault| fault.to_string());
            entry.or_insert_with(compile).clone()
        };
        match validator {
            Ok(validator) => input::judge(&validator, given),
            // Judging soundly instead would hide the defect.
            Err(fault) => Err(ApiError::new(Code::InternalError, fault)),
        }
    })
}

struct OwnCheck {
    asked: Value,
    holds: fn(&Value, &Value) -> bool,
}

impl<'i> Keyword<'i> for OwnCheck {
    fn validate(&self, given: &'i Value) -> Result<(), ValidationError<'i>> {
        match (self.holds)(&self.asked, given) {
            true => Ok(()),
            false => Err(ValidationError::custom("the value does not satisfy the schema")),
        }
    }

    fn is_valid(&self, given: &'i Value) -> bool {
        (self.holds)(&self.asked, given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use crate::flow::Flow;

    #[test]
    fn every_misread_schema_compiles() {
        let catalogue = Catalogue::bundled().unwrap();
        for defect in crate::defects::all() {
            let mut flow = Flow::default();
            (defect.plant)(&mut flow);
            for tool in &catalogue.tools {
                if let Err(fault) = (flow.validate)(tool, &json!({})) {
                    assert_eq!(
                        fault.code,
                        Code::InvalidInput,
                        "{}, {}: {fault:?}",
                        defect.name,
                        tool.key
                    );
                }
            }
        }
    }
}
