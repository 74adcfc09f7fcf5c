//! Sentences in which code stands between backticks.

use maud::{Markup, html};

use crate::printable::visible;

/// A sentence, what stands between two backticks as code.
pub(super) fn prose(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    // An odd backtick is one of the text.
    let is_whole = parts.len() % 2 == 1;
    html! {
        @if is_whole {
            @for (index, part) in parts.iter().enumerate() {
                @if index % 2 == 1 { code { (visible(part)) } } @else { (visible(part)) }
            }
        } @else {
            (visible(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stands_between_backticks() {
        assert_eq!(prose("`a<b` is not").0, "<code>a&lt;b</code> is not");
        assert_eq!(prose("no ` code").0, "no ` code");
        assert_eq!(prose("plain").0, "plain");
    }
}
