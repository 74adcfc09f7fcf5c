//! A TOML document, read value by value with the place of each.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::DocumentError;
use super::suggestion::instead_of;
use super::variables::{self, Unfilled, Variables};

/// What all values of a document share.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    pub(crate) variables: Variables<'a>,
    /// The heading that most documents of its kind begin with.
    pub(crate) opening: &'static str,
}

/// A value and where it stands.
pub(crate) struct Node<'a> {
    source: Source<'a>,
    /// The path of the table, and the key in it.
    table: String,
    key: String,
    value: &'a DeValue<'a>,
    pub(crate) span: Range<usize>,
}

/// A string of the document.
pub(crate) struct Text<'a> {
    /// As it stands in the document.
    pub(crate) raw: &'a str,
    /// With the values of its variables.
    pub(crate) value: String,
    /// Whether it names a variable, so that its value must not be shown.
    pub(crate) has_variables: bool,
}

/// A table whose keys are known.
pub(crate) struct Section<'a> {
    source: Source<'a>,
    path: String,
    table: &'a DeTable<'a>,
    pub(crate) span: Range<usize>,
}

impl<'a> Section<'a> {
    /// The whole document, whose keys are these tables.
    pub(crate) fn root(source: Source<'a>, document: &'a Spanned<DeTable<'a>>) -> Self {
        Section {
            source,
            path: String::new(),
            table: document.get_ref(),
            span: document.span(),
        }
    }

    /// Refuses keys other than these.
    pub(crate) fn only(self, known: &[&str]) -> Result<Self, DocumentError> {
        for (key, value) in self.table {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let what = match value.get_ref() {
                DeValue::Table(_) => "table",
                _ => "key",
            };
            let place = if self.path.is_empty() {
                String::new()
            } else {
                format!(" in [{}]", self.path)
            };
            let is_loose = self.path.is_empty() && !value.get_ref().is_table();
            return Err(DocumentError {
                message: format!("unknown {what} `{name}`{place}; {}", instead_of(name, known)),
                span: Some(key.span()),
                help: is_loose.then(|| format!("every key stands in a table: begin with {}", self.source.opening)),
            });
        }
        Ok(self)
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<Node<'a>> {
        self.table.get(key).map(|value| self.node(key, value))
    }

    /// What a reader makes of a key's value, where there is one.
    pub(crate) fn read<T>(
        &self,
        key: &str,
        read: impl FnOnce(Node<'a>) -> Result<T, DocumentError>,
    ) -> Result<Option<T>, DocumentError> {
        self.get(key).map(read).transpose()
    }

    /// What a reader makes of the value of a key that must be there.
    pub(crate) fn require<T>(
        &self,
        key: &str,
        read: impl FnOnce(Node<'a>) -> Result<T, DocumentError>,
    ) -> Result<T, DocumentError> {
        self.read(key, read)?.ok_or_else(|| DocumentError {
            message: format!("`{key}` is missing in [{}]", self.path),
            span: Some(self.span.clone()),
            help: None,
        })
    }

    /// Every key, its place and its value, by name.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, Range<usize>, Node<'a>)> {
        self.table.iter().map(|(key, value)| {
            let name: &'a str = key.get_ref();
            (name, key.span(), self.node(name, value))
        })
    }

    /// Whether it has a key whose value is a table.
    pub(crate) fn has_table(&self, known: &[&str]) -> Option<&'a str> {
        let mut unknown = self
            .table
            .iter()
            .filter(|(key, _)| !known.contains(&key.get_ref().as_ref()));
        unknown.find_map(|(key, value)| value.get_ref().is_table().then_some(key.get_ref().as_ref()))
    }

    fn node(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Node<'a> {
        Node {
            source: self.source,
            table: self.path.clone(),
            key: key.to_owned(),
            value: value.get_ref(),
            span: value.span(),
        }
    }
}

impl<'a> Node<'a> {
    /// An error about this value.
    pub(crate) fn fault(&self, message: impl fmt::Display) -> DocumentError {
        self.fault_at(self.span.clone(), message)
    }

    /// An error about some place in this value.
    pub(crate) fn fault_at(&self, span: Range<usize>, message: impl fmt::Display) -> DocumentError {
        let place = if self.table.is_empty() {
            format!("[{}]", self.key)
        } else {
            format!("`{}` in [{}]", self.key, self.table)
        };
        DocumentError {
            message: format!("{place}: {message}"),
            span: Some(span),
            help: None,
        }
    }

    /// The error that this value is of another type than expected.
    pub(crate) fn expected(&self, what: &str) -> DocumentError {
        self.fault(format_args!("expected {what}, found {}", kind(self.value)))
    }

