//! Times as RFC 3339 writes them.

use std::time::SystemTime;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

/// The time in UTC, to the millisecond.
pub(crate) fn format(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The point in time of a `date-time`.
pub(crate) fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// The day of a `full-date`.
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    // chrono also reads years of other lengths.
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    day.filter(|day| day.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_it_reads() {
        for text in [
            "1970-01-01T00:00:00.000Z",
            "1999-12-31T23:59:59.999Z",
            "2000-02-29T12:00:00.001Z",
            "2026-01-05T09:15:00.250Z",
            "2100-03-01T00:00:00.000Z",
            "9999-12-31T23:59:59.000Z",
        ] {
            assert_eq!(format(instant(text).unwrap().into()), text);
        }
    }

    #[test]
    fn reads_offsets_and_fractions() {
        assert_eq!(
            instant("2026-01-05T10:15:00.5+01:00"),
            instant("2026-01-05T09:15:00.500Z")
        );
        assert_eq!(instant("2026-01-05t08:45:00-00:30"), instant("2026-01-05T09:15:00Z"));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "2026-01-05",
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-05T24:00:00Z",
            "2026-01-05T09:15:00",
            "2026-01-05T09:15:00.Z",
            "2026-01-05T09:15:00+1",
            "+026-01-05T09:15:00Z",
            "ääääääääääääääää",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
        assert_eq!(day("2025-02-29"), None);
    }
}
