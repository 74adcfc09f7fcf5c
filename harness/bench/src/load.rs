//! The load itself: workers with connections that send what is due, and the thread that says what is.

mod in_flight;
mod timekeeping;
mod unsent;
mod worker;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use hubproof_latency::Histogram;
use hubproof_model::exchange::Fault;
use hubproof_model::measurement::{Block, Latencies, Pacing};
use hubproof_runner::interrupt::Interrupt;
use tokio::sync::{oneshot, watch};

use crate::beat::{Beat, Board};
use crate::blocks::Blocks;
use crate::ceiling::Ceiling;
use crate::gate::Gate;
use crate::handout::LateHandouts;
use crate::mix::Order;
use crate::silence::Silence;
use crate::tally::{Counted, Ground, Stretch};

/// How long calls that are due are still sent when the time is up: those that a short stall at the end held up.
const DRAIN: Duration = Duration::from_secs(2);
/// How long answers are awaited after that, at least: the target's own time-out, where it is longer.
const LAST_ANSWERS: Duration = Duration::from_secs(3);
/// How long answers are awaited when a load is stopped.
const GRACE: Duration = Duration::from_millis(500);
/// For how long no connection may be had, or no call be answered, before the target counts as gone.
pub(crate) const GONE: Duration = Duration::from_secs(2);

/// What a load is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) pacing: Pacing,
    pub(crate) warm_up: Duration,
    pub(crate) duration: Duration,
    pub(crate) connections: u32,
    /// The most calls a second that the profile lets out, whatever is due.
    pub(crate) ceiling: Option<f64>,
    pub(crate) live: bool,
    pub(crate) seed: u64,
}

/// When everything happens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) start: Instant,
    pub(crate) begin: Instant,
    pub(crate) end: Instant,
    /// Nothing is sent any more.
    pub(crate) last_sending: Instant,
    /// Nothing is awaited any more.
    pub(crate) last: Instant,
}

/// That a load was stopped before its time.
#[derive(Debug, Clone, Copy)]
struct Stopped {
    at: Instant,
    by: StoppedBy,
}

/// Who stopped a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StoppedBy {
    /// The target has gone or fallen silent, or the harness has a fault.
    Target,
    /// The user, or the time limit: what was given up for that is nobody's failure.
    User,
}

/// What the workers share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) plan: Plan,
    pub(crate) ground: Arc<Ground>,
    pub(crate) order: Arc<Order>,
    pub(crate) gate: Gate,
    pub(crate) late_handouts: LateHandouts,
    pub(crate) ceiling: Option<Ceiling>,
    pub(crate) silence: Silence,
    pub(crate) blocks: Arc<Blocks>,
    pub(crate) board: Arc<Board>,
    pub(crate) is_stopped: AtomicBool,
    /// When the load was stopped, and by whom.
    stopped: OnceLock<Stopped>,
    stopping: watch::Sender<bool>,
    gone: Mutex<Option<Fault>>,
    /// From when on nothing was answered, where the load was stopped for that.
    silent: OnceLock<Duration>,
}

impl Shared {
    /// Stops the load where calls have gone out for longer than any answer may take, and none was answered.
    fn give_up_on_silence(&self, start: Instant) {
        let now = Instant::now().saturating_duration_since(start);
        if let Some(since) = self.silence.longer_than(self.patience(), now) {
            let _ = self.silent.set(since);
            self.stop(StoppedBy::Target);
        }
    }

    /// For how long a target may answer nothing.
    fn patience(&self) -> Duration {
        GONE.max(self.ground.target.timeout())
    }

    /// Stops the load: nothing more is sent. Who stops it first, did.
    fn stop(&self, by: StoppedBy) {
        let at = Instant::now();
        let _ = self.stopped.set(Stopped { at, by });
        self.is_stopped.store(true, Ordering::Release);
        self.gate.close();
        self.stopping.send_replace(true);
    }

    /// Stops the load, since the target is gone.
    pub(crate) fn give_up(&self, fault: Fault) {
        let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        gone.get_or_insert(fault);
        drop(gone);
        self.stop(StoppedBy::Target);
    }

    /// Whether the user stopped it.
    pub(crate) fn is_called_off(&self) -> bool {
        self.stopped.get().is_some_and(|stopped| stopped.by == StoppedBy::User)
    }

    /// How long was measured, once all has been sent.
    fn measured(&self, times: Times) -> Duration {
        let stopped = self.stopped.get();
        let ended = stopped.map_or(times.end, |stopped| times.end.min(stopped.at));
        ended.saturating_duration_since(times.begin)
    }

