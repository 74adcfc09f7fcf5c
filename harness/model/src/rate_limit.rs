//! The rate-limit headers of an answer, read as the hub's dialect spells them (contract: RTL).

use std::time::{SystemTime, UNIX_EPOCH};

use crate::exchange::Response;
use crate::surface::{Dialect, ResetUnit};

/// Numbers above are seconds since 1970, and above the second one milliseconds: no window ends in thirty years.
const EPOCH_SECONDS_FROM: f64 = 1e9;
const EPOCH_MILLISECONDS_FROM: f64 = 1e12;

/// What a header tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Told<T> {
    /// It is not there.
    Missing,
    /// It is there, and says nothing that can be read: its text.
    Unreadable(String),
    /// What it says.
    Value(T),
}

impl<T: Copy> Told<T> {
    /// What it says, if it says anything.
    pub fn value(&self) -> Option<T> {
        match self {
            Told::Value(value) => Some(*value),
            Told::Missing | Told::Unreadable(_) => None,
        }
    }

    /// Whether the header is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Told::Missing)
    }

    fn read(response: &Response, name: &str, read: impl Fn(&str) -> Option<T>) -> Self {
        let mut lines: Vec<_> = response.header_values(name).map(str::trim).collect();
        // Lines that differ leave the reader to guess.
        lines.dedup();
        match lines.as_slice() {
            [] => Told::Missing,
            [line] => read(line).map_or_else(|| Told::Unreadable((*line).to_owned()), Told::Value),
            several => Told::Unreadable(several.join(", ")),
        }
    }
}

/// A point in time, in the way in which a header tells it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Moment {
    /// So many seconds after the answer.
    After(f64),
    /// So many seconds after the beginning of 1970.
    At(f64),
}

impl Moment {
    /// The seconds from now, in seconds since 1970, to then: negative where it has passed. `None` where now is needed and not known.
    pub fn seconds_from(self, now: Option<f64>) -> Option<f64> {
        match self {
            Moment::After(seconds) => Some(seconds),
            Moment::At(moment) => Some(moment - now?),
        }
    }
}

/// The limit that an answer tells. Nothing in it is checked for sense: a negative number is a number.
#[derive(Debug, Clone, PartialEq)]
pub struct RateLimit {
    /// How many calls a window takes.
    pub limit: Told<f64>,
    /// How many of them are left.
    pub remaining: Told<f64>,
    /// When the window ends, or more calls are taken.
    pub reset: Told<Moment>,
    /// When the answer was made, by the hub's own clock: seconds since 1970.
    pub date: Option<f64>,
}

impl RateLimit {
    /// Reads an answer. The unit of `X-RateLimit-Reset` is taken from the value, unless the dialect knows it.
    pub fn read(response: &Response, dialect: &Dialect) -> Self {
        let [limit, remaining, reset] = header_names(dialect);
        Self {
            limit: Told::read(response, &limit, |text| match dialect.limit_header {
                Some(_) => first_count(text),
                None => number(text),
            }),
            remaining: Told::read(response, &remaining, number),
            reset: Told::read(response, &reset, |text| read_reset(text, dialect.reset_unit)),
            date: date(response),
        }
    }

    /// Whether the answer has none of the headers.
    pub fn is_absent(&self) -> bool {
        self.limit.is_missing() && self.remaining.is_missing() && self.reset.is_missing()
    }

    /// The seconds from the answer to Reset, by the hub's own clock. `None` where it tells none, or a point in time without a `Date` to
    /// compare it with.
    pub fn seconds_to_reset(&self) -> Option<f64> {
        self.reset.value()?.seconds_from(self.date)
    }
}

/// The names of the three headers, in lower case: Limit, Remaining, Reset.
pub fn header_names(dialect: &Dialect) -> [String; 3] {
    let name = |pinned: &Option<String>, standard: &str| pinned.as_deref().unwrap_or(standard).to_ascii_lowercase();
    [
        name(&dialect.limit_header, "x-ratelimit-limit"),
        name(&dialect.remaining_header, "x-ratelimit-remaining"),
        name(&dialect.reset_header, "x-ratelimit-reset"),
    ]
}

