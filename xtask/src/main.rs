//! Developer commands: scaffolding, generated documents, the checks that CI runs.
fn main() {}
