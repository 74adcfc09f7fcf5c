//! The `reference-hub` command.
fn main() {}
