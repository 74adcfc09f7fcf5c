//! Texts of a target in Markdown as GitHub reads it, so that none of them acts: as markup, HTML, a link, a mention or a reference.
//!
//! A backslash is not enough: GitHub looks for `@name`, `#1` and commits in what was rendered. It looks into no code, so that what could
//! be more than a word stands as code.

use crate::printable::{log_line, visible};

/// A text as it is, in code.
pub(crate) fn code(text: &str) -> String {
    let text = log_line(text);
    // The bar would end the cell of a table, and is shown with its backslash outside of one: it needs HTML, in which Markdown reads
    // punctuation that is spelled out as text.
    if text.contains('|') || text.trim().is_empty() {
        return format!("<code>{}</code>", spelled(&text));
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let gap = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{fence}{gap}{text}{gap}{fence}")
}

/// Lines in a block of code of this language.
pub(super) fn block<T: AsRef<str>>(language: &str, lines: &[T]) -> String {
    let text: String = lines
        .iter()
        .map(|line| format!("{}\n", log_line(line.as_ref())))
        .collect();
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{fence}{language}\n{text}{fence}\n")
}

/// A sentence: its plain words as they are, and the rest as code.
pub(crate) fn prose(text: &str) -> String {
    let text = visible(text);
    let parts: Vec<&str> = text.split('`').collect();
    // An odd backtick is one of the text.
    let is_whole = parts.len() % 2 == 1;
    let mut pieces = Vec::new();
    if is_whole {
        for (index, part) in parts.into_iter().enumerate() {
            if index % 2 == 1 {
                pieces.push(Piece::Code(part.to_owned()));
            } else {
                words(part, &mut pieces);
            }
        }
    } else {
        words(&text, &mut pieces);
    }
    let mut written = String::with_capacity(text.len() + 16);
    for piece in joined(pieces) {
        match piece {
            Piece::Plain(text) => written.push_str(&text),
            Piece::Code(text) => written.push_str(&code(&text)),
        }
    }
    written
}

#[derive(Debug)]
enum Piece {
    Plain(String),
    Code(String),
}

fn words(text: &str, pieces: &mut Vec<Piece>) {
    for word in text.split_inclusive(' ') {
        let (bare, gap) = match word.strip_suffix(' ') {
            Some(bare) => (bare, " "),
            None => (word, ""),
        };
        if is_plain(bare) || is_between(bare) {
            pieces.push(Piece::Plain(word.to_owned()));
        } else {
            let core = bare.trim_end_matches([',', ';', ':']);
            let core = if core.is_empty() { bare } else { core };
            pieces.push(Piece::Code(core.to_owned()));
            pieces.push(Piece::Plain(format!("{}{gap}", &bare[core.len()..])));
        }
    }
}

/// Code that follows code is one: fences that touch would be read as another fence.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (piece, joined.as_mut_slice()) {
            (Piece::Plain(text), _) if text.is_empty() => {}
            (Piece::Code(text), [.., Piece::Code(before)]) => before.push_str(&text),
            (Piece::Code(text), [.., Piece::Code(before), Piece::Plain(gap)]) if gap == " " => {
                before.push(' ');
                before.push_str(&text);
                joined.pop();
            }
            (piece, _) => joined.push(piece),
        }
    }
    joined
}

/// Whether it is what stands between code and the next word: nothing, or marks that mean nothing without brackets.
fn is_between(marks: &str) -> bool {
    marks.chars().all(|mark| ",.;:()!?\"'".contains(mark))
}

/// Whether a word is nothing but one to Markdown and to GitHub.
fn is_plain(word: &str) -> bool {
    let core = word.trim_start_matches(['(', '"', '\'']);
    let core = core.trim_end_matches([',', '.', ';', ':', ')', '!', '?', '"', '\'', '%']);
    let mut before = None;
    for character in core.chars() {
        let is_fine = match character {
            // `GH-1` is a reference, and so may be any `ABC-1`.
            '0'..='9' => before != Some('-'),
            '-' | '\'' => before.is_some(),
            other => other.is_ascii_alphabetic() || !other.is_ascii(),
        };
        if !is_fine {
            return false;
        }
        before = Some(character);
    }
    // So may be the hash of a commit.
    let is_hash = core.len() >= 7 && core.bytes().all(|byte| byte.is_ascii_hexdigit());
    before.is_some() && !is_hash
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or_default()
}

/// With all of ASCII's punctuation as character references.
fn spelled(text: &str) -> String {
    let mut spelled = String::with_capacity(text.len() * 2);
    for character in text.chars() {
        if character.is_ascii_punctuation() {
            spelled.push_str(&format!("&#{};", u32::from(character)));
        } else {
            spelled.push(character);
        }
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_than_a_word_stands_as_code() {
        for (text, written) in [
            (
                "it's refused (12 times), as planned: yes.",
                "it's refused (12 times), as planned: yes.",
            ),
            ("`maxLength` is broken", "`maxLength` is broken"),
            ("`data`, a `request_id`. (`X`)", "`data`, a `request_id`. (`X`)"),
            ("ask @owner or see #12", "ask `@owner` or see `#12`"),
            ("see https://evil.example/ now", "see `https://evil.example/` now"),
            ("GH-1 and deadbeef1", "`GH-1` and `deadbeef1`"),
            ("**a** <b>x</b>", "`**a** <b>x</b>`"),
            ("a | b", "a <code>&#124;</code> b"),
            ("an odd ` tick", "an odd `` ` `` tick"),
            ("a_b`c`", "`a_bc`"),
            ("on 2026-01-31: gone", "on `2026-01-31`: gone"),
            ("- first", "`-` first"),
        ] {
            assert_eq!(prose(text), written);
        }
    }

    #[test]
    fn no_text_leaves_its_code() {
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code(""), "<code></code>");
        assert_eq!(code("x|`@me`"), "<code>x&#124;&#96;&#64;me&#96;</code>");
        assert_eq!(block("text", &["```", "a\nb"]), "````text\n```\na\\nb\n````\n");
    }
}
