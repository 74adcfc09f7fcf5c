//! A bench as a person sees it.

use hubproof_model::gate::FailOn;

use super::*;
use crate::canned;
use crate::printable::is_hidden;

const PLAIN: TerminalOptions = TerminalOptions {
    colour: false,
    width: 110,
    verbose: false,
    quiet: false,
    fail_on: FailOn::Must,
};

#[test]
fn the_report_of_a_bench() {
    insta::assert_snapshot!("bench", render_bench(&canned::bench(), &PLAIN));
    let verbose = TerminalOptions { verbose: true, ..PLAIN };
    insta::assert_snapshot!(
        "bench_verbose",
        render_bench(&canned::bench_of_a_dying_target(), &verbose)
    );
    insta::assert_snapshot!("bench_of_nothing", render_bench(&canned::bench_of_nothing(), &PLAIN));
}

#[test]
fn quiet_is_the_line_of_the_verdicts() {
    let quiet = TerminalOptions { quiet: true, ..PLAIN };
    let line = "4 requirements: 1 held, 2 violated (2 gate), 1 inconclusive · 3,984 calls · 397 a second · 12 unsent\n";
    assert_eq!(render_bench(&canned::bench(), &quiet), line);
}

#[test]
fn nothing_from_the_target_acts_on_the_terminal() {
    for record in canned::all_benches() {
        let text = render_bench(&record, &TerminalOptions { verbose: true, ..PLAIN });
        assert!(!text.contains(|c| is_hidden(c) && c != '\n'), "{text:?}");
    }
}
