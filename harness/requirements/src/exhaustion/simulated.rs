//! A hub that limits calls, by a clock of its own: for the tests of judges. Its windows are fixed or slide, or it is a bucket that refills.

use std::collections::BTreeMap;
use std::time::Duration;

use hubproof_model::call::{Call, Credentials};
use hubproof_model::case::{Case, Deed, Done, Exhaustion, Manner, Step};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::Finding;
use hubproof_model::profile::Key;
use hubproof_model::role::Role;
use hubproof_model::secret::Secret;
use serde_json::json;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::exchanges::{Hub, failed, succeeded, telling};
use crate::judging::is_throttled;
use crate::schemas::Schemas;

/// How the first machine stalls, and others after it.
const STALLS: u64 = 0x9E37_79B9;
/// 2026-10-21T07:28:00Z, with which windows begin. The hub's time is in seconds since then.
const EPOCH: f64 = 1_792_567_680.0;

/// How a limit comes back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Windows {
    Fixed,
    Sliding,
    Bucket,
}

/// How Reset is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ResetTold {
    EpochSeconds,
    EpochRoundedDown,
    DeltaRoundedUp,
    DeltaRoundedDown,
}

impl ResetTold {
    const ALL: [Self; 4] = [
        Self::EpochSeconds,
        Self::EpochRoundedDown,
        Self::DeltaRoundedUp,
        Self::DeltaRoundedDown,
    ];
}

/// The hub. Keys that may be exhausted share one limit; others have plenty.
#[derive(Debug, Clone)]
pub(crate) struct Limited {
    pub(crate) limit: u64,
    /// In seconds.
    pub(crate) window: f64,
    pub(crate) windows: Windows,
    pub(crate) reset: ResetTold,
    /// How long a call takes, in seconds.
    pub(crate) latency: f64,
    /// How many calls beyond the limit are let through in a window.
    pub(crate) beyond: u64,
    /// For how many seconds after its end a window that was exhausted stays shut.
    pub(crate) shut_for: f64,
    /// When the run begins, in seconds after the beginning of a window.
    pub(crate) begins: f64,
    /// How many calls were let through before it.
    pub(crate) taken_before: u64,
    /// How the machines of both sides stall: each number in its own way, and 0 not at all.
    pub(crate) stalls: u64,
}

/// When a call is sent, counted, answered by the hub's `Date`, and answered at its caller's.
#[derive(Debug, Clone, Copy)]
struct Times {
    sent: f64,
    counted: f64,
    dated: f64,
    answered: f64,
}

/// Times in which nothing goes on, in an order that a number gives.
#[derive(Debug)]
struct Stalls(u64);

impl Stalls {
    /// A number from 0 to 1 (xorshift).
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Mostly nothing, else a moment, and seldom longer than a window.
    fn stall(&mut self, window: f64) -> f64 {
        if self.0 == 0 {
            return 0.0;
        }
        let (kind, length) = (self.next(), self.next());
        match kind {
            0.0..0.75 => 0.0,
            0.75..0.97 => 0.2 * length,
            _ => 1.2 * window * length,
        }
    }
}

/// The state of a hub while a case is played on it.
struct Playing<'h> {
    hub: &'h Limited,
    now: f64,
    /// When calls were let through.
    taken: Vec<f64>,
    shut_until: f64,
    stalls: Stalls,
    exchanges: Vec<Exchange>,
    deeds: Vec<Deed>,
}

impl Limited {
    /// 20 calls in a fixed window of a minute, with Reset in seconds since 1970.
    pub(crate) fn fixed() -> Self {
        Self {
            limit: 20,
            window: 60.0,
            windows: Windows::Fixed,
            reset: ResetTold::EpochSeconds,
            latency: 0.01,
            beyond: 0,
            shut_for: 0.0,
            begins: 12.3,
            taken_before: 0,
            stalls: 0,
        }
    }

    /// Sound hubs of every kind, fast and slow ones, met at any time of a window, with all of it left or nothing, on machines that go on
    /// steadily or stall.
    pub(crate) fn sound() -> Vec<Self> {
        let mut hubs = Vec::new();
        for windows in [Windows::Fixed, Windows::Sliding, Windows::Bucket] {
            for reset in ResetTold::ALL {
                for (limit, window) in [(20, 1.0), (20, 60.0), (1, 2.0)] {
                    for latency in [0.002, 0.03, 0.4] {
                        let stalls = STALLS * (hubs.len() as u64 + 1);
                        for (begins, taken_before, stalls) in
                            [(0.37, 0, 0), (59.93, 0, 0), (0.37, limit, 0), (59.93, limit, stalls)]
                        {
                            hubs.push(Self {
                                limit,
                                window,
                                windows,
                                reset,
                                latency,
                                begins,
                                taken_before,
                                stalls,
                                ..Self::fixed()
                            });
                        }
                    }
                }
            }
        }
        hubs
    }

