//! What was exchanged on the connection of one of the two connectors, and what of it shows the record of its call.

use std::collections::BTreeSet;

use hubproof_model::call::Call;
use hubproof_model::exchange::Exchange;
use hubproof_model::surface::Surface;
use serde_json::Value;

use super::declared::Declared;
use super::{CALL, RECORD, SEEN};
use crate::effects::scene::BEFORE;
use crate::effects::seen::data;
use crate::judging::is_throttled;
use crate::observing::{records, state};
use crate::site::MARKERS_BEGINNING;

/// What was exchanged on the connection of one of the two.
#[derive(Default)]
pub(super) struct Side<'e> {
    pub(super) connector: &'e str,
    pub(super) exchanges: Vec<&'e Exchange>,
}

/// What the reads after a call show of its record.
pub(super) enum Shown<'e> {
    /// The record, with what is declared of it.
    Record(&'e Value, Option<Declared<'e>>),
    /// It was there before the call, and is no more.
    Gone,
    /// The reads were answered, and nothing showed it at any time.
    Absent,
    /// They were not answered.
    Unread,
}

impl<'e> Side<'e> {
    /// The call whose results are compared.
    ///
    /// # Errors
    /// That none was answered.
    pub(super) fn call(&self) -> Result<&'e Exchange, String> {
        let mut labelled = self.exchanges.iter().filter(|exchange| exchange.call.label == CALL);
        // What was throttled was sent again.
        let call = labelled.rfind(|exchange| !is_throttled(exchange));
        call.copied()
            .ok_or_else(|| format!("no call was answered at {}", self.connector))
    }

    /// Whether there are reads that look for the call's record.
    pub(super) fn looks_for_record(&self) -> bool {
        self.exchanges.iter().any(|exchange| is_read_of_record(exchange))
    }

    /// What the last round of reads shows of the call's record: what showed before may have changed since.
    pub(super) fn shown(&self, surface: &'e Surface) -> Shown<'e> {
        let round = self.last_round();
        let Some(last) = round.last() else {
            return Shown::Unread;
        };
        let found = match last.call.label.as_str() {
            RECORD => Some((data(last), *last)).filter(|(record, _)| !record.is_null()),
            _ => round.iter().find_map(|page| Some((self.record_on(page)?, *page))),
        };
        match (found, state(&round, None)) {
            (Some((record, page)), _) => Shown::Record(record, declared_of(record, page, surface)),
            (None, Err(_)) => Shown::Unread,
            (None, Ok(_)) if self.was_there() => Shown::Gone,
            (None, Ok(_)) => Shown::Absent,
        }
    }

    /// The pages of the last round, of which each begins with the same read. Empty where it was not answered.
    fn last_round(&self) -> Vec<&'e Exchange> {
        let own = self.exchanges.iter().copied();
        let own: Vec<_> = own.filter(|exchange| is_read_of_record(exchange)).collect();
        if own.last().is_some_and(|last| is_throttled(last)) {
            return Vec::new();
        }
        // What was throttled was sent again.
        let mut reads: Vec<_> = own.into_iter().filter(|read| !is_throttled(read)).collect();
        let begins = |read: &&Exchange| reads.first().is_some_and(|first| read.call.body == first.call.body);
        match reads.iter().rposition(begins) {
            Some(begin) => reads.split_off(begin),
            None => reads,
        }
    }

    /// Whether the record showed before the call.
    fn was_there(&self) -> bool {
        let mut before = self.exchanges.iter().filter(|exchange| exchange.call.label == BEFORE);
        let is_alone = self.exchanges.iter().any(|exchange| exchange.call.label == RECORD);
        before.any(|page| match is_alone {
            true => !data(page).is_null(),
            false => self.record_on(page).is_some(),
        })
    }

    /// The record of the call on a page that may have others.
    fn record_on(&self, page: &'e Exchange) -> Option<&'e Value> {
        let inputs = self.exchanges.iter().filter_map(|exchange| input_of(&exchange.call));
        let markers: BTreeSet<_> = inputs.flat_map(markers).collect();
        let holds = |record: &&Value| {
            let text = record.to_string();
            markers.iter().any(|marker| text.contains(marker.as_str()))
        };
        let data = data(page);
        let in_listing = records(data).into_iter().find(holds);
        in_listing.or_else(|| Some(data).filter(holds))
    }
}

fn is_read_of_record(exchange: &Exchange) -> bool {
    [SEEN, RECORD].contains(&exchange.call.label.as_str())
}

fn declared_of<'e>(record: &Value, page: &'e Exchange, surface: &'e Surface) -> Option<Declared<'e>> {
    let tool = surface.tool(page.call.tool()?)?;
    let schema = tool.output_schema.as_ref()?;
    Declared::of(schema).locate(record, data(page))
}

/// The run's markers in an input.
fn markers(input: &Value) -> Vec<String> {
    let text = input.to_string();
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let own = words.filter(|word| word.starts_with(MARKERS_BEGINNING));
    own.map(str::to_owned).collect()
}

pub(super) fn input_of(call: &Call) -> Option<&Value> {
    call.json()?.get("input")
}
