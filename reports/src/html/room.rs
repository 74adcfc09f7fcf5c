//! How much evidence fits on a page that opens at once.

/// The most bytes of evidence in a page. A browser takes some twenty megabytes with ease, a mail server does not.
const MOST_BYTES: usize = 8_000_000;
/// The most violations with their evidence: each is some hundred elements.
const MOST_VIOLATIONS: usize = 300;
/// How many bytes a violation may take in any case: the first of a requirement is shown whatever room is left.
const ALWAYS: usize = 200_000;

/// The room that is left for evidence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    bytes: usize,
    violations: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            bytes: MOST_BYTES,
            violations: MOST_VIOLATIONS,
        }
    }
}

impl Room {
    /// Whether nothing fits any more.
    pub(super) fn is_spent(&self) -> bool {
        self.violations == 0 || self.bytes == 0
    }

    /// Takes the room for a piece of evidence, if there is some left.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        if self.violations == 0 || bytes > self.bytes {
            return false;
        }
        self.bytes -= bytes;
        self.violations -= 1;
        true
    }

    /// Takes the room for a piece that is shown unless it is very large: the first of a requirement.
    pub(super) fn take_first(&mut self, bytes: usize) -> bool {
        self.bytes = self.bytes.saturating_sub(bytes);
        self.violations = self.violations.saturating_sub(1);
        bytes <= ALWAYS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_runs_out_by_bytes_and_by_number() {
        let mut room = Room::default();
        assert!(!room.take(MOST_BYTES + 1));
        assert!(room.take(MOST_BYTES - 1) && room.take(1) && !room.take(1));
        assert!(room.is_spent() && !Room::default().is_spent());
        assert!(room.take_first(ALWAYS) && !room.take_first(ALWAYS + 1));
        let mut room = Room::default();
        assert_eq!((0..1000).filter(|_| room.take(1)).count(), MOST_VIOLATIONS);
        assert!(room.is_spent());
    }
}
