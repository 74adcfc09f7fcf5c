//! A histogram in HdrHistogram's V2 compressed encoding: as bytes to keep many of, and in base64 as other tools read and write it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};

use crate::histogram::Histogram;

/// A text that holds no histogram.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAHistogram {
    /// It is not base64.
    #[error("the histogram is not base64: {0}")]
    Base64(String),
    /// What was encoded is no histogram, or was cut off.
    #[error("the histogram cannot be read: {0}")]
    Content(String),
}

/// A histogram at rest, without loss: it takes a byte or two for each step that something was recorded in, where the histogram itself takes
/// some ten thousand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed(Box<[u8]>);

impl Packed {
    /// The histogram again.
    #[must_use]
    pub fn unpacked(&self) -> Histogram {
        decoded(&self.0).unwrap_or_else(|_| unreachable!("a histogram was packed"))
    }

    /// How many bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.len()
    }
}

fn decoded(mut bytes: &[u8]) -> Result<Histogram, NotAHistogram> {
    let counts = Deserializer::new().deserialize::<u32, _>(&mut bytes);
    counts
        .map(Histogram::from)
        .map_err(|fault| NotAHistogram::Content(fault.to_string()))
}

impl Histogram {
    /// The histogram in little memory.
    #[must_use]
    pub fn packed(&self) -> Packed {
        let mut bytes = Vec::new();
        // Counts of 32 bits always fit, and memory takes all that is written.
        V2DeflateSerializer::new()
            .serialize(self.counts(), &mut bytes)
            .unwrap_or_else(|_| unreachable!("writing to memory cannot fail"));
        Packed(bytes.into())
    }

    /// The histogram as a text, without loss.
    #[must_use]
    pub fn encode(&self) -> String {
        STANDARD.encode(self.packed().0)
    }

    /// The histogram that a text holds: one of ours, or one that another tool wrote, of whatever bounds.
    ///
    /// # Errors
    /// What keeps the text from being one.
    pub fn decode(text: &str) -> Result<Self, NotAHistogram> {
        let bytes = STANDARD
            .decode(text)
            .map_err(|fault| NotAHistogram::Base64(fault.to_string()))?;
        decoded(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let mut histogram = Histogram::default();
        assert_eq!(Histogram::decode(&histogram.encode()).as_ref(), Ok(&histogram));
        for microseconds in [1, 90, 90, 12_345, 3_000_000] {
            histogram.record(Duration::from_micros(microseconds));
        }
        let decoded = Histogram::decode(&histogram.encode()).unwrap();
        assert_eq!(decoded, histogram);
        assert_eq!(histogram.packed().unpacked(), histogram);
        // It goes on growing.
        let mut grown = decoded;
        grown.record(Duration::from_secs(600));
        assert_eq!(grown.count(), 6);
    }

    /// A tool's block of a busy load: a thousand calls, from half a millisecond to some.
    #[test]
    fn what_is_packed_is_small() {
        let mut histogram = Histogram::default();
        (0..1000_u64).for_each(|call| histogram.record(Duration::from_nanos(500_000 + call * call * 4)));
        assert!(
            histogram.packed().bytes() < 1000,
            "{} bytes",
            histogram.packed().bytes()
        );
    }

    #[test]
    fn what_is_no_histogram_is_told() {
        let is_base64 = |text: &str| !matches!(Histogram::decode(text), Err(NotAHistogram::Base64(_)));
        assert!(!is_base64("no histogram"));
        let encoded = Histogram::default().encode();
        for text in ["", "AAAA", &encoded[..encoded.len() / 8 * 4]] {
            assert!(is_base64(text));
            assert!(Histogram::decode(text).is_err(), "{text}");
        }
    }
}
