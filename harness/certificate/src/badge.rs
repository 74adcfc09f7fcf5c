//! The badge of a verified certificate: a picture for a page. It proves nothing by itself, and says of what it is.

use maud::{PreEscaped, html};

use crate::verify::Verified;

/// How wide a character is drawn at the badge's size, more or less, in pixels.
const CHARACTER: usize = 7;
/// The room on each side of a text.
const ROOM: usize = 8;

/// The badge as an SVG document.
#[must_use]
pub fn svg(verified: &Verified) -> String {
    let certificate = verified.certificate();
    let label = match &certificate.connector {
        Some(connector) => format!("hubproof {}", connector.connector),
        None => format!("hubproof {}", certificate.set.set),
    };
    let day = certificate.run.finished_at.utc().format("%Y-%m-%d").to_string();
    let (says, colour) = match certificate.warned.is_empty() {
        true => (day, "#1a7f37"),
        false => (format!("{day}, warns"), "#9a6700"),
    };
    let title = format!(
        "{label}: {says}, contract {}, signed by {}",
        certificate.set.revision,
        verified.key()
    );
    let width = |text: &str| text.chars().count() * CHARACTER + 2 * ROOM;
    let (left, right) = (width(&label), width(&says));
    let whole = left + right;
    let drawn = html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(whole) height="20" role="img" aria-label=(title) {
            title { (title) }
            rect width=(left) height="20" fill="#24292f" {}
            rect x=(left) width=(right) height="20" fill=(colour) {}
            g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" {
                (text(ROOM, left - 2 * ROOM, &label))
                (text(left + ROOM, right - 2 * ROOM, &says))
            }
        }
    };
    format!("{}\n", drawn.into_string())
}

/// A text of a fixed length, whatever font there is.
fn text(x: usize, length: usize, says: &str) -> PreEscaped<String> {
    html! { text x=(x) y="14" textLength=(length) { (says) } }
}

#[cfg(test)]
mod tests {
    use crate::canned;

    use super::*;

    #[test]
    fn it_says_of_what_it_is_and_since_when() {
        let badge = svg(&canned::verified(&canned::certificate()));
        for part in ["hubproof hub-core", "2026-01-02", "sha256:", "#1a7f37"] {
            assert!(badge.contains(part), "{part}: {badge}");
        }
        let warned = svg(&canned::verified(&canned::warned()));
        assert!(warned.contains("warns") && warned.contains("#9a6700"), "{warned}");
    }

    #[test]
    fn a_name_writes_no_markup() {
        let mut certificate = canned::of_connector();
        certificate.connector.as_mut().unwrap().connector = "<script>\"'&".to_owned();
        let badge = svg(&canned::verified(&certificate));
        assert!(
            !badge.contains("<script") && badge.contains("hubproof &lt;script"),
            "{badge}"
        );
    }
}
