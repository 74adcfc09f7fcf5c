//! Which records a list gives, in which order, on which page.

use serde_json::Value;

use super::{Account, Outcome, Refusal, Request, Stored};
use crate::pointer::Pointer;
use crate::query::{Fields, Query, order};
use crate::template::shown;
use crate::vendor::Route;

impl Account {
    pub(super) fn list(
        &self,
        route: &Route,
        request: &Request<'_>,
        owner: Option<(&Pointer, Value)>,
    ) -> Result<Outcome, Refusal> {
        let query = match &route.filter {
            Some(filter) => {
                let text = request.query_parameter(&filter.parameter).unwrap_or_default();
                Query::read(filter.language, &text).map_err(Refusal::because)?
            }
            None => Query::default(),
        };
        let fields = Fields {
            named: route.filter.as_ref().map_or(&[], |filter| filter.fields.as_slice()),
            times: &self.vendor.times,
        };
        let belongs = |stored: &Stored| match &owner {
            Some((field, key)) => field.find(&stored.record) == Some(key),
            None => true,
        };
        let mut found: Vec<&Stored> = self.collections[route.collection]
            .iter()
            .filter(|stored| belongs(stored) && query.admits(&shown(&stored.record), &fields))
            .collect();
        // The latest change first, and so within what the vendor's times do not tell apart.
        found.sort_by_key(|stored| std::cmp::Reverse(stored.changed));
        if let Some(wanted) = &query.order {
            let text = |stored: &Stored| fields.text(&stored.record, &wanted.field);
            found.sort_by(|one, other| {
                let ordering = order(&text(one), &text(other), fields.times);
                if wanted.descending {
                    ordering.reverse()
                } else {
                    ordering
                }
            });
        }
        let (offset, limit) = page(route, request)?;
        let records = found
            .iter()
            .skip(offset)
            .take(limit)
            .map(|stored| shown(&stored.record));
        Ok(Outcome {
            record: Value::Null,
            records: records.collect(),
            total: found.len(),
            offset,
            limit,
        })
    }
}

fn page(route: &Route, request: &Request<'_>) -> Result<(usize, usize), Refusal> {
    let Some(paging) = &route.paging else {
        return Ok((0, usize::MAX));
    };
    let number = |name: &str| match request.query_parameter(name) {
        None => Ok(None),
        Some(text) => match text.parse::<usize>() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(Refusal::because(format!("`{name}` is no number"))),
        },
    };
    let offset = number(&paging.offset)?.unwrap_or(0);
    Ok((
        offset,
        number(&paging.limit)?.unwrap_or(paging.default).min(paging.most),
    ))
}
