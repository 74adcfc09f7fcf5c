//! docs/profile.schema.json and the tables of docs/profile.md, from the types that say how a profile is written.

mod table;

use std::path::Path;

use hubproof_model::profile::written;
use serde_json::Value;

/// The schema, below the workspace's root.
pub(crate) const SCHEMA: &str = "docs/profile.schema.json";

/// The page, below the workspace's root.
pub(crate) const PAGE: &str = "docs/profile.md";

/// Where a table of the page begins, up to the name of its definition in the schema.
const BEGIN: &str = "<!-- table of ";
/// Where that name, and the line, ends.
const NAME_END: &str = " -->\n";
/// Where a table of the page ends.
const END: &str = "<!-- end of table -->\n";

/// The text of the schema.
pub(crate) fn schema() -> Result<String, String> {
    let text = serde_json::to_string_pretty(&written::schema()).map_err(|fault| fault.to_string())?;
    Ok(text + "\n")
}

/// The page with its tables as the types have them; what stands between the tables is written by hand.
///
/// # Errors
/// A table that is not closed, or is of a definition that is not there; a definition without a table.
pub(crate) fn page(root: &Path) -> Result<String, String> {
    let path = root.join(PAGE);
    let text = std::fs::read_to_string(&path).map_err(|fault| format!("{}: {fault}", path.display()))?;
    renewed(&text, &written::schema()).map_err(|fault| format!("{PAGE}: {fault}"))
}

fn renewed(text: &str, schema: &Value) -> Result<String, String> {
    let mut page = String::with_capacity(text.len());
    let mut shown = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(NAME_END).ok_or("a table has no name")?;
        let (_, after) = after
            .split_once(END)
            .ok_or_else(|| format!("the table of {name} does not end"))?;
        let table = table::of(schema, name).ok_or_else(|| format!("`{name}` is no definition of {SCHEMA}"))?;
        page.extend([before, BEGIN, name, NAME_END, "\n", &table, "\n", END]);
        shown.push(name);
        rest = after;
    }
    page.push_str(rest);
    let definitions = schema["$defs"].as_object().into_iter().flatten();
    for (name, definition) in definitions {
        let is_shown = shown.contains(&name.as_str()) || table::is_said_in_words(definition);
        if !is_shown {
            return Err(format!("it lacks {BEGIN}{name}{}", NAME_END.trim_end()));
        }
    }
    Ok(page)
}

#[cfg(test)]
mod tests;
