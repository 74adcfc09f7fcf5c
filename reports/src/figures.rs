//! Numbers as people read them.

use std::time::Duration;

/// A count with its thousands apart: `2,345`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count and what is counted: `1 request`, `2,345 requests`.
#[must_use]
pub fn counted(number: u64, singular: &str) -> String {
    format!("{} {}", count(number), plural(number, singular))
}

/// What is counted, where the count stands by itself: `request` of 1, `requests` of any other.
#[must_use]
pub fn plural(number: u64, singular: &str) -> String {
    format!("{singular}{}", if number == 1 { "" } else { "s" })
}

/// A time span: `12 ms`, `3.1 s`, `2 min 5 s`.
#[must_use]
pub fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..=59 => format!("{}.{} s", seconds, duration.subsec_millis() / 100),
        _ => format!("{} min {} s", count(seconds / 60), seconds % 60),
    }
}

/// A latency in milliseconds, with as many digits as tell something: `0.31 ms`, `12.3 ms`, `1,234 ms`.
#[must_use]
pub fn short_milliseconds(latency: Duration) -> String {
    let exact = latency.as_secs_f64() * 1000.0;
    match exact {
        100.0.. => format!("{} ms", count(exact.round() as u64)),
        10.0.. => format!("{exact:.1} ms"),
        _ => format!("{exact:.2} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "request"), "1 request");
        assert_eq!(counted(0, "request"), "0 requests");
        let spans = [12, 3_149, 59_999, 125_000].map(|millis| span(Duration::from_millis(millis)));
        assert_eq!(spans, ["12 ms", "3.1 s", "59.9 s", "2 min 5 s"]);
        let short = [0, 314, 9_994, 12_345, 1_234_567].map(|micros| short_milliseconds(Duration::from_micros(micros)));
        assert_eq!(short, ["0.00 ms", "0.31 ms", "9.99 ms", "12.3 ms", "1,235 ms"]);
    }
}
