//! A table of keys: one row a property of a definition.

use serde_json::{Map, Value};

/// What a column shows of a property.
type Cell = fn(&Value) -> Option<String>;

/// The columns that a table may have beside the key and its type.
const COLUMNS: [(&str, Cell); 4] = [
    ("default", default),
    ("only with", |property| annotation(property, "x-only-with")),
    ("meaning", meaning),
    ("exercises", |property| annotation(property, "x-exercises")),
];

/// The table of a definition's properties, where it is a definition that has any.
pub(super) fn of(schema: &Value, name: &str) -> Option<String> {
    let definition = schema["$defs"].get(name)?;
    let properties = definition.get("properties")?.as_object()?;
    let is_required = |key: &str| {
        let required = definition["required"].as_array();
        required.is_some_and(|keys| keys.iter().any(|required| required == key))
    };
    let rows: Vec<_> = properties
        .iter()
        .map(|(key, property)| {
            let mut cells = COLUMNS.map(|(_, cell)| cell(property));
            if is_required(key) {
                cells[0] = Some("required".to_owned());
            }
            (key, kind(schema, property), cells)
        })
        .collect();
    let is_used = |column: &usize| rows.iter().any(|(_, _, cells)| cells[*column].is_some());
    let used: Vec<usize> = (0..COLUMNS.len()).filter(is_used).collect();
    let row = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    let headings: Vec<_> = ["key", "type"]
        .into_iter()
        .chain(used.iter().map(|at| COLUMNS[*at].0))
        .collect();
    let mut table = row(&headings);
    table.push_str(&format!("|{}\n", "---|".repeat(headings.len())));
    for (key, kind, cells) in &rows {
        let key = if key.contains('.') {
            format!("`\"{key}\"`")
        } else {
            format!("`{key}`")
        };
        let rest = used.iter().map(|at| match &cells[*at] {
            Some(text) => text.as_str(),
            None if COLUMNS[*at].0 == "default" => "none",
            None => "",
        });
        let cells: Vec<_> = [key.as_str(), kind.as_str()].into_iter().chain(rest).collect();
        table.push_str(&row(&cells));
    }
    Some(table)
}

/// Whether a definition is of a kind of value that the page tells in its own words, and not of a table of keys.
pub(super) fn is_said_in_words(definition: &Value) -> bool {
    definition["type"] != "object"
}

fn annotation(property: &Value, name: &str) -> Option<String> {
    property.get(name)?.as_str().map(str::to_owned)
}

fn default(property: &Value) -> Option<String> {
    let plain = || property.get("default").map(|value| format!("`{value}`"));
    annotation(property, "x-default").or_else(plain)
}

fn meaning(property: &Value) -> Option<String> {
    annotation(property, "description").map(|text| text.replace("\n\n", " "))
}

/// A type in words.
fn kind(schema: &Value, property: &Value) -> String {
    if let Some(said) = annotation(property, "x-type") {
        return said;
    }
    if let Some(name) = property["$ref"].as_str().and_then(|at| at.strip_prefix("#/$defs/")) {
        return annotation(&schema["$defs"][name], "x-type").unwrap_or_else(|| name.to_owned());
    }
    match property["type"].as_str() {
        Some("array") => format!("list of {}s", kind(schema, &property["items"])),
        Some("object") => match property.get("additionalProperties") {
            Some(of @ Value::Object(members)) if *members != Map::new() => format!("table of {}s", kind(schema, of)),
            _ => "table".to_owned(),
        },
        Some(name) => name.to_owned(),
        None => "any value".to_owned(),
    }
}
