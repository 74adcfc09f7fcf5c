//! Smaller values, one step at a time. The caller keeps a step whose outcome it still wants and asks again.

use serde_json::{Map, Value};

/// Steps that are looked at for one value.
const MOST: usize = 400;

/// Values one step smaller, the largest cuts first.
pub(crate) fn smaller(value: &Value) -> Vec<Value> {
    let mut steps = below(value, 0);
    steps.truncate(MOST);
    steps
}

/// A measure that every step lessens.
pub(crate) fn weight(value: &Value) -> u128 {
    match value {
        Value::Null => 0,
        Value::Bool(truth) => 1 + u128::from(*truth),
        Value::Number(number) => {
            3 + number.to_string().len() as u128 * 16 + u128::from(number.as_u64().map_or(8, |n| n.min(8)))
        }
        Value::String(text) => {
            3 + text
                .chars()
                .map(|character| if character == 'a' { 16 } else { 17 })
                .sum::<u128>()
        }
        Value::Array(items) => 4 + items.iter().map(|item| 20 + weight(item)).sum::<u128>(),
        Value::Object(members) => {
            4 + members
                .iter()
                .map(|(name, member)| 20 + name.len() as u128 + weight(member))
                .sum::<u128>()
        }
    }
}

fn below(value: &Value, depth: usize) -> Vec<Value> {
    if depth > 32 {
        return Vec::new();
    }
    match value {
        Value::Null | Value::Bool(_) => Vec::new(),
        Value::Number(_) => numbers(value),
        Value::String(text) => strings(text),
        Value::Array(items) => arrays(items, depth),
        Value::Object(members) => objects(members, depth),
    }
}

fn numbers(value: &Value) -> Vec<Value> {
    let mut steps = vec![Value::from(0), Value::from(1)];
    if let Some(integer) = value.as_i64() {
        steps.push(Value::from(integer / 2));
        steps.push(Value::from(integer / 10));
        steps.push(Value::from(integer - integer.signum()));
    } else if let Some(float) = value.as_f64()
        && float.abs() < 1e15
    {
        steps.push(Value::from(float.trunc() as i64));
        steps.push(Value::from(0.5));
        // Never `3.0` for a number that was no integer: drafts disagree on what that is.
        if let Some(rounded) = format!("{float:.1}")
            .parse::<f64>()
            .ok()
            .filter(|rounded| rounded.fract() != 0.0)
        {
            steps.push(Value::from(rounded));
        }
    }
    steps.retain(|step| weight(step) < weight(value));
    steps
}

fn strings(text: &str) -> Vec<Value> {
    let characters: Vec<char> = text.chars().collect();
    let count = characters.len();
    let mut steps = Vec::new();
    let mut push = |characters: &[char]| steps.push(Value::String(characters.iter().collect()));
    if count > 0 {
        push(&[]);
        push(&characters[..count / 2]);
        push(&characters[count / 2..]);
        push(&characters[..count - 1]);
        push(&characters[1..]);
        let plain = vec!['a'; count];
        if plain != characters {
            push(&plain);
        }
        // One character plainer, for the first few that are not plain.
        for at in (0..count).filter(|at| characters[*at] != 'a').take(8) {
            let mut plainer = characters.clone();
            plainer[at] = 'a';
            push(&plainer);
        }
    }
    steps.retain(|step| step != text);
    steps
}

fn arrays(items: &[Value], depth: usize) -> Vec<Value> {
    let mut steps = Vec::new();
    if !items.is_empty() {
        steps.push(Value::Array(Vec::new()));
        if items.len() > 2 {
            steps.push(Value::Array(items[..items.len() / 2].to_vec()));
        }
        for at in (0..items.len()).rev().take(64) {
            let mut fewer = items.to_vec();
            fewer.remove(at);
            steps.push(Value::Array(fewer));
        }
    }
    for (at, item) in items.iter().enumerate().take(32) {
        for smaller in below(item, depth + 1) {
            let mut changed = items.to_vec();
            changed[at] = smaller;
            steps.push(Value::Array(changed));
        }
    }
    steps
}

fn objects(members: &Map<String, Value>, depth: usize) -> Vec<Value> {
    let mut steps = Vec::new();
    if !members.is_empty() {
        steps.push(Value::Object(Map::new()));
        for name in members.keys() {
            let mut fewer = members.clone();
            fewer.shift_remove(name);
            steps.push(Value::Object(fewer));
        }
    }
    for (name, member) in members {
        for smaller in below(member, depth + 1) {
            let mut changed = members.clone();
            changed[name] = smaller;
            steps.push(Value::Object(changed));
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_step_is_smaller() {
        let mut queue = vec![json!({"a": [1, 250, -3.75, "Überall"], "b": {"c": true, "d": null}})];
        let mut seen = 0;
        while let Some(value) = queue.pop() {
            for step in smaller(&value) {
                assert!(weight(&step) < weight(&value), "{step} is no smaller than {value}");
                seen += 1;
                if seen < 3000 {
                    queue.push(step);
                }
            }
        }
        assert!(seen > 100);
    }
}
