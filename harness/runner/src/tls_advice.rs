//! What to do about a connection that TLS did not let be, by what was said of it.

/// The advice, where the words are TLS's.
pub(crate) fn advice(why: &str) -> Option<&'static str> {
    let why = why.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| why.contains(word));
    if says(&["expired"]) {
        Some("renew the hub's certificate")
    } else if says(&["unknownissuer", "unknown issuer"]) {
        Some("name the PEM file of the authority that signed it in [target] ca_file")
    } else if says(&["not valid for name", "notvalidforname"]) {
        Some("give the host by a name that is in its certificate")
    } else if says(&["corrupt message", "invalidcontenttype", "handshake eof"]) {
        Some("what listens there does not speak TLS: is it http:// in place of https://?")
    } else {
        None
    }
}
