//! `minLength`, `maxLength`, `pattern` and `format`: strings of a wanted length (in code points) that satisfy them.

use serde_json::Value;

use crate::formats::Format;
use crate::options::Options;
use crate::pattern::Pattern;
use crate::random::Random;
use crate::rule::Rule;
use crate::shape::Extent;

/// Characters that a string has by default at most; enough to be noticed, little enough to be read.
const ORDINARY: usize = 24;
/// A maximum up to which the longest string is really written when the edge is asked for.
const LONGEST: usize = 60_000;
/// A length up to which the longest string has wide characters: what has four bytes each must stay well within 64 KiB.
const MISCOUNTED: usize = 4_000;

/// What strings must be.
#[derive(Debug, Clone, Default)]
pub(crate) struct StringFacts<'p> {
    least: usize,
    most: Option<usize>,
    patterns: Vec<&'p Pattern>,
    not_patterns: Vec<&'p Pattern>,
    formats: Vec<&'p Format>,
    not_formats: Vec<&'p Format>,
}

impl<'p> StringFacts<'p> {
    pub(crate) fn is_constrained(&self) -> bool {
        self.least > 0 || self.most.is_some() || self.has_syntax() || !self.formats.is_empty()
    }

    fn has_syntax(&self) -> bool {
        !self.patterns.is_empty() || !self.not_patterns.is_empty() || !self.not_formats.is_empty()
    }

    pub(crate) fn assume(&mut self, rule: &'p Rule) {
        match rule {
            Rule::MinLength(count) => self.least = self.least.max(usize::try_from(*count).unwrap_or(usize::MAX)),
            Rule::MaxLength(count) => self.limit(usize::try_from(*count).unwrap_or(usize::MAX)),
            Rule::Pattern(pattern) => self.patterns.push(pattern),
            Rule::Format(format) => self.formats.push(format),
            _ => {}
        }
    }

    /// The rule fails; says which end is closest to it.
    pub(crate) fn deny(&mut self, rule: &'p Rule) -> Option<Extent> {
        match rule {
            Rule::MinLength(0) => {
                self.most = Some(0);
                self.least = 1;
                None
            }
            Rule::MinLength(count) => {
                self.limit(usize::try_from(count - 1).unwrap_or(usize::MAX));
                Some(Extent::High)
            }
            Rule::MaxLength(count) => {
                self.least = self
                    .least
                    .max(usize::try_from(count.saturating_add(1)).unwrap_or(usize::MAX));
                Some(Extent::Low)
            }
            Rule::Pattern(pattern) => {
                self.not_patterns.push(pattern);
                None
            }
            Rule::Format(format) => {
                self.not_formats.push(format);
                None
            }
            _ => None,
        }
    }

    fn limit(&mut self, count: usize) {
        self.most = Some(self.most.map_or(count, |known| known.min(count)));
    }

    pub(crate) fn contradicts(&self) -> bool {
        self.most.is_some_and(|most| most < self.least)
            || self
                .patterns
                .iter()
                .any(|pattern| self.not_patterns.iter().any(|other| std::ptr::eq(*pattern, *other)))
            || self
                .formats
                .iter()
                .any(|format| self.not_formats.iter().any(|other| format.name() == other.name()))
    }

    pub(crate) fn admits(&self, text: &str) -> bool {
        let length = text.chars().count();
        length >= self.least
            && self.most.is_none_or(|most| length <= most)
            && self.patterns.iter().all(|pattern| pattern.is_match(text))
            && !self.not_patterns.iter().any(|pattern| pattern.is_match(text))
            && self.formats.iter().all(|format| format.admits(text))
            && !self.not_formats.iter().any(|format| format.admits(text))
    }

    /// A string, or `None` where the search finds none.
    pub(crate) fn write(
        &self,
        extent: Extent,
        denied: &[&Value],
        random: &mut Random,
        options: &Options,
        edge: bool,
    ) -> Option<String> {
        if self.least > options.max_bytes {
            return None;
        }
        let fits = |text: &str| self.admits(text) && !denied.iter().any(|value| value.as_str() == Some(text));
        for attempt in 0..24 {
            let length = self.length(if attempt > 3 { Extent::Random } else { extent }, random, edge);
            let plain = extent != Extent::Random && attempt < 2;
            let alphabet = match extent {
                // Where characters are counted to the last one, those that take several bytes or UTF-16 units tell who miscounts.
                Extent::High if edge && attempt == 0 && options.unicode && length <= MISCOUNTED => Alphabet::Wide,
                _ if plain => Alphabet::Plain,
                _ if options.unicode && !self.has_syntax() && random.one_in(4) => Alphabet::Mixed,
                _ => Alphabet::Ascii,
            };
            let Some(text) = self.candidate(attempt, length, extent, alphabet, random) else {
                continue;
            };
            if fits(&text) {
                return Some(text);
            }
            if !self.not_patterns.is_empty()
                && let Some(text) = spoiled(&text).into_iter().find(|text| fits(text))
            {
                return Some(text);
            }
        }
        None
    }