    /// What the check finds in its first case.
    pub(crate) fn judge(&self, check: &dyn Check) -> Vec<Finding> {
        self.judge_altered(check, |_| {})
    }

    /// The same, with answers altered.
    pub(crate) fn judge_altered(&self, check: &dyn Check, alter: impl Fn(&mut Exchange)) -> Vec<Finding> {
        let hub = granted();
        let case = hub.plan(check).unwrap().remove(0);
        self.played(&hub, &Schemas::of(&hub.surface), &case, check, alter)
    }

    fn played(
        &self,
        hub: &Hub,
        schemas: &Schemas,
        case: &Case,
        check: &dyn Check,
        alter: impl Fn(&mut Exchange),
    ) -> Vec<Finding> {
        let mut stalls = Stalls(self.stalls);
        let mut taken: Vec<_> = (0..self.taken_before)
            .map(|_| self.begins - stalls.stall(self.window))
            .collect();
        taken.sort_by(f64::total_cmp);
        let mut playing = Playing {
            hub: self,
            now: self.begins,
            taken,
            shut_until: 0.0,
            stalls,
            exchanges: Vec::new(),
            deeds: Vec::new(),
        };
        playing.play(case);
        playing.exchanges.iter_mut().for_each(alter);
        check.judge(&Evidence {
            surface: &hub.surface,
            schemas,
            case: Some(case),
            exchanges: playing.exchanges.iter().collect(),
            deeds: &playing.deeds,
        })
    }
}

/// The small hub, with all keys, of which two share the limit of [`Limited::fixed`].
fn granted() -> Hub {
    let mut hub = Hub::small();
    for role in Role::ALL {
        let secret = Secret::new(format!("key-of-{role}"));
        hub.profile.keys.by_role.insert(role, Key { secret, variable: None });
    }
    hub.profile.keys.shared_limit = Some(Limited::fixed().limit);
    hub
}

