//! The file of a baseline, as `--write-baseline` writes it, and its entries by name.

use hubproof_model::baseline::KnownFailure;

use crate::figures::count;
use crate::printable::log_line;
use crate::toml_text::quoted;

const HEAD: &str = "\
# The known failures of a hub: `hubproof run --baseline FILE` excuses what they match until they expire, and ends with 6 where one
# is stale. docs/baseline.md explains each key.
";

/// How many entries are named in a message.
const NAMED: usize = 5;

/// The entries as a TOML document.
pub fn render(entries: &[KnownFailure]) -> String {
    let mut text = HEAD.to_owned();
    for entry in entries {
        text.push_str("\n[[known]]\n");
        let mut put = |key: &str, value: &str| text.push_str(&format!("{key} = {value}\n"));
        put("requirement", &quoted(&entry.requirement.to_string()));
        if let Some(tool) = &entry.tool {
            put("tool", &quoted(tool.as_str()));
        }
        put("reason", &quoted(&entry.reason));
        put("owner", &quoted(&entry.owner));
        put("expires", &entry.expires.to_string());
    }
    text
}

/// What some entries are about, for a message in a line.
pub fn names<'e>(entries: impl IntoIterator<Item = &'e KnownFailure>) -> String {
    let mut named: Vec<_> = entries.into_iter().map(ToString::to_string).collect();
    let more = named.len().saturating_sub(NAMED) as u64;
    named.truncate(NAMED);
    let named = log_line(&named.join(", "));
    match more {
        0 => named,
        more => format!("{named} and {} more", count(more)),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use hubproof_model::baseline::{Baseline, ToolGlob};

    use super::*;
    use crate::canned::HOSTILE;
    use crate::printable::is_hidden;

    fn entries() -> Vec<KnownFailure> {
        let entry = |id: &str, tool: Option<&str>, reason: &str| KnownFailure {
            requirement: id.parse().unwrap(),
            tool: tool.map(|tool| ToolGlob::of_key(tool).unwrap()),
            reason: reason.to_owned(),
            owner: "team \"itsm\"".to_owned(),
            expires: NaiveDate::from_ymd_opt(2027, 1, 31).unwrap(),
        };
        vec![
            entry("EXE-02", Some("itsm.tickets.create"), "l'été, C:\\path, ${X}"),
            entry("CAT-11", Some(HOSTILE), HOSTILE),
            entry("AUTH-01", None, "TODO: say why"),
        ]
    }

    #[test]
    fn what_is_written_is_read_again() {
        let today = NaiveDate::default();
        let requirement = |id: &str| id.parse().map_err(|_| String::new());
        for entries in [entries(), Vec::new()] {
            let text = render(&entries);
            assert!(!text.contains(|c| is_hidden(c) && c != '\n'), "{text:?}");
            let read = Baseline::parse(&text, "known.toml", today, &requirement).unwrap();
            assert_eq!(read.entries, entries);
        }
    }

    #[test]
    fn names_stay_on_a_line() {
        let entries = entries();
        assert_eq!(
            names(entries.iter().step_by(2)),
            "EXE-02 on itsm.tickets.create, AUTH-01"
        );
        let many = names(entries.iter().cycle().take(1007));
        assert!(many.ends_with(" and 1,002 more") && !many.contains(is_hidden), "{many}");
    }

    #[test]
    fn the_file_of_a_baseline() {
        insta::assert_snapshot!(render(&entries()));
    }
}
