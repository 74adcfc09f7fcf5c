//! ServiceNow's encoded queries: terms joined by `^`.

use super::{Comparison, Condition, Order, Query};

/// The operators, the longer before those that they begin with.
const OPERATORS: [(&str, Comparison); 7] = [
    (">=", Comparison::AtLeast),
    ("<=", Comparison::AtMost),
    ("!=", Comparison::Differs),
    ("=", Comparison::Equal),
    (">", Comparison::Above),
    ("<", Comparison::Below),
    ("LIKE", Comparison::Contains),
];

/// The search over all fields.
const TEXT_SEARCH: &str = "123TEXTQUERY321=";

pub(super) fn read(text: &str) -> Result<Query, String> {
    let mut query = Query::default();
    for term in terms(text) {
        if let Some(field) = term.strip_prefix("ORDERBYDESC") {
            query.order = Some(order(field, true));
        } else if let Some(field) = term.strip_prefix("ORDERBY") {
            query.order = Some(order(field, false));
        } else if let Some(words) = term.strip_prefix(TEXT_SEARCH) {
            query.conditions.push(Condition::Mentions(words.to_owned()));
        } else if !term.is_empty() {
            query.conditions.push(condition(&term)?);
        }
    }
    Ok(query)
}

/// `^^` is a `^` of a value.
fn terms(text: &str) -> Vec<String> {
    let mut terms = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, terms.last_mut()) {
            ('^', Some(term)) if characters.next_if_eq(&'^').is_some() => term.push('^'),
            ('^', _) => terms.push(String::new()),
            (other, Some(term)) => term.push(other),
            (_, None) => {}
        }
    }
    terms
}

fn order(field: &str, descending: bool) -> Order {
    Order {
        field: field.to_owned(),
        descending,
    }
}

fn condition(term: &str) -> Result<Condition, String> {
    let end = term
        .find(|character: char| !(character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_'));
    let (field, rest) = term.split_at(end.unwrap_or(term.len()));
    if let Some(values) = rest.strip_prefix("IN") {
        return Ok(Condition::AnyOf(
            field.to_owned(),
            values.split(',').map(str::to_owned).collect(),
        ));
    }
    let operator = OPERATORS
        .iter()
        .find_map(|(text, comparison)| Some((comparison, rest.strip_prefix(text)?)));
    match operator {
        Some((comparison, value)) if !field.is_empty() => {
            Ok(Condition::Compares(field.to_owned(), *comparison, value.to_owned()))
        }
        _ => Err(format!("the encoded query has a term that is none: {term}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_become_conditions_and_an_order() {
        let query =
            read("state=2^priorityIN1,2^short_descriptionLIKEa^^b^sys_updated_on>=2026-01-05^ORDERBYDESCnumber")
                .unwrap();
        let compares =
            |field: &str, comparison, value: &str| Condition::Compares(field.into(), comparison, value.into());
        assert_eq!(
            query.conditions,
            [
                compares("state", Comparison::Equal, "2"),
                Condition::AnyOf("priority".into(), vec!["1".into(), "2".into()]),
                compares("short_description", Comparison::Contains, "a^b"),
                compares("sys_updated_on", Comparison::AtLeast, "2026-01-05"),
            ]
        );
        assert_eq!(query.order, Some(order("number", true)));
        let search = read("123TEXTQUERY321=vpn drops").unwrap();
        assert_eq!(search.conditions, [Condition::Mentions("vpn drops".into())]);
        assert!(read("state~2").is_err() && read("=2").is_err());
    }
}
