//! Run record to terminal text, JSON and JUnit.

pub mod curl;
pub mod json;
pub mod junit;
pub mod terminal;

mod body;
mod ending;
mod figures;
mod printable;
mod reproduce;
mod shell;
mod smallest;
mod tally;

#[cfg(test)]
mod canned;
