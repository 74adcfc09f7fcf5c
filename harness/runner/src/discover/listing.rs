//! Reads a page of the listing in whatever shape the hub gives it (contract: "What the reference leaves open").

use hubproof_model::exchange::Exchange;
use hubproof_model::surface::Dialect;
use serde_json::Value;

use super::unusable::Reason;

/// Where the array of tools may stand, as JSON Pointers.
pub(super) const PLACES: [&str; 7] = [
    "",
    "/tools",
    "/data",
    "/data/tools",
    "/data/items",
    "/items",
    "/results",
];

/// Where a cursor may stand, and in which query parameter it goes back.
const CURSORS: [(&str, &str); 4] = [
    ("next_cursor", "cursor"),
    ("nextCursor", "cursor"),
    ("next_page_token", "page_token"),
    ("next", "cursor"),
];
const CURSOR_PARENTS: [&str; 4] = ["", "/data", "/meta", "/pagination"];

/// A page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) entries: Vec<Value>,
    pub(super) next: Option<Next>,
}

/// How to ask for the next page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Cursor { parameter: String, value: String },
    Path(String),
}

/// Reads a page, and notes in the dialect what was found where nothing is pinned.
pub(super) fn read(exchange: &Exchange, dialect: &mut Dialect) -> Result<Page, Reason> {
    let response = exchange
        .result
        .as_ref()
        .map_err(|fault| Reason::NoAnswer(fault.clone()))?;
    if response.status != 200 {
        return Err(Reason::Status(response.status));
    }
    if response.truncated {
        return Err(Reason::TooLarge(response.body.len()));
    }
    let body = response.json.as_ref().map_err(|fault| Reason::NotJson(fault.clone()))?;
    let body = &body.value;
    let array_at = |pointer: &str| body.pointer(pointer).and_then(Value::as_array);
    let (place, entries) = match &dialect.tools_at {
        Some(pinned) => (
            pinned.clone(),
            array_at(pinned).ok_or_else(|| Reason::PinnedListMissing(pinned.clone()))?,
        ),
        None => {
            let found = PLACES
                .iter()
                .find_map(|place| Some(((*place).to_owned(), array_at(place)?)));
            found.ok_or(Reason::NoList)?
        }
    };
    dialect.tools_at = Some(place);
    Ok(Page {
        entries: entries.clone(),
        next: cursor(body, dialect).or_else(|| linked(exchange)),
    })
}

fn cursor(body: &Value, dialect: &mut Dialect) -> Option<Next> {
    let text = |pointer: &str| match body.pointer(pointer)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let parameter =
        |default: &str, dialect: &Dialect| dialect.cursor_parameter.clone().unwrap_or_else(|| default.to_owned());
    if let Some(pinned) = dialect.cursor_at.clone() {
        return Some(Next::Cursor {
            value: text(&pinned)?,
            parameter: parameter("cursor", dialect),
        });
    }
    let places = CURSOR_PARENTS
        .iter()
        .flat_map(|parent| CURSORS.map(|(name, back)| (format!("{parent}/{name}"), back)));
    let (place, back, value) = places
        .into_iter()
        .find_map(|(place, back)| Some((place.clone(), back, text(&place)?)))?;
    let parameter = parameter(back, dialect);
    dialect.cursor_at = Some(place);
    dialect.cursor_parameter = Some(parameter.clone());
    Some(Next::Cursor { parameter, value })
}

