//! Reads a vendor's file, and refuses what contradicts itself, each mistake with its place.

use std::ops::Range;

use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;
use toml::Spanned;

use super::VendorCredentials;
use super::file::{CollectionTable, ErrorTable, OperationName, OwnerTable, RouteTable, VendorFile};
use super::path::PathPattern;
use super::{Collection, ErrorShape, ErrorText, Filter, Operation, Owner, Paging, Route, Transitions, Vendor};
use crate::pointer::Pointer;
use crate::times::TimeFormat;

/// What is wrong with a vendor's file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct VendorFileError {
    /// What is wrong.
    pub message: String,
    /// The bytes of the file's text that are wrong; `None` where something is missing altogether.
    pub span: Option<Range<usize>>,
}

type Checked<T> = Result<T, VendorFileError>;

/// A mistake at this place.
fn at<T>(place: &Spanned<T>, message: impl Into<String>) -> VendorFileError {
    VendorFileError {
        message: message.into(),
        span: Some(place.span()),
    }
}

impl Vendor {
    /// Reads a vendor's file.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(text: &str) -> Result<Self, VendorFileError> {
        let file: VendorFile = toml::from_str(text).map_err(|fault: toml::de::Error| VendorFileError {
            message: fault.message().to_owned(),
            span: fault.span(),
        })?;
        let secrets = &file.credentials.secrets;
        if secrets.get_ref().iter().all(String::is_empty) {
            return Err(at(secrets, "the vendor accepts no secret: give at least one"));
        }
        let credentials = VendorCredentials {
            header: header_name(&file.credentials.header)?,
            prefix: file.credentials.prefix,
            secrets: file.credentials.secrets.into_inner(),
        };
        let format = &file.times.format;
        let times = TimeFormat::read(format.get_ref()).map_err(|fault| at(format, fault))?;
        let names: Vec<String> = file.collections.keys().cloned().collect();
        let collections = file
            .collections
            .into_iter()
            .map(|(name, table)| collection(&name, table));
        let routes = file.routes.into_iter().map(|table| route(table, &names));
        Ok(Self {
            name: file.name,
            connector: file.connector,
            credentials,
            idempotency_header: file.idempotency_header.as_ref().map(header_name).transpose()?,
            headers: headers(file.headers)?
                .into_iter()
                .map(|(name, value)| {
                    let text = HeaderValue::from_str(value.get_ref());
                    let text = text.map_err(|_| at(&value, "no value that a header can have"))?;
                    Ok((name, text))
                })
                .collect::<Checked<_>>()?,
            errors: ErrorShape {
                body: file.errors.body,
                otherwise: error_text(file.errors.otherwise)?,
                by_status: file
                    .errors
                    .by_status
                    .into_iter()
                    .map(|(status, table)| {
                        let number = status.get_ref().parse();
                        let number = number.map_err(|_| at(&status, "no HTTP status"))?;
                        Ok((number, error_text(table)?))
                    })
                    .collect::<Checked<_>>()?,
            },
            times,
            collections: collections.collect::<Checked<_>>()?,
            routes: routes.collect::<Checked<_>>()?,
        })
    }
}

fn header_name(name: &Spanned<String>) -> Checked<HeaderName> {
    name.get_ref()
        .parse()
        .map_err(|_| at(name, format!("`{}` is no header's name", name.get_ref())))
}

fn headers(table: impl IntoIterator<Item = (String, Spanned<String>)>) -> Checked<Vec<(HeaderName, Spanned<String>)>> {
    let header = |(name, value): (String, Spanned<String>)| {
        let parsed = name
            .parse()
            .map_err(|_| at(&value, format!("`{name}` is no header's name")))?;
        Ok((parsed, value))
    };
    table.into_iter().map(header).collect()
}

fn pointers<T>(table: impl IntoIterator<Item = (Spanned<String>, T)>) -> Checked<Vec<(Pointer, T)>> {
    let pointer = |(text, value): (Spanned<String>, T)| {
        let parsed = Pointer::try_from(text.get_ref().clone()).map_err(|fault| at(&text, fault))?;
        Ok((parsed, value))
    };
    table.into_iter().map(pointer).collect()
}

