//! A histogram as a line of text: HdrHistogram's V2 compressed encoding in base64, as other tools read and write it.

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

impl Histogram {
    /// The histogram as a text, without loss.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = Vec::new();
        // Counts of 32 bits always fit, and memory takes all that is written.
        V2DeflateSerializer::new()
            .serialize(self.counts(), &mut bytes)
            .unwrap_or_else(|_| unreachable!("writing to memory cannot fail"));
        STANDARD.encode(bytes)
    }

    /// The histogram that a text holds: one of ours, or one that another tool wrote, of whatever bounds.
    ///
    /// # Errors
    /// What keeps the text from being one.
    pub fn decode(text: &str) -> Result<Self, NotAHistogram> {
        let bytes = STANDARD
            .decode(text)
            .map_err(|fault| NotAHistogram::Base64(fault.to_string()))?;
        Deserializer::new()
            .deserialize::<u32, _>(&mut bytes.as_slice())
            .map(Histogram::from)
            .map_err(|fault| NotAHistogram::Content(fault.to_string()))
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
        // It goes on growing.
        let mut grown = decoded;
        grown.record(Duration::from_secs(600));
        assert_eq!(grown.count(), 6);
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
