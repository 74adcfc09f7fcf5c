//! When calls may go out: one gate a key, closed while the target throttles it and while what is left of its limit is spoken for.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use hubproof_model::call::{Call, Credentials};
use hubproof_model::event::Throttling;
use hubproof_model::rate_limit::{RateLimit, since_1970};
use hubproof_model::role::Role;
use tokio::time::Instant;

/// The longest that a gate is closed because of what headers tell. Where the window is longer, a 429 shows whether it is meant.
const LONGEST_HOLD: Duration = Duration::from_secs(300);
/// The wait where nothing is left and no Reset is told.
const UNTOLD_HOLD: Duration = Duration::from_secs(1);
/// Two closings closer than this are of one window: `Date` has whole seconds.
const TOLERANCE: Duration = Duration::from_secs(1);

/// The gates of a session.
#[derive(Debug)]
pub(crate) struct Gates {
    of_keys: BTreeMap<Role, Gate>,
    without_key: Gate,
}

impl Gates {
    /// Nothing is known of any limit: all open.
    pub(crate) fn new() -> Self {
        Self {
            of_keys: Role::ALL.into_iter().map(|role| (role, Gate::default())).collect(),
            without_key: Gate::default(),
        }
    }

    /// The gate of the call's key. Calls without one share a gate.
    pub(crate) fn of(&self, call: &Call) -> &Gate {
        let of_key = role_of(call).and_then(|role| self.of_keys.get(&role));
        of_key.unwrap_or(&self.without_key)
    }
}

/// The role whose limit a call takes from.
pub(crate) fn role_of(call: &Call) -> Option<Role> {
    match &call.credentials {
        Credentials::Bearer(role) => Some(*role),
        Credentials::Absent | Credentials::Values(_) => None,
    }
}

/// The gate of a key's calls.
#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// No call goes out before this.
    closed_until: Option<Instant>,
    in_flight: usize,
    /// The end of the last hold, until the first answer to a call sent after it.
    held_until: Option<Instant>,
    /// How many calls were sent since then.
    sent_since: usize,
    /// Whether what headers tell was found wrong: then only a 429 closes the gate.
    is_disbelieved: bool,
    /// How many calls waited in vain, with none between that was served.
    in_vain: usize,
}

/// A call that is in flight.
#[derive(Debug)]
pub(crate) struct Flight<'g> {
    gate: &'g Gate,
    sent: Instant,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.gate.state().in_flight -= 1;
    }
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until calls may go out.
    pub(crate) async fn open(&self) {
        // What is told meanwhile may close it again.
        loop {
            let until = self.state().closed_until.filter(|until| *until > Instant::now());
            match until {
                Some(until) => tokio::time::sleep_until(until).await,
                None => return,
            }
        }
    }

    /// Lets a call out.
    pub(crate) fn enter(&self) -> Flight<'_> {
        let (mut state, sent) = (self.state(), Instant::now());
        state.in_flight += 1;
        if state.held_until.is_some_and(|held| sent >= held) {
            state.sent_since += 1;
        }
        Flight { gate: self, sent }
    }

    /// Closes it; whether that is news, and not the window that it was closed for already.
    pub(crate) fn close_for(&self, wait: Duration) -> bool {
        self.state().close_until(Instant::now() + wait)
    }

    /// Notes that a call waited and was throttled all the same.
    pub(crate) fn waited_in_vain(&self) {
        self.state().in_vain += 1;
    }

    /// Notes that a call that had waited was served.
    pub(crate) fn waited_well(&self) {
        self.state().in_vain = 0;
    }

    /// How many calls waited in vain since one was served.
    pub(crate) fn in_vain(&self) -> usize {
        self.state().in_vain
    }

    /// Takes in what the answer to a call tells of the limit. Where no more is left than is in flight, further calls are held until
    /// Reset: for how long and why, where that is news. `now` stands in for a `Date` that the answer lacks.
    pub(crate) fn take_in(
        &self,
        flight: &Flight<'_>,
        limit: &RateLimit,
        now: SystemTime,
    ) -> Option<(Duration, Throttling)> {
        let mut state = self.state();
        let remaining = limit.remaining.value().filter(|remaining| *remaining >= 0.0)?;
        if state.held_until.is_some_and(|held| flight.sent >= held) {
            // A window that does not begin anew, though its Reset has passed, is not waited for again.
            let most_left = limit.limit.value().map_or(1.0, |most| most - state.sent_since as f64);
            state.is_disbelieved = remaining < most_left;
            state.held_until = None;
        }
        // The call itself is still counted.
        let others = state.in_flight.saturating_sub(1);
        if state.is_disbelieved || remaining > others as f64 {
            return None;
        }
        let wait = match seconds_to_reset(limit, now) {
            Some(seconds) => Duration::try_from_secs_f64(seconds).ok()?,
            None if remaining > 0.0 => return None,
            None => UNTOLD_HOLD,
        };
        if wait.is_zero() || wait > LONGEST_HOLD {
            return None;
        }
        let until = Instant::now() + wait;
        let is_news = state.close_until(until);
        state.held_until = state.closed_until;
        state.sent_since = 0;
        is_news.then_some((wait, Throttling::NearlySpent { remaining }))
    }
}

