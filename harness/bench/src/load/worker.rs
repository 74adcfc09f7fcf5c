//! A worker: a thread whose runtime is its own, with its share of the connections. Its calls meet no lock and no other thread but at the
//! gate.

use std::cell::{Cell, RefCell};
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use hubproof_model::exchange::Fault;
use hubproof_model::measurement::Pacing;
use hubproof_wire::{LoadConnection, Prepared};
use tokio::sync::oneshot;

use super::in_flight::{Due, Meant};
use super::{GONE, Opened, Shared, Times, stretch};
use crate::ceiling::Leave;
use crate::live::Live;
use crate::schedule::Schedule;
use crate::tally::{Counted, Sent, Tally};

/// How long a connection that could not be opened, or broke, waits before it tries again: a target that has gone is not stormed.
const PAUSE: Duration = Duration::from_millis(10);

/// What the connections of a worker share.
pub(super) struct Worker<'a> {
    pub(super) shared: &'a Shared,
    pub(super) times: Times,
    pub(super) tally: RefCell<Tally>,
    live: Option<RefCell<Live>>,
    /// Since when no connection could be had.
    down_since: Cell<Option<Instant>>,
}

/// Opens the worker's connections and says so, waits for the beginning, and sends until the end.
///
/// # Errors
/// That the runtime does not start, in words.
pub(super) fn work(
    shared: &Arc<Shared>,
    (number, workers): (u32, u32),
    tell_opened: oneshot::Sender<Opened>,
    begins: &mpsc::Receiver<Times>,
) -> Result<Counted, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| format!("a runtime does not start: {fault}"))?;
    // The first workers take what is left over.
    let share = shared.plan.connections / workers + u32::from(number < shared.plan.connections % workers);
    let (connections, opened) = runtime.block_on(open(shared, share));
    let _ = tell_opened.send(opened);
    // The coordinator has gone: another worker found the target unreachable.
    let Ok(times) = begins.recv() else {
        return Ok(Counted::default());
    };
    let stretch = stretch(shared.plan, times);
    let (ground, blocks, board) = (&shared.ground, &shared.blocks, &shared.board);
    let seed = shared.plan.seed.wrapping_add(u64::from(number) << 32);
    let live = shared
        .plan
        .live
        .then(|| Live::start(Arc::clone(&ground.pool), Arc::clone(&shared.order), seed));
    let worker = Worker {
        times,
        tally: RefCell::new(Tally::new(
            Arc::clone(ground),
            Arc::clone(blocks),
            Arc::clone(board),
            stretch,
        )),
        live: live.flatten().map(RefCell::new),
        down_since: Cell::new(None),
        shared,
    };
    let sending = async {
        // An open loop has its gate.
        if let Pacing::Closed { .. } = shared.plan.pacing {
            tokio::time::sleep_until(times.start.into()).await;
        }
        let sending = connections.into_iter().map(|connection| worker.send(connection));
        let mut sending: FuturesUnordered<_> = sending.collect();
        let all = async { while sending.next().await.is_some() {} };
        tokio::select! {
            () = all => {}
            () = shared.abandoned() => {}
        }
    };
    runtime.block_on(sending);
    Ok(worker.tally.into_inner().finish(shared.measured(times)))
}

/// Opens connections, all at once. The load does without those that cannot be opened: a call over one of them would be sent by nobody, and
/// count as the target's failure.
async fn open(shared: &Shared, share: u32) -> (Vec<LoadConnection>, Opened) {
    let opening = (0..share).map(|_| async {
        let mut connection = shared.ground.target.connection();
        let opened = connection.open().await;
        (connection, opened)
    });
    let mut connections = Vec::new();
    let mut fault = None;
    for (connection, result) in futures::future::join_all(opening).await {
        match result {
            Ok(()) => connections.push(connection),
            Err(why) => fault = Some(why),
        }
    }
    let opened = Opened {
        connections: connections.len() as u32,
        fault,
    };
    (connections, opened)
}

