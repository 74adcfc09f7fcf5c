//! Filters in jq: what is sent, and what is made of what comes back.

use jaq_core::data::JustLut;
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, unwrap_valr};
use jaq_json::Val;
use serde::Deserialize;
use serde_json::Value;

/// What filters may use of the standard library, by name and number of arguments: all of it would need regular expressions, times and
/// floating-point functions, eight crates that no mapping asks for.
const STANDARD: [(&str, usize); 13] = [
    ("add", 0),
    ("add", 1),
    ("isarray", 0),
    ("isboolean", 0),
    ("isnumber", 0),
    ("isobject", 0),
    ("isstring", 0),
    ("max", 0),
    ("max_by", 1),
    ("null", 0),
    ("split", 1),
    ("type", 0),
    ("values", 0),
];

/// A filter, compiled.
pub(super) struct Filter(jaq_core::Filter<JustLut<Val>>);

/// Why a filter gives nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FilterFault {
    /// It says so itself, by `error({status, message})`: what it was given is no good.
    Refused { status: u16, message: String },
    /// It cannot work with what it was given.
    Failed(String),
}

impl Filter {
    /// Compiles a filter, with what it may use before it.
    pub(super) fn compile(definitions: &str, code: &str) -> Result<Self, String> {
        let program = format!("{definitions}\n{code}");
        let standard = jaq_std::defs().filter(|own| STANDARD.contains(&(own.name, own.args.len())));
        let definitions = jaq_core::defs().chain(standard).chain(jaq_json::defs());
        let functions = jaq_core::funs().chain(jaq_std::base_funs()).chain(jaq_json::funs());
        let arena = Arena::default();
        let file = File {
            code: program.as_str(),
            path: (),
        };
        let modules = Loader::new(definitions).load(&arena, file);
        let modules = modules.map_err(|faults| {
            let faults: Vec<_> = faults.into_iter().map(|(_, fault)| fault).collect();
            let told: String = format!("{faults:?}").chars().take(200).collect();
            format!("not a jq filter: {told}")
        })?;
        let compiled = Compiler::default().with_funs(functions).compile(modules);
        let compiled = compiled.map_err(|faults| {
            let names = faults.iter().flat_map(|(_, faults)| faults);
            let names: Vec<_> = names.map(|(name, _)| format!("`{name}`")).collect();
            format!("it uses what is not defined: {}", names.join(", "))
        })?;
        Ok(Self(compiled))
    }

    /// What it makes of a value: its first output, null where it has none.
    pub(super) fn apply(&self, value: &Value) -> Result<Value, FilterFault> {
        let input = Val::deserialize(value).map_err(|fault| FilterFault::Failed(fault.to_string()))?;
        let context = Ctx::<JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        match self.0.id.run((context, input)).map(unwrap_valr).next() {
            None => Ok(Value::Null),
            Some(Ok(output)) => json(&output).map_err(FilterFault::Failed),
            Some(Err(fault)) => Err(refusal(&fault.into_val())),
        }
    }
}

fn json(value: &Val) -> Result<Value, String> {
    serde_json::from_str(&value.to_string()).map_err(|_| "a filter gives what is no JSON".to_owned())
}

fn refusal(thrown: &Val) -> FilterFault {
    let thrown = match json(thrown) {
        Ok(thrown) => thrown,
        Err(fault) => return FilterFault::Failed(fault),
    };
    let status = thrown.get("status").and_then(Value::as_u64);
    match (
        status.and_then(|status| u16::try_from(status).ok()),
        thrown.get("message"),
    ) {
        (Some(status), Some(Value::String(message))) => FilterFault::Refused {
            status,
            message: message.clone(),
        },
        _ => FilterFault::Failed("its members are not of the kinds that they should be".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applied(code: &str, value: Value) -> Result<Value, FilterFault> {
        Filter::compile("def double: . * 2;", code).unwrap().apply(&value)
    }

    #[test]
    fn filters_keep_values_as_they_are() {
        let value = json!({"z": 1, "a": [1.5, -3, 9_007_199_254_740_993_i64, null, true], "t": "ü\n\"\u{0}"});
        assert_eq!(applied(".", value.clone()), Ok(value));
        assert_eq!(applied(".n | double", json!({"n": 4})), Ok(json!(8)));
        assert_eq!(applied("empty", json!(1)), Ok(Value::Null));
    }

    #[test]
    fn a_filter_refuses_or_fails() {
        let refused = FilterFault::Refused {
            status: 404,
            message: "none".to_owned(),
        };
        assert_eq!(
            applied("error({status: 404, message: \"none\"})", json!(1)),
            Err(refused)
        );
        assert!(matches!(applied(".a.b", json!({"a": 3})), Err(FilterFault::Failed(_))));
        assert!(matches!(applied("error(\"x\")", json!(1)), Err(FilterFault::Failed(_))));
    }

    #[test]
    fn what_is_no_filter_is_told() {
        assert!(Filter::compile("", ".a |").err().unwrap().contains("not a jq filter"));
        assert!(
            Filter::compile("", "nothing_such")
                .err()
                .unwrap()
                .contains("`nothing_such`")
        );
    }

    #[test]
    fn filters_go_from_thread_to_thread() {
        fn shared<T: Send + Sync>() {}
        shared::<Filter>();
    }
}