    /// Waits until the load was stopped, and then as long as answers may take.
    pub(crate) async fn abandoned(&self) {
        // The sender is held here: waiting cannot fail.
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
        tokio::time::sleep(GRACE).await;
    }
}

/// What came of a load.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) counted: Counted,
    /// The blocks that all workers came to the end of.
    pub(crate) blocks: Vec<Block>,
    /// The latencies of all blocks, whole or not.
    pub(crate) over_time: Vec<Latencies>,
    /// The wall clock at its beginning.
    pub(crate) began_at: SystemTime,
    /// How long was measured.
    pub(crate) measured: Duration,
    /// By how much ticks of that time were late.
    pub(crate) pauses: Histogram,
    /// Calls that were due in the measured time and that nobody took, by block and tool.
    pub(crate) untaken: BTreeMap<(usize, usize), u64>,
    /// Calls of the measured time that were due or on their way when the user stopped the load: they count nowhere.
    pub(crate) given_up: u64,
    /// How many connections could be opened.
    pub(crate) connections: u32,
    /// Why others could not.
    pub(crate) unopened: Option<Fault>,
    /// Why the target counts as gone, where it does.
    pub(crate) gone: Option<Fault>,
    /// From when on, since the load began, calls were sent and none was answered any more, where that went on for long.
    pub(crate) silent: Option<Duration>,
    /// Whether it was stopped from outside.
    pub(crate) interrupted: bool,
}

/// Why there was no load.
#[derive(Debug)]
pub(crate) enum NoLoad {
    /// No connection could be opened.
    Unreachable(Fault),
    /// A worker did not start, or ended before its time.
    Harness(String),
}

/// What came of opening a worker's connections.
#[derive(Debug)]
struct Opened {
    connections: u32,
    /// Why others could not be opened.
    fault: Option<Fault>,
}

/// A worker, as the coordinator sees it.
struct Hand {
    opened: oneshot::Receiver<Opened>,
    begin: mpsc::Sender<Times>,
    done: oneshot::Receiver<Result<Counted, String>>,
}

/// Loads a target, and tells what goes on each second.
pub(crate) async fn load(
    ground: Arc<Ground>,
    order: Arc<Order>,
    plan: Plan,
    interrupt: &Interrupt,
    beats: &(dyn Fn(Beat) + Sync),
) -> Result<Loaded, NoLoad> {
    let workers = workers(plan.connections);
    let blocks = Blocks::new(workers as usize, plan.duration).map_err(NoLoad::Harness)?;
    let shared = Arc::new(Shared {
        plan,
        ground,
        order,
        gate: Gate::default(),
        late_handouts: LateHandouts::default(),
        ceiling: plan.ceiling.map(Ceiling::new),
        silence: Silence::default(),
        blocks: Arc::new(blocks),
        board: Arc::default(),
        is_stopped: AtomicBool::new(false),
        stopped: OnceLock::new(),
        stopping: watch::Sender::new(false),
        gone: Mutex::default(),
        silent: OnceLock::new(),
    });
    let hands = (0..workers).map(|number| hand(&shared, number, workers));
    let mut hands: Vec<Hand> = hands.collect::<Result<_, _>>()?;
    let (mut connections, mut unopened) = (0, None);
    for hand in &mut hands {
        let opened = opened(hand).await?;
        connections += opened.connections;
        unopened = unopened.or(opened.fault);
    }
    if let Some(fault) = unopened.take_if(|_| connections == 0) {
        return Err(NoLoad::Unreachable(fault));
    }
    let times = times(plan, shared.ground.target.timeout());
    let began_at = SystemTime::now() + times.start.saturating_duration_since(Instant::now());
    for hand in &hands {
        let _ = hand.begin.send(times);
    }
    timekeeping::pace(&shared, times)?;
    let pauses = timekeeping::watch_pauses(&shared, times)?;
    let watching = watch_over(&shared, times, interrupt, beats);
    let counting = async {
        let mut counted: Option<Counted> = None;
        for hand in hands {
            let done = hand.done.await.unwrap_or_else(|_| Err("a worker panicked".to_owned()));
            let done = done.map_err(NoLoad::Harness)?;
            // The first is taken as it is: a copy of its histograms would take as much again.
            match &mut counted {
                Some(counted) => counted.add(done),
                None => counted = Some(done),
            }
        }
        Ok(counted.unwrap_or_default())
    };
    let counted = tokio::select! {
        counted = counting => counted,
        never = watching => match never {},
    };
    let counted = counted.inspect_err(|_| shared.stop(StoppedBy::Target))?;
    // Nobody is left to send or to wait: the clocks need not go on.
    shared.is_stopped.store(true, Ordering::Release);
    let pauses = pauses
        .join()
        .map_err(|_| NoLoad::Harness("the thread that tells pauses panicked".to_owned()))?;
    let (patience, all_over) = (shared.patience(), times.start.elapsed());
    let silent = shared.silent.get().copied();
    let interrupted = shared.is_called_off();
    let untaken = unsent::untaken(&shared, plan);
    let (given_up, untaken) = match interrupted {
        true => (untaken.values().sum(), BTreeMap::new()),
        false => (0, untaken),
    };
    let measured = shared.measured(times);
    let keys: Vec<_> = shared.ground.pool.tools.iter().map(|tool| tool.key.as_str()).collect();
    let told = shared.blocks.end(&keys, &untaken, measured).map_err(NoLoad::Harness)?;
    Ok(Loaded {
        untaken,
        given_up: given_up + counted.given_up,
        blocks: told.whole,
        over_time: told.over_time,
        began_at,
        measured,
        pauses,
        connections,
        unopened,
        gone: shared.gone.lock().unwrap_or_else(PoisonError::into_inner).take(),
        silent: silent.or_else(|| shared.silence.longer_than(patience, all_over)),
        interrupted,
        counted,
    })
}