impl Playing<'_> {
    fn play(&mut self, case: &Case) {
        for step in &case.steps {
            match step {
                Step::Call(call) => self.call(call),
                Step::Once(calls) => self.at_once(calls.iter().map(|once| once.call.clone()).collect()),
                Step::Exhaust(exhaustion) => self.exhaust(exhaustion),
                Step::AwaitReset(role) => self.await_reset(*role),
                Step::AfterReset(call) => {
                    self.await_reset(Role::Throttled);
                    self.call(call);
                    if self.exchanges.last().is_some_and(is_throttled) {
                        self.now += 1.0;
                        self.call(&call.clone().labelled(format!("{}/later", call.label)));
                    }
                }
                Step::Observe(observation) => {
                    let mut read = succeeded(observation.read.clone(), json!([]));
                    read.sent_after = Duration::from_secs_f64(self.now);
                    self.push(read);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn call(&mut self, call: &Call) {
        self.at_once(vec![call.clone()]);
    }

    fn at_once(&mut self, calls: Vec<Call>) {
        let mut sent: Vec<_> = calls.into_iter().map(|call| (call, self.times())).collect();
        // They go out in their order, and come as it happens.
        let mut going_out: Vec<_> = sent.iter().map(|(_, times)| *times).collect();
        going_out.sort_by(|one, other| one.sent.total_cmp(&other.sent));
        sent.iter_mut()
            .zip(going_out)
            .for_each(|((_, times), own)| *times = own);
        let mut coming: Vec<_> = (0..sent.len()).collect();
        coming.sort_by(|one, other| sent[*one].1.counted.total_cmp(&sent[*other].1.counted));
        let mut answers = BTreeMap::new();
        for index in coming {
            let (call, times) = &sent[index];
            answers.insert(index, self.answer(call, *times));
        }
        self.now = sent.iter().map(|(_, times)| times.answered).fold(self.now, f64::max);
        self.now += 0.1 * self.hub.latency;
        answers.into_values().for_each(|exchange| self.push(exchange));
    }

    /// The times of a call that goes out now.
    fn times(&mut self) -> Times {
        let (latency, window) = (self.hub.latency, self.hub.window);
        let mut stall = || self.stalls.stall(window);
        let sent = self.now + stall();
        let counted = sent + stall();
        let dated = counted + latency / 2.0 + stall();
        let answered = dated + 0.4 * latency + stall();
        Times {
            sent,
            counted,
            dated,
            answered,
        }
    }

    fn exhaust(&mut self, exhaustion: &Exhaustion) {
        let first = self.exchanges.len();
        match exhaustion.manner {
            Manner::AtOnce => self.at_once((1..=self.enough()).map(|number| copy(exhaustion, number)).collect()),
            Manner::OneByOne => self.one_by_one(exhaustion, first),
        }
        self.deeds.push(Deed {
            label: exhaustion.label.clone(),
            outcome: Ok(Done::Exhausted {
                sent: (self.exchanges.len() - first) as u64,
                limit: self.hub.limit,
            }),
        });
    }

    /// How many calls exhaust the limit for certain.
    fn enough(&self) -> u64 {
        self.hub.limit + (self.hub.limit / 4).max(5)
    }

    fn one_by_one(&mut self, exhaustion: &Exhaustion, first: usize) {
        if !self.until_refused(exhaustion, first) {
            return;
        }
        let were_all_refused = self.exchanges[first..].iter().all(is_throttled);
        if were_all_refused && self.hub.limit > 1 && !self.exhaust_next(exhaustion, first) {
            return;
        }
        if !self.late_call(exhaustion, first) && self.exhaust_next(exhaustion, first) {
            self.late_call(exhaustion, first);
        }
    }

    /// Waits for the Reset that is told, and exhausts the window after it; a second later again, should nothing be let through.
    fn exhaust_next(&mut self, exhaustion: &Exhaustion, first: usize) -> bool {
        for wait in [self.reset_told(Role::Throttled) - self.now, 1.0] {
            let before = self.exchanges.len();
            self.now += wait.max(0.0);
            if !self.until_refused(exhaustion, first) {
                return false;
            }
            if !self.exchanges[before..].iter().all(is_throttled) {
                break;
            }
        }
        true
    }

    /// Sends a copy once a limit that refills would have given a call back; whether the window goes on for so long. Where no window does, none
    /// is sent.
    fn late_call(&mut self, exhaustion: &Exhaustion, first: usize) -> bool {
        let pause = 2.0 * (self.hub.window + 1.0) / self.hub.limit as f64;
        if pause >= self.hub.window {
            return true;
        }
        let goes_on = pause < self.hub.window - self.now % self.hub.window;
        if goes_on {
            self.now += pause;
            self.next_copy(exhaustion, first);
        }
        goes_on
    }

    /// Whether two copies were refused before far too many were let through.
    fn until_refused(&mut self, exhaustion: &Exhaustion, first: usize) -> bool {
        let mut refused = 0;
        for _ in 0..2 * self.enough() {
            self.next_copy(exhaustion, first);
            refused += usize::from(self.exchanges.last().is_some_and(is_throttled));
            if refused == 2 {
                return true;
            }
        }
        false
    }

    fn next_copy(&mut self, exhaustion: &Exhaustion, first: usize) {
        let number = self.exchanges.len() - first + 1;
        self.call(&copy(exhaustion, number as u64));
    }

    fn await_reset(&mut self, role: Role) {
        self.now = self.reset_told(role);
        self.deeds.push(Deed {
            label: format!("reset of {role}"),
            outcome: Ok(Done::Waited),
        });
    }

    /// When the reset that the last answer to a key of the role tells has passed.
    fn reset_told(&self, role: Role) -> f64 {
        let told = self
            .exchanges
            .iter()
            .rfind(|sent| sent.call.credentials == Credentials::Bearer(role));
        let reset = told.and_then(|sent| sent.response()?.header("x-ratelimit-reset")?.parse::<f64>().ok());
        match reset.unwrap_or_default() {
            moment if moment > 1e9 => self.now.max(moment - EPOCH),
            delta => self.now + delta,
        }
    }

    fn answer(&mut self, call: &Call, times: Times) -> Exchange {
        let now = times.counted;
        let Credentials::Bearer(role) = call.credentials else {
            panic!("{call:?}")
        };
        let mut exchange = if !role.may_be_exhausted() {
            let reset = self.told((now / 60.0).floor() * 60.0 + 60.0, now);
            telling(succeeded(call.clone(), json!({})), ["1000", "900", &reset])
        } else {
            let (left, resets) = self.take(now);
            let (limit, reset) = (self.hub.limit.to_string(), self.told(resets, now));
            match left {
                Some(left) => telling(succeeded(call.clone(), json!({})), [&limit, &left.to_string(), &reset]),
                None => {
                    let mut refused = telling(failed(call.clone(), 429, "RATE_LIMITED"), [&limit, "0", &reset]);
                    // A bucket takes the next call before it is full.
                    let next = match self.hub.windows {
                        Windows::Bucket => {
                            let beyond = self.used(now) + 1.0 - self.hub.limit as f64;
                            now + beyond * self.hub.window / self.hub.limit as f64
                        }
                        Windows::Fixed | Windows::Sliding => resets,
                    };
                    let wait = (next - now).ceil().max(1.0).to_string();
                    header(&mut refused, "retry-after", &wait);
                    refused
                }
            }
        };
        exchange.sent_after = Duration::from_secs_f64(times.sent);
        exchange.elapsed = Duration::from_secs_f64(times.answered - times.sent);
        let date = std::time::UNIX_EPOCH + Duration::from_secs_f64((EPOCH + times.dated).floor());
        header(&mut exchange, "date", &httpdate::fmt_http_date(date));
        exchange
    }

    fn push(&mut self, mut exchange: Exchange) {
        exchange.number = self.exchanges.len() as u64 + 1;
        self.exchanges.push(exchange);
    }

    /// What is left once the call is let through, if it is; and when all of it is back.
    fn take(&mut self, now: f64) -> (Option<u64>, f64) {
        let hub = self.hub;
        let used = self.used(now);
        let is_admitted = now >= self.shut_until
            && used < (hub.limit + hub.beyond) as f64 - 1e-9
            && (hub.beyond > 0 || used + 1.0 <= hub.limit as f64 + 1e-9);
        if is_admitted {
            self.taken.push(now);
        }
        let used = self.used(now);
        let resets = match hub.windows {
            Windows::Fixed => ((now / hub.window).floor() + 1.0) * hub.window,
            Windows::Sliding => self
                .taken
                .iter()
                .find(|taken| **taken > now - hub.window)
                .map_or(now, |first| first + hub.window),
            Windows::Bucket => now + used * hub.window / hub.limit as f64,
        };
        if !is_admitted && hub.shut_for > 0.0 && self.shut_until == 0.0 {
            self.shut_until = resets + hub.shut_for;
        }
        let left = (hub.limit as f64 - used + 1e-9).max(0.0) as u64;
        (is_admitted.then_some(left), resets)
    }

    /// How much of the limit is used: whole calls in windows, parts of calls in a bucket.
    fn used(&self, now: f64) -> f64 {
        let hub = self.hub;
        let window_of = |time: f64| (time / hub.window).floor();
        match hub.windows {
            Windows::Fixed => self
                .taken
                .iter()
                .filter(|taken| window_of(**taken) == window_of(now))
                .count() as f64,
            Windows::Sliding => self.taken.iter().filter(|taken| **taken > now - hub.window).count() as f64,
            Windows::Bucket => {
                let rate = hub.limit as f64 / hub.window;
                let (mut used, mut last) = (0.0_f64, 0.0);
                for taken in &self.taken {
                    used = (used - (taken - last) * rate).max(0.0) + 1.0;
                    last = *taken;
                }
                (used - (now - last) * rate).max(0.0)
            }
        }
    }

    fn told(&self, resets: f64, now: f64) -> String {
        match self.hub.reset {
            ResetTold::EpochSeconds => (EPOCH + resets).ceil().to_string(),
            ResetTold::EpochRoundedDown => (EPOCH + resets).floor().to_string(),
            ResetTold::DeltaRoundedUp => (resets - now).ceil().to_string(),
            ResetTold::DeltaRoundedDown => (resets - now).floor().max(0.0).to_string(),
        }
    }
}

fn copy(exhaustion: &Exhaustion, number: u64) -> Call {
    exhaustion
        .call
        .clone()
        .labelled(format!("{}/{number}", exhaustion.label))
}

/// Sets a header of an answer.
pub(crate) fn header(exchange: &mut Exchange, name: &str, value: &str) {
    if let Ok(response) = &mut exchange.result {
        response.headers.retain(|(known, _)| known != name);
        response.headers.push((name.to_owned(), value.to_owned()));
    }
}

/// The same call refused with 429, and the same headers.
pub(crate) fn refuse(exchange: &mut Exchange, status: u16, code: &str) {
    let refused = failed(exchange.call.clone(), status, code);
    if let (Ok(response), Ok(mut answer)) = (&mut exchange.result, refused.result) {
        answer.headers.append(&mut response.headers);
        *response = answer;
    }
}

/// Asserts that no sound hub is found to violate the check, and that some are found to hold it.
pub(crate) fn assert_no_false_alarm(check: &dyn Check) {
    let small = granted();
    let cases = small.plan(check).unwrap();
    let exhausts = |case: &&Case| case.id.starts_with("exhaustion/");
    let (schemas, case) = (Schemas::of(&small.surface), cases.iter().find(exhausts).unwrap());
    let mut held = 0;
    for hub in Limited::sound() {
        let found = hub.played(&small, &schemas, case, check, |_| {});
        let is_open = |finding: &Finding| matches!(finding, Finding::Violated(_) | Finding::Inconclusive(_));
        assert!(!found.iter().any(is_open), "{hub:?}: {found:?}");
        held += usize::from(found.contains(&Finding::Held));
    }
    assert!(held > 50, "only {held} hubs exercise it");
}
