//! Measures the latency of a hub's answers under a steady load, and checks each answer.
//!
//! [`bench::bench`] strings it together: the ground of a run, the `mix` of its tools, a `pool` of prepared calls; then the
//! `schedule` hands the moments at which calls are meant to go out to the `load`'s connections, each answer is checked and counted in a
//! `tally`, and the tallies make the measurement.

pub mod beat;
pub mod bench;
mod blocks;
mod budgets;
mod ceiling;
mod evidence;
mod gate;
mod handout;
mod live;
mod load;
mod mix;
mod moments;
pub mod options;
mod pauses;
mod pool;
mod schedule;
mod silence;
mod tally;
pub mod verdict;
