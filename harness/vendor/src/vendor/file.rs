//! The shape of a vendor's file.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;

use crate::generate::Generator;
use crate::pointer::Pointer;
use crate::query::Language;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VendorFile {
    pub(super) name: String,
    pub(super) connector: String,
    pub(super) credentials: CredentialsTable,
    pub(super) idempotency_header: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, Spanned<String>>,
    pub(super) errors: ErrorsTable,
    pub(super) times: TimesTable,
    pub(super) collections: BTreeMap<String, CollectionTable>,
    pub(super) routes: Vec<Spanned<RouteTable>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialsTable {
    pub(super) header: Spanned<String>,
    #[serde(default)]
    pub(super) prefix: String,
    pub(super) secrets: Spanned<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorsTable {
    pub(super) body: Value,
    pub(super) otherwise: ErrorTable,
    #[serde(default)]
    pub(super) by_status: BTreeMap<Spanned<String>, ErrorTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorTable {
    pub(super) message: String,
    #[serde(default)]
    pub(super) detail: String,
    pub(super) wire_status: Option<Spanned<u16>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimesTable {
    pub(super) format: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CollectionTable {
    pub(super) key: Pointer,
    #[serde(default)]
    pub(super) generate: BTreeMap<Spanned<String>, Generator>,
    #[serde(default)]
    pub(super) changed: Vec<Pointer>,
    #[serde(default)]
    pub(super) defaults: Map<String, Value>,
    #[serde(default)]
    pub(super) texts: bool,
    #[serde(default)]
    pub(super) records: Vec<Spanned<Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteTable {
    pub(super) method: Spanned<String>,
    pub(super) path: Spanned<String>,
    pub(super) operation: OperationName,
    pub(super) collection: Spanned<String>,
    pub(super) key: Option<Spanned<String>>,
    pub(super) owner: Option<OwnerTable>,
    pub(super) fields: Option<FieldsTable>,
    #[serde(default)]
    pub(super) required: Vec<Pointer>,
    pub(super) filter: Option<FilterTable>,
    pub(super) paging: Option<PagingTable>,
    pub(super) transitions: Option<TransitionsTable>,
    #[serde(default)]
    pub(super) set: BTreeMap<Spanned<String>, Value>,
    pub(super) add: Option<AddTable>,
    pub(super) status: Option<Spanned<u16>>,
    pub(super) answer: Option<Value>,
    #[serde(default)]
    pub(super) answer_headers: BTreeMap<String, Spanned<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OperationName {
    List,
    Get,
    Create,
    Update,
    Delete,
    Transition,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnerTable {
    pub(super) collection: Spanned<String>,
    pub(super) key: String,
    pub(super) field: Pointer,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldsTable {
    pub(super) body: Pointer,
    pub(super) record: Pointer,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilterTable {
    pub(super) parameter: String,
    pub(super) language: Language,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Pointer>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PagingTable {
    pub(super) limit: String,
    pub(super) offset: String,
    pub(super) default: usize,
    pub(super) most: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TransitionsTable {
    pub(super) id: Pointer,
    pub(super) field: Pointer,
    pub(super) moves: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddTable {
    pub(super) body: Pointer,
    pub(super) record: Pointer,
}
