//! Near misses: values that break a rule as a careless reader would not notice it.
//!
//! A check of `type` that coerces takes `"5"` for 5; one that truncates takes 1.5 for an integer; one that drops nulls takes
//! null for an absent member. An `enum` compared without case takes `"OPEN"` for `"open"`. Different assertions of one schema
//! take different turns, so that few instances tell of all.

use serde_json::Value;

use crate::rule::Types;

/// What is broken, and which way of breaking it has its turn.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Near<'p> {
    /// `type`, with the types that it asks for.
    Type { meant: Types, turn: usize },
    /// `enum` or `const`, with its members.
    Enum { members: &'p [Value], turn: usize },
}

impl Near<'_> {
    /// Which of the types left has its turn.
    pub(crate) fn choose(self, left: Types) -> Option<Types> {
        match self {
            Self::Type { meant, turn } => {
                let kinds: Vec<Types> = kinds(meant).into_iter().filter(|kind| left.has(*kind)).collect();
                kinds.get(turn % kinds.len().max(1)).copied()
            }
            // A check of the type alone would miss it.
            Self::Enum { members, .. } => members.iter().map(Types::of).find(|kind| {
                left.has(*kind)
                    && (kind.has(Types::STRING.or(Types::NUMBER)) || kind.has(Types::ARRAY.or(Types::OBJECT)))
            }),
        }
    }

    /// Texts that come close, the closest first.
    pub(crate) fn texts(self) -> Vec<String> {
        match self {
            Self::Type { meant, .. } => [
                (Types::INTEGER, "1"),
                (Types::FRACTION, "1.5"),
                (Types::BOOLEAN, "true"),
                (Types::NULL, "null"),
            ]
            .into_iter()
            .filter(|(kind, _)| meant.has(*kind))
            .map(|(_, text)| text.to_owned())
            .collect(),
            Self::Enum { members, turn } if turn % 2 == 1 => members
                .iter()
                .filter_map(Value::as_str)
                .flat_map(|member| [member.to_uppercase(), member.to_lowercase()])
                .collect(),
            Self::Enum { .. } => Vec::new(),
        }
    }
}

/// Every other type, the one that is most easily taken for the one meant first.
fn kinds(meant: Types) -> Vec<Types> {
    let mut nearest = if meant.has(Types::INTEGER) && !meant.has(Types::FRACTION) {
        vec![Types::FRACTION, Types::STRING, Types::NULL]
    } else if meant.has(Types::STRING) {
        vec![Types::INTEGER, Types::NULL, Types::BOOLEAN]
    } else if meant.has(Types::NULL) && meant.without(Types::NULL) == Types::NONE {
        vec![Types::STRING, Types::BOOLEAN]
    } else {
        vec![Types::STRING, Types::NULL, Types::OBJECT]
    };
    let farther: Vec<Types> = Types::EACH.into_iter().filter(|kind| !nearest.contains(kind)).collect();
    // The nearest have a second turn before the others have one.
    nearest.extend(nearest.clone());
    nearest.extend(farther);
    nearest
}

/// The same value written another way, where there is one: members in another order, an integer with a fraction of nought.
pub(crate) fn rewritten(value: &Value) -> Option<Value> {
    match value {
        Value::Object(members) if members.len() > 1 => Some(Value::Object(
            members
                .iter()
                .rev()
                .map(|(name, member)| (name.clone(), member.clone()))
                .collect(),
        )),
        Value::Object(members) => {
            let mut changed = members.clone();
            let member = changed.values_mut().next()?;
            *member = rewritten(member)?;
            Some(Value::Object(changed))
        }
        Value::Array(items) => {
            let (at, item) = items
                .iter()
                .enumerate()
                .find_map(|(at, item)| Some((at, rewritten(item)?)))?;
            let mut changed = items.clone();
            changed[at] = item;
            Some(Value::Array(changed))
        }
        Value::Number(number) => {
            let small = number.as_i64().filter(|integer| integer.unsigned_abs() < 1 << 53)?;
            Some(Value::from(small as f64))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rule::equal;

    #[test]
    fn what_is_rewritten_is_equal_but_reads_differently() {
        for value in [
            json!(5),
            json!({"a": 1, "b": "x"}),
            json!({"a": [1, "x"]}),
            json!([["y", -3]]),
        ] {
            let other = rewritten(&value).unwrap();
            assert!(equal(&other, &value), "{other} is not {value}");
            assert_ne!(other.to_string(), value.to_string());
        }
        assert_eq!(rewritten(&json!("text")), None);
        assert_eq!(rewritten(&json!(9_007_199_254_740_993_i64)), None);
    }
}
