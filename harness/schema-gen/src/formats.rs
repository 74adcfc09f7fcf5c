//! Values of the named formats. Formats are annotations: valid values satisfy them where lengths and patterns let them.

use jsonschema::{Draft, Validator};
use serde_json::Value;

use crate::random::Random;
use crate::shape::Extent;
use crate::strings::spoiled;

/// The `format` of a schema.
#[derive(Debug)]
pub(crate) struct Format {
    name: String,
    /// Judges by the format alone; only where it is an assertion, of a format that the validator knows.
    judge: Option<Validator>,
}

impl Format {
    pub(crate) fn new(name: &str, asserts: bool, draft: Draft) -> Self {
        let judge = || {
            let schema = serde_json::json!({ "format": name });
            let options = jsonschema::options()
                .with_draft(draft)
                .offline()
                .should_validate_formats(true);
            let judge = options.build(&schema).ok()?;
            // A format that nothing fails is unknown.
            let fails = |text: &String| !judge.is_valid(&Value::from(text.as_str()));
            blatant(name).iter().any(fails).then_some(judge)
        };
        Self {
            name: name.to_owned(),
            judge: if asserts { judge() } else { None },
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn asserts(&self) -> bool {
        self.judge.is_some()
    }

    /// Whether the text is of the format; where it is an annotation every text is.
    pub(crate) fn admits(&self, text: &str) -> bool {
        self.judge
            .as_ref()
            .is_none_or(|judge| judge.is_valid(&Value::from(text)))
    }

    /// A value of the format, of about the wanted length where the format has a choice; `None` for unknown formats.
    pub(crate) fn write(&self, random: &mut Random, plain: bool, length: usize) -> Option<String> {
        write(&self.name, random, plain, length)
    }

    /// A text that is probably not of the format: something that no reader takes for it first, then ever closer misses.
    pub(crate) fn spoil(&self, attempt: usize, extent: Extent, random: &mut Random, length: usize) -> Option<String> {
        let mut blatant = blatant(&self.name);
        if attempt < blatant.len() && (extent != Extent::Random || random.one_in(4)) {
            return Some(blatant.swap_remove(attempt));
        }
        let text = self.write(random, false, length)?;
        let mut near = spoiled(&text);
        Some(near.swap_remove(random.below(near.len())))
    }
}

/// Texts that are of hardly any format, by whatever validator.
fn blatant(name: &str) -> Vec<String> {
    vec![
        format!("not of format {name} {{("),
        "(".to_owned(),
        "{".to_owned(),
        "%".to_owned(),
        String::new(),
    ]
}

/// A value of the format, of about the wanted length where the format has a choice; `None` for unknown formats.
fn write(format: &str, random: &mut Random, plain: bool, length: usize) -> Option<String> {
    let mut number = |low: u32, high: u32| -> u32 {
        if plain {
            low
        } else {
            random.between(i128::from(low), i128::from(high)) as u32
        }
    };
    Some(match format {
        // Days to 28 and seconds to 59: no calendar or leap second to disagree on.
        "date" => format!("{}-{:02}-{:02}", number(2000, 2039), number(1, 12), number(1, 28)),
        "time" => format!("{:02}:{:02}:{:02}Z", number(0, 23), number(0, 59), number(0, 59)),
        "date-time" => format!(
            "{}-{:02}-{:02}T{:02}:{:02}:{:02}{}",
            number(2000, 2039),
            number(1, 12),
            number(1, 28),
            number(0, 23),
            number(0, 59),
            number(0, 59),
            ["Z", "+02:00", "-05:30", ".25Z"][number(0, 3) as usize]
        ),
        "duration" => match number(0, 3) {
            0 => format!("P{}D", number(1, 30)),
            1 => format!("PT{}H{}M", number(1, 23), number(1, 59)),
            2 => format!("P{}W", number(1, 9)),
            _ => format!("P{}Y{}M", number(1, 9), number(1, 11)),
        },
        "email" | "idn-email" => {
            let (host, local) = (
                ["example.com", "mail.example.org", "example.net"][number(0, 2) as usize],
                "user",
            );
            let room = length.saturating_sub(host.len() + 1).clamp(4, 60);
            format!("{local}{:0>width$}@{host}", number(0, 9999), width = room - 4)
        }
        "hostname" | "idn-hostname" => {
            let host = format!("host{}.example.com", number(1, 999));
            let room = length.saturating_sub(host.len() + 1).min(60);
            if room > 0 {
                format!("{}.{host}", "a".repeat(room))
            } else {
                host
            }
        }
        "ipv4" => format!("192.0.2.{}", number(1, 254)),
        "ipv6" => format!("2001:db8::{:x}", number(1, 0xffff)),
        "uri" | "iri" | "uri-reference" | "iri-reference" => {
            let uri = format!("https://example.com/items/{}", number(1, 9999));
            let room = length.saturating_sub(uri.len() + 3);
            if room > 0 {
                format!("{uri}?q={}", "a".repeat(room))
            } else {
                uri
            }
        }
        "uri-template" => format!("https://example.com/items/{{id}}/{}", number(1, 9999)),
        "uuid" => format!(
            "{:08x}-{:04x}-4{:03x}-{:x}{:03x}-{:012x}",
            number(0x10, u32::MAX),
            number(0, 0xffff),
            number(0, 0xfff),
            number(8, 11),
            number(0, 0xfff),
            number(1, u32::MAX)
        ),
        "json-pointer" => format!("/items/{}/name", number(0, 99)),
        "relative-json-pointer" => format!("{}/name", number(0, 9)),
        "regex" => format!("^[a-z]{{1,{}}}$", number(1, 64)),
        "color" => format!("#{:06x}", number(0, 0x00ff_ffff)),
        "byte" => "aGVsbG8=".to_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_satisfy_their_formats() {
        for format in [
            "date",
            "time",
            "date-time",
            "duration",
            "email",
            "idn-email",
            "hostname",
            "idn-hostname",
            "ipv4",
            "ipv6",
            "uri",
            "iri",
            "uri-reference",
            "iri-reference",
            "uri-template",
            "uuid",
            "json-pointer",
            "relative-json-pointer",
            "regex",
        ] {
            let schema = serde_json::json!({ "format": format });
            let validator = jsonschema::options()
                .should_validate_formats(true)
                .build(&schema)
                .unwrap();
            for seed in 0..200 {
                for length in [0, 10, 50] {
                    let text = write(format, &mut Random::new(seed), seed == 0, length).unwrap();
                    assert!(validator.is_valid(&text.clone().into()), "{text} is no {format}");
                }
            }
        }
    }
}
