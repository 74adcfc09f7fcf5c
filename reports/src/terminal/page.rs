//! The page that is written. All text goes through it, so that none of it can act on the terminal, or on a CI server that reads the log.

use super::style::Style;
use super::wrap::wrap;
use crate::printable::{visible, without_commands};

/// Where the values of labelled lines begin, from their labels on.
const LABEL: usize = 11;

/// Lines of text for a terminal.
#[derive(Debug)]
pub struct Page {
    colour: bool,
    width: usize,
    text: String,
}

impl Page {
    /// An empty page of so many columns.
    #[must_use]
    pub fn new(colour: bool, width: usize) -> Self {
        Self {
            colour,
            width,
            text: String::new(),
        }
    }

    /// The text.
    #[must_use]
    pub fn finish(self) -> String {
        self.text
    }

    /// An empty line, unless one stands there already.
    pub fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Text, wrapped.
    pub fn prose(&mut self, indent: usize, style: Style, text: &str) {
        self.headed(indent, Style::Plain, "", style, text);
    }

    /// Text after a short head of another style, wrapped; the lines after the first stand two columns further in.
    pub fn headed(&mut self, indent: usize, head_style: Style, head: &str, style: Style, text: &str) {
        let whole = if head.is_empty() {
            visible(text).into_owned()
        } else {
            visible(&format!("{head} {text}")).into_owned()
        };
        // The head is short and stands in the first line, so that it can be cut off again.
        let head_length = if head.is_empty() { 0 } else { visible(head).len() };
        for (index, line) in wrap(&whole, self.width.saturating_sub(indent + 2)).iter().enumerate() {
            let margin = if index == 0 || head_length == 0 {
                indent
            } else {
                indent + 2
            };
            // A head that is too long for its line is broken with the rest.
            let own = Some(head_length).filter(|_| index == 0);
            let parts = own.and_then(|length| line.split_at_checked(length));
            let (head, rest) = parts.unwrap_or(("", line));
            let line = format!(
                "{}{}",
                head_style.paint(head, self.colour),
                style.paint(rest, self.colour)
            );
            self.push(margin, &line);
        }
    }

    /// A label and its value, wrapped under itself.
    pub fn field(&mut self, indent: usize, label: &str, value: &str) {
        let value = visible(value);
        for (index, line) in wrap(&value, self.width.saturating_sub(indent + LABEL))
            .iter()
            .enumerate()
        {
            self.labelled(indent, if index == 0 { label } else { "" }, line);
        }
    }

    /// A label and a value that is to be copied: never broken.
    pub fn unbroken(&mut self, indent: usize, label: &str, value: &str) {
        self.labelled(indent, label, &visible(value));
    }

    /// A line that is never broken.
    pub fn unbroken_line(&mut self, style: Style, text: &str) {
        let line = style.paint(&visible(text), self.colour);
        self.push(0, &line);
    }

    /// Lines that stand as they are: never broken, blanks at their beginning kept.
    pub fn verbatim(&mut self, indent: usize, style: Style, text: &str) {
        for line in text.lines() {
            let line = style.paint(&visible(line), self.colour);
            self.push(indent, &line);
        }
    }

    fn labelled(&mut self, indent: usize, label: &str, printable: &str) {
        let padding = " ".repeat(LABEL.saturating_sub(label.chars().count()));
        let label = Style::Faint.paint(label, self.colour);
        self.push(indent, &format!("{label}{padding}{printable}"));
    }

    fn push(&mut self, margin: usize, line: &str) {
        let line = format!("{}{line}", " ".repeat(margin));
        self.text.push_str(&without_commands(line.trim_end()));
        self.text.push('\n');
    }
}
