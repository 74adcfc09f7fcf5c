//! Interval logs (`.hlog`): histograms with a tag and a stretch of time each, a line each, as HdrHistogram's tools read and write them.

use std::borrow::Borrow;
use std::time::{Duration, SystemTime};

use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, IntervalLogWriterBuilder, LogEntry, Tag};

use crate::encoding::NotAHistogram;
use crate::histogram::Histogram;

/// Nanoseconds to the millisecond: what the readable maximum of each line is divided by, and what other tools expect.
const PER_MILLISECOND: f64 = 1e6;

/// A log.
#[derive(Debug, Clone, PartialEq)]
pub struct IntervalLog {
    /// The wall clock at its start.
    pub start: SystemTime,
    /// Its histograms, in the order of their starts.
    pub intervals: Vec<Interval>,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// What was measured.
    pub tag: String,
    /// The start of the stretch, from the log's own.
    pub start: Duration,
    /// How long the stretch is.
    pub length: Duration,
    /// The latencies.
    pub histogram: Histogram,
}

/// A text that is no log, and the line that shows it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// A line that is neither a comment nor a histogram's.
    #[error(
        "line {line} is no line of an interval log: expected `Tag=NAME,START,LENGTH,MAX,HISTOGRAM`, and a line end"
    )]
    Line {
        /// From 1.
        line: usize,
    },
    /// A line with a histogram that cannot be read.
    #[error("line {line}: {fault}")]
    Histogram {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        fault: NotAHistogram,
    },
    /// A log without any histogram.
    #[error("the log has no histogram: is it an interval log?")]
    Empty,
}

/// Writes a log as a text, with comments at its head that say what it is. Intervals in which nothing was recorded are left out; one is held at a
/// time. All are written with room for the longest latency: of the tools that add intervals up, some do not let the first grow.
pub fn write(
    start: SystemTime,
    comments: &[impl AsRef<str>],
    intervals: impl IntoIterator<Item: Borrow<Interval>>,
) -> String {
    let mut serializer = V2DeflateSerializer::new();
    let mut bytes = Vec::new();
    let mut builder = IntervalLogWriterBuilder::new();
    comments.iter().for_each(|comment| {
        builder.add_comment(&comment.as_ref().replace(['\r', '\n'], " "));
    });
    builder
        .add_comment("[Histogram log format version 1.3]")
        .with_start_time(start)
        .with_base_time(start)
        .with_max_value_divisor(PER_MILLISECOND);
    let mut writer = builder
        .begin_log_with(&mut bytes, &mut serializer)
        .unwrap_or_else(|_| unreachable!("writing to memory cannot fail"));
    for interval in intervals {
        let interval = interval.borrow();
        if interval.histogram.is_empty() {
            continue;
        }
        let (tag, counts) = (escaped(&interval.tag), interval.histogram.full_range());
        writer
            .write_histogram(&counts, interval.start, interval.length, Tag::new(&tag))
            .unwrap_or_else(|_| unreachable!("writing to memory cannot fail"));
    }
    // Everything in it is text.
    String::from_utf8_lossy(&bytes).into_owned()
}

impl IntervalLog {
    /// Reads a log: one of ours, or one that another tool wrote.
    ///
    /// # Errors
    /// The first line that is wrong. A log whose end was cut off is one.
    pub fn read(text: &str) -> Result<Self, LogError> {
        let mut log = Self {
            start: SystemTime::UNIX_EPOCH,
            intervals: Vec::new(),
        };
        for (index, text) in text.split_inclusive('\n').enumerate() {
            let line = index + 1;
            for entry in IntervalLogIterator::new(text.as_bytes()) {
                match entry.map_err(|_| LogError::Line { line })? {
                    LogEntry::StartTime(start) => log.start = SystemTime::UNIX_EPOCH + start,
                    LogEntry::BaseTime(_) => {}
                    LogEntry::Interval(interval) => log.intervals.push(Interval {
                        tag: interval.tag().map(|tag| unescaped(tag.as_str())).unwrap_or_default(),
                        start: interval.start_timestamp(),
                        length: interval.duration(),
                        histogram: Histogram::decode(interval.encoded_histogram())
                            .map_err(|fault| LogError::Histogram { line, fault })?,
                    }),
                }
            }
        }
        match log.intervals.is_empty() {
            true => Err(LogError::Empty),
            false => Ok(log),
        }
    }
}

/// Whether a character stands in a tag as it is. Some would end the tag, and others act on the terminal that shows it or, as `##name[`, on
/// a CI server: a tool's key is the hub's own text.
fn is_plain(character: char) -> bool {
    (character.is_ascii_graphic() && !matches!(character, '%' | ',' | '['))
        || (!character.is_ascii() && character.is_alphanumeric())
}

/// A text as a tag, other characters written as in a URL.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_plain(character) {
            escaped.push(character);
        } else {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                escaped.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    escaped
}

