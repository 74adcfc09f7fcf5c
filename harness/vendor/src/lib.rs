//! Stands in for vendors: plays a vendor's API from data, fails on demand, and counts what reached it.
//!
//! A [`Vendor`] is data: routes, credentials, the shape of errors, seed records. A [`StandIn`] plays it on a port of its own, each
//! with its own state. A [`Script`] makes it fail for as long as its guard lives, and [`StandIn::received`] tells what came in. It
//! knows nothing of hubs: what it plays is what a hub's connector meets in the field.

mod account;
mod answer;
mod fault;
mod generate;
mod pointer;
mod query;
mod received;
mod script;
mod stand_in;
mod template;
mod times;
mod vendor;

pub use fault::{Fault, UnknownFault};
pub use received::{Credentials, Received, Reception};
pub use script::{Script, Scripted};
pub use stand_in::{StandIn, StartError};
pub use vendor::{BUNDLED, UnknownVendor, Vendor, VendorFileError};
