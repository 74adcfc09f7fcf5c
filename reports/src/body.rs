//! Bodies as reports show them: JSON where it is JSON, else text, cut where it is long.

use hubproof_model::call::Body;
use hubproof_model::exchange::Response;
use serde_json::Value;

/// The most bytes of a body that a report holds.
pub(crate) const SHOWN_BYTES: usize = 8 * 1024;

/// A body, ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shown {
    Nothing,
    Json(Value),
    Text {
        text: String,
        /// Bytes of the whole body, as far as it was read.
        size: usize,
        /// Whether `text` is less than the body.
        truncated: bool,
    },
}

/// A request's body as it was planned: with key placeholders.
pub(crate) fn of_request(body: &Body) -> Shown {
    match body {
        Body::Empty => Shown::Nothing,
        Body::Json(value) => json(value, || value.to_string().into_bytes()),
        Body::Text(template) => text(template.0.as_bytes(), template.0.len(), false),
        Body::Bytes(bytes) => text(bytes, bytes.len(), false),
        Body::Repeat {
            head,
            unit,
            times,
            tail,
        } => {
            let size = head.len() + unit.len().saturating_mul(*times) + tail.len();
            // No more of it than is shown, and one byte to tell that there is more.
            let enough = (SHOWN_BYTES + 1).div_ceil(unit.len().max(1)).min(*times);
            let begin = [head, &unit.repeat(enough), tail].map(String::as_bytes).concat();
            text(&begin, size, false)
        }
    }
}

/// An answer's body. One that says a member twice stands as text: a JSON value would hide it.
pub(crate) fn of_response(response: &Response) -> Shown {
    match &response.json {
        _ if response.body.is_empty() && !response.truncated => Shown::Nothing,
        Ok(body) if body.duplicate_keys.is_empty() && response.body.len() <= SHOWN_BYTES && !response.truncated => {
            Shown::Json(body.value.clone())
        }
        _ => text(&response.body, response.body.len(), response.truncated),
    }
}

fn json(value: &Value, written: impl Fn() -> Vec<u8>) -> Shown {
    let written = written();
    if written.len() <= SHOWN_BYTES {
        Shown::Json(value.clone())
    } else {
        text(&written, written.len(), false)
    }
}

fn text(bytes: &[u8], size: usize, truncated: bool) -> Shown {
    let cut = bytes.len().min(SHOWN_BYTES);
    // Not in the middle of a character: the bytes that continue one go with it.
    let cut = (cut.saturating_sub(3)..=cut)
        .rev()
        .find(|&at| starts_character(bytes, at))
        .unwrap_or(cut);
    Shown::Text {
        text: String::from_utf8_lossy(&bytes[..cut]).into_owned(),
        size,
        truncated: truncated || cut < size,
    }
}

fn starts_character(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| byte & 0b1100_0000 != 0b1000_0000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &[u8]) -> Shown {
        of_response(&Response::new(200, Vec::new(), body.to_vec()))
    }

    #[test]
    fn json_stands_inline_unless_it_would_hide_something() {
        assert_eq!(answer(br#"{"a":1}"#), Shown::Json(serde_json::json!({"a": 1})));
        assert!(matches!(answer(br#"{"a":1,"a":2}"#), Shown::Text { text, .. } if text == r#"{"a":1,"a":2}"#));
        assert_eq!(answer(b""), Shown::Nothing);
    }

    #[test]
    fn long_bodies_are_cut_between_characters() {
        let long = format!("x{}", "é".repeat(SHOWN_BYTES));
        let Shown::Text { text, size, truncated } = answer(long.as_bytes()) else {
            panic!("text")
        };
        assert!(truncated && text.len() <= SHOWN_BYTES && !text.contains('\u{fffd}'));
        assert_eq!(size, long.len());
        assert!(matches!(answer(b"\xff<"), Shown::Text { text, truncated: false, .. } if text == "\u{fffd}<"));
    }

    #[test]
    fn repeated_bodies_are_not_written_out() {
        let (head, unit, tail) = ("[".to_owned(), "1,".to_owned(), "1]".to_owned());
        let short = Body::Repeat {
            head: head.clone(),
            unit: unit.clone(),
            times: 2,
            tail: tail.clone(),
        };
        assert!(matches!(of_request(&short), Shown::Text { text, truncated: false, .. } if text == "[1,1,1]"));
        let endless = Body::Repeat {
            head,
            unit,
            times: usize::MAX / 4,
            tail,
        };
        assert!(matches!(of_request(&endless), Shown::Text { text, truncated: true, .. } if text.len() <= SHOWN_BYTES));
    }
}
