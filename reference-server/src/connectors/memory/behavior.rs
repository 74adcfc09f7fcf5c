//! What a tool does to an account: the `behavior` of a catalogue's tools, read once.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::pointer::Pointer;

/// What a tool does.
#[derive(Debug, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
pub(super) enum Behavior {
    List(Listing),
    Search(Listing),
    Get(Target),
    Create(Creation),
    Update(Update),
    Delete(Target),
    Act(Action),
}

/// Gives a page of the records that pass.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listing {
    pub(super) collection: String,
    /// Words that a record must contain, all of them.
    pub(super) text: Option<Pointer>,
    #[serde(default)]
    pub(super) filters: Vec<Filter>,
    pub(super) sort: Option<Sort>,
    pub(super) paging: Paging,
}

/// Lets records pass that compare well with a member of the input; all of them if the input lacks it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    pub(super) input: Pointer,
    pub(super) field: Pointer,
    #[serde(default, rename = "match")]
    pub(super) comparison: Comparison,
}

/// How a record's field compares with the input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Comparison {
    /// It is the same; a field that is missing is null.
    #[default]
    Equal,
    /// It is a text with the input in it, in upper or lower case.
    Contains,
    AtLeast,
    AtMost,
    Above,
    Below,
    /// It is one of the input's elements.
    AnyOf,
    /// It is an array with the input in it.
    Includes,
    /// It has the input in one of its texts and numbers, at any depth.
    Mentions,
}

/// Where the input says how to order records; the latest change comes first otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sort {
    /// The name of a field.
    pub(super) by: Pointer,
    /// `ascending` or `descending`.
    pub(super) direction: Pointer,
}

/// Where the input says which page it wants.
#[derive(Debug, Deserialize)]
#[serde(try_from = "PagingMembers")]
pub(super) struct Paging {
    pub(super) limit: Pointer,
    pub(super) default: usize,
    pub(super) position: Position,
}

/// How a page says where it begins.
#[derive(Debug)]
pub(super) enum Position {
    /// By the number of records before it.
    Offset(Pointer),
    /// By what the page before gave as its end.
    Cursor(Pointer),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PagingMembers {
    limit: Pointer,
    default: usize,
    offset: Option<Pointer>,
    cursor: Option<Pointer>,
}

impl TryFrom<PagingMembers> for Paging {
    type Error = &'static str;

    fn try_from(members: PagingMembers) -> Result<Self, Self::Error> {
        let position = match (members.offset, members.cursor) {
            (Some(offset), None) => Position::Offset(offset),
            (None, Some(cursor)) => Position::Cursor(cursor),
            _ => return Err("paging takes either an `offset` or a `cursor`"),
        };
        Ok(Self {
            limit: members.limit,
            default: members.default,
            position,
        })
    }
}

/// Gives, or removes, one record.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    pub(super) collection: String,
    pub(super) id: Pointer,
}

/// Makes a record of its defaults and the input.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Creation {
    pub(super) collection: String,
    pub(super) id: IdScheme,
    #[serde(default)]
    pub(super) defaults: Map<String, Value>,
    /// Members of the input that are no fields of the record.
    #[serde(default)]
    pub(super) omit: Vec<String>,
    #[serde(default)]
    pub(super) set: Assignments,
}

/// How new records are named: a prefix and a number that counts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdScheme {
    prefix: String,
    pub(super) first: u32,
    /// Zeros fill the number up to so many digits.
    #[serde(default)]
    width: u8,
}

impl IdScheme {
    pub(super) fn id(&self, number: u64) -> String {
        format!("{}{number:0width$}", self.prefix, width = usize::from(self.width))
    }
}

/// Puts members of the input in the place of a record's fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Update {
    pub(super) collection: String,
    pub(super) id: Pointer,
    /// The object with the new fields; the input without the id where this is missing.
    pub(super) fields: Option<Pointer>,
}

/// Changes a record in a way of its own, or makes a record that belongs to it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Action {
    pub(super) collection: String,
    pub(super) id: Pointer,
    #[serde(default)]
    pub(super) set: Assignments,
    /// The record to make; it is then what the action gives.
    pub(super) creates: Option<Creation>,
}

/// New values by field.
pub(super) type Assignments = std::collections::BTreeMap<String, Assigned>;

/// A field's new value.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Assigned {
    Const(Value),
    /// A member of the input; the field stays as it is if the input lacks it.
    Input(Pointer),
    Object(Assignments),
    /// The field's array with the elements of a member of the input, each once.
    Add(Pointer),
    /// The field's array without them.
    Remove(Pointer),
    /// The time of the call.
    Now,
}

impl Behavior {
    /// Reads a tool's `behavior`.
    pub(super) fn read(behavior: &Value) -> Result<Self, String> {
        let behavior = Self::deserialize(behavior).map_err(|fault| fault.to_string())?;
        behavior.check()?;
        Ok(behavior)
    }

    fn check(&self) -> Result<(), String> {
        let listing = match self {
            Self::List(listing) if listing.text.is_some() => return Err("a list takes no `text`".to_owned()),
            Self::Search(listing) if listing.text.is_none() => return Err("a search needs a `text`".to_owned()),
            Self::List(listing) | Self::Search(listing) => listing,
            _ => return Ok(()),
        };
        // A cursor is a place in the order of changes.
        match (&listing.sort, &listing.paging.position) {
            (Some(_), Position::Cursor(_)) => Err("records with a `sort` are paged by offset".to_owned()),
            _ => Ok(()),
        }
    }

    /// The collections that it reads or changes.
    pub(super) fn collections(&self) -> impl Iterator<Item = &str> {
        let (collection, creates) = match self {
            Self::List(listing) | Self::Search(listing) => (&listing.collection, None),
            Self::Get(target) | Self::Delete(target) => (&target.collection, None),
            Self::Create(creation) => (&creation.collection, None),
            Self::Update(update) => (&update.collection, None),
            Self::Act(action) => (
                &action.collection,
                action.creates.as_ref().map(|creation| &creation.collection),
            ),
        };
        std::iter::once(collection).chain(creates).map(String::as_str)
    }
}
