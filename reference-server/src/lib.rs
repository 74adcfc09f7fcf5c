//! The reference hub: an Integration Hub in memory, with defects that can be switched on.

pub mod catalogue;
pub mod connectors;
