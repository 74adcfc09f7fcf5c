//! Signed statements of what a run proved: issued from a report, verified offline, compared with their predecessors.
//!
//! The flow is [`issue::issue`] (a report that shows all of a [`set::RequirementSet`] becomes a [`certificate::Certificate`]) →
//! [`statement::Statement`] (the in-toto form of one) → [`envelope::seal`] (DSSE, Ed25519), and back: [`envelope::open`] →
//! [`statement::Statement::read`] → [`verify::verify`], which alone makes a [`verify::Verified`], which alone has a badge. Nothing here
//! does I/O, and no clock is read.

pub mod badge;
pub mod certificate;
pub mod compare;
pub mod digest;
pub mod envelope;
pub mod issue;
pub mod keys;
pub mod pae;
pub mod played;
pub mod set;
pub mod shortfall;
pub mod statement;
pub mod subject;
pub mod test_name;
pub mod told;
pub mod verify;

mod strict_json;

#[cfg(test)]
mod canned;
