//! The spellings of a secret that no decoding of the text around it would show.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The secret as it is, and in base64 at each of the three offsets that it may have in a longer text, each once.
pub(super) fn of(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut spellings = vec![secret.to_vec()];
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        for offset in 0..3 {
            let spelling = at_offset(secret, offset, &engine);
            if !spellings.contains(&spelling) {
                spellings.push(spelling);
            }
        }
    }
    spellings
}

/// The characters that the secret alone decides: those at its edges also depend on its neighbours.
fn at_offset(secret: &[u8], offset: usize, engine: &impl Engine) -> Vec<u8> {
    let shifted = [&vec![0; offset], secret].concat();
    let encoded = engine.encode(&shifted).into_bytes();
    let first = (offset * 8).div_ceil(6);
    let last = shifted.len() * 8 / 6;
    encoded[first..last].to_vec()
}
