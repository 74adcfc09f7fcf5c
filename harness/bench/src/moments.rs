//! The moments of a call, and the times between them.

use std::time::{Duration, Instant};

/// When a call was meant to go out, and when it did what it did. Of a closed loop, in which nobody means to send before a connection is free,
/// the first four are one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moments {
    /// When it was meant to go out.
    pub(crate) intended: Instant,
    /// When the schedule handed it out: no sooner than it was meant to go out, and later where the machine let the schedule wait.
    pub(crate) handed_out: Instant,
    /// From when on a connection was free for it, and the profile's rate let it go.
    pub(crate) free: Instant,
    /// How long it waited for the profile's rate alone: in none of the times.
    pub(crate) held_back: Duration,
    /// When it went out.
    pub(crate) sent: Instant,
    /// When its answer was whole, or it was known that there is none.
    pub(crate) ended: Instant,
}

impl Moments {
    /// What a user waits.
    pub(crate) fn response(&self) -> Duration {
        let whole = self.ended.saturating_duration_since(self.intended);
        whole.saturating_sub(self.held_back)
    }

    /// What the hub took.
    pub(crate) fn service(&self) -> Duration {
        self.ended.saturating_duration_since(self.sent)
    }

    /// The harness's own delay: the schedule's, and the sender's from when on the call was there to be sent and a connection was free. What is
    /// left of the response, beside this and the service, is time in which every connection waited for the hub.
    pub(crate) fn lateness(&self) -> Duration {
        let of_schedule = self.handed_out.saturating_duration_since(self.intended);
        let of_sender = self.sent.saturating_duration_since(self.handed_out.max(self.free));
        // A call that the rate held back would have waited for it, however soon it was handed out.
        (of_schedule + of_sender).min(self.response().saturating_sub(self.service()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lateness, and the part of the response that is neither it nor the service, of a call that was meant to go out at 0 and was handed
    /// out, found a connection, went out and was answered at these milliseconds.
    fn told(handed_out: u64, free: u64, sent: u64, ended: u64) -> (u64, u64) {
        held_back(0, handed_out, free, sent, ended)
    }

    /// The same of one that the rate held back for so long.
    fn held_back(by: u64, handed_out: u64, free: u64, sent: u64, ended: u64) -> (u64, u64) {
        let intended = Instant::now();
        let at = |milliseconds| intended + Duration::from_millis(milliseconds);
        let moments = Moments {
            intended,
            handed_out: at(handed_out),
            free: at(free),
            held_back: Duration::from_millis(by),
            sent: at(sent),
            ended: at(ended),
        };
        let waited = moments.response() - moments.service() - moments.lateness();
        (moments.lateness().as_millis() as u64, waited.as_millis() as u64)
    }

    #[test]
    fn each_part_of_the_response_is_somebodys_and_none_is_counted_twice() {
        assert_eq!(told(0, 0, 0, 9), (0, 0));
        assert_eq!(told(0, 0, 3, 9), (3, 0), "the sender was slow");
        assert_eq!(told(5, 0, 5, 9), (5, 0), "the schedule was");
        assert_eq!(told(5, 2, 6, 9), (6, 0), "and the sender after it");
        assert_eq!(told(0, 7, 7, 9), (0, 7), "no connection was free");
        assert_eq!(told(5, 7, 8, 9), (6, 2), "all three");
    }

    #[test]
    fn what_the_rate_holds_back_is_nobodys() {
        assert_eq!(held_back(4, 0, 4, 4, 9), (0, 0));
        assert_eq!(held_back(4, 0, 7, 8, 9), (1, 3), "3 ms for a connection before");
        assert_eq!(held_back(4, 5, 9, 9, 12), (5, 0), "a pause before");
        assert_eq!(held_back(4, 5, 4, 5, 9), (1, 0), "a pause while it was held back");
    }
}
