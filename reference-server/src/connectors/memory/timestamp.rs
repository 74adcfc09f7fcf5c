//! Times as RFC 3339 writes them.

use std::time::{Duration, SystemTime};

const DAY: i64 = 86_400;

/// A point in time: seconds since 1970 and nanoseconds.
pub(super) type Instant = (i64, u32);

/// The time in UTC, to the millisecond.
pub(super) fn format(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    // RFC 3339 has four digits for the year.
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX).min(253_402_300_799);
    let (year, month, day) = date_of(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        second / 3600,
        second / 60 % 60,
        second % 60,
        since.subsec_millis()
    )
}

/// The point in time of a `date-time`.
pub(super) fn instant(text: &str) -> Option<Instant> {
    let (date, time) = text.split_at_checked(10)?;
    let time = time.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = time.split_at_checked(8)?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let digits = rest
        .strip_prefix('.')
        .map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let (nanos, zone) = match rest.strip_prefix('.') {
        Some(rest) if digits > 0 => (nanos(&rest[..digits]), &rest[digits..]),
        Some(_) => return None,
        None => (0, rest),
    };
    let offset = match zone.as_bytes() {
        b"Z" | b"z" => 0,
        [b'+', ..] => minutes(&zone[1..])?,
        [b'-', ..] => -minutes(&zone[1..])?,
        _ => return None,
    };
    // 60 is a leap second.
    (hour < 24 && minute < 60 && second <= 60).then_some(())?;
    Some((
        day(date)? * DAY + hour * 3600 + minute * 60 + second - offset * 60,
        nanos,
    ))
}

/// The day of a `full-date`, counted from 1970.
pub(super) fn day(text: &str) -> Option<i64> {
    let [year, month, day] = numbers(text, '-', [4, 2, 2])?;
    let days = days_before(year, month)? + day - 1;
    (date_of(days) == (year, month, day)).then_some(days)
}

/// The day on which a point in time falls in UTC.
pub(super) fn day_of((seconds, _): Instant) -> i64 {
    seconds.div_euclid(DAY)
}

fn minutes(zone: &str) -> Option<i64> {
    let [hours, minutes] = numbers(zone, ':', [2, 2])?;
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

fn nanos(digits: &str) -> u32 {
    let digits = digits.bytes().chain(std::iter::repeat(b'0')).take(9);
    digits.fold(0, |nanos, digit| nanos * 10 + u32::from(digit - b'0'))
}

/// So many numbers, each of so many digits.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// The days from 1970 to the first of a month.
fn days_before(year: i64, month: i64) -> Option<i64> {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let before = BEFORE.get(usize::try_from(month - 1).ok()?)?;
    let leap_day = i64::from(month > 2 && leap(year));
    Some(days_before_year(year) - days_before_year(1970) + before + leap_day)
}

fn days_before_year(year: i64) -> i64 {
    let past = year - 1;
    year * 365 + past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400)
}

fn leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Year, month and day of a day counted from 1970.
fn date_of(days: i64) -> (i64, i64, i64) {
    let since = days + days_before_year(1970) - days_before_year(0);
    // 146,097 days make 400 years: the guess is the year, or one of its neighbours.
    let guess = (since * 400).div_euclid(146_097);
    let starts = |year: &i64| days_before_year(*year) - days_before_year(1970) <= days;
    let year = (guess - 1..=guess + 1).rev().find(starts).unwrap_or(guess);
    let month = (1..=12)
        .rev()
        .find(|month| days_before(year, *month).is_some_and(|first| first <= days))
        .unwrap_or(1);
    (year, month, days - days_before(year, month).unwrap_or(days) + 1)
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
            let (seconds, nanos) = instant(text).unwrap();
            let time = SystemTime::UNIX_EPOCH + Duration::new(seconds.unsigned_abs(), nanos);
            assert_eq!(format(time), text);
        }
        assert_eq!(instant("2026-01-05T09:15:00Z"), Some((1_767_604_500, 0)));
    }

    #[test]
    fn every_day_follows_the_day_before() {
        let mut last = date_of(day("1899-12-31").unwrap());
        for number in day("1900-01-01").unwrap()..=day("2401-01-01").unwrap() {
            let date = date_of(number);
            assert!(date > last, "{date:?} after {last:?}");
            assert_eq!(day(&format!("{:04}-{:02}-{:02}", date.0, date.1, date.2)), Some(number));
            last = date;
        }
    }

    #[test]
    fn reads_offsets_and_fractions() {
        assert_eq!(
            instant("2026-01-05T10:15:00.5+01:00"),
            Some((1_767_604_500, 500_000_000))
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

    #[test]
    fn clocks_out_of_range_are_held_to_it() {
        assert_eq!(
            format(SystemTime::UNIX_EPOCH - Duration::from_secs(1)),
            "1970-01-01T00:00:00.000Z"
        );
        let far = SystemTime::UNIX_EPOCH + Duration::from_secs(300_000_000_000);
        assert!(format(far).starts_with("9999-12-31"));
    }
}
