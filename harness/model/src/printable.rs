//! Keeps text from a target from acting on whatever shows it: a terminal, the log of a CI server, or an XML reader.

use std::borrow::Cow;

/// Whether a character acts instead of being seen: controls, marks that reorder or hide text, and what XML 1.0 forbids.
#[must_use]
pub fn is_hidden(character: char) -> bool {
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

/// The text as a line of a log: nothing in it acts on a terminal, or on a CI server.
#[must_use]
pub fn log_line(text: &str) -> String {
    without_commands(&visible(text)).into_owned()
}

/// A line without what CI servers take for a command: `::error …` where a line begins, behind spaces too (GitHub Actions), and
/// `##name[` anywhere (GitHub's older runners, Azure Pipelines, TeamCity). The sign that makes it one is written as an escape.
#[must_use]
pub fn without_commands(line: &str) -> Cow<'_, str> {
    let line = match line.trim_start().strip_prefix("::") {
        Some(rest) => Cow::Owned(format!("{}\\u{{3a}}:{rest}", &line[..line.len() - rest.len() - 2])),
        None => Cow::Borrowed(line),
    };
    match brackets_spelled(&line, r"\u{5b}") {
        Cow::Owned(spelled) => Cow::Owned(spelled),
        Cow::Borrowed(_) => line,
    }
}

/// The text with the bracket of each `##name[` spelled so.
#[must_use]
pub fn brackets_spelled<'t>(text: &'t str, spelling: &str) -> Cow<'t, str> {
    let is_command = |at: usize| {
        let before = text[..at].trim_end_matches(|character: char| character.is_ascii_alphabetic());
        before.ends_with("##")
    };
    let mut spelled = String::new();
    let mut done = 0;
    for (at, bracket) in text.match_indices('[').filter(|(at, _)| is_command(*at)) {
        spelled.push_str(&text[done..at]);
        spelled.push_str(spelling);
        done = at + bracket.len();
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    spelled.push_str(&text[done..]);
    Cow::Owned(spelled)
}

/// The text as a line of a log, no more of it than so many characters.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    let mut text = log_line(text);
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
    #[test]
    fn a_line_is_no_command_to_a_ci_server() {
        for (text, shown) in [
            ("::error::x", r"\u{3a}:error::x"),
            ("  ::add-mask::x", r"  \u{3a}:add-mask::x"),
            ("a ::error::x", "a ::error::x"),
            ("a\n::error::x", r"a\n::error::x"),
            ("x ##[error]y ##vso[a.b]", r"x ##\u{5b}error]y ##vso\u{5b}a.b]"),
            ("::x ##teamcity[a", r"\u{3a}:x ##teamcity\u{5b}a"),
            ("a[0] # [x] #[y] ##", "a[0] # [x] #[y] ##"),
        ] {
            assert_eq!(log_line(text), shown);
        }
    }
}
