//! How a vendor writes times.

use std::time::SystemTime;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, NaiveDateTime, Utc};

/// A format in the words of strftime; `@seconds.micros` for seconds since 1970 with six digits behind the point, and
/// `@seconds` without them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimeFormat(String);

/// Seconds since 1970 as a text with six digits behind the point, as Slack names messages.
const MICROSECONDS: &str = "@seconds.micros";
/// Whole seconds since 1970.
const SECONDS: &str = "@seconds";

impl TimeFormat {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let is_known = text == MICROSECONDS || text == SECONDS;
        if is_known || !StrftimeItems::new(text).any(|item| item == Item::Error) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("`{text}` is no format of strftime"))
        }
    }

    pub(crate) fn write(&self, time: SystemTime) -> String {
        let time = DateTime::<Utc>::from(time);
        match self.0.as_str() {
            MICROSECONDS => format!("{}.{:06}", time.timestamp(), time.timestamp_subsec_micros()),
            SECONDS => time.timestamp().to_string(),
            format => time.format(format).to_string(),
        }
    }

    /// The time that a text tells: in this format, or in one of those that query languages take.
    pub(crate) fn parse(&self, text: &str) -> Option<DateTime<Utc>> {
        let own = DateTime::parse_from_str(text, &self.0).map(|time| time.to_utc());
        let naive = |format: &str| NaiveDateTime::parse_from_str(text, format).map(|time| time.and_utc());
        own.or_else(|_| naive(&self.0))
            .or_else(|_| naive("%Y-%m-%d %H:%M:%S"))
            .or_else(|_| naive("%Y-%m-%d %H:%M"))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_604_500_250);
        for (format, text) in [
            ("%Y-%m-%d %H:%M:%S", "2026-01-05 09:15:00"),
            ("%Y-%m-%dT%H:%M:%S%.3f%z", "2026-01-05T09:15:00.250+0000"),
        ] {
            let format = TimeFormat::read(format).unwrap();
            assert_eq!(format.write(time), text);
            let parsed = format.parse(text).unwrap();
            assert_eq!(parsed.timestamp(), 1_767_604_500, "{text}");
        }
        let micros = TimeFormat::read("@seconds.micros").unwrap();
        assert_eq!(micros.write(time), "1767604500.250000");
        assert!(TimeFormat::read("%Q").is_err());
    }
}
