//! `Retry-After` of a vendor (RFC 9110 §10.2.3).

use std::time::{Duration, SystemTime};

use chrono::DateTime;
use http::HeaderMap;
use http::header::RETRY_AFTER;

/// The longest wait that is passed on: a vendor that says more is mistaken.
const LONGEST: Duration = Duration::from_secs(86_400);

/// When to come again, as far as the vendor tells: in seconds, or as a date.
pub(super) fn read(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = SystemTime::from(DateTime::parse_from_rfc2822(text).ok()?);
            date.duration_since(now).unwrap_or_default()
        }
    };
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn seconds_and_dates_are_read() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (text, seconds) in [
            ("7", Some(7)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sun, 06 Nov 1994 08:49:27 GMT", Some(0)),
            ("99999999", Some(86_400)),
            ("soon", None),
            ("-1", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]);
            assert_eq!(read(&headers, now), seconds.map(Duration::from_secs), "{text}");
        }
        assert_eq!(read(&HeaderMap::new(), now), None);
    }
}