/// `Retry-After`: seconds or a date (RFC 9110 §10.2.3).
pub fn retry_after(response: &Response) -> Told<Moment> {
    Told::read(response, "retry-after", |text| {
        number(text)
            .map(Moment::After)
            .or_else(|| http_date(text).map(Moment::At))
    })
}

/// The answer's own `Date`, in seconds since 1970.
pub fn date(response: &Response) -> Option<f64> {
    http_date(response.header("date")?.trim())
}

/// The unit that a Reset is told in, where its value shows it.
pub fn reset_unit(response: &Response, dialect: &Dialect) -> Option<ResetUnit> {
    let [_, _, name] = header_names(dialect);
    let text = response.header(&name)?.trim();
    match number(text) {
        Some(value) => Some(unit_of(value)),
        None => any_date(text).map(|_| ResetUnit::Date),
    }
}

fn read_reset(text: &str, pinned: Option<ResetUnit>) -> Option<Moment> {
    let value = number(text);
    let unit = pinned.or(value.map(unit_of)).unwrap_or(ResetUnit::Date);
    match unit {
        ResetUnit::DeltaSeconds => value.map(Moment::After),
        ResetUnit::EpochSeconds => value.map(Moment::At),
        ResetUnit::EpochMilliseconds => value.map(|value| Moment::At(value / 1e3)),
        ResetUnit::Date => any_date(text).map(Moment::At),
    }
}

fn unit_of(value: f64) -> ResetUnit {
    if value > EPOCH_MILLISECONDS_FROM {
        ResetUnit::EpochMilliseconds
    } else if value > EPOCH_SECONDS_FROM {
        ResetUnit::EpochSeconds
    } else {
        ResetUnit::DeltaSeconds
    }
}

/// A count of calls, perhaps with windows behind it, as the IETF's drafts have it for `RateLimit-Limit`: `100, 100;w=60`.
fn first_count(text: &str) -> Option<f64> {
    let mut items = text.split(',');
    let first = items.next()?.split(';').next()?;
    items.all(|item| item.contains(';')).then(|| number(first.trim()))?
}

fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

fn any_date(text: &str) -> Option<f64> {
    let rfc_3339 = || {
        let moment = chrono::DateTime::parse_from_rfc3339(text).ok()?;
        let (seconds, nanos) = (moment.timestamp() as f64, f64::from(moment.timestamp_subsec_nanos()));
        Some(seconds + nanos / 1e9)
    };
    http_date(text).or_else(rfc_3339)
}

fn http_date(text: &str) -> Option<f64> {
    httpdate::parse_http_date(text).ok().and_then(since_1970)
}

