//! What a worker counts of its calls: nothing in it grows with their number.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hubproof_latency::{Histogram, Kind, Place, Recorder, Series, SeriesId};
use hubproof_model::call::{Body, Call};
use hubproof_model::exchange::{Exchange, Fault};
use hubproof_model::failure::{Failure, Failures};
use hubproof_model::latency::kind_of;
use hubproof_model::surface::Surface;
use hubproof_requirements::lone::LoneJudges;
use hubproof_requirements::ordinary::{AnswerParts, Look, OrdinaryCheck};
use hubproof_requirements::schemas::Schemas;
use hubproof_wire::{LoadAnswer, LoadTarget, Timing};
use hyper::body::Bytes;

use crate::beat::{Board, Telling};
use crate::blocks::{Blocks, Ended, Parts};
use crate::evidence::Wrong;
use crate::moments::Moments;
use crate::pool::Pool;

/// What answers are checked against.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) target: LoadTarget,
    pub(crate) surface: Surface,
    pub(crate) schemas: Arc<Schemas>,
    pub(crate) pool: Arc<Pool>,
}

/// When what is measured begins, and how long it is to go on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    /// The beginning of the load, warm-up and all.
    pub(crate) start: Instant,
    pub(crate) begin: Instant,
    pub(crate) planned: Duration,
}

/// Which call was sent.
#[derive(Debug)]
pub(crate) enum Sent {
    /// A call of the pool: the tool and which of its calls.
    Pooled(usize, usize),
    /// One that was drawn: the tool, and the body.
    Drawn(usize, Bytes),
}

impl Sent {
    fn tool(&self) -> usize {
        match self {
            Sent::Pooled(tool, _) | Sent::Drawn(tool, _) => *tool,
        }
    }

    fn call(&self, pool: &Pool) -> Option<Call> {
        let pooled = pool.tools.get(self.tool())?;
        match self {
            Sent::Pooled(_, call) => Some(pooled.calls.get(*call)?.call.clone()),
            Sent::Drawn(_, body) => {
                let body = serde_json::from_slice(body).ok()?;
                Some(pooled.calls.first()?.call.clone().with_body(Body::Json(body)))
            }
        }
    }
}

/// What a worker counted.
#[derive(Debug)]
pub(crate) struct Tally {
    ground: Arc<Ground>,
    blocks: Arc<Blocks>,
    board: Arc<Board>,
    stretch: Stretch,
    check: OrdinaryCheck,
    judges: LoneJudges,
    series: Vec<[Option<SeriesId>; Kind::ALL.len()]>,
    parts: Parts,
    telling: Telling,
    pub(crate) counted: Counted,
}

/// The part of a tally that tallies are added by. The response times and the lateness are in the blocks.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Calls that were sent in all, those of the warm-up with them.
    pub(crate) requests: u64,
    /// Calls of the measured time that were taken and not sent after all, by tool.
    pub(crate) unsent: BTreeMap<usize, u64>,
    /// Those that were given up when the user stopped the load.
    pub(crate) given_up: u64,
    /// Those that the profile's rate held back, and for how long at most.
    pub(crate) held_back: u64,
    pub(crate) longest_held_back: Duration,
    /// Calls that were answered while it was measured, not after, by tool.
    pub(crate) in_time: BTreeMap<usize, u64>,
    pub(crate) service: Recorder,
    pub(crate) overhead: BTreeMap<usize, Histogram>,
    pub(crate) failures: Failures,
    pub(crate) wrong: Wrong,
    /// Calls of the pool in place of drawn ones, for want of those.
    pub(crate) undrawn: u64,
    /// The latest fault of a connection.
    pub(crate) last_fault: Option<Fault>,
}

impl Counted {
    /// Takes in all of another worker's.
    pub(crate) fn add(&mut self, other: Counted) {
        self.requests += other.requests;
        self.given_up += other.given_up;
        self.held_back += other.held_back;
        self.longest_held_back = self.longest_held_back.max(other.longest_held_back);
        for (own, other) in [(&mut self.unsent, other.unsent), (&mut self.in_time, other.in_time)] {
            other
                .into_iter()
                .for_each(|(tool, calls)| *own.entry(tool).or_default() += calls);
        }
        self.service.add(&other.service);
        for (tool, histogram) in &other.overhead {
            self.overhead.entry(*tool).or_default().add(histogram);
        }
        self.failures.add(other.failures);
        self.wrong.add(other.wrong);
        self.undrawn += other.undrawn;
        self.last_fault = self.last_fault.take().or(other.last_fault);
    }
}

/// What became of an answer.
struct Judged {
    kind: Kind,
    is_wrong: bool,
    /// The `duration_ms` of a success.
    told: Option<Duration>,
    failure: Option<Failure>,
}

impl Judged {
    /// An answer of this kind that breaks nothing.
    fn of(kind: Kind) -> Self {
        Self {
            kind,
            is_wrong: false,
            told: None,
            failure: None,
        }
    }
}

impl Tally {
    /// Nothing is counted yet.
    pub(crate) fn new(ground: Arc<Ground>, blocks: Arc<Blocks>, board: Arc<Board>, stretch: Stretch) -> Self {
        let keys: Vec<_> = ground.pool.tools.iter().map(|tool| tool.key.clone()).collect();
        Self {
            series: vec![[None; Kind::ALL.len()]; keys.len()],
            parts: Parts::new(stretch.planned),
            check: OrdinaryCheck::new(Arc::clone(&ground.schemas), &ground.surface.dialect, keys),
            judges: LoneJudges::default(),
            telling: Telling::new(),
            counted: Counted::default(),
            ground,
            blocks,
            board,
            stretch,
        }
    }