impl Worker<'_> {
    /// Sends over a connection until the load is over.
    async fn send(&self, mut connection: LoadConnection) {
        match self.shared.plan.pacing {
            Pacing::Closed { .. } => while self.send_next(&mut connection).await {},
            Pacing::Open { rate } => {
                let schedule = Schedule::new(self.times.start, rate);
                while !self.is_stopped() && Instant::now() < self.times.last_sending {
                    let free = Instant::now();
                    let Some(number) = self.shared.gate.next().await else {
                        break;
                    };
                    let intended = schedule.intended(number);
                    let handed_out = self.shared.late_handouts.moment(number, intended);
                    let block = self.tally.borrow_mut().taken(intended);
                    let (call, drawn) = self.choose(number);
                    let due = Due::new(self, call, block);
                    let leave = self.wait_for_leave(intended).await;
                    let meant = Meant {
                        intended,
                        handed_out,
                        free: leave.from.unwrap_or(free),
                        held_back: leave.held_back,
                    };
                    self.exchange(&mut connection, (due, drawn), Some(meant)).await;
                }
            }
        }
    }

    /// Waits until the profile's rate lets one more call out, which was meant to go out at that moment.
    async fn wait_for_leave(&self, intended: Instant) -> Leave {
        let Some(ceiling) = &self.shared.ceiling else {
            return Leave::default();
        };
        let leave = ceiling.reserve(intended, Instant::now());
        if let Some(from) = leave.from {
            tokio::time::sleep_until(from.into()).await;
        }
        leave
    }

    /// Sends the next call of a closed loop, and says whether there was one.
    async fn send_next(&self, connection: &mut LoadConnection) -> bool {
        let now = Instant::now();
        let is_over = self.is_stopped() || now >= self.times.end;
        if !is_over {
            let (call, drawn) = self.choose(self.shared.gate.pass());
            let block = self.tally.borrow_mut().taken(now);
            let due = Due::new(self, call, block);
            self.exchange(connection, (due, drawn), None).await;
        }
        !is_over
    }

    fn is_stopped(&self) -> bool {
        self.shared.is_stopped.load(Ordering::Relaxed)
    }

    /// Sends a call, which is meant to go out now unless it was meant to before.
    async fn exchange(
        &self,
        connection: &mut LoadConnection,
        (due, drawn): (Due<'_>, Option<Prepared>),
        meant: Option<Meant>,
    ) {
        let prepared = drawn.as_ref().or_else(|| self.pooled(due.call()?));
        let Some(prepared) = prepared else { return };
        let now = Instant::now();
        if self.is_stopped() || now >= self.times.last_sending {
            return;
        }
        let mut in_flight = due.go(meant.unwrap_or(Meant::now(now)), now);
        let result = connection.send_until(prepared, self.times.last).await;
        let is_down = self.note_connection(&result, Instant::now());
        in_flight.end(result);
        if is_down {
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Which call has this number, and its request where it was drawn just now.
    fn choose(&self, number: u64) -> (Sent, Option<Prepared>) {
        let tools = &self.shared.ground.pool.tools;
        let drawn = self.live.as_ref().and_then(|live| live.borrow_mut().next());
        match drawn {
            Some(drawn) => (Sent::Drawn(drawn.tool, drawn.body), Some(drawn.prepared)),
            None => {
                let count = |tool: usize| tools.get(tool).map_or(0, |tool| tool.calls.len());
                let (tool, call) = self.shared.order.of(number, count);
                self.tally.borrow_mut().counted.undrawn += u64::from(self.live.is_some());
                (Sent::Pooled(tool, call), None)
            }
        }
    }

    fn pooled(&self, sent: &Sent) -> Option<&Prepared> {
        let Sent::Pooled(tool, call) = sent else {
            return None;
        };
        Some(&self.shared.ground.pool.tools.get(*tool)?.calls.get(*call)?.prepared)
    }

    /// Whether the call found no connection, or lost its own. Where none was to be had for long, the target is gone.
    fn note_connection<T>(&self, result: &Result<T, Fault>, now: Instant) -> bool {
        let Err(fault @ Fault::Connect(_)) = result else {
            if result.is_ok() {
                self.down_since.set(None);
            }
            return matches!(result, Err(Fault::Broken(_)));
        };
        let since = self.down_since.get().unwrap_or(now);
        self.down_since.set(Some(since));
        if now.duration_since(since) >= GONE {
            self.shared.give_up(fault.clone());
        }
        true
    }
}