/// One for every two cores, so that a target on the same machine has the others, four at most.
fn workers(connections: u32) -> u32 {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get) as u32;
    (cores / 2).clamp(1, 4).min(connections.max(1))
}

fn hand(shared: &Arc<Shared>, number: u32, workers: u32) -> Result<Hand, NoLoad> {
    let (tell_opened, opened) = oneshot::channel();
    let (begin, begins) = mpsc::channel();
    let (tell_done, done) = oneshot::channel();
    let shared = Arc::clone(shared);
    let work = move || {
        let _ = tell_done.send(worker::work(&shared, (number, workers), tell_opened, &begins));
    };
    let named = thread::Builder::new().name(format!("load-{number}"));
    named
        .spawn(work)
        .map_err(|fault| NoLoad::Harness(format!("a thread does not start: {fault}")))?;
    Ok(Hand { opened, begin, done })
}

async fn opened(hand: &mut Hand) -> Result<Opened, NoLoad> {
    match (&mut hand.opened).await {
        Ok(opened) => Ok(opened),
        Err(_) => {
            let why = (&mut hand.done).await.ok().and_then(Result::err);
            Err(NoLoad::Harness(why.unwrap_or_else(|| "a worker panicked".to_owned())))
        }
    }
}

fn times(plan: Plan, timeout: Duration) -> Times {
    // A moment ahead, so that no thread begins late.
    let start = Instant::now() + Duration::from_millis(2);
    let begin = start + plan.warm_up;
    let end = begin + plan.duration;
    Times {
        start,
        begin,
        end,
        last_sending: end + DRAIN,
        last: end + DRAIN + LAST_ANSWERS.max(timeout),
    }
}

/// Tells what goes on, and stops the load when the user does, or when the target has fallen silent. Ends with the load.
async fn watch_over(
    shared: &Shared,
    times: Times,
    interrupt: &Interrupt,
    beats: &(dyn Fn(Beat) + Sync),
) -> std::convert::Infallible {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    seconds.tick().await;
    let mut last = Instant::now();
    loop {
        tokio::select! {
            _ = seconds.tick() => {
                let now = Instant::now();
                beats(beat(shared, times, now, now - last));
                last = now;
                if !shared.is_stopped.load(Ordering::Acquire) {
                    shared.give_up_on_silence(times.start);
                }
            }
            () = interrupt.stopped(), if !shared.is_stopped.load(Ordering::Acquire) => shared.stop(StoppedBy::User),
        }
    }
}

fn beat(shared: &Shared, times: Times, now: Instant, since: Duration) -> Beat {
    let told = shared.board.take();
    let (due, taken) = shared.gate.counts();
    Beat {
        elapsed: now.saturating_duration_since(times.start),
        planned: times.end - times.start,
        is_warm_up: now < times.begin,
        rate: told.latency.count() as f64 / since.as_secs_f64().max(1e-3),
        p50: told.latency.quantile(0.5),
        p99: told.latency.quantile(0.99),
        failed: told.failed,
        wrong: told.wrong,
        waiting: due.saturating_sub(taken),
    }
}

/// The stretch of a load that is measured.
pub(crate) fn stretch(plan: Plan, times: Times) -> Stretch {
    Stretch {
        start: times.start,
        begin: times.begin,
        planned: plan.duration,
    }
}
