//! Text in lines of a width.

/// Breaks text at spaces; a word that is longer than a line is broken where the line ends. Never empty.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(16);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut filled = 0;
    for word in text.split(' ') {
        let mut length = word.chars().count();
        if filled > 0 && filled + 1 + length > width {
            lines.push(std::mem::take(&mut line));
            filled = 0;
        } else if filled > 0 {
            line.push(' ');
            filled += 1;
        }
        let mut rest = word;
        while length > width - filled {
            let cut = rest.char_indices().nth(width - filled).map_or(rest.len(), |(at, _)| at);
            line.push_str(&rest[..cut]);
            lines.push(std::mem::take(&mut line));
            length -= width - filled;
            rest = &rest[cut..];
            filled = 0;
        }
        line.push_str(rest);
        filled += length;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_their_width() {
        assert_eq!(wrap("", 16), [""]);
        assert_eq!(wrap("one two three four five", 16), ["one two three", "four five"]);
        assert_eq!(
            wrap("a 0123456789abcdefghij z", 16),
            ["a", "0123456789abcdef", "ghij z"]
        );
        for line in wrap(&"é 😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀 x".repeat(9), 20)
        {
            assert!(line.chars().count() <= 20, "{line}");
        }
    }
}