    pub(crate) fn value(&self) -> &'a DeValue<'a> {
        self.value
    }

    /// A string with its variables filled in.
    pub(crate) fn text(&self, expected: &str) -> Result<Text<'a>, DocumentError> {
        let raw = self.value.as_str().ok_or_else(|| self.expected(expected))?;
        let filled = variables::fill(raw, self.source.variables).map_err(|fault| self.unfilled(raw, &fault))?;
        Ok(Text {
            raw,
            value: filled.value,
            has_variables: filled.variables > 0,
        })
    }

    /// A string that is not empty, with its variables filled in.
    pub(crate) fn word(&self, expected: &str) -> Result<String, DocumentError> {
        let text = self.text(expected)?;
        if text.value.trim().is_empty() {
            return Err(self.fault(format_args!("expected {expected}, found an empty one")));
        }
        Ok(text.value)
    }

    /// A string that is not empty, as it stands: what looks like a variable in it is none.
    pub(crate) fn literal(&self, expected: &str) -> Result<&'a str, DocumentError> {
        let text = self.value.as_str().ok_or_else(|| self.expected(expected))?;
        if text.trim().is_empty() {
            return Err(self.fault(format_args!("expected {expected}, found an empty string")));
        }
        Ok(text)
    }

    /// How many there are of something: a whole number above zero. `such_as` is an example.
    pub(crate) fn number_of(&self, what: &str, such_as: u64) -> Result<u64, DocumentError> {
        let DeValue::Integer(number) = self.value else {
            return Err(self.expected(&format!("a number of {what} such as {such_as}")));
        };
        let number = u64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .filter(|number| *number > 0);
        number.ok_or_else(|| {
            self.fault(format_args!(
                "expected a number of {what} above zero, of at most 64 bits"
            ))
        })
    }

    pub(crate) fn boolean(&self) -> Result<bool, DocumentError> {
        self.value.as_bool().ok_or_else(|| self.expected("true or false"))
    }

    /// The items of a list, each with the list's name.
    pub(crate) fn list(&self, expected: &str) -> Result<Vec<Node<'a>>, DocumentError> {
        let items = self.value.as_array().ok_or_else(|| self.expected(expected))?;
        Ok(items.iter().map(|item| self.inner(item)).collect())
    }

    pub(crate) fn section(&self, expected: &str) -> Result<Section<'a>, DocumentError> {
        let table = self.value.as_table().ok_or_else(|| self.expected(expected))?;
        Ok(Section {
            source: self.source,
            path: self.path(),
            table,
            span: self.span.clone(),
        })
    }

    /// A part of this value, under the same name.
    pub(crate) fn inner(&self, part: &'a Spanned<DeValue<'a>>) -> Node<'a> {
        Node {
            source: self.source,
            table: self.table.clone(),
            key: self.key.clone(),
            value: part.get_ref(),
            span: part.span(),
        }
    }

    /// The name of the table that this value is.
    fn path(&self) -> String {
        let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let key = if !self.key.is_empty() && self.key.chars().all(is_bare) {
            self.key.clone()
        } else {
            format!("{:?}", self.key)
        };
        match self.table.as_str() {
            "" => key,
            table => format!("{table}.{key}"),
        }
    }

    fn unfilled(&self, raw: &str, fault: &Unfilled) -> DocumentError {
        match fault {
            Unfilled::Open { at } => self
                .fault_at(self.within(raw, *at..raw.len()), "`${` has no `}` after it")
                .with_help("write $${ for a literal ${"),
            Unfilled::BadName { at, len } => self
                .fault_at(
                    self.within(raw, *at..at + len),
                    "expected the name of an environment variable between `${` and `}`",
                )
                .with_help("write $${ for a literal ${"),
            Unfilled::Unset { at, name } => self
                .fault_at(
                    self.within(raw, *at..at + name.len() + "${}".len()),
                    format_args!("the environment variable {name} is not set"),
                )
                .with_help(format!("export {name}=…")),
        }
    }

    /// Where a part of a string stands in the text; the whole string where escapes make that unclear.
    fn within(&self, raw: &str, part: Range<usize>) -> Range<usize> {
        let start = self.source.text.get(self.span.clone()).and_then(|quoted| {
            let quote = quoted.len().checked_sub(raw.len())? / 2;
            (quoted.get(quote..quote + raw.len())? == raw).then_some(self.span.start + quote)
        });
        match start {
            Some(start) => start + part.start..start + part.end,
            None => self.span.clone(),
        }
    }
}

/// A type in words.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date-time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
