//! The `hubproof` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    hubproof_cli::main()
}
