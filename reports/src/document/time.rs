//! Times as the report writes them: spans in milliseconds, moments as RFC 3339 has them, days.

use std::fmt;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// A span of time to the microsecond, written as a number of milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Milliseconds(Duration);

/// The longest time that a report tells: what is longer was not measured, and sums of it would overflow.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

impl Milliseconds {
    /// The span.
    #[must_use]
    pub fn duration(self) -> Duration {
        self.0
    }

    /// As a number of milliseconds.
    #[must_use]
    pub fn number(self) -> f64 {
        (self.0.as_secs_f64() * 1_000_000.0).round() / 1000.0
    }
}

impl From<Duration> for Milliseconds {
    fn from(span: Duration) -> Self {
        let span = span.min(LONGEST);
        let rest = u64::from(span.subsec_nanos());
        Self(Duration::from_secs(span.as_secs()) + Duration::from_micros((rest + 500) / 1000))
    }
}

impl From<Milliseconds> for f64 {
    fn from(span: Milliseconds) -> Self {
        span.number()
    }
}

impl TryFrom<f64> for Milliseconds {
    type Error = String;

    fn try_from(number: f64) -> Result<Self, String> {
        let span = Duration::try_from_secs_f64(number / 1000.0).ok();
        span.filter(|span| *span <= LONGEST)
            .map(Self::from)
            .ok_or_else(|| format!("{number} is no time in milliseconds that a run takes"))
    }
}

/// A moment in UTC, to the millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment(DateTime<Utc>);

impl Moment {
    /// In the words of the standard library.
    #[must_use]
    pub fn system_time(self) -> SystemTime {
        self.0.into()
    }

    /// In the words of `chrono`.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }
}

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        let exact = DateTime::<Utc>::from(time);
        Self(DateTime::from_timestamp_millis(exact.timestamp_millis()).unwrap_or(exact))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = DateTime::parse_from_rfc3339(&text).ok();
        let moment = read.map(|read| Self(read.to_utc()));
        moment
            .filter(|moment| moment.to_string() == text && (1970..3000).contains(&moment.0.year()))
            .ok_or_else(|| format!("`{text}` is no time such as 2026-01-31T12:00:00.000Z"))
    }
}

/// A day in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(pub NaiveDate);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let day = text.parse().ok().map(Self);
        day.filter(|day| day.to_string() == text)
            .ok_or_else(|| format!("`{text}` is no day such as 2026-01-31"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_kept_to_the_microsecond() {
        let span = Milliseconds::from(Duration::from_nanos(1_234_567));
        assert_eq!((span.number(), span.duration()), (1.235, Duration::from_micros(1235)));
        for nanoseconds in [0, 1, 999, 12_345_000, 3_149_500_000, 86_400_000_000_001] {
            let span = Milliseconds::from(Duration::from_nanos(nanoseconds));
            assert_eq!(Milliseconds::try_from(span.number()), Ok(span));
        }
        for number in [-1.0, f64::NAN, 1e300, 1e16] {
            assert!(Milliseconds::try_from(number).is_err(), "{number}");
        }
    }

    #[test]
    fn moments_and_days_have_one_spelling() {
        let moment = Moment::from(SystemTime::UNIX_EPOCH + Duration::from_micros(1_767_323_045_006_900));
        assert_eq!(moment.to_string(), "2026-01-02T03:04:05.006Z");
        assert_eq!(Moment::try_from(moment.to_string()), Ok(moment));
        for text in [
            "2026-01-02T04:04:05.006+01:00",
            "9999-01-02T03:04:05.006Z",
            "2026-01-02",
            "soon",
        ] {
            assert!(Moment::try_from(text.to_owned()).is_err(), "{text}");
        }
        assert!(Day::try_from("2026-01-31".to_owned()).is_ok());
        for text in ["2026-1-31", "2026-02-30", ""] {
            assert!(Day::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
