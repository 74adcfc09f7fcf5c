//! What the hub does where the contract promises nothing: which of two errors it answers with, as a small matrix, and the rest in words.

use hubproof_model::observations::Flaw;

use super::page::Page;
use super::style::Style;
use crate::document::observations::{Observations, Precedence, Undecided};

/// Columns of a flaw's number and name, and of a number in the matrix.
const NAME: usize = 28;
const CELL: usize = 4;

/// Writes what was observed, if anything was.
pub(super) fn write(page: &mut Page, observations: &Observations) {
    if observations.is_empty() {
        return;
    }
    page.gap();
    page.prose(0, Style::Bold, "Observed where the contract promises nothing");
    if !observations.precedence.is_empty() {
        page.prose(
            2,
            Style::Plain,
            "Of a call with two flaws, the number of the one that it was answered for:",
        );
        matrix(page, &observations.precedence);
    }
    for seen in &observations.undecided {
        let text = format!("{}: {}", seen.question, answer(seen));
        page.headed(2, Style::Plain, "-", Style::Plain, &text);
    }
    for compared in &observations.equal_results {
        let text = format!("{}: {}", compared.tool, compared.told());
        page.headed(2, Style::Plain, "-", Style::Plain, &text);
    }
    for told in observations.told_uncompared() {
        page.headed(2, Style::Plain, "-", Style::Plain, &told);
    }
}

/// A row for each first flaw and a column for each second one that was tried. What was answered for neither stands below.
fn matrix(page: &mut Page, all: &[Precedence]) {
    let number = |flaw: Flaw| Flaw::ALL.iter().position(|known| *known == flaw).unwrap_or_default() + 1;
    let was_tried = |flaw: &&Flaw| all.iter().any(|seen| seen.first == **flaw || seen.second == **flaw);
    let flaws: Vec<Flaw> = Flaw::ALL.iter().filter(was_tried).copied().collect();
    let cells = |row: Flaw| {
        let cell = |column: &Flaw| {
            let seen = all.iter().find(|seen| seen.first == row && seen.second == *column);
            let shown = match seen.map(|seen| seen.answered) {
                None => String::new(),
                Some(Some(flaw)) => number(flaw).to_string(),
                Some(None) => "*".to_owned(),
            };
            format!("{shown:>CELL$}")
        };
        flaws.iter().skip(1).map(cell).collect::<String>()
    };
    let columns: String = flaws
        .iter()
        .skip(1)
        .map(|flaw| format!("{:>CELL$}", number(*flaw)))
        .collect();
    page.unbroken_line(Style::Faint, &format!("  {:NAME$}{columns}", ""));
    for flaw in &flaws {
        let name = format!("{:>2} {flaw}", number(*flaw));
        page.unbroken_line(Style::Plain, &format!("  {name:NAME$}{}", cells(*flaw)));
    }
    for seen in all.iter().filter(|seen| seen.answered.is_none()) {
        let text = format!("{} and {}: {}", number(seen.first), number(seen.second), seen.outcome);
        page.headed(2, Style::Plain, "*", Style::Plain, &text);
    }
}

fn answer(seen: &Undecided) -> String {
    match seen.replayed {
        None => seen.outcome.clone(),
        Some(true) => format!("{}, with the data of the call before it", seen.outcome),
        Some(false) => format!("{}, with data of its own", seen.outcome),
    }
}
