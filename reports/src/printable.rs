//! Keeps text from a target from acting on whatever shows it: a terminal, or an XML reader.

use std::borrow::Cow;

/// Whether a character acts instead of being seen: controls, marks that reorder or hide text, and what XML 1.0 forbids.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// The text on one line, with hidden characters written as escapes (`\n`, `\u{1b}`).
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// The text on one line, no more of it than so many characters.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let mut text = visible(text).into_owned();
    if let Some((at, _)) = text.char_indices().nth(most) {
        text.truncate(at);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(shortened("éé\n", 2), "éé…");
        assert_eq!(shortened("éé", 2), "éé");
    }

    #[test]
    fn hidden_characters_are_spelled_out() {
        assert_eq!(visible("é 😀 \\n"), "é 😀 \\n");
        assert_eq!(
            visible("a\u{1b}[2Jb\n\0\u{202e}\u{9b}"),
            r"a\u{1b}[2Jb\n\u{0}\u{202e}\u{9b}"
        );
    }
}