/// The text of a tag. What is no escape stands for itself: other tools write tags as they come.
fn unescaped(tag: &str) -> String {
    let mut bytes = Vec::with_capacity(tag.len());
    let mut rest = tag;
    while let Some(at) = rest.find('%') {
        bytes.extend(&rest.as_bytes()[..at]);
        let digits = rest
            .get(at + 1..at + 3)
            .filter(|digits| digits.bytes().all(|own| own.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[at + 3..];
            }
            None => {
                bytes.push(b'%');
                rest = &rest[at + 1..];
            }
        }
    }
    bytes.extend(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| tag.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> IntervalLog {
        let tools = [
            ("itsm.tickets.list", 12),
            ("odd, 100%\n%2C", 3456),
            ("é\u{1b}[2J\u{202e}", 7),
        ];
        let interval = |(tool, milliseconds)| {
            let mut histogram = Histogram::default();
            histogram.record(Duration::from_millis(milliseconds));
            Interval {
                tag: format!("response/success/{tool}"),
                start: Duration::from_millis(1500),
                length: Duration::from_secs(10),
                histogram,
            }
        };
        IntervalLog {
            start: SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_323_045_250),
            intervals: tools.map(interval).into(),
        }
    }

    fn written(comments: &[&str]) -> String {
        let log = log();
        let empty = Interval {
            tag: "lateness".to_owned(),
            start: Duration::ZERO,
            length: Duration::from_secs(1),
            histogram: Histogram::default(),
        };
        write(log.start, comments, log.intervals.iter().chain([&empty]))
    }

    #[test]
    fn what_is_written_is_read() {
        let text = written(&["hubproof 0.1.0", "two\nlines"]);
        assert_eq!(IntervalLog::read(&text).as_ref(), Ok(&log()));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[..6],
            [
                "#hubproof 0.1.0",
                "#two lines",
                "#[Histogram log format version 1.3]",
                "#[StartTime: 1767323045.250 (seconds since epoch)]",
                "#[BaseTime: 1767323045.250 (seconds since epoch)]",
                "#[MaxValueDivisor: 1000000.000]",
            ]
        );
        assert!(
            lines[6].starts_with("Tag=response/success/itsm.tickets.list,1.500,10.000,12.00"),
            "{}",
            lines[6]
        );
        assert!(
            lines[7].starts_with("Tag=response/success/odd%2C%20100%25%0A%252C,"),
            "{}",
            lines[7]
        );
        assert!(
            lines[8].starts_with("Tag=response/success/é%1B%5B2J%E2%80%AE,"),
            "{}",
            lines[8]
        );
        assert_eq!(lines.len(), 9, "nothing of an empty histogram");
    }

    #[test]
    fn a_log_of_another_tool_is_read() {
        // Of HdrHistogram's own documentation of the format: no tag, a legend, other bounds.
        let legend = "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n";
        let text = format!(
            "#[StartTime: 1441812279.474 (seconds since epoch), Wed Sep 09 08:24:39 PDT 2015]\n{legend}0.127,1.007,2.769,{}\n",
            Histogram::default().encode()
        );
        let read = IntervalLog::read(&text).unwrap();
        assert_eq!(
            (read.intervals[0].tag.as_str(), read.intervals[0].length),
            ("", Duration::from_millis(1007))
        );
    }

    #[test]
    fn a_tag_that_is_no_escape_stands_for_itself() {
        for tag in ["50%", "%zz", "%+1", "a%é", "%FF", "%"] {
            assert_eq!(unescaped(tag), tag);
        }
        assert_eq!(unescaped("%2C%20%C3%A9"), ", é");
    }

    #[test]
    fn a_corrupt_log_is_told_with_its_line() {
        let sound = written(&[]);
        let read = |text: &str| IntervalLog::read(text).map(|_| ()).map_err(|fault| fault.to_string());
        assert_eq!(
            read(""),
            Err("the log has no histogram: is it an interval log?".to_owned())
        );
        let expected = "is no line of an interval log: expected `Tag=NAME,START,LENGTH,MAX,HISTOGRAM`, and a line end";
        let broken = sound.replacen("Tag=response/success/itsm.tickets.list,1.500", "Tag=response,soon", 1);
        assert_eq!(read(&broken), Err(format!("line 5 {expected}")));
        assert_eq!(read(&sound[..sound.len() - 20]), Err(format!("line 7 {expected}")));
        let cut = sound.replacen("HIST", "", 1);
        assert!(
            read(&cut).unwrap_err().starts_with("line 5: the histogram "),
            "{:?}",
            read(&cut)
        );
        let binary = sound.replacen("HIST", "H\u{1}ST", 1);
        assert!(
            read(&binary)
                .unwrap_err()
                .starts_with("line 5: the histogram is not base64: ")
        );
    }

    #[test]
    fn no_change_of_a_byte_brings_the_reader_down() {
        let sound = written(&[]);
        for (at, character) in sound.char_indices() {
            let _ = IntervalLog::read(&sound[..at]);
            for other in ["A", "/", ",", "9", "\n", ""] {
                let mut text = sound.clone();
                text.replace_range(at..at + character.len_utf8(), other);
                let _ = IntervalLog::read(&text);
            }
        }
    }
}
