//! docs/exit-codes.md: how each command ends, from the harness's own list of exits.

use std::fmt::Write;

use hubproof_certificate::verify::VerifyExit;
use hubproof_runner::exit::Exit;

/// The page, below the workspace's root.
pub(crate) const EXIT_CODES: &str = "docs/exit-codes.md";

/// How the commands end that do not end as a run does.
const COMMANDS: [(&str, &str); 11] = [
    (
        "`bench`",
        "As `run`, but for 5, 6, 8 and 9: it knows no `--require` and no baseline of failures, and plays no vendor. 3 also where no call succeeded, or the rate was not reached.",
    ),
    (
        "`certify`",
        "0 where a certificate is issued, 7 where it is refused for what was not shown; 2, 3, 4, 8, 9 and 130 as of `run`, where the target cannot be \
         tested or somebody stopped the run.",
    ),
    (
        "`keygen`",
        "0 when it is done; 2 where a file is there already, or cannot be written.",
    ),
    (
        "`doctor`",
        "0 unless a check is a problem: 3 where the target is at fault, 2 where the profile or a flag is. Warnings do not count.",
    ),
    ("`plan`", "0 when it is done; 2, 3, 4 and 9 as of `run`."),
    (
        "`init`",
        "0 when it is done; 2, 3 and 4 as of `run`, and 2 where the file is there already too.",
    ),
    (
        "`report render`",
        "0 whatever the verdict: the exit code of the run stands in the report. 2 where there is no report that can be read.",
    ),
    (
        "`report compare`",
        "0 where nothing that gates became worse, 1 where a gating requirement broke, spread or lost its verdict; 2 where there is no report \
         that can be read.",
    ),
    (
        "`report merge`",
        "As the whole run would have ended; 2 where the shards are not those of one run.",
    ),
    (
        "`vendor`",
        "0 once it is stopped (Ctrl-C, SIGTERM), whatever reached it; 2 for a mistake in its file, 8 where its address is in use, or cannot be listened on.",
    ),
    (
        "`list`, `explain`, `generate`, `completions`, `man`",
        "0 when it is done; 2 for a wrong flag, a name that is not there, or a file that cannot be read or written.",
    ),
];

/// The rows of the table: a code and what it means of a run.
pub(crate) fn rows() -> String {
    let mut text = String::new();
    for exit in Exit::ALL {
        let _ = writeln!(text, "| {} | {} |", exit.code(), exit.about());
    }
    text
}

/// The rows of the table of `verify`.
pub(crate) fn verify_rows() -> String {
    let mut text = String::new();
    for exit in VerifyExit::ALL {
        let _ = writeln!(text, "| {} | {} |", exit.code(), exit.about());
    }
    text
}

/// The text of the page.
pub(crate) fn document() -> String {
    let mut text = format!(
        "# Exit codes\n\nGenerated from the harness's own list by `cargo xtask codegen`.\n\n## `hubproof run`\n\n| code | meaning |\n|---|---|\n\
         {}\nThe first that applies of 4, 1, 3, 6, 5 and 0; an interrupted run says so whatever else it found.\n\n## Other commands\n\n\
         Every command ends with 4 where standard output cannot be written (a full disk), whatever else it would end with. A reader that has \
         gone away (`| head`) is no fault.\n\n\
         | command | how it ends |\n|---|---|\n",
        rows()
    );
    for (command, ends) in COMMANDS {
        let _ = writeln!(text, "| {command} | {ends} |");
    }
    let _ = write!(
        text,
        "\n## `hubproof verify`\n\n| code | meaning |\n|---|---|\n{}\nThe first that applies of 3, 1, 5, 7, 8, 9 and 6.\n",
        verify_rows()
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_and_the_table_of_readme_are_current() {
        let read = |name: &str| std::fs::read_to_string(crate::root().join(name)).unwrap_or_default();
        assert!(
            read(EXIT_CODES) == document(),
            "{EXIT_CODES} is stale: run `cargo xtask codegen`"
        );
        assert!(
            read("docs/certify.md").contains(&verify_rows()),
            "the exit codes of docs/certify.md are others than:\n{}",
            verify_rows()
        );
        assert!(
            read("README.md").contains(&rows()),
            "README's exit codes are others than:\n{}",
            rows()
        );
    }
}
