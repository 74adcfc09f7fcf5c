//! Colours, for terminals that take them. They repeat what the words say.

/// What a text is, in colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// As it comes.
    Plain,
    /// A heading.
    Bold,
    /// What may be passed over.
    Faint,
    /// What is as it should be.
    Good,
    /// What is broken.
    Bad,
    /// What to look at.
    Warning,
}

impl Style {
    const fn code(self) -> Option<&'static str> {
        match self {
            Style::Plain => None,
            Style::Bold => Some("1"),
            Style::Faint => Some("2"),
            Style::Good => Some("1;32"),
            Style::Bad => Some("1;31"),
            Style::Warning => Some("1;33"),
        }
    }

    /// The text in this style, where colours are on.
    #[must_use]
    pub fn paint(self, text: &str, colour: bool) -> String {
        match self.code().filter(|_| colour && !text.is_empty()) {
            Some(code) => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            None => text.to_owned(),
        }
    }
}