    /// A call is about to go out that was meant to then. Gives its block, where it counts.
    pub(crate) fn taken(&mut self, intended: Instant) -> Option<usize> {
        let at = intended.checked_duration_since(self.stretch.begin)?;
        Some(self.parts.taken(&self.blocks, at))
    }

    /// A call of the measured time did not go out after all.
    pub(crate) fn not_sent(&mut self, block: usize, call: &Sent) {
        *self.counted.unsent.entry(call.tool()).or_default() += 1;
        self.parts.not_sent(&self.blocks, block, call.tool());
    }

    /// A call of the measured time was given up: nobody knows what would have become of it.
    pub(crate) fn given_up(&mut self, block: usize) {
        self.counted.given_up += 1;
        self.parts.given_up(&self.blocks, block);
    }

    /// Takes in what became of a call. Of one that was meant to go out before the measuring began only a wrong answer counts.
    pub(crate) fn take(
        &mut self,
        sent: &Sent,
        block: Option<usize>,
        moments: Moments,
        result: Result<LoadAnswer, Fault>,
    ) {
        let (response, service) = (moments.response(), moments.service());
        let (tool, is_answered) = (sent.tool(), result.is_ok());
        let judged = self.judge(sent, moments, result);
        let failed = !judged.kind.is_success();
        self.telling
            .note(&self.board, moments.ended, response, failed, judged.is_wrong);
        let Some(block) = block else { return };
        let is_in_time = moments.ended <= self.stretch.begin + self.stretch.planned;
        *self.counted.in_time.entry(tool).or_default() += u64::from(is_in_time && is_answered);
        self.record_service(tool, judged.kind, service);
        self.counted.held_back += u64::from(!moments.held_back.is_zero());
        self.counted.longest_held_back = self.counted.longest_held_back.max(moments.held_back);
        if let Some(told) = judged.told {
            let overhead = self.counted.overhead.entry(tool).or_default();
            overhead.record(service.saturating_sub(told));
        }
        if let Some(failure) = judged.failure {
            self.counted.failures.count(failure, 1);
        }
        let ended = Ended {
            kind: judged.kind,
            response,
            lateness: moments.lateness(),
        };
        self.parts.ended(&self.blocks, block, tool, ended);
    }

    fn record_service(&mut self, tool: usize, kind: Kind, service: Duration) {
        let place = Kind::ALL.iter().position(|own| *own == kind).unwrap_or_default();
        let Some(slot) = self.series.get_mut(tool).and_then(|kinds| kinds.get_mut(place)) else {
            return;
        };
        let id = *slot.get_or_insert_with(|| {
            let key = self.ground.pool.tools.get(tool).map(|tool| tool.key.clone());
            let series = Series {
                place: Place::Execute(key.unwrap_or_default()),
                kind,
            };
            self.counted.service.id(&series)
        });
        self.counted.service.record_at(id, service);
    }

    fn judge(&mut self, sent: &Sent, moments: Moments, result: Result<LoadAnswer, Fault>) -> Judged {
        let (tool, service) = (sent.tool(), moments.service());
        let ground = Arc::clone(&self.ground);
        let asked = ground.pool.tools.get(tool).map(|tool| tool.asked);
        if let (Ok(answer), Some(asked)) = (&result, asked)
            && !answer.truncated
            && !ground.target.came_back(answer)
        {
            let parts = AnswerParts {
                status: answer.status,
                headers: &answer.headers,
                body: &answer.body,
            };
            if let Look::Ordinary { duration } = self.check.look(tool, asked, parts, service) {
                return Judged {
                    told: Some(duration),
                    ..Judged::of(Kind::Success)
                };
            }
        }
        if let Err(fault) = &result {
            self.counted.last_fault = Some(fault.clone());
        }
        let timing = Timing {
            sent_after: moments.sent.saturating_duration_since(self.stretch.start),
            elapsed: service,
        };
        match sent.call(&ground.pool) {
            Some(call) => self.look_closer(&ground.target.exchange(call, result, timing)),
            None => Judged::of(Kind::NoAnswer),
        }
    }

    fn look_closer(&mut self, exchange: &Exchange) -> Judged {
        // A fault of the harness's own is no answer either.
        let kind = kind_of(exchange).unwrap_or(Kind::NoAnswer);
        let told = || exchange.json()?.get("duration_ms")?.as_f64();
        let told = told().and_then(|ms| Duration::try_from_secs_f64(ms / 1000.0).ok());
        let violations = self
            .judges
            .violations(&self.ground.surface, &self.ground.schemas, exchange);
        let is_wrong = !violations.is_empty();
        if is_wrong {
            self.counted.wrong.note(exchange, violations);
        }
        Judged {
            kind,
            is_wrong,
            told: told.filter(|_| kind == Kind::Success),
            failure: (kind != Kind::Success).then(|| Failure::of(exchange)),
        }
    }

    /// Ends the counting, so long after the measuring began.
    pub(crate) fn finish(self, measured: Duration) -> Counted {
        self.parts.finish(&self.blocks, measured);
        self.counted
    }
}
