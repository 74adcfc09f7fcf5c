//! The `hubproof` command.
fn main() {}
