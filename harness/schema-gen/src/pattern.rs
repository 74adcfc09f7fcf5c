//! Regular expressions of `pattern` and `patternProperties`: compiled once, matched as the validator matches them, and
//! walked to write strings that match.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::random::Random;

/// Backtracking steps that a look-around pattern may take on one string before it counts as not matching.
const BACKTRACK_LIMIT: usize = 20_000;
/// Size of a compiled automaton: `(a{1000}){1000}` is refused, not compiled.
const SIZE_LIMIT: usize = 4 << 20;

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Pattern {
    matcher: fancy_regex::Regex,
    /// The syntax to walk, look-around taken out; what it writes is checked by the matcher.
    syntax: Option<Hir>,
    /// Whether text may precede a match.
    open_start: bool,
    /// Whether text may follow a match.
    open_end: bool,
}

impl Pattern {
    /// `None` where the pattern is no regular expression, or one too large to compile.
    pub(crate) fn compile(source: &str) -> Option<Self> {
        let translated = jsonschema_regex::to_rust_regex(source).ok();
        let matcher = fancy_regex::RegexBuilder::new(translated.as_deref().unwrap_or(source))
            .backtrack_limit(BACKTRACK_LIMIT)
            .delegate_size_limit(SIZE_LIMIT)
            .build()
            .ok()?;
        let plain = || {
            let plain = without_look_around(source);
            let plain = jsonschema_regex::to_rust_regex(&plain).map_or(plain.clone(), |text| text.into_owned());
            regex_syntax::parse(&plain).ok()
        };
        let syntax = translated
            .as_deref()
            .and_then(|text| regex_syntax::parse(text).ok())
            .or_else(plain);
        let open_end = !source.ends_with('$') || source.ends_with("\\$");
        Some(Self {
            matcher,
            syntax,
            open_start: !source.starts_with('^'),
            open_end,
        })
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.matcher.is_match(text).unwrap_or(false)
    }

    /// A matching string of about `length` characters; the caller checks it against all that it must satisfy.
    pub(crate) fn write(&self, random: &mut Random, plain: bool, length: usize) -> Option<String> {
        let syntax = self.syntax.as_ref()?;
        let shortest = syntax.properties().minimum_len().unwrap_or(0);
        let mut writer = Writer {
            random,
            plain,
            spare: length.saturating_sub(shortest),
            text: String::new(),
        };
        writer.write(syntax, 0)?;
        let mut text = writer.text;
        // A pattern is searched for: what matches at the start alone must not pass for it.
        if self.open_start && text.chars().count() < length && (plain || writer.random.one_in(2)) {
            text.insert(0, 'a');
        }
        if self.open_end {
            for _ in text.chars().count()..length {
                text.push('a');
            }
        }
        Some(text)
    }
}

struct Writer<'r> {
    random: &'r mut Random,
    /// First choices everywhere, for minimal and maximal instances.
    plain: bool,
    /// Characters that repetitions may still add.
    spare: usize,
    text: String,
}

