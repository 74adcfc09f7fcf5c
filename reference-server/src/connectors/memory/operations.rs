//! Carries out a behaviour on an account.

use std::sync::Arc;
use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::account::Account;
use super::behavior::{Action, Assigned, Assignments, Behavior, Creation, Target, Update};
use super::listing::{page, same};
use super::pointer::Pointer;
use crate::connectors::{Data, Record, VendorError};
use crate::timestamp;

/// How long an array can grow by additions: beyond this its oldest elements go, so that a record does not grow without end.
const LONGEST_ARRAY: usize = 1_000;

/// What a call brings along.
pub(super) struct Call<'a> {
    input: &'a Value,
    now: SystemTime,
}

impl<'a> Call<'a> {
    pub(super) fn new(input: &'a Value, now: SystemTime) -> Self {
        Self { input, now }
    }

    /// The time of the call, as records hold it.
    fn stamp(&self) -> String {
        timestamp::format(self.now)
    }

    /// Carries out a behaviour: either all of it, or nothing.
    pub(super) fn perform(&self, behavior: &Behavior, account: &mut Account) -> Result<Data, VendorError> {
        match behavior {
            Behavior::List(listing) | Behavior::Search(listing) => {
                page(account.collection(&listing.collection), listing, self.input)
            }
            Behavior::Get(target) => self.get(target, account),
            Behavior::Create(creation) => Ok(self.create(creation, account)),
            Behavior::Update(update) => self.update(update, account),
            Behavior::Delete(target) => self.delete(target, account),
            Behavior::Act(action) => self.act(action, account),
        }
    }

    fn get(&self, target: &Target, account: &mut Account) -> Result<Data, VendorError> {
        let collection = account.collection(&target.collection);
        let record = self.id(&target.id).and_then(|id| collection.get(id));
        record.map(shared).ok_or_else(|| missing(&target.collection))
    }

    fn delete(&self, target: &Target, account: &mut Account) -> Result<Data, VendorError> {
        let collection = account.collection(&target.collection);
        match self.id(&target.id).filter(|id| collection.remove(id)) {
            Some(id) => Ok(json!({ "id": id, "deleted": true }).into()),
            None => Err(missing(&target.collection)),
        }
    }

    fn create(&self, creation: &Creation, account: &mut Account) -> Data {
        let collection = account.collection(&creation.collection);
        let id = collection.new_id(&creation.id);
        // The id stands first, and what is the vendor's to say comes last, over what a caller says.
        let mut fields = Map::from_iter([("id".to_owned(), Value::Null)]);
        fields.extend(creation.defaults.clone());
        let given = self.input.as_object().into_iter().flatten();
        fields.extend(
            given
                .filter(|(name, _)| !creation.omit.contains(name))
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        self.assign(&creation.set, &mut fields);
        fields.insert("id".to_owned(), id.clone().into());
        let now = self.stamp();
        fields.insert("created_at".to_owned(), now.clone().into());
        fields.insert("updated_at".to_owned(), now.into());
        let record = Arc::new(Record::new(Value::Object(fields)));
        collection.create(id, Arc::clone(&record));
        Data::Record(record)
    }

    fn update(&self, update: &Update, account: &mut Account) -> Result<Data, VendorError> {
        let own = update.fields.is_none().then(|| update.id.first_member()).flatten();
        let given = match &update.fields {
            Some(fields) => fields.find(self.input),
            None => Some(self.input),
        };
        let given = given.and_then(Value::as_object).into_iter().flatten();
        let changes = given.filter(|(name, _)| {
            own != Some(name.as_str()) && !["id", "created_at", "updated_at"].contains(&name.as_str())
        });
        self.change(&update.collection, &update.id, account, |fields| {
            fields.extend(changes.map(|(name, value)| (name.clone(), value.clone())));
        })
    }

    fn act(&self, action: &Action, account: &mut Account) -> Result<Data, VendorError> {
        let Some(creation) = &action.creates else {
            return self.change(&action.collection, &action.id, account, |fields| {
                self.assign(&action.set, fields);
            });
        };
        if action.set.is_empty() {
            let collection = account.collection(&action.collection);
            let owner = self.id(&action.id).and_then(|id| collection.get(id));
            owner.ok_or_else(|| missing(&action.collection))?;
        } else {
            self.change(&action.collection, &action.id, account, |fields| {
                self.assign(&action.set, fields);
            })?;
        }
        Ok(self.create(creation, account))
    }

    fn change(
        &self,
        collection: &str,
        id: &Pointer,
        account: &mut Account,
        change: impl FnOnce(&mut Map<String, Value>),
    ) -> Result<Data, VendorError> {
        let changed = self.id(id).and_then(|id| {
            account.collection(collection).change(id, |fields| {
                change(fields);
                fields.insert("updated_at".to_owned(), self.stamp().into());
            })
        });
        changed.map(shared).ok_or_else(|| missing(collection))
    }

    fn id(&self, pointer: &Pointer) -> Option<&'a str> {
        pointer.find(self.input)?.as_str()
    }

    fn assign(&self, assignments: &Assignments, fields: &mut Map<String, Value>) {
        for (name, assigned) in assignments {
            if let Some(value) = self.value(assigned, fields.get(name)) {
                fields.insert(name.clone(), value);
            }
        }
    }

    /// A field's new value; none if it stays as it is.
    fn value(&self, assigned: &Assigned, current: Option<&Value>) -> Option<Value> {
        Some(match assigned {
            Assigned::Const(value) => value.clone(),
            Assigned::Input(pointer) => pointer.find(self.input)?.clone(),
            Assigned::Object(assignments) => {
                let mut fields = Map::new();
                self.assign(assignments, &mut fields);
                Value::Object(fields)
            }
            Assigned::Add(pointer) => {
                let mut elements = elements(current).to_vec();
                for element in self.elements(pointer) {
                    if !elements.iter().any(|other| same(other, element)) {
                        elements.push(element.clone());
                    }
                }
                elements.drain(..elements.len().saturating_sub(LONGEST_ARRAY));
                Value::Array(elements)
            }
            Assigned::Remove(pointer) => {
                let gone = self.elements(pointer);
                let stays = |element: &&Value| !gone.iter().any(|other| same(other, element));
                elements(current).iter().filter(stays).cloned().collect()
            }
            Assigned::Now => self.stamp().into(),
        })
    }

    fn elements(&self, pointer: &Pointer) -> &'a [Value] {
        elements(pointer.find(self.input))
    }
}

fn elements(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn shared(record: &Arc<Record>) -> Data {
    Data::Record(Arc::clone(record))
}

fn missing(collection: &str) -> VendorError {
    VendorError::not_found(format!("{collection} has no record with this id"))
}
