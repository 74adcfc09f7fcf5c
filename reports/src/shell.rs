//! Words of a POSIX shell.

use std::fmt::Write;

use crate::printable::{brackets_spelled, is_hidden};

/// `[` to `printf` and to `awk`.
const BRACKET: &str = r"\133";

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Text that stands for itself.
    Text(&'a str),
    /// The value of an environment variable.
    Variable(String),
}

/// The text as one word, without quotes where it needs none.
pub fn word(text: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_bare) {
        text.to_owned()
    } else {
        quoted(&[Piece::Text(text)])
    }
}

/// The pieces as one quoted word. A text with hidden characters comes from `printf`, so that the word can be shown anywhere and
/// still be run. (A line break at its very end would get lost: no header or URL has one.)
pub(crate) fn quoted(pieces: &[Piece<'_>]) -> String {
    let word: String = pieces.iter().map(quoted_piece).collect();
    if word.is_empty() { "''".to_owned() } else { word }
}

fn quoted_piece(piece: &Piece<'_>) -> String {
    match piece {
        Piece::Variable(name) => format!("\"${name}\""),
        Piece::Text("") => String::new(),
        Piece::Text(text) if text.contains(is_hidden) => format!("\"$({})\"", printf(&[Piece::Text(text)])),
        Piece::Text(text) => format!("'{}'", without_commands(&text.replace('\'', r"'\''"), "''[")),
    }
}

/// A `printf` command that writes the pieces, byte for byte.
pub(crate) fn printf(pieces: &[Piece<'_>]) -> String {
    let mut format = String::new();
    let mut arguments = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => format.push_str(&printf_format(text)),
            Piece::Variable(name) => {
                format.push_str("%s");
                let _ = write!(arguments, " \"${name}\"");
            }
        }
    }
    format!("printf '{}'{arguments}", in_format(format))
}

/// A `printf` command that writes bytes which need not be text.
pub(crate) fn printf_bytes(bytes: &[u8]) -> String {
    let mut format = String::new();
    for chunk in bytes.utf8_chunks() {
        format.push_str(&printf_format(chunk.valid()));
        format.push_str(&octal(chunk.invalid()));
    }
    format!("printf '{}'", in_format(format))
}

/// An `awk` command that writes `head`, then `unit` as often as told, then `tail`.
pub(crate) fn awk_repeat(head: &str, unit: &str, times: usize, tail: &str) -> String {
    let [head, unit, tail] = [head, unit, tail].map(awk_text);
    format!(
        r#"awk 'BEGIN {{ printf "%s", "{head}"; while (n++ < {times}) printf "%s", "{unit}"; printf "%s", "{tail}" }}'"#
    )
}

/// Text inside `printf '…'`.
fn printf_format(text: &str) -> String {
    spelled(text, |character| match character {
        '%' => Some("%%"),
        '\\' => Some(r"\\"),
        '\'' => Some(r"'\''"),
        _ => None,
    })
}

/// Text inside a string of an awk program in single quotes.
fn awk_text(text: &str) -> String {
    let spelled = spelled(text, |character| match character {
        '"' => Some(r#"\""#),
        '\\' => Some(r"\\"),
        '\'' => Some(r"\047"),
        _ => None,
    });
    without_commands(&spelled, BRACKET)
}

fn spelled(text: &str, special: fn(char) -> Option<&'static str>) -> String {
    let mut written = String::with_capacity(text.len());
    let mut buffer = [0; 4];
    for character in text.chars() {
        if let Some(spelling) = special(character) {
            written.push_str(spelling);
        } else if is_hidden(character) {
            written.push_str(&octal(character.encode_utf8(&mut buffer).as_bytes()));
        } else {
            written.push(character);
        }
    }
    written
}

/// A format that opens with `-` would be read as an option.
fn in_format(format: String) -> String {
    let format = without_commands(&format, BRACKET);
    match format.strip_prefix('-') {
        Some(rest) => format!(r"\055{rest}"),
        None => format,
    }
}

/// A line that is shown in the log of a CI server must be no command there, and mean the same to a shell.
fn without_commands(text: &str, bracket: &str) -> String {
    brackets_spelled(text, bracket).into_owned()
}

fn octal(bytes: &[u8]) -> String {
    let mut written = String::with_capacity(bytes.len() * 4);
    for byte in bytes {
        let _ = write!(written, r"\{byte:03o}");
    }
    written
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::process::Command;

    use super::*;

    fn output_of(script: &str) -> Vec<u8> {
        let output = Command::new("sh")
            .arg("-c")
            .arg(script)
            .env("KEY", r#"s3 'c"r%e\t"#)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{script}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }

    #[test]
    fn words_mean_what_they_were_made_of() {
        for text in [
            "",
            "plain",
            "it's",
            r#"$HOME `id` "x" \ !! *"#,
            "''",
            "a\u{1b}[2Jb\u{202e}",
            "é\n1",
            "-n",
            "~",
            "it's ##[error]x ##vso[y]",
            "a\n##[error]x",
        ] {
            let script = format!("printf '%s' {}", word(text));
            assert!(!script.contains(is_hidden), "{script:?}");
            assert!(!script.contains("##[") && !script.contains("##vso["), "{script}");
            assert_eq!(output_of(&script), text.as_bytes(), "{script}");
        }
        assert_eq!(word("http://h/a-b_c"), "http://h/a-b_c");
    }

    #[test]
    fn variables_stand_for_their_values() {
        let pieces = [
            Piece::Text("Bearer '"),
            Piece::Variable("KEY".to_owned()),
            Piece::Text("'"),
        ];
        let expected = br#"Bearer 's3 'c"r%e\t'"#;
        assert_eq!(output_of(&format!("printf '%s' {}", quoted(&pieces))), expected);
        assert_eq!(output_of(&printf(&pieces)), expected);
    }

    #[test]
    fn printf_writes_any_bytes() {
        for bytes in [
            &b"-n 100%\\n it's"[..],
            b"\0\x01\xff\xfe1'%\\",
            "é\u{200b}\n\n".as_bytes(),
            b"--",
        ] {
            assert_eq!(output_of(&printf_bytes(bytes)), bytes);
        }
    }

    #[test]
    fn awk_repeats() {
        let command = awk_repeat("[\"it's\\", "a\n%s\"", 3, "\t]é##[x]");
        assert!(!command.contains("##["), "{command}");
        assert_eq!(
            output_of(&command),
            "[\"it's\\a\n%s\"a\n%s\"a\n%s\"\t]é##[x]".as_bytes()
        );
    }
}