fn error_text(table: ErrorTable) -> Checked<ErrorText> {
    Ok(ErrorText {
        message: table.message,
        detail: table.detail,
        wire_status: table.wire_status.as_ref().map(status).transpose()?,
    })
}

fn status(status: &Spanned<u16>) -> Checked<u16> {
    let number = *status.get_ref();
    if (100..=599).contains(&number) {
        Ok(number)
    } else {
        Err(at(status, "no HTTP status"))
    }
}

fn collection(name: &str, table: CollectionTable) -> Checked<Collection> {
    let generate = pointers(table.generate)?;
    for record in &table.records {
        if !table.key.find(record.get_ref()).is_some_and(Value::is_string) {
            return Err(at(record, format!("a record of `{name}` has no key that is a text")));
        }
    }
    Ok(Collection {
        key: table.key,
        generate,
        changed: table.changed,
        defaults: table.defaults,
        texts: table.texts,
        records: table.records.into_iter().map(Spanned::into_inner).collect(),
    })
}

fn route(table: Spanned<RouteTable>, collections: &[String]) -> Checked<Route> {
    let place = table.span();
    let table = table.into_inner();
    let missing = |what: &str| VendorFileError {
        message: format!("this route needs {what}"),
        span: Some(place.clone()),
    };
    let method = table.method.get_ref();
    let method: Method = method
        .parse()
        .map_err(|_| at(&table.method, format!("`{method}` is no method")))?;
    let path = PathPattern::read(table.path.get_ref()).map_err(|fault| at(&table.path, fault))?;
    let operation = Operation::from(table.operation);
    if operation.changes_state() == (method == Method::GET) {
        return Err(at(&table.method, "GET reads, and every other method changes something"));
    }
    let needs_key = !matches!(operation, Operation::List | Operation::Create);
    if needs_key && table.key.is_none() {
        return Err(missing("a `key`: the parameter that names the record"));
    }
    if operation == Operation::Transition && table.transitions.is_none() {
        return Err(missing("`transitions`"));
    }
    Ok(Route {
        method,
        path,
        operation,
        collection: position(&table.collection, collections)?,
        key: table.key.map(Spanned::into_inner),
        owner: table.owner.map(|owner| owner_of(owner, collections)).transpose()?,
        fields: table.fields.map(|fields| (fields.body, fields.record)),
        required: table.required,
        filter: table.filter.map(|filter| Filter {
            parameter: filter.parameter,
            language: filter.language,
            fields: filter.fields.into_iter().collect(),
        }),
        paging: table.paging.map(|paging| Paging {
            limit: paging.limit,
            offset: paging.offset,
            default: paging.default,
            most: paging.most,
        }),
        transitions: table.transitions.map(|transitions| Transitions {
            id: transitions.id,
            field: transitions.field,
            moves: transitions.moves.into_iter().collect(),
        }),
        set: pointers(table.set)?,
        add: table.add.map(|add| (add.body, add.record)),
        status: table.status.as_ref().map(status).transpose()?.unwrap_or(200),
        answer: table.answer,
        answer_headers: headers(table.answer_headers)?
            .into_iter()
            .map(|(name, value)| (name, value.into_inner()))
            .collect(),
    })
}

fn owner_of(owner: OwnerTable, collections: &[String]) -> Checked<Owner> {
    Ok(Owner {
        collection: position(&owner.collection, collections)?,
        key: owner.key,
        field: owner.field,
    })
}

fn position(name: &Spanned<String>, collections: &[String]) -> Checked<usize> {
    let known = collections.iter().position(|own| own == name.get_ref());
    known.ok_or_else(|| {
        let message = format!(
            "there is no collection `{}`: there are {}",
            name.get_ref(),
            collections.join(", ")
        );
        at(name, message)
    })
}

impl From<OperationName> for Operation {
    fn from(name: OperationName) -> Self {
        match name {
            OperationName::List => Self::List,
            OperationName::Get => Self::Get,
            OperationName::Create => Self::Create,
            OperationName::Update => Self::Update,
            OperationName::Delete => Self::Delete,
            OperationName::Transition => Self::Transition,
        }
    }
}