impl Writer<'_> {
    fn write(&mut self, hir: &Hir, depth: usize) -> Option<()> {
        // regex-syntax bounds the nesting at 250; half of that is more than people write.
        if depth > 128 || self.text.len() > 1 << 17 {
            return None;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => {
                let character = self.pick(class)?;
                self.text.push(character);
            }
            HirKind::Capture(capture) => self.write(&capture.sub, depth + 1)?,
            HirKind::Concat(parts) => {
                for part in parts {
                    self.write(part, depth + 1)?;
                }
            }
            HirKind::Alternation(branches) => {
                let first = if self.plain {
                    0
                } else {
                    self.random.below(branches.len())
                };
                self.write(&branches[first], depth + 1)?;
            }
            HirKind::Repetition(repetition) => {
                let unit = repetition.sub.properties().minimum_len().unwrap_or(0).max(1);
                let room = repetition
                    .max
                    .map_or(usize::MAX, |max| max.saturating_sub(repetition.min) as usize);
                let most = room.min(self.spare / unit);
                let extra = if self.plain {
                    most
                } else {
                    self.random.below(most.saturating_add(1))
                };
                self.spare = self.spare.saturating_sub(extra * unit);
                for _ in 0..(repetition.min as usize).saturating_add(extra) {
                    self.write(&repetition.sub, depth + 1)?;
                }
            }
        }
        Some(())
    }

    /// Prefers printable ASCII: there regex dialects agree.
    fn pick(&mut self, class: &Class) -> Option<char> {
        let ranges: Vec<(u32, u32)> = match class {
            Class::Unicode(class) => class
                .ranges()
                .iter()
                .map(|r| (r.start().into(), r.end().into()))
                .collect(),
            Class::Bytes(class) => class
                .ranges()
                .iter()
                .map(|r| (r.start().into(), r.end().into()))
                .collect(),
        };
        let within = |low: u32, high: u32| -> Vec<(u32, u32)> {
            let clipped = ranges.iter().map(|&(start, end)| (start.max(low), end.min(high)));
            clipped.filter(|(start, end)| start <= end).collect()
        };
        let letters: Vec<_> = [(0x61, 0x7a), (0x30, 0x39), (0x41, 0x5a)]
            .into_iter()
            .flat_map(|(low, high)| within(low, high))
            .collect();
        let chosen = if !letters.is_empty() && (self.plain || !self.random.one_in(4)) {
            letters
        } else {
            let printable = within(0x20, 0x7e);
            if printable.is_empty() {
                ranges.clone()
            } else {
                printable
            }
        };
        if self.plain {
            return chosen.first().and_then(|&(start, _)| char::from_u32(start));
        }
        let total: u32 = chosen.iter().map(|(start, end)| end - start + 1).sum();
        let mut at = self.random.below(total as usize) as u32;
        for (start, end) in chosen {
            if at <= end - start {
                return char::from_u32(start + at).or_else(|| char::from_u32(start));
            }
            at -= end - start + 1;
        }
        None
    }
}

/// The pattern with its look-around groups cut out.
fn without_look_around(source: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(character) = rest.chars().next() {
        let opens = ["(?=", "(?!", "(?<=", "(?<!"]
            .iter()
            .any(|opening| rest.starts_with(opening));
        if opens {
            rest = &rest[group_length(rest)..];
            continue;
        }
        let taken = if character == '\\' {
            rest.chars().take(2).map(char::len_utf8).sum()
        } else {
            character.len_utf8()
        };
        kept.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    kept
}

/// Bytes up to the parenthesis that closes the group at the start.
fn group_length(group: &str) -> usize {
    let (mut depth, mut escaped, mut class) = (0_usize, false, false);
    for (at, character) in group.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match character {
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '(' if !class => depth += 1,
            ')' if !class => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    group.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_strings_that_match() {
        for source in [
            "^[A-Z]{3}-\\d{2,5}$",
            "^(draft|open|closed)$",
            "b+",
            "^(?!admin)[a-z]{3,}$",
            "^\\p{Letter}+$",
            "^[^/]+/[^/]+$",
            "",
        ] {
            let pattern = Pattern::compile(source).unwrap();
            for seed in 0..50 {
                let text = pattern
                    .write(&mut Random::new(seed), false, 8)
                    .unwrap_or_else(|| panic!("nothing for {source}"));
                assert!(pattern.is_match(&text), "{source} does not match {text}");
            }
        }
    }

    #[test]
    fn refuses_what_is_no_pattern_or_too_large() {
        assert!(Pattern::compile("(").is_none());
        assert!(Pattern::compile("((a{1000}){1000}){1000}").is_none());
    }

    #[test]
    fn catastrophic_patterns_end() {
        let pattern = Pattern::compile("^(?=(a+)+b)(a|aa)+$").unwrap();
        assert!(!pattern.is_match(&"a".repeat(5000)));
    }
}