/// `Link: <…>; rel="next"` (RFC 8288), as a path below the base URL.
fn linked(exchange: &Exchange) -> Option<Next> {
    let response = exchange.response()?;
    let link = response
        .header_values("link")
        .flat_map(|value| value.split(','))
        .find(|link| link.contains("rel=\"next\"") || link.contains("rel=next"))?;
    let target = link.split_once('<')?.1.split_once('>')?.0;
    // The target may be absolute or relative; what follows the last `/tools` is the query that matters.
    let query = target.split_once('?').map(|(_, query)| query)?;
    Some(Next::Path(format!("/tools?{query}")))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hubproof_model::call::Call;
    use hubproof_model::exchange::{Response, SentRequest};
    use serde_json::json;

    use super::*;

    fn answered(headers: &[(&str, &str)], body: &Value) -> Exchange {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Exchange {
            number: 1,
            case: String::new(),
            call: Call::listing(None),
            request: SentRequest {
                method: String::new(),
                url: String::new(),
                headers: Vec::new(),
            },
            result: Ok(Response::new(200, headers, body.to_string().into_bytes())),
            sent_after: Duration::ZERO,
            elapsed: Duration::ZERO,
        }
    }

    #[test]
    fn every_place_of_the_contract_is_found() {
        let tools = json!([{"key": "a.b.c"}]);
        for (body, place) in [
            (tools.clone(), ""),
            (json!({"tools": tools}), "/tools"),
            (json!({"data": tools}), "/data"),
            (json!({"data": {"tools": tools}}), "/data/tools"),
            (json!({"data": {"items": tools}}), "/data/items"),
            (json!({"items": tools}), "/items"),
            (json!({"results": tools}), "/results"),
        ] {
            let mut dialect = Dialect::default();
            let page = read(&answered(&[], &body), &mut dialect).unwrap();
            assert_eq!((page.entries.len(), dialect.tools_at.as_deref()), (1, Some(place)));
            assert_eq!(page.next, None);
        }
    }

    #[test]
    fn every_cursor_of_the_contract_is_found() {
        for (body, parameter) in [
            (json!({"tools": [], "next_cursor": "x"}), "cursor"),
            (json!({"tools": [], "meta": {"nextCursor": "x"}}), "cursor"),
            (json!({"data": {"tools": [], "next_page_token": "x"}}), "page_token"),
            (json!({"tools": [], "pagination": {"next": "x"}}), "cursor"),
        ] {
            let page = read(&answered(&[], &body), &mut Dialect::default()).unwrap();
            assert_eq!(
                page.next,
                Some(Next::Cursor {
                    parameter: parameter.to_owned(),
                    value: "x".to_owned()
                })
            );
        }
    }

    #[test]
    fn an_absent_cursor_ends_the_listing() {
        for next in [Value::Null, json!("")] {
            let page = read(
                &answered(&[], &json!({"tools": [], "next_cursor": next})),
                &mut Dialect::default(),
            )
            .unwrap();
            assert_eq!(page.next, None);
        }
    }

    #[test]
    fn a_link_header_leads_to_the_next_page() {
        let links = [(
            "link",
            "</api/v1/tools?page=1>; rel=\"prev\", <https://hub.example/api/v1/tools?page=3>; rel=\"next\"",
        )];
        let page = read(&answered(&links, &json!({"tools": []})), &mut Dialect::default()).unwrap();
        assert_eq!(page.next, Some(Next::Path("/tools?page=3".to_owned())));
    }

    #[test]
    fn a_listing_that_was_cut_is_not_taken_for_something_else() {
        let mut exchange = answered(&[], &json!({"tools": []}));
        exchange.result.as_mut().unwrap().truncated = true;
        let read = read(&exchange, &mut Dialect::default());
        assert!(matches!(read, Err(Reason::TooLarge(12))), "{read:?}");
    }

    #[test]
    fn a_pin_wins_and_is_told_when_wrong() {
        let mut dialect = Dialect {
            tools_at: Some("/catalogue".to_owned()),
            ..Dialect::default()
        };
        assert!(read(&answered(&[], &json!({"catalogue": [1], "tools": []})), &mut dialect).is_ok());
        let wrong = read(&answered(&[], &json!({"tools": []})), &mut dialect);
        assert!(matches!(wrong, Err(Reason::PinnedListMissing(_))));
    }
}
