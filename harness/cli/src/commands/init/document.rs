//! The text of a profile as it is written: entries, entries that are switched off, and prose, each line so that none of it ends early.

use hubproof_reports::toml_text::{comment, key};

/// Columns of prose.
const WIDTH: usize = 118;

/// A TOML document. What is switched off has a `#` before it and no space; prose has both.
#[derive(Debug, Default)]
pub(super) struct Document {
    text: String,
}

impl Document {
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// An empty line, unless one stands there already.
    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Words, wrapped.
    pub(super) fn prose(&mut self, text: &str) {
        let mut line = String::from("#");
        for word in comment(text).split(' ') {
            if line.len() > 1 && line.chars().count() + 1 + word.chars().count() > WIDTH {
                self.line(&line);
                line.truncate(1);
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(&line);
    }

    /// A line between paragraphs of prose.
    pub(super) fn paragraph(&mut self) {
        self.line("#");
    }

    /// A command in the prose: never broken.
    pub(super) fn command(&mut self, text: &str) {
        self.line(&format!("#   {}", comment(text)));
    }

    /// The heading of a table, of these names.
    pub(super) fn table(&mut self, names: &[&str]) {
        self.gap();
        self.line(&heading(names));
    }

    /// The heading of a table that is switched off.
    pub(super) fn table_off(&mut self, names: &[&str]) {
        self.line(&format!("#{}", heading(names)));
    }

    /// A key and its value, as TOML has it.
    pub(super) fn entry(&mut self, name: &str, value: &str) {
        self.line(&format!("{} = {value}", key(name)));
    }

    /// An entry that is switched off. Several names are a dotted key.
    pub(super) fn entry_off(&mut self, names: &[&str], value: &str) {
        let names: Vec<_> = names.iter().map(|name| key(name)).collect();
        self.line(&format!("#{} = {value}", names.join(".")));
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

fn heading(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| key(name)).collect();
    format!("[{}]", names.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_switched_off_is_told_from_prose() {
        let mut document = Document::default();
        document.prose("Whether it is so.");
        document.entry_off(&["a.b", "values"], "{}");
        document.table(&["effects", "a.b"]);
        document.entry("é", "1");
        let text = "# Whether it is so.\n#\"a.b\".values = {}\n\n[effects.\"a.b\"]\n\"é\" = 1\n";
        assert_eq!(document.finish(), text);
    }

    #[test]
    fn prose_is_wrapped_and_keeps_to_its_lines() {
        let mut document = Document::default();
        document.prose(&format!("a\n[approvals]\n{}", "word ".repeat(50)));
        let text = document.finish();
        assert!(text.lines().count() > 2, "{text}");
        for line in text.lines() {
            assert!(line.starts_with("# ") && line.chars().count() <= WIDTH, "{line}");
        }
    }
}
