//! Model-based sequences: operations of several actors on one tool (and on a gated one), drawn at random, and judged against an abstract
//! model of a hub.
//!
//! ```text
//! draw ─► Sequence ─► script ─► Case ─► exchanges ─► History ─► search over orders ─► findings
//!            ▲                                                        │ model: what outcomes are allowed,
//!            └──────────── shrink ◄── the violation ◄─────────────────┘ and which rule each other one breaks
//! ```
//!
//! - A [`Sequence`] is a list of *groups* of operations. A group of one goes out by itself; the calls of a larger group go out at once.
//!   Operations name keys by letter and inputs by number: which idempotency keys and markers these become is decided when the sequence
//!   is made into a case, under the case's name, so that the same sequence can be tried again with fresh ones.
//! - `script` makes a case of it: the operations as steps, after each group a look at the effects of the inputs that it touched, at the
//!   end a look at all of them, and a count of the entries of each gated key. The sequence stands in the case's facts.
//! - `model` is the abstract hub. Of an operation and its answer it says what may have happened (how many effects, what becomes of the
//!   key), and with which *breach* of which requirement. A sound hub is explained without a breach.
//! - `history` looks for the order of the concurrent operations, and for the happenings, that explain all answers and all effects seen
//!   with the fewest breaches. Those are the violations. What a look shows is a lower bound: effects may show late, never early, so a slow
//!   listing accuses nobody; that a call did *not* act is only concluded from an answer that another call had got before.
//! - What the contract leaves open stays open: a second API key under a used idempotency key, and a dry run under one. Where hubs may
//!   differ in a way that later answers depend on (are keys of the workspace, or of the API key?), any of the ways that explains the whole
//!   history will do.
//! - A refusal counts against a hub only where the same actor was seen to succeed with the same tool in the sequence; where a call was
//!   throttled, not answered, or failed at the vendor, the sequence shows nothing.
//! - `shrink` makes sequences shorter; the runner sends these and has the same judge look at them.
//!
//! `proptest-state-machine` draws and shrinks in the same way, but runs the system under test inside its own synchronous loop, and shrinks
//! by a value tree that must be held over it: plans are pure here, and the runner sends. The tests of the search draw with proptest.

mod check;
mod draw;
mod history;
mod judge;
mod model;
mod operation;
mod script;
mod shrink;
#[cfg(test)]
mod tests;

pub(crate) use self::check::Sequenced;
pub use self::judge::{judge, told};
pub use self::operation::Sequence;
pub use self::script::{case, sequence_of};