    fn length(&self, extent: Extent, random: &mut Random, edge: bool) -> usize {
        let most = self.most.unwrap_or(usize::MAX);
        let ordinary = most.min(self.least.saturating_add(ORDINARY));
        match extent {
            Extent::Low => self.least,
            // The longest string exactly where it is short, or asked for.
            Extent::High if edge && most <= LONGEST => most,
            Extent::High if most <= 256 => most,
            Extent::High => ordinary,
            Extent::Random => {
                let low = self.least.max(usize::from(most > 0));
                random.between(low as i128, ordinary.max(low) as i128) as usize
            }
        }
    }

    fn candidate(
        &self,
        attempt: usize,
        length: usize,
        extent: Extent,
        alphabet: Alphabet,
        random: &mut Random,
    ) -> Option<String> {
        let plain = alphabet == Alphabet::Plain;
        // A format first; where lengths or patterns do not let it be, the others win: it is an annotation.
        if attempt < 12
            && let Some(text) = self
                .formats
                .first()
                .and_then(|format| format.write(random, plain, length))
        {
            return Some(text);
        }
        if !self.patterns.is_empty() {
            let pattern = self.patterns[attempt % self.patterns.len()];
            return pattern.write(random, plain, length);
        }
        if let Some(format) = self.not_formats.first() {
            return format.spoil(attempt, extent, random, length);
        }
        if let Some(pattern) = self.not_patterns.first().filter(|_| attempt % 3 == 1) {
            // Close to what matches: the caller spoils it.
            return pattern.write(random, plain, length);
        }
        Some(free(length, alphabet, random))
    }
}

/// Which characters a string without syntax is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    /// One letter.
    Plain,
    /// Letters, digits, spaces.
    Ascii,
    /// Those, and some beyond ASCII, beyond the basic plane, or combining.
    Mixed,
    /// Nothing but the latter.
    Wide,
}

fn free(length: usize, alphabet: Alphabet, random: &mut Random) -> String {
    const WIDE: [char; 10] = ['é', 'ß', '日', '本', 'Ж', '😀', '𝒳', '\u{0301}', 'ñ', '\u{1F469}'];
    const ASCII: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut text = String::with_capacity(length);
    for at in 0..length {
        if alphabet == Alphabet::Plain {
            text.push('a');
        } else if alphabet == Alphabet::Wide || (alphabet == Alphabet::Mixed && random.one_in(3)) {
            text.push(WIDE[random.below(WIDE.len())]);
        } else if at > 0 && at + 1 < length && random.one_in(12) {
            text.push(' ');
        } else {
            text.push(char::from(ASCII[random.below(ASCII.len())]));
        }
    }
    text
}

/// Strings close to one that matches a pattern, most of which do not. ASCII without line ends: dialects agree on them.
pub(crate) fn spoiled(text: &str) -> Vec<String> {
    let count = text.chars().count();
    let mut near = Vec::new();
    for mark in ['!', '0', 'a', 'Z', '~', ' ', '-', '_'] {
        let swap = |at: usize| {
            text.chars()
                .enumerate()
                .map(|(i, c)| if i == at { mark } else { c })
                .collect::<String>()
        };
        if count > 0 {
            near.push(swap(count - 1));
            near.push(swap(0));
        }
        if count > 2 {
            near.push(swap(count / 2));
        }
        near.push(text.chars().map(|_| mark).collect());
        near.push(format!("{text}{mark}"));
        near.push(format!("{mark}{text}"));
    }
    if count > 0 {
        near.push(text.chars().take(count - 1).collect());
        near.push(text.chars().skip(1).collect());
    }
    near.push(text.to_uppercase());
    near.push(text.to_lowercase());
    near.push(String::new());
    near
}
