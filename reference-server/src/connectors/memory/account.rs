//! What one vendor account holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::behavior::IdScheme;
use crate::catalogue::Records;
use crate::connectors::Record;

/// How many created records a collection keeps beside its seeds. A harness can create without end and never delete: beyond this the
/// oldest one goes, so that a hub that runs for days does not grow. Seeds stay, as callers count on them.
pub(super) const CREATED_RECORDS: usize = 10_000;

/// The collections of one account.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// By name: a handful, which is found sooner by looking through it.
    collections: Vec<(String, Collection)>,
}

impl Account {
    /// An account with these records, the last one of a collection being its latest change unless their times say otherwise.
    pub(super) fn seeded(seeds: &Records) -> Self {
        let mut account = Self::default();
        for (name, records) in seeds {
            let mut records: Vec<_> = records
                .iter()
                .filter_map(|record| Some((seed_id(record)?, record)))
                .collect();
            records.sort_by_key(|(_, record)| record.get("updated_at").and_then(Value::as_str));
            let collection = account.collection(name);
            for (id, record) in records {
                collection.put(id.to_owned(), Arc::new(Record::new(record.clone())), None);
            }
        }
        account
    }

    /// Each record, with its collection.
    pub(super) fn records(&self) -> impl Iterator<Item = (&str, &Arc<Record>)> {
        let collections = self.collections.iter();
        collections.flat_map(|(name, collection)| collection.latest_first().map(|(_, record)| (name.as_str(), record)))
    }

    pub(super) fn collection(&mut self, name: &str) -> &mut Collection {
        let known = self.collections.iter().position(|(own, _)| own == name);
        let index = known.unwrap_or_else(|| {
            self.collections.push((name.to_owned(), Collection::default()));
            self.collections.len() - 1
        });
        &mut self.collections[index].1
    }
}

/// The id of a seed record: none of what can be no record.
pub(super) fn seed_id(record: &Value) -> Option<&str> {
    record.as_object()?.get("id")?.as_str()
}

/// Records of one kind.
#[derive(Debug, Default)]
pub(super) struct Collection {
    records: FxHashMap<String, Stored>,
    /// The same records by their latest change: what lists go through.
    by_change: BTreeMap<u64, Arc<Record>>,
    created: BTreeMap<u64, String>,
    changes: u64,
    next_number: u64,
}

#[derive(Debug)]
struct Stored {
    record: Arc<Record>,
    changed: u64,
    /// Its place among the created records: none for a seed.
    created: Option<u64>,
}

impl Collection {
    pub(super) fn get(&self, id: &str) -> Option<&Arc<Record>> {
        self.records.get(id).map(|stored| &stored.record)
    }

    /// The records, the latest change first, each with the number of its change.
    pub(super) fn latest_first(&self) -> impl Iterator<Item = (u64, &Arc<Record>)> {
        self.by_change.iter().rev().map(|(change, record)| (*change, record))
    }

    /// An id that no record has, and no created one ever had.
    pub(super) fn new_id(&mut self, scheme: &IdScheme) -> String {
        loop {
            let number = self.next_number.max(scheme.first.into());
            self.next_number = number + 1;
            let id = scheme.id(number);
            if !self.records.contains_key(&id) {
                return id;
            }
        }
    }

    pub(super) fn create(&mut self, id: String, record: Arc<Record>) {
        let number = self.changes;
        self.created.insert(number, id.clone());
        self.put(id, record, Some(number));
        while self.created.len() > CREATED_RECORDS {
            let Some((_, oldest)) = self.created.pop_first() else {
                break;
            };
            self.remove(&oldest);
        }
    }

    /// Changes a record, and gives what it has become.
    pub(super) fn change(&mut self, id: &str, change: impl FnOnce(&mut Map<String, Value>)) -> Option<&Arc<Record>> {
        let stored = self.records.get_mut(id)?;
        let mut fields = stored.record.value().as_object()?.clone();
        change(&mut fields);
        stored.record = Arc::new(Record::new(Value::Object(fields)));
        self.by_change.remove(&stored.changed);
        self.by_change.insert(self.changes, Arc::clone(&stored.record));
        stored.changed = self.changes;
        self.changes += 1;
        Some(&stored.record)
    }

    /// Whether there was such a record.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        let Some(stored) = self.records.remove(id) else {
            return false;
        };
        self.by_change.remove(&stored.changed);
        if let Some(number) = stored.created {
            self.created.remove(&number);
        }
        true
    }

    fn put(&mut self, id: String, record: Arc<Record>, created: Option<u64>) {
        let changed = self.changes;
        self.changes += 1;
        self.by_change.insert(changed, Arc::clone(&record));
        self.records.insert(
            id,
            Stored {
                record,
                changed,
                created,
            },
        );
    }
}
