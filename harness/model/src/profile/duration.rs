//! Durations as people write them: `250ms`, `30s`, `1m30s`.

use std::time::Duration;

use super::error::ProfileError;
use super::node::Node;

/// A text that is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDuration {
    /// Nothing at all.
    #[error("a duration is empty: write `30s`")]
    Empty,
    /// A unit without a number before it.
    #[error("`{0}` has no number before its unit: write `30s`")]
    NoNumber(String),
    /// A number without a unit after it.
    #[error("`{0}` has no unit: write `{0}ms`, `{0}s`, `{0}m` or `{0}h`")]
    NoUnit(String),
    /// A unit that is not known.
    #[error("`{0}` is no unit of time: use ms, s, m or h")]
    UnknownUnit(String),
    /// Units that do not go from the longest to the shortest, each once.
    #[error("`{0}` stands after a unit that is not longer: write `1h30m`, the longest unit first and each once")]
    Order(String),
    /// More than can be counted.
    #[error("the duration is too long")]
    TooLong,
}

/// The units, from the shortest, with their milliseconds.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// Reads a duration: whole numbers with the units ms, s, m and h, the longest first: `250ms`, `30s`, `1m30s`.
///
/// # Errors
/// What keeps the text from being one.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidDuration> {
    if text.is_empty() {
        return Err(InvalidDuration::Empty);
    }
    let mut rest = text;
    let mut total = 0_u64;
    let mut previous = u64::MAX;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
        let (unit, after) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        if number.is_empty() {
            return Err(InvalidDuration::NoNumber(rest.to_owned()));
        }
        if unit.is_empty() {
            return Err(InvalidDuration::NoUnit(number.to_owned()));
        }
        let known = UNITS.iter().find(|(name, _)| *name == unit);
        let (_, milliseconds) = *known.ok_or_else(|| InvalidDuration::UnknownUnit(unit.to_owned()))?;
        if milliseconds >= previous {
            return Err(InvalidDuration::Order(format!("{number}{unit}")));
        }
        let number: u64 = number.parse().map_err(|_| InvalidDuration::TooLong)?;
        let part = number.checked_mul(milliseconds).ok_or(InvalidDuration::TooLong)?;
        total = total.checked_add(part).ok_or(InvalidDuration::TooLong)?;
        previous = milliseconds;
        rest = after;
    }
    Ok(Duration::from_millis(total))
}

/// A profile's duration, which may be zero.
pub(super) fn read(node: &Node<'_>) -> Result<Duration, ProfileError> {
    let text = node.text("a duration such as \"30s\" or \"1m30s\"")?;
    parse_duration(&text.value).map_err(|fault| match text.has_variables {
        true => node.fault("the variable's value is no duration such as \"30s\""),
        false => node.fault(fault),
    })
}

/// A profile's duration that must be above zero.
pub(super) fn read_above_zero(node: &Node<'_>) -> Result<Duration, ProfileError> {
    let duration = read(node)?;
    if duration.is_zero() {
        return Err(node.fault("expected a duration above zero"));
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_add_their_parts_up() {
        for (text, milliseconds) in [
            ("250ms", 250),
            ("30s", 30_000),
            ("5m", 300_000),
            ("1h", 3_600_000),
            ("1m30s", 90_000),
            ("1h2m3s4ms", 3_723_004),
            ("0s", 0),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_says_why() {
        for (text, fault) in [
            ("", InvalidDuration::Empty),
            ("s", InvalidDuration::NoNumber("s".to_owned())),
            ("-5s", InvalidDuration::NoNumber("-5s".to_owned())),
            ("30", InvalidDuration::NoUnit("30".to_owned())),
            ("1m30", InvalidDuration::NoUnit("30".to_owned())),
            ("30 s", InvalidDuration::UnknownUnit(" s".to_owned())),
            ("1.5s", InvalidDuration::UnknownUnit(".".to_owned())),
            ("2d", InvalidDuration::UnknownUnit("d".to_owned())),
            ("30s1m", InvalidDuration::Order("1m".to_owned())),
            ("1s1s", InvalidDuration::Order("1s".to_owned())),
            ("99999999999999999999s", InvalidDuration::TooLong),
            ("9999999999999999h", InvalidDuration::TooLong),
        ] {
            assert_eq!(parse_duration(text), Err(fault), "{text}");
        }
    }
}
