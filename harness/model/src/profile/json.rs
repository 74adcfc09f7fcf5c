//! Values of a profile as JSON.

use serde_json::{Map, Number, Value};
use toml::de::DeValue;

use super::error::ProfileError;
use super::node::Node;

/// A value as JSON; a date-time becomes a string.
pub(super) fn read(node: &Node<'_>) -> Result<Value, ProfileError> {
    match node.value() {
        DeValue::String(_) => Ok(Value::String(node.text("a string")?.value)),
        DeValue::Boolean(value) => Ok(Value::Bool(*value)),
        DeValue::Datetime(value) => Ok(Value::String(value.to_string())),
        DeValue::Integer(value) => {
            let signed = i64::from_str_radix(value.as_str(), value.radix()).map(Number::from);
            let number = signed.or_else(|_| u64::from_str_radix(value.as_str(), value.radix()).map(Number::from));
            let number = number.map_err(|_| node.fault("the integer does not fit into 64 bits"))?;
            Ok(Value::Number(number))
        }
        DeValue::Float(value) => {
            let number = value.as_str().parse().ok().and_then(Number::from_f64);
            let number = number.ok_or_else(|| node.fault("JSON has no such number"))?;
            Ok(Value::Number(number))
        }
        DeValue::Array(items) => items.iter().map(|item| read(&node.inner(item))).collect(),
        DeValue::Table(members) => {
            let member = |(name, value): (&toml::Spanned<_>, _)| {
                let name: &std::borrow::Cow<'_, str> = name.get_ref();
                Ok((name.clone().into_owned(), read(&node.inner(value))?))
            };
            let members = members
                .iter()
                .map(member)
                .collect::<Result<Map<_, _>, ProfileError>>()?;
            Ok(Value::Object(members))
        }
    }
}
