//! Placeholders such as `<id>` in texts that are sent: what is filled in when they are.
//!
//! A text is looked at as it stands in the profile: what comes from an environment variable is none.

use toml::de::DeValue;

use super::error::ProfileError;
use super::node::Node;
use super::suggestion::instead_of;

/// Refuses every placeholder in a value but those that are filled in there.
pub(super) fn check(node: &Node<'_>, filled: &[&str]) -> Result<(), ProfileError> {
    let unknown = |text| in_text(text).find(|placeholder| !filled.contains(placeholder));
    match node.value() {
        DeValue::String(text) => match unknown(text) {
            Some(placeholder) => Err(refused(node, placeholder, filled)),
            None => Ok(()),
        },
        DeValue::Array(items) => items.iter().try_for_each(|item| check(&node.inner(item), filled)),
        DeValue::Table(members) => members
            .iter()
            .try_for_each(|(_, member)| check(&node.inner(member), filled)),
        _ => Ok(()),
    }
}

/// Whether a placeholder stands anywhere in a value.
pub(super) fn holds(value: &DeValue<'_>, placeholder: &str) -> bool {
    match value {
        DeValue::String(text) => text.contains(placeholder),
        DeValue::Array(items) => items.iter().any(|item| holds(item.get_ref(), placeholder)),
        DeValue::Table(members) => members.iter().any(|(_, member)| holds(member.get_ref(), placeholder)),
        _ => false,
    }
}

fn refused(node: &Node<'_>, placeholder: &str, filled: &[&str]) -> ProfileError {
    let fault = match filled {
        [] => node.fault(format_args!("`{placeholder}` stands where no placeholder is filled in")),
        _ => node.fault(format_args!(
            "`{placeholder}` is not filled in here; {}",
            instead_of(placeholder, filled)
        )),
    };
    fault.with_help("a text that is meant as it stands can come from an environment variable")
}

/// The words in angle brackets in a text, brackets included.
fn in_text(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('<').filter_map(|(start, _)| {
        let rest = &text[start..];
        let placeholder = &rest[..=rest.find('>')?];
        let name = &placeholder[1..placeholder.len() - 1];
        let is_of_names = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        (name.starts_with(char::is_alphabetic) && name.chars().all(is_of_names)).then_some(placeholder)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_a_word_in_angle_brackets() {
        for (text, placeholders) in [
            ("<id>", &["<id>"][..]),
            ("/a/<id>/b?x=<a_b-1>", &["<id>", "<a_b-1>"]),
            ("<<id>", &["<id>"]),
            ("", &[]),
            ("id", &[]),
            ("<", &[]),
            ("<>", &[]),
            ("<id", &[]),
            ("1 < 2 > 0", &[]),
            ("a<b and c>d", &[]),
            ("</b> <1>", &[]),
        ] {
            assert_eq!(in_text(text).collect::<Vec<_>>(), placeholders, "{text}");
        }
    }
}
