//! What a stand-in holds: the vendor's records, and what a route does to them.

use std::sync::Arc;
use std::time::SystemTime;

use serde_json::{Map, Value};

use crate::generate::{Counters, Creation};
use crate::pointer::Pointer;
use crate::template::shown;
use crate::vendor::{Collection, Operation, Route, Vendor};

mod listing;
mod request;

pub(crate) use request::Request;

/// The records of one stand-in.
#[derive(Debug)]
pub(crate) struct Account {
    vendor: Arc<Vendor>,
    collections: Vec<Vec<Stored>>,
    counters: Counters,
    changes: u64,
}

#[derive(Debug, Clone)]
struct Stored {
    record: Value,
    /// The number of its latest change: what orders records that the vendor's times do not.
    changed: u64,
}

/// What a route gives, before it is written in the vendor's way.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The record that it was about.
    pub(crate) record: Value,
    /// The page.
    pub(crate) records: Vec<Value>,
    pub(crate) total: usize,
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

/// A request that the vendor does not carry out: its status, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) why: Option<String>,
}

impl Refusal {
    pub(crate) fn of(status: u16) -> Self {
        Self { status, why: None }
    }

    fn because(why: impl Into<String>) -> Self {
        Self {
            status: 400,
            why: Some(why.into()),
        }
    }
}

/// How many records a collection holds at most: beyond this creations are refused, so that a stand-in that runs for days does not grow.
const MOST_RECORDS: usize = 20_000;

impl Account {
    /// The vendor's seeds.
    pub(crate) fn new(vendor: Arc<Vendor>) -> Self {
        let mut changes = 0;
        let mut stored = |record: &Value| {
            changes += 1;
            Stored {
                record: record.clone(),
                changed: changes,
            }
        };
        let collections = vendor.collections.iter();
        let collections = collections.map(|collection| collection.records.iter().map(&mut stored).collect());
        Self {
            collections: collections.collect(),
            counters: Counters::default(),
            changes,
            vendor,
        }
    }

    /// Does what a route does: either all of it, or nothing.
    pub(crate) fn perform(
        &mut self,
        route: &Route,
        request: &Request<'_>,
        now: SystemTime,
    ) -> Result<Outcome, Refusal> {
        let owner = self.owner(route, request)?;
        match route.operation {
            Operation::List => self.list(route, request, owner),
            Operation::Create => self.create(route, request, owner, now),
            Operation::Get => Ok(Outcome::of(
                &self.collections[route.collection][self.find(route, request)?].record,
            )),
            Operation::Delete => {
                let place = self.find(route, request)?;
                Ok(Outcome::of(&self.collections[route.collection].remove(place).record))
            }
            Operation::Update | Operation::Transition => self.change(route, request, now),
        }
    }

