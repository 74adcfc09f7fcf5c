//! Latencies of a hub's answers as HDR histograms, kept apart by tool, endpoint and outcome. Knows nothing of how they are measured.
//!
//! Three times of one request are told apart: *service* from the moment of sending to the last byte of the answer,
//! *response* from the moment at which it was meant to be sent (what a user waits for, free of coordinated omission), and *lateness*, the
//! harness's own delay between the two, without the wait for a free connection.

pub mod comparison;
mod encoding;
mod histogram;
pub mod interval_log;
mod recorder;
mod series;
pub mod share;
pub mod stall;

pub use self::encoding::{NotAHistogram, Packed};
pub use self::histogram::Histogram;
pub use self::recorder::{Recorder, SeriesId};
pub use self::series::{Kind, Place, Series};
