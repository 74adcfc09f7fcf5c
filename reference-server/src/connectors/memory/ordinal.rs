//! An order over JSON's scalars.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use crate::timestamp;

/// A scalar as something with a place in an order: what is alike is ordered by value, and what is not by kind.
#[derive(Debug)]
pub(super) enum Ordinal<'a> {
    Number(f64),
    Day(NaiveDate),
    Instant(DateTime<Utc>),
    Text(&'a str),
    /// What has no order, or is not there.
    None,
}

impl<'a> Ordinal<'a> {
    pub(super) fn of(value: Option<&'a Value>) -> Self {
        match value {
            Some(Value::Number(number)) => number.as_f64().map_or(Self::None, Self::Number),
            Some(Value::String(text)) => timestamp::instant(text)
                .map(Self::Instant)
                .or_else(|| timestamp::day(text).map(Self::Day))
                .unwrap_or(Self::Text(text)),
            _ => Self::None,
        }
    }

    /// How two of the same kind compare. A day and a point in time compare as days: a range ends with its last day.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Day(day), Self::Instant(instant)) => Some(day.cmp(&instant.date_naive())),
            (Self::Instant(instant), Self::Day(day)) => Some(instant.date_naive().cmp(day)),
            (Self::None, Self::None) => None,
            _ => (self.kind() == other.kind()).then(|| self.cmp(other)),
        }
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Day(_) => 1,
            Self::Instant(_) => 2,
            Self::Text(_) => 3,
            Self::None => 4,
        }
    }
}

impl Ord for Ordinal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(this), Self::Number(other)) if this == other => Ordering::Equal,
            (Self::Number(this), Self::Number(other)) => this.total_cmp(other),
            (Self::Day(this), Self::Day(other)) => this.cmp(other),
            (Self::Instant(this), Self::Instant(other)) => this.cmp(other),
            (Self::Text(this), Self::Text(other)) => this.cmp(other),
            _ => self.kind().cmp(&other.kind()),
        }
    }
}

impl PartialOrd for Ordinal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ordinal<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ordinal<'_> {}
