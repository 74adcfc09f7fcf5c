//! Jira's query language: clauses joined by AND, and ORDER BY.

use super::{Comparison, Condition, Order, Query};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Sign(String),
}

pub(super) fn read(text: &str) -> Result<Query, String> {
    let mut tokens = Tokens(tokens(text)?.into_iter().peekable());
    let mut query = Query::default();
    while tokens.0.peek().is_some() {
        if tokens.take_word("ORDER") {
            if !tokens.take_word("BY") {
                return Err("BY is missing behind ORDER".to_owned());
            }
            query.order = Some(tokens.order()?);
            if tokens.0.peek().is_some() {
                return Err("nothing goes behind ORDER BY".to_owned());
            }
        } else {
            if !query.conditions.is_empty() && !tokens.take_word("AND") {
                return Err("clauses are joined by AND".to_owned());
            }
            query.conditions.push(tokens.clause()?);
        }
    }
    Ok(query)
}

struct Tokens(std::iter::Peekable<std::vec::IntoIter<Token>>);

impl Tokens {
    fn take_word(&mut self, wanted: &str) -> bool {
        let is_it = |token: &Token| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(wanted));
        self.0.next_if(is_it).is_some()
    }

    fn order(&mut self) -> Result<Order, String> {
        let field = self.value()?;
        let descending = self.take_word("DESC");
        if !descending {
            self.take_word("ASC");
        }
        Ok(Order { field, descending })
    }

    fn clause(&mut self) -> Result<Condition, String> {
        let field = self.value()?;
        if self.take_word("in") {
            return Ok(Condition::AnyOf(field, self.list()?));
        }
        let comparison = match self.0.next() {
            Some(Token::Sign(sign)) => match sign.as_str() {
                "=" => Comparison::Equal,
                "!=" => Comparison::Differs,
                ">=" => Comparison::AtLeast,
                "<=" => Comparison::AtMost,
                ">" => Comparison::Above,
                "<" => Comparison::Below,
                "~" => Comparison::Contains,
                other => return Err(format!("`{other}` is no operator")),
            },
            _ => return Err(format!("an operator is missing behind `{field}`")),
        };
        let value = self.value()?;
        if comparison == Comparison::Contains && field.eq_ignore_ascii_case("text") {
            return Ok(Condition::Mentions(value));
        }
        Ok(Condition::Compares(field, comparison, value))
    }

    fn value(&mut self) -> Result<String, String> {
        match self.0.next() {
            Some(Token::Word(text) | Token::Quoted(text)) => Ok(text),
            _ => Err("a field or a value is missing".to_owned()),
        }
    }

    fn list(&mut self) -> Result<Vec<String>, String> {
        self.sign("(")?;
        let mut values = vec![self.value()?];
        while self.0.next_if_eq(&Token::Sign(",".to_owned())).is_some() {
            values.push(self.value()?);
        }
        self.sign(")")?;
        Ok(values)
    }

    fn sign(&mut self, wanted: &str) -> Result<(), String> {
        let found = self.0.next_if_eq(&Token::Sign(wanted.to_owned()));
        found.map(|_| ()).ok_or_else(|| format!("`{wanted}` is missing"))
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first == '"' {
            let (value, length) = quoted(rest)?;
            tokens.push(Token::Quoted(value));
            length
        } else if "()=,".contains(first) {
            tokens.push(Token::Sign(first.to_string()));
            first.len_utf8()
        } else if "<>!~".contains(first) {
            let length = 1 + usize::from(rest[1..].starts_with('='));
            tokens.push(Token::Sign(rest[..length].to_owned()));
            length
        } else {
            let end = rest.find(|character: char| character.is_whitespace() || "()=,<>!~\"".contains(character));
            let end = end.unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..end].to_owned()));
            end
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// The text between quotes, its escapes undone, and how long it is with them.
fn quoted(text: &str) -> Result<(String, usize), String> {
    let mut value = String::new();
    let mut escaped = false;
    for (index, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => {
                value.push(character);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Ok((value, index + 1)),
            other => value.push(other),
        }
    }
    Err("a quote is not closed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_become_conditions_and_an_order() {
        let query = read(
            r#"project = INC AND priority in ("High", Low) AND text ~ "a \"b\"" AND updated>="2026-01-05 09:15" ORDER BY updated DESC"#,
        );
        let query = query.unwrap();
        let compares =
            |field: &str, comparison, value: &str| Condition::Compares(field.into(), comparison, value.into());
        assert_eq!(
            query.conditions,
            [
                compares("project", Comparison::Equal, "INC"),
                Condition::AnyOf("priority".into(), vec!["High".into(), "Low".into()]),
                Condition::Mentions("a \"b\"".into()),
                compares("updated", Comparison::AtLeast, "2026-01-05 09:15"),
            ]
        );
        let order = query.order.unwrap();
        assert!(order.field == "updated" && order.descending);
    }

    #[test]
    fn what_is_no_query_is_refused() {
        for text in [
            "project",
            "project = ",
            "project = INC priority = High",
            "a in (b",
            "a = \"b",
            "a = b ORDER updated",
            "a = b ORDER BY c AND d = e",
            "AND a = b",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
