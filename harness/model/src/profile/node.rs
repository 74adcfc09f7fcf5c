//! The profile's document, read value by value with the place of each.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ProfileError;
use super::suggestion::instead_of;
use super::variables::{self, Unfilled, Variables};

/// What all values of a profile share.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) variables: Variables<'a>,
}

/// A value and where it stands.
pub(super) struct Node<'a> {
    source: Source<'a>,
    /// The path of the table, and the key in it.
    table: String,
    key: String,
    value: &'a DeValue<'a>,
    pub(super) span: Range<usize>,
}

/// A string of the profile.
pub(super) struct Text<'a> {
    /// As it stands in the profile.
    pub(super) raw: &'a str,
    /// With the values of its variables.
    pub(super) value: String,
    /// Whether it names a variable, so that its value must not be shown.
    pub(super) has_variables: bool,
}

/// A table whose keys are known.
pub(super) struct Section<'a> {
    source: Source<'a>,
    path: String,
    table: &'a DeTable<'a>,
    pub(super) span: Range<usize>,
}

impl<'a> Section<'a> {
    /// The whole document, whose keys are these tables.
    pub(super) fn root(source: Source<'a>, document: &'a Spanned<DeTable<'a>>) -> Self {
        Section {
            source,
            path: String::new(),
            table: document.get_ref(),
            span: document.span(),
        }
    }

    /// Refuses keys other than these.
    pub(super) fn only(self, known: &[&str]) -> Result<Self, ProfileError> {
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
            return Err(ProfileError {
                message: format!("unknown {what} `{name}`{place}; {}", instead_of(name, known)),
                span: Some(key.span()),
                help: is_loose.then(|| "every key stands in a table: begin with [target]".to_owned()),
            });
        }
        Ok(self)
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<Node<'a>> {
        self.table.get(key).map(|value| self.node(key, value))
    }

    /// What a reader makes of a key's value, where there is one.
    pub(super) fn read<T>(
        &self,
        key: &str,
        read: impl FnOnce(Node<'a>) -> Result<T, ProfileError>,
    ) -> Result<Option<T>, ProfileError> {
        self.get(key).map(read).transpose()
    }

    /// What a reader makes of the value of a key that must be there.
    pub(super) fn require<T>(
        &self,
        key: &str,
        read: impl FnOnce(Node<'a>) -> Result<T, ProfileError>,
    ) -> Result<T, ProfileError> {
        self.read(key, read)?.ok_or_else(|| ProfileError {
            message: format!("`{key}` is missing in [{}]", self.path),
            span: Some(self.span.clone()),
            help: None,
        })
    }

    /// Every key, its place and its value, by name.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, Range<usize>, Node<'a>)> {
        self.table.iter().map(|(key, value)| {
            let name: &'a str = key.get_ref();
            (name, key.span(), self.node(name, value))
        })
    }

    /// Whether it has a key whose value is a table.
    pub(super) fn has_table(&self, known: &[&str]) -> Option<&'a str> {
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
    pub(super) fn fault(&self, message: impl fmt::Display) -> ProfileError {
        self.fault_at(self.span.clone(), message)
    }

    /// An error about some place in this value.
    pub(super) fn fault_at(&self, span: Range<usize>, message: impl fmt::Display) -> ProfileError {
        let place = if self.table.is_empty() {
            format!("[{}]", self.key)
        } else {
            format!("`{}` in [{}]", self.key, self.table)
        };
        ProfileError {
            message: format!("{place}: {message}"),
            span: Some(span),
            help: None,
        }
    }

    /// The error that this value is of another type than expected.
    pub(super) fn expected(&self, what: &str) -> ProfileError {
        self.fault(format_args!("expected {what}, found {}", kind(self.value)))
    }

    pub(super) fn value(&self) -> &'a DeValue<'a> {
        self.value
    }

    /// A string with its variables filled in.
    pub(super) fn text(&self, expected: &str) -> Result<Text<'a>, ProfileError> {
        let raw = self.value.as_str().ok_or_else(|| self.expected(expected))?;
        let filled = variables::fill(raw, self.source.variables).map_err(|fault| self.unfilled(raw, &fault))?;
        Ok(Text {
            raw,
            value: filled.value,
            has_variables: filled.variables > 0,
        })
    }

    /// A string that is not empty, with its variables filled in.
    pub(super) fn word(&self, expected: &str) -> Result<String, ProfileError> {
        let text = self.text(expected)?;
        if text.value.trim().is_empty() {
            return Err(self.fault(format_args!("expected {expected}, found an empty one")));
        }
        Ok(text.value)
    }

    /// How many there are of something: a whole number above zero. `such_as` is an example.
    pub(super) fn number_of(&self, what: &str, such_as: u64) -> Result<u64, ProfileError> {
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

    pub(super) fn boolean(&self) -> Result<bool, ProfileError> {
        self.value.as_bool().ok_or_else(|| self.expected("true or false"))
    }

    /// The items of a list, each with the list's name.
    pub(super) fn list(&self, expected: &str) -> Result<Vec<Node<'a>>, ProfileError> {
        let items = self.value.as_array().ok_or_else(|| self.expected(expected))?;
        Ok(items.iter().map(|item| self.inner(item)).collect())
    }

    pub(super) fn section(&self, expected: &str) -> Result<Section<'a>, ProfileError> {
        let table = self.value.as_table().ok_or_else(|| self.expected(expected))?;
        Ok(Section {
            source: self.source,
            path: self.path(),
            table,
            span: self.span.clone(),
        })
    }

    /// A part of this value, under the same name.
    pub(super) fn inner(&self, part: &'a Spanned<DeValue<'a>>) -> Node<'a> {
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

    fn unfilled(&self, raw: &str, fault: &Unfilled) -> ProfileError {
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
