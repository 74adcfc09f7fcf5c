//! Draws inputs while the target is called, on threads of their own.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

use hubproof_wire::Prepared;
use hyper::body::Bytes;
use serde_json::Value;

use crate::mix::Order;
use crate::pool::{Pool, is_short};

/// How many calls are handed over at a time.
const AT_A_TIME: usize = 32;
/// How many such hands wait to be taken.
const AHEAD: usize = 8;
/// How many inputs of a tool are drawn at a time.
const DRAWN: usize = 128;

/// A call as it was drawn.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) tool: usize,
    pub(crate) prepared: Prepared,
    /// The body, where it is none of the pool's.
    pub(crate) body: Bytes,
}

/// Calls with inputs that nobody has sent before, in the order of the mix.
#[derive(Debug)]
pub(crate) struct Live {
    from: Receiver<Vec<Drawn>>,
    at_hand: VecDeque<Drawn>,
}

impl Live {
    /// Begins to draw, for the tools that can be drawn for. It ends when this is dropped. `None` where the thread does not start.
    pub(crate) fn start(pool: Arc<Pool>, order: Arc<Order>, seed: u64) -> Option<Self> {
        let (to, from) = sync_channel(AHEAD);
        let drawing = move || draw(&pool, &order, seed, &to);
        thread::Builder::new().name("drawing".to_owned()).spawn(drawing).ok()?;
        Some(Self {
            from,
            at_hand: VecDeque::new(),
        })
    }

    /// The next call, if one is drawn yet.
    pub(crate) fn next(&mut self) -> Option<Drawn> {
        if self.at_hand.is_empty() {
            match self.from.try_recv() {
                Ok(drawn) => self.at_hand.extend(drawn),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => {}
            }
        }
        self.at_hand.pop_front()
    }
}

fn draw(pool: &Pool, order: &Order, seed: u64, to: &SyncSender<Vec<Drawn>>) {
    let mut drawn: Vec<Vec<Value>> = pool.tools.iter().map(|_| Vec::new()).collect();
    let (mut number, mut round) = (0, seed);
    loop {
        let mut calls = Vec::with_capacity(AT_A_TIME);
        // A tool that nothing more is found for has its pool: the order is gone through all the same.
        for _ in 0..AT_A_TIME {
            let (tool, _) = order.of(number, |_| 1);
            number += 1;
            calls.extend(call(pool, &mut drawn, tool, &mut round));
        }
        if to.send(calls).is_err() {
            return;
        }
    }
}

fn call(pool: &Pool, drawn: &mut [Vec<Value>], tool: usize, round: &mut u64) -> Option<Drawn> {
    let (pooled, inputs) = (pool.tools.get(tool)?, drawn.get_mut(tool)?);
    let template = &pooled.calls.first()?.prepared;
    if let Some(drawing) = &pooled.drawing
        && inputs.is_empty()
    {
        *round = round.wrapping_add(1);
        inputs.extend(drawing.draw(*round, DRAWN).into_iter().filter(is_short));
    }
    match inputs.pop() {
        Some(input) => {
            let body = Bytes::from(format!("{{\"input\":{input}}}"));
            Some(Drawn {
                tool,
                prepared: template.with_body(body.clone()),
                body,
            })
        }
        None => {
            let pick = *round as usize % pooled.calls.len();
            *round = round.wrapping_add(1);
            let call = pooled.calls.get(pick)?;
            Some(Drawn {
                tool,
                prepared: call.prepared.clone(),
                body: Bytes::from(call.call.json()?.to_string()),
            })
        }
    }
}
