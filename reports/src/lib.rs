//! Run record to terminal text, JSON and JUnit; and the baseline that a run is to be held against next.

pub mod baseline;
pub mod curl;
pub mod json;
pub mod junit;
pub mod terminal;

mod body;
mod ending;
mod figures;
mod known;
mod printable;
mod reproduce;
mod shell;
mod smallest;
mod tally;

#[cfg(test)]
mod canned;
