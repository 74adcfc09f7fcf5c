//! A profile's text as it may be shown.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// The text with `*` in place of what is written in plain text in `[keys]` and `[target.headers]`. Every byte keeps its place, so
/// that an error's span fits. Where the text is not valid TOML, whole lines of these tables are masked.
pub fn presentable(text: &str) -> String {
    let (document, faults) = DeTable::parse_recoverable(text);
    let root = document.get_ref();
    let headers = table(root, "target").and_then(|target| table(target, "headers"));
    let tables = table(root, "keys").into_iter().chain(headers);
    let mut secret: Vec<_> = tables.flat_map(plain_strings).collect();
    if !faults.is_empty() {
        secret.extend(secret_lines(text));
    }
    let mut shown = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let is_mark = c.is_ascii_whitespace() || c == '"' || c == '\'';
        if !is_mark && secret.iter().any(|span| span.contains(&at)) {
            shown.extend(std::iter::repeat_n('*', c.len_utf8()));
        } else {
            shown.push(c);
        }
    }
    shown
}

fn table<'a>(parent: &'a DeTable<'a>, name: &str) -> Option<&'a DeTable<'a>> {
    parent.get(name)?.get_ref().as_table()
}

/// The strings of a table that may be credentials, misspelled roles among them.
fn plain_strings(table: &DeTable<'_>) -> Vec<Range<usize>> {
    let is_credential = |name: &str, value: &DeValue<'_>| {
        name != "restricted_tool" && value.as_str().is_some_and(|value| !value.contains("${"))
    };
    let credentials = table
        .iter()
        .filter(|(name, value)| is_credential(name.get_ref(), value.get_ref()));
    credentials.map(|(_, value)| value.span()).collect()
}

/// What follows the `=` in lines that seem to belong to these tables; the whole line where there is none.
fn secret_lines(text: &str) -> Vec<Range<usize>> {
    let is_ours = |path: &str| {
        ["keys", "headers", "target.headers"]
            .iter()
            .any(|table| path.starts_with(table))
    };
    let mut spans = Vec::new();
    let mut is_inside = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let trimmed = line.trim_start();
        if let Some(heading) = trimmed.strip_prefix('[') {
            is_inside = is_ours(heading.trim_start());
        } else if (is_inside || is_ours(trimmed)) && !line.contains("${") {
            spans.push(start + line.find('=').map_or(0, |at| at + 1)..end);
        }
        start = end;
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_masked_and_variables_are_not() {
        let text = "# é\n[keys]\nprimary = \"hub_sk_1\"\nsecndary = 'ké'\nrestricted = \"${K}\"\nrestricted_tool = \"a.b\"\n\
                    [target]\nurl = \"https://h\"\nheaders = { X-A = \"hub sk\" }\n";
        let shown = "# é\n[keys]\nprimary = \"********\"\nsecndary = '***'\nrestricted = \"${K}\"\nrestricted_tool = \"a.b\"\n\
                     [target]\nurl = \"https://h\"\nheaders = { X-A = \"*** **\" }\n";
        assert_eq!(presentable(text), shown);
        assert_eq!(presentable(""), "");
    }

    #[test]
    fn broken_toml_shows_no_key_either() {
        for text in [
            "[keys]\nprimary = hub_sk_secret",
            "[keys]\nprimary = 'hub_sk_secret",
            "[keys]\nprimary = \"\\hub_sk_secret\"",
            "[keys]\nprimary hub_sk_secret",
            "[keys\nprimary = 5hub_sk_secret\n[target]",
            "keys.primary = hub_sk_secret",
            "keys = { primary = hub_sk_secret",
            "[keys]\nprimary = \"hub_sk_secret\"\n[target]\nurl = h",
            "[keys]\nprimary = \"hub_sk_secret\"\nprimary = \"hub_sk_secret\"",
            "[target.headers]\nX-A = \"\"\"\nhub_sk_secret\"\"\"\nX",
        ] {
            let shown = presentable(text);
            assert_eq!(shown.len(), text.len());
            assert!(!shown.contains("hub_sk_secret"), "{shown}");
        }
        let elsewhere = "[target]\nurl = https://hub.example\n";
        assert_eq!(presentable(elsewhere), elsewhere);
    }
}