impl State {
    fn close_until(&mut self, until: Instant) -> bool {
        let now = Instant::now();
        let known = self.closed_until.filter(|known| *known > now);
        self.closed_until = Some(known.map_or(until, |known| known.max(until)));
        known.is_none_or(|known| until > known + TOLERANCE)
    }
}

fn seconds_to_reset(limit: &RateLimit, now: SystemTime) -> Option<f64> {
    limit.reset.value()?.seconds_from(limit.date.or(since_1970(now)))
}

#[cfg(test)]
mod tests {
    use hubproof_model::exchange::Response;
    use hubproof_model::surface::Dialect;

    use super::*;

    /// What an answer of these numbers tells; Reset in seconds from now.
    fn told(limit: u64, remaining: i64, reset: Option<u64>) -> RateLimit {
        let mut headers = vec![
            ("x-ratelimit-limit".to_owned(), limit.to_string()),
            ("x-ratelimit-remaining".to_owned(), remaining.to_string()),
        ];
        headers.extend(reset.map(|reset| ("x-ratelimit-reset".to_owned(), reset.to_string())));
        RateLimit::read(&Response::new(200, headers, Vec::new()), &Dialect::default())
    }

    /// Sends a call that is answered at once.
    fn answer(gate: &Gate, told: &RateLimit) -> Option<(Duration, Throttling)> {
        gate.take_in(&gate.enter(), told, SystemTime::UNIX_EPOCH)
    }

    async fn wait_to_open(gate: &Gate) -> u64 {
        let began = Instant::now();
        gate.open().await;
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn calls_are_held_until_reset_once_no_more_is_left_than_is_in_flight() {
        let gate = Gate::default();
        let others = [gate.enter(), gate.enter()];
        assert_eq!(answer(&gate, &told(50, 3, Some(30))), None);
        assert_eq!(wait_to_open(&gate).await, 0);
        let (wait, why) = answer(&gate, &told(50, 2, Some(30))).unwrap();
        assert_eq!((wait.as_secs(), why), (30, Throttling::NearlySpent { remaining: 2.0 }));
        assert_eq!(answer(&gate, &told(50, 1, Some(30))), None, "said once a window");
        assert_eq!(wait_to_open(&gate).await, 30);
        drop(others);
        // The next window is like the first.
        assert_eq!(answer(&gate, &told(50, 49, Some(60))), None);
        assert!(answer(&gate, &told(50, 0, Some(20))).is_some());
        assert_eq!(wait_to_open(&gate).await, 20);
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_that_does_not_begin_anew_is_not_waited_for_again() {
        for after in [told(50, 0, Some(30)), told(50, 3, Some(30))] {
            let gate = Gate::default();
            let _others = [gate.enter(), gate.enter(), gate.enter()];
            assert!(answer(&gate, &told(50, 2, Some(30))).is_some());
            assert_eq!(wait_to_open(&gate).await, 30);
            assert_eq!(answer(&gate, &after), None);
            assert_eq!(wait_to_open(&gate).await, 0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn answers_to_calls_sent_before_the_hold_say_nothing_of_what_comes_after() {
        let gate = Gate::default();
        let (first, late) = (gate.enter(), gate.enter());
        assert!(
            gate.take_in(&first, &told(5, 1, Some(9)), SystemTime::UNIX_EPOCH)
                .is_some()
        );
        drop(first);
        assert_eq!(wait_to_open(&gate).await, 9);
        assert!(
            gate.take_in(&late, &told(5, 0, Some(4)), SystemTime::UNIX_EPOCH)
                .is_some()
        );
        drop(late);
        assert_eq!(wait_to_open(&gate).await, 4);
        assert_eq!(answer(&gate, &told(5, 4, Some(9))), None);
        assert!(answer(&gate, &told(5, 0, Some(9))).is_some(), "still believed");
    }

    #[tokio::test(start_paused = true)]
    async fn what_tells_no_end_or_makes_no_sense_holds_nothing() {
        let gate = Gate::default();
        let _others = [gate.enter(), gate.enter()];
        for limit in [
            told(50, 1, None),
            told(50, -1, Some(9)),
            told(50, 1, Some(0)),
            told(50, 0, Some(86_400)),
        ] {
            assert_eq!(answer(&gate, &limit), None, "{limit:?}");
        }
        assert_eq!(wait_to_open(&gate).await, 0);
        assert!(answer(&gate, &told(50, 0, None)).is_some());
        assert_eq!(wait_to_open(&gate).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_gate_is_one_keys_alone() {
        let gates = Gates::new();
        let of = |role| gates.of(&Call::listing(None).with_credentials(Credentials::Bearer(role)));
        assert!(of(Role::Primary).close_for(Duration::from_secs(5)));
        assert!(!of(Role::Primary).close_for(Duration::from_secs(5)), "known");
        assert_eq!(wait_to_open(of(Role::Foreign)).await, 0);
        assert_eq!(wait_to_open(of(Role::Primary)).await, 5);
    }
}
