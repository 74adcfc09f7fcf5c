//! What is wrong with a document of the user's, and where.

use std::ops::Range;

/// What is wrong with a profile or a baseline, and where. It never holds the value of a key or of a variable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DocumentError {
    /// What is wrong, with the name of the key and its table.
    pub message: String,
    /// The bytes of the document's text that are wrong; `None` where something is missing altogether.
    pub span: Option<Range<usize>>,
    /// What to do about it, where that is more than the message says.
    pub help: Option<String>,
}

impl DocumentError {
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<toml::de::Error> for DocumentError {
    fn from(fault: toml::de::Error) -> Self {
        Self {
            message: format!("not valid TOML: {}", fault.message()),
            span: fault.span(),
            help: None,
        }
    }
}