    /// The key of the record that the route's records belong to, which must be there.
    fn owner<'v>(&self, route: &'v Route, request: &Request<'_>) -> Result<Option<(&'v Pointer, Value)>, Refusal> {
        let Some(owner) = &route.owner else {
            return Ok(None);
        };
        let key = request.parameter(&owner.key).ok_or_else(|| Refusal::of(404))?;
        self.position(owner.collection, &key).ok_or_else(|| Refusal::of(404))?;
        Ok(Some((&owner.field, Value::String(key))))
    }

    fn find(&self, route: &Route, request: &Request<'_>) -> Result<usize, Refusal> {
        let key = route.key.as_ref().and_then(|key| request.parameter(key));
        key.and_then(|key| self.position(route.collection, &key))
            .ok_or_else(|| Refusal::of(404))
    }

    fn position(&self, collection: usize, key: &str) -> Option<usize> {
        let pointer = &self.vendor.collections[collection].key;
        let is_it = |stored: &Stored| pointer.find(&stored.record).and_then(Value::as_str) == Some(key);
        self.collections[collection].iter().position(is_it)
    }

    fn create(
        &mut self,
        route: &Route,
        request: &Request<'_>,
        owner: Option<(&Pointer, Value)>,
        now: SystemTime,
    ) -> Result<Outcome, Refusal> {
        if self.collections[route.collection].len() >= MOST_RECORDS {
            return Err(Refusal::of(507));
        }
        let vendor = Arc::clone(&self.vendor);
        let collection = &vendor.collections[route.collection];
        let mut record = Value::Object(collection.defaults.clone());
        put(&mut record, given(route, request)?, collection);
        if let Some(missing) = route.required.iter().find(|field| is_missing(field.find(&record))) {
            return Err(Refusal::because(format!("a field is required: {missing:?}")));
        }
        for (field, generator) in &collection.generate {
            let creation = Creation {
                record: &record,
                now,
                times: &vendor.times,
            };
            if let Some(value) = generator.value(&creation, &mut self.counters) {
                field.set(&mut record, value);
            }
        }
        if let Some((field, key)) = owner {
            field.set(&mut record, key);
        }
        self.changes += 1;
        let outcome = Outcome::of(&record);
        self.collections[route.collection].push(Stored {
            record,
            changed: self.changes,
        });
        Ok(outcome)
    }

    fn change(&mut self, route: &Route, request: &Request<'_>, now: SystemTime) -> Result<Outcome, Refusal> {
        let place = self.find(route, request)?;
        let fields = given(route, request)?;
        let collection = &self.vendor.collections[route.collection];
        let stored = &mut self.collections[route.collection][place];
        let mut record = stored.record.clone();
        if let Some(transitions) = &route.transitions {
            let id = transitions.id.find(&request.body).and_then(Value::as_str);
            let known = transitions.moves.iter().find(|(own, _)| Some(own.as_str()) == id);
            let (_, state) = known.ok_or_else(|| Refusal::because("there is no such transition"))?;
            transitions.field.set(&mut record, state.clone());
        }
        put(&mut record, fields, collection);
        for (field, value) in &route.set {
            field.set(&mut record, value.clone());
        }
        if let Some((from, to)) = &route.add {
            let given = from.find(&request.body).and_then(Value::as_str).unwrap_or_default();
            add(&mut record, to, given);
        }
        let stamp = Value::String(self.vendor.times.write(now));
        for field in &collection.changed {
            field.set(&mut record, stamp.clone());
        }
        self.changes += 1;
        stored.changed = self.changes;
        stored.record = record;
        Ok(Outcome::of(&stored.record))
    }
}

impl Outcome {
    fn of(record: &Value) -> Self {
        Self {
            record: shown(record),
            ..Self::default()
        }
    }
}

/// Fields of a body, and where a record holds them.
type Given<'a> = (&'a Pointer, &'a Map<String, Value>);

/// The fields that a body gives.
fn given<'a>(route: &'a Route, request: &'a Request<'_>) -> Result<Option<Given<'a>>, Refusal> {
    let Some((from, to)) = &route.fields else {
        return Ok(None);
    };
    match from.find(&request.body) {
        None => Ok(None),
        Some(Value::Object(fields)) => Ok(Some((to, fields))),
        Some(_) => Err(Refusal::because("the fields are no object")),
    }
}

fn is_missing(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(_) => false,
    }
}

/// Puts fields in the place of a record's own.
fn put(record: &mut Value, fields: Option<Given<'_>>, collection: &Collection) {
    let Some((place, fields)) = fields else {
        return;
    };
    let mut own = match place.find(record) {
        Some(Value::Object(own)) => own.clone(),
        _ => Map::new(),
    };
    for (name, value) in fields {
        let value = if collection.texts {
            as_text(value)
        } else {
            value.clone()
        };
        own.insert(name.clone(), value);
    }
    place.set(record, Value::Object(own));
}

/// Adds elements to an array, each once.
fn add(record: &mut Value, to: &Pointer, elements: &str) {
    let mut array = to.find(record).and_then(Value::as_array).cloned().unwrap_or_default();
    for element in elements.split(',').filter(|element| !element.is_empty()) {
        if !array.iter().any(|own| own == element) {
            array.push(element.into());
        }
    }
    to.set(record, Value::Array(array));
}

/// A scalar as a text, null as the empty one.
fn as_text(value: &Value) -> Value {
    match value {
        Value::Null => Value::String(String::new()),
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        other => other.clone(),
    }
}