/// A time in seconds since 1970, if it is not before.
pub fn since_1970(time: SystemTime) -> Option<f64> {
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Wed, 21 Oct 2026 07:28:00 GMT";
    const DATE_SECONDS: f64 = 1_792_567_680.0;

    fn answer(headers: &[(&str, &str)]) -> Response {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Response::new(200, headers.collect(), Vec::new())
    }

    fn read(headers: &[(&str, &str)]) -> RateLimit {
        RateLimit::read(&answer(headers), &Dialect::default())
    }

    fn to_reset(value: &str, unit: Option<ResetUnit>) -> Option<f64> {
        let dialect = Dialect {
            reset_unit: unit,
            ..Dialect::default()
        };
        RateLimit::read(&answer(&[("date", DATE), ("x-ratelimit-reset", value)]), &dialect).seconds_to_reset()
    }

    #[test]
    fn a_header_is_missing_or_unreadable_or_tells_a_value() {
        let told = read(&[("x-ratelimit-limit", " 100 "), ("x-ratelimit-remaining", "many")]);
        assert_eq!(told.limit, Told::Value(100.0));
        assert_eq!(told.remaining, Told::Unreadable("many".to_owned()));
        assert_eq!(told.reset, Told::Missing);
        assert!(!told.is_absent() && read(&[("date", DATE)]).is_absent());
        for unreadable in ["", "nan", "inf", "1,000", "1e999", "10 calls", "5, 5;w=1"] {
            let told = read(&[("x-ratelimit-limit", unreadable)]);
            assert_eq!(told.limit, Told::Unreadable(unreadable.to_owned()));
        }
        assert_eq!(read(&[("x-ratelimit-remaining", "-1")]).remaining, Told::Value(-1.0));
    }

    #[test]
    fn lines_that_differ_are_unreadable_and_those_that_agree_are_one() {
        let limits = |values: [&str; 2]| read(&values.map(|value| ("x-ratelimit-limit", value))).limit;
        assert_eq!(limits(["5", "5"]), Told::Value(5.0));
        assert_eq!(limits(["5", "9"]), Told::Unreadable("5, 9".to_owned()));
    }

    #[test]
    fn the_unit_of_reset_shows_in_its_value() {
        for (value, seconds) in [
            ("9", 9.0),
            ("0.25", 0.25),
            ("-5", -5.0),
            ("1792567689", 9.0),
            ("1792567689000", 9.0),
            ("Wed, 21 Oct 2026 07:28:09 GMT", 9.0),
            ("2026-10-21T09:28:09+02:00", 9.0),
            ("2026-10-21T07:27:59.5Z", -0.5),
        ] {
            assert_eq!(to_reset(value, None), Some(seconds), "{value}");
        }
        assert_eq!(to_reset("soon", None), None);
    }

    #[test]
    fn a_pinned_unit_is_taken_at_its_word() {
        assert_eq!(
            to_reset("1792567689", Some(ResetUnit::DeltaSeconds)),
            Some(1_792_567_689.0)
        );
        assert_eq!(
            to_reset("9000", Some(ResetUnit::EpochMilliseconds)),
            Some(9.0 - DATE_SECONDS)
        );
        assert_eq!(to_reset("9", Some(ResetUnit::Date)), None);
        assert_eq!(to_reset(DATE, Some(ResetUnit::EpochSeconds)), None);
    }

    #[test]
    fn a_point_in_time_needs_the_answers_date_and_a_delta_does_not() {
        let told = |value| read(&[("x-ratelimit-reset", value)]);
        assert_eq!(told("9").seconds_to_reset(), Some(9.0));
        let epoch = told("1792567689");
        assert_eq!((epoch.date, epoch.seconds_to_reset()), (None, None));
        assert_eq!(epoch.reset, Told::Value(Moment::At(DATE_SECONDS + 9.0)));
    }

    #[test]
    fn other_spellings_can_be_pinned() {
        let dialect = Dialect {
            limit_header: Some("RateLimit-Limit".to_owned()),
            remaining_header: Some("X-RateLimit-Remaining-Minute".to_owned()),
            ..Dialect::default()
        };
        let told = [
            ("ratelimit-limit", "100, 100;w=60, 5000;w=3600"),
            ("x-ratelimit-limit", "7"),
            ("x-ratelimit-remaining-minute", "99"),
            ("x-ratelimit-reset", "3"),
        ];
        let told = RateLimit::read(&answer(&told), &dialect);
        assert_eq!((told.limit.value(), told.remaining.value()), (Some(100.0), Some(99.0)));
        assert_eq!(told.seconds_to_reset(), Some(3.0));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let told = |value| retry_after(&answer(&[("retry-after", value)]));
        assert_eq!(told("120"), Told::Value(Moment::After(120.0)));
        assert_eq!(told(DATE), Told::Value(Moment::At(DATE_SECONDS)));
        assert_eq!(told("soon"), Told::Unreadable("soon".to_owned()));
        assert_eq!(retry_after(&answer(&[])), Told::Missing);
    }

    #[test]
    fn the_unit_is_told_of_an_answer() {
        let unit = |value| reset_unit(&answer(&[("x-ratelimit-reset", value)]), &Dialect::default());
        assert_eq!(unit("60"), Some(ResetUnit::DeltaSeconds));
        assert_eq!(unit("1792567689"), Some(ResetUnit::EpochSeconds));
        assert_eq!(unit("1792567689123"), Some(ResetUnit::EpochMilliseconds));
        assert_eq!(unit(DATE), Some(ResetUnit::Date));
        assert_eq!(unit("soon"), None);
    }
}
