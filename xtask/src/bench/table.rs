//! The table that people read, and the same as JSON.

use serde_json::{Value, json};

use super::goal::{Outcome, Row, Samples};
use super::machine::Machine;

/// The rows as a Markdown table, and what they were measured on.
pub(super) fn markdown(rows: &[Row], machine: &Machine) -> String {
    let mut lines = vec![
        "| | goal | median | min – max | |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    lines.extend(rows.iter().map(line));
    let reasons = rows
        .iter()
        .filter_map(|row| Some((row.what, row.measured.as_ref().err()?)));
    let reasons: Vec<_> = reasons
        .map(|(what, why)| format!("- {what}: not measured: {why}"))
        .collect();
    if !reasons.is_empty() {
        lines.push(String::new());
        lines.extend(reasons);
    }
    lines.push(String::new());
    lines.push(measured_on(machine));
    lines.join("\n")
}

fn line(row: &Row) -> String {
    let show = |value: f64| row.unit.show(value);
    let values = row.measured.as_ref().map(Samples::sorted).unwrap_or_default();
    let median = row.measured.as_ref().ok().and_then(Samples::median);
    let (median, range) = match (median, values.first(), values.last()) {
        (Some(median), Some(least), Some(most)) => (show(median), format!("{} – {}", show(*least), show(*most))),
        _ => ("–".to_owned(), "–".to_owned()),
    };
    format!(
        "| {} | {} | {median} | {range} | {} |",
        row.what,
        row.goal.show(row.unit),
        row.outcome()
    )
}

fn measured_on(machine: &Machine) -> String {
    let versions = [
        Some(machine.rustc.as_str()),
        machine.oha.as_deref(),
        machine.schemathesis.as_deref(),
    ];
    format!(
        "Measured on {} × {}, load average {:.2} before and {:.2} after; {}.",
        machine.cpus,
        machine.cpu,
        machine.load.0,
        machine.load.1,
        versions.into_iter().flatten().collect::<Vec<_>>().join(", ")
    )
}

/// All of it for programs: values in the unit that each row names.
pub(super) fn json(rows: &[Row], machine: &Machine) -> Value {
    let row = |row: &Row| {
        json!({
            "what": row.what,
            "unit": format!("{:?}", row.unit).to_lowercase(),
            "goal": row.goal.show(row.unit),
            "median": row.measured.as_ref().ok().and_then(Samples::median),
            "values": row.measured.as_ref().map(Samples::sorted).unwrap_or_default(),
            "met": match row.outcome() {
                Outcome::Met => Value::Bool(true),
                Outcome::Missed => Value::Bool(false),
                Outcome::Told | Outcome::NotMeasured => Value::Null,
            },
            "not_measured": row.measured.as_ref().err(),
        })
    };
    json!({"rows": rows.iter().map(row).collect::<Vec<_>>(), "machine": machine})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::goal::{Goal, Unit};

    fn rows() -> Vec<Row> {
        let mut samples = Samples::default();
        [0.61, 0.52, 0.55].into_iter().for_each(|value| samples.push(value));
        vec![
            Row {
                what: "hub: req/s ÷ static",
                unit: Unit::Times,
                goal: Goal::AtLeast(0.5),
                measured: Ok(samples),
            },
            Row {
                what: "peak memory",
                unit: Unit::Megabytes,
                goal: Goal::AtMost(32.0),
                measured: Err("no such command".to_owned()),
            },
        ]
    }

    fn machine() -> Machine {
        Machine {
            cpu: "Fast 9000".to_owned(),
            cpus: 2,
            load: (0.5, 2.25),
            rustc: "rustc 1".to_owned(),
            oha: Some("oha 2".to_owned()),
            schemathesis: None,
        }
    }

    #[test]
    fn a_row_shows_goal_median_range_and_outcome_and_a_gap_says_why() {
        let shown = markdown(&rows(), &machine());
        let expected = "\
| | goal | median | min – max | |
|---|---|---|---|---|
| hub: req/s ÷ static | ≥ 0.50 | 0.55 | 0.52 – 0.61 | met |
| peak memory | ≤ 32.0 MB | – | – | not measured |

- peak memory: not measured: no such command

Measured on 2 × Fast 9000, load average 0.50 before and 2.25 after; rustc 1, oha 2.";
        assert_eq!(shown, expected);
    }

    #[test]
    fn programs_read_values_and_gaps() {
        let told = json(&rows(), &machine());
        assert_eq!(told["rows"][0]["median"], 0.55);
        assert_eq!(told["rows"][0]["met"], true);
        assert_eq!(told["rows"][1]["met"], Value::Null);
        assert_eq!(told["rows"][1]["not_measured"], "no such command");
    }
}
