//! The ids of requests: short enough to be copied instead of kept somewhere.

use std::ops::Deref;

const PREFIX: &[u8; 4] = b"req_";
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// `req_`, what tells this start of the hub from another, and the number of the request (ENV-05).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestId([u8; 24]);

impl RequestId {
    /// The id of the request of this number; after 2^48 requests they begin again.
    pub(crate) fn new(start: u32, number: u64) -> Self {
        let mut text = [0; 24];
        let (prefix, digits) = text.split_at_mut(PREFIX.len());
        prefix.copy_from_slice(PREFIX);
        let mut left = (u128::from(start) << 48) | u128::from(number & 0xffff_ffff_ffff);
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS[(left & 0xf) as usize];
            left >>= 4;
        }
        Self(text)
    }
}

impl Deref for RequestId {
    type Target = str;

    fn deref(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_start_and_the_number_in_hexadecimal() {
        assert_eq!(&*RequestId::new(0xab12_0034, 0x2f), "req_ab12003400000000002f");
        assert_eq!(&*RequestId::new(u32::MAX, (1 << 48) + 1), "req_ffffffff000000000001");
    }
}
