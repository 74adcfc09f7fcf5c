//! Texts in a TOML document, so written that none of them acts on what shows it, or ends before its end.

use std::borrow::Cow;

use crate::printable::{brackets_spelled, is_hidden, log_line};

/// A basic string.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            hidden if is_hidden(hidden) => quoted.push_str(&format!("\\U{:08x}", u32::from(hidden))),
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    brackets_spelled(&quoted, r"\u005b").into_owned()
}

/// A key: bare where it can be.
pub fn key(name: &str) -> Cow<'_, str> {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !name.is_empty() && name.chars().all(is_bare) {
        true => Cow::Borrowed(name),
        false => Cow::Owned(quoted(name)),
    }
}

/// Words for a comment, which ends with its line.
pub fn comment(text: &str) -> String {
    log_line(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned::HOSTILE;

    #[test]
    fn keys_are_quoted_where_they_must_be() {
        assert_eq!(key("ticket_id-2"), "ticket_id-2");
        assert_eq!(key("a.b"), "\"a.b\"");
        assert_eq!((key(""), key("é\"")), ("\"\"".into(), "\"é\\\"\"".into()));
    }

    #[test]
    fn nothing_in_a_text_ends_its_line() {
        for written in [quoted(HOSTILE), key(HOSTILE).into_owned(), comment(HOSTILE)] {
            assert!(!written.contains(is_hidden), "{written:?}");
        }
        for written in [quoted("##vso[x]"), key("##[x]").into_owned(), comment("::x ##[x]")] {
            assert!(
                !written.starts_with("::") && !written.contains("##[") && !written.contains("##vso["),
                "{written}"
            );
        }
    }
}
