//! What a text says once its escapes are read, and where each byte of that stands in it.

use std::ops::Range;

/// The most bytes that an escape takes for one byte of what it says: `\u0041`.
pub(super) const LONGEST_ESCAPE: usize = 6;

/// A reading of a text.
pub(super) enum View<'t> {
    /// As it is.
    Plain(&'t [u8]),
    /// With its escapes read.
    Decoded {
        decoded: Vec<u8>,
        /// Where the escape of each byte begins in the text; one more for the end.
        starts: Vec<usize>,
    },
}

impl<'t> View<'t> {
    /// The readings of a text: as it is, as a JSON string's inside, percent-decoded. What has no escapes has no such reading.
    pub(super) fn all(text: &'t [u8]) -> impl Iterator<Item = View<'t>> {
        let escaped = text.contains(&b'\\').then(|| Self::decoded_by(text, json_escape));
        let encoded = text.contains(&b'%').then(|| Self::decoded_by(text, percent_escape));
        std::iter::once(View::Plain(text)).chain(escaped).chain(encoded)
    }

    pub(super) fn decoded(&self) -> &[u8] {
        match self {
            View::Plain(text) => text,
            View::Decoded { decoded, .. } => decoded,
        }
    }

    /// The stretch of the text that says this stretch of the reading.
    pub(super) fn origin(&self, range: Range<usize>) -> Range<usize> {
        match self {
            View::Plain(_) => range,
            View::Decoded { starts, .. } => starts[range.start]..starts[range.end],
        }
    }

    /// `escape` reads the escape at the head of a text, if there is one, and says how long it is.
    fn decoded_by(text: &[u8], escape: fn(&[u8], &mut Vec<u8>) -> Option<usize>) -> Self {
        let mut decoded = Vec::with_capacity(text.len());
        let mut starts = Vec::with_capacity(text.len() + 1);
        let mut at = 0;
        while at < text.len() {
            let length = escape(&text[at..], &mut decoded).unwrap_or_else(|| {
                decoded.push(text[at]);
                1
            });
            starts.resize(decoded.len(), at);
            at += length;
        }
        starts.push(at);
        View::Decoded { decoded, starts }
    }
}

/// `%2B` (RFC 3986 §2.1).
fn percent_escape(text: &[u8], decoded: &mut Vec<u8>) -> Option<usize> {
    let [b'%', digits @ ..] = text else { return None };
    decoded.push(u8::try_from(hexadecimal(digits.get(..2)?)?).ok()?);
    Some(3)
}

/// `\"`, `\/`, `\u002B` (RFC 8259 §7). Half of a surrogate pair is left as it is: no secret goes so far.
fn json_escape(text: &[u8], decoded: &mut Vec<u8>) -> Option<usize> {
    let [b'\\', kind, rest @ ..] = text else { return None };
    let char = match kind {
        b'"' | b'\\' | b'/' => char::from(*kind),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => char::from_u32(hexadecimal(rest.get(..4)?)?)?,
        _ => return None,
    };
    decoded.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    Some(if *kind == b'u' { LONGEST_ESCAPE } else { 2 })
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits
        .iter()
        .try_fold(0, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
}
