//! Takes secrets out of everything that is recorded, and notes which ones came back.
//!
//! Masked are the profile's keys, the values of its target headers and the secrets of vendors that are played, wherever they stand in an answer, a fault or a URL: as they
//! are, percent-encoded, escaped as JSON strings are, or in base64 (alone or inside a longer text, as `Basic` credentials are).
//! Secrets below [`SHORTEST`] characters are masked only where they are a header's whole value or its credentials: to take every
//! `abc` for the key `abc` would riddle all bodies, and hide nothing.

mod spelling;
mod view;

use std::cmp::Reverse;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use hubproof_model::call::Template;
use hubproof_model::exchange::Fault;
use hubproof_model::profile::Profile;
use hubproof_model::role::Role;
use hubproof_model::upstream::PLACEHOLDER;

use self::view::View;
use crate::SessionError;

/// The shortest secret that is masked wherever it stands, in bytes.
const SHORTEST: usize = 8;

/// What stands in records for the value of a target header.
pub(crate) fn placeholder_of_header(name: &str) -> String {
    format!("<header:{}>", name.to_ascii_lowercase())
}

/// Knows the run's secrets in the spellings in which they may come back.
pub(crate) struct Masker {
    secrets: Vec<Hidden>,
    /// Finds the spellings of all secrets that are long enough.
    spellings: AhoCorasick,
    /// The secret of each spelling.
    owners: Vec<usize>,
    /// The longest stretch in which one secret may stand.
    reach: usize,
}

struct Hidden {
    secret: String,
    placeholder: String,
    /// Whose key it is; `None` for a header's value and a vendor's secret.
    role: Option<Role>,
}

impl std::fmt::Debug for Masker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let placeholders = self.secrets.iter().map(|hidden| &hidden.placeholder);
        f.debug_list().entries(placeholders).finish()
    }
}

/// A secret, found.
struct Found {
    at: Range<usize>,
    secret: usize,
}

/// What was masked, and whose keys were in it, each once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Masked<T> {
    pub(crate) shown: T,
    pub(crate) keys: Vec<Role>,
}

impl Masker {
    /// Masks the profile's keys and the values of its target headers.
    ///
    /// # Errors
    /// Secrets so long that they cannot be searched for.
    pub(crate) fn new(profile: &Profile) -> Result<Self, SessionError> {
        let keys = profile.keys.by_role.iter().map(|(role, key)| Hidden {
            secret: key.secret.expose().to_owned(),
            placeholder: Template::placeholder(*role),
            role: Some(*role),
        });
        let headers = profile.target.headers.iter().map(|(name, value)| Hidden {
            secret: value.expose().to_owned(),
            placeholder: placeholder_of_header(name),
            role: None,
        });
        let of_vendors = profile
            .upstream
            .iter()
            .chain(&profile.beside)
            .flat_map(|upstream| &upstream.secrets);
        let of_vendors = of_vendors.map(|(name, secret)| Hidden {
            secret: secret.expose().to_owned(),
            placeholder: format!("{PLACEHOLDER}{name}>"),
            role: None,
        });
        // A key that is a header's value too is a key first.
        let secrets: Vec<_> = keys
            .chain(headers)
            .chain(of_vendors)
            .filter(|hidden| !hidden.secret.is_empty())
            .collect();
        let mut spellings = Vec::new();
        let mut owners = Vec::new();
        for (owner, hidden) in secrets.iter().enumerate() {
            if hidden.secret.len() >= SHORTEST {
                spellings.extend(spelling::of(hidden.secret.as_bytes()));
                owners.resize(spellings.len(), owner);
            }
        }
        Ok(Self {
            reach: view::LONGEST_ESCAPE * spellings.iter().map(Vec::len).max().unwrap_or_default(),
            spellings: AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .build(spellings)
                .map_err(|fault| SessionError::Client(format!("the profile's secrets cannot be masked: {fault}")))?,
            owners,
            secrets,
        })
    }

    /// A text without secrets.
    pub(crate) fn text(&self, text: &str) -> String {
        crate::reading::text(self.bytes(text.as_bytes().to_vec()).shown)
    }

    /// Bytes without secrets.
    pub(crate) fn bytes(&self, bytes: Vec<u8>) -> Masked<Vec<u8>> {
        let mut found = Vec::new();
        for view in View::all(&bytes) {
            let matches = self.spellings.find_overlapping_iter(view.decoded());
            found.extend(matches.map(|found| Found {
                at: view.origin(found.range()),
                secret: self.owners[found.pattern().as_usize()],
            }));
        }
        self.replace(bytes, found)
    }

    /// Whether a secret stands there, in any spelling; short ones are not looked for. Looks without taking a copy.
    pub(crate) fn finds(&self, bytes: &[u8]) -> bool {
        View::all(bytes).any(|view| self.spellings.is_match(view.decoded()))
    }

    /// A body of which more was to come: its end may hold the first half of a secret, and is cut off.
    pub(crate) fn beginning(&self, bytes: Vec<u8>) -> Masked<Vec<u8>> {
        let mut masked = self.bytes(bytes);
        masked.shown.truncate(masked.shown.len().saturating_sub(self.reach));
        masked
    }

    /// A header's value without secrets, short ones too where they are all of it or its credentials.
    pub(crate) fn header(&self, value: &[u8]) -> Masked<String> {
        let is_short = |hidden: &&Hidden| {
            let credentials = value.rsplit(|byte| *byte == b' ').next();
            let secret = hidden.secret.as_bytes();
            secret.len() < SHORTEST && (value == secret || credentials == Some(secret))
        };
        if let Some(hidden) = self.secrets.iter().find(is_short) {
            let before = &value[..value.len() - hidden.secret.len()];
            return Masked {
                shown: format!("{}{}", String::from_utf8_lossy(before), hidden.placeholder),
                keys: hidden.role.into_iter().collect(),
            };
        }
        let masked = self.bytes(value.to_vec());
        Masked {
            shown: crate::reading::text(masked.shown),
            keys: masked.keys,
        }
    }

    /// A fault that says nothing secret.
    pub(crate) fn fault(&self, fault: Fault) -> Fault {
        match fault {
            Fault::Connect(why) => Fault::Connect(self.text(&why)),
            Fault::Broken(why) => Fault::Broken(self.text(&why)),
            Fault::Protocol(why) => Fault::Protocol(self.text(&why)),
            Fault::Unsendable(why) => Fault::Unsendable(self.text(&why)),
            Fault::TimedOut(_)
            | Fault::BudgetSpent(_)
            | Fault::EffectsSpent(_)
            | Fault::Unresolved { .. }
            | Fault::Interrupted
            | Fault::NotAllowed { .. } => fault,
        }
    }

    /// Where secrets overlap, the longest names the stretch: one key may begin with another.
    fn replace(&self, bytes: Vec<u8>, mut found: Vec<Found>) -> Masked<Vec<u8>> {
        if found.is_empty() {
            return Masked {
                shown: bytes,
                keys: Vec::new(),
            };
        }
        found.sort_by_key(|found| (found.at.start, Reverse(found.at.end), found.secret));
        let mut shown = Vec::with_capacity(bytes.len());
        let mut keys = Vec::new();
        let mut rest = 0;
        let mut found = found.into_iter().peekable();
        while let Some(first) = found.next() {
            let mut stretch = first.at.clone();
            let mut longest = first;
            while let Some(next) = found.next_if(|next| next.at.start < stretch.end) {
                stretch.end = stretch.end.max(next.at.end);
                if next.at.len() > longest.at.len() {
                    longest = next;
                }
            }
            let hidden = &self.secrets[longest.secret];
            shown.extend_from_slice(&bytes[rest..stretch.start]);
            shown.extend_from_slice(hidden.placeholder.as_bytes());
            rest = stretch.end;
            keys.extend(hidden.role.filter(|role| !keys.contains(role)));
        }
        shown.extend_from_slice(&bytes[rest..]);
        Masked { shown, keys }
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::profile::Key;
    use hubproof_model::secret::Secret;

    use super::*;

    fn masker(keys: &[(Role, &str)], headers: &[(&str, &str)]) -> Masker {
        let mut profile = Profile::of_url("http://hub.test");
        for (role, secret) in keys {
            let key = Key {
                secret: Secret::new(*secret),
                variable: None,
            };
            profile.keys.by_role.insert(*role, key);
        }
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)));
        profile.target.headers.extend(headers);
        Masker::new(&profile).unwrap()
    }

    #[test]
    fn every_spelling_is_masked() {
        // Characters that percent-encoding, JSON and both alphabets of base64 write differently.
        let masker = masker(&[(Role::Primary, r#"sk+/a"b\c-é?>~9"#)], &[]);
        for spelled in [
            r#"sk+/a"b\c-é?>~9"#,
            "sk%2B%2Fa%22b%5Cc-%C3%A9%3F%3E~9",
            "sk%2b/a%22b%5cc-%c3%a9%3f%3e%7e9",
            r#"sk+/a\"b\\c-é?>~9"#,
            r#"sk\u002B\/a\u0022b\u005cc-\u00e9?\u003E~9"#,
        ] {
            let masked = masker.bytes(format!("before {spelled} after").into_bytes());
            assert_eq!(
                String::from_utf8(masked.shown).unwrap(),
                "before <key:primary> after",
                "{spelled}"
            );
            assert_eq!(masked.keys, [Role::Primary]);
        }
    }

    #[test]
    fn base64_is_masked_at_every_offset_in_both_alphabets() {
        use base64::Engine;
        use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
        let masker = masker(&[(Role::Primary, "sk_?>~live_0123")], &[]);
        for before in ["", "a", "user:", "me:"] {
            let text = format!("{before}sk_?>~live_0123:after");
            for encoded in [STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                assert_eq!(masker.bytes(encoded.into_bytes()).keys, [Role::Primary], "{before}");
            }
        }
    }

    #[test]
    fn the_longest_secret_names_a_stretch() {
        let masker = masker(
            &[
                (Role::Primary, "hub_key_1"),
                (Role::Foreign, "hub_key_12"),
                (Role::Revoked, "key_12_and_on"),
            ],
            &[("x-gate", "hub_key_1")],
        );
        for (given, shown, keys) in [
            ("a hub_key_1, b", "a <key:primary>, b", vec![Role::Primary]),
            (
                "hub_key_12hub_key_1",
                "<key:foreign><key:primary>",
                vec![Role::Foreign, Role::Primary],
            ),
            // The two overlap: nothing of either is left.
            ("hub_key_12_and_on", "<key:revoked>", vec![Role::Revoked]),
            ("hub_key_", "hub_key_", vec![]),
        ] {
            let masked = masker.bytes(given.as_bytes().to_vec());
            assert_eq!(
                (String::from_utf8(masked.shown).unwrap().as_str(), masked.keys),
                (shown, keys)
            );
        }
    }

    #[test]
    fn a_short_secret_is_masked_as_a_header_and_nowhere_else() {
        let masker = masker(&[(Role::Primary, "read")], &[("x-gate", "open")]);
        assert_eq!(masker.text("read the readme"), "read the readme");
        assert_eq!(masker.header(b"Bearer read").shown, "Bearer <key:primary>");
        assert_eq!(masker.header(b"read").keys, [Role::Primary]);
        assert_eq!(masker.header(b"open").shown, "<header:x-gate>");
        assert_eq!(masker.header(b"already").shown, "already");
    }

    #[test]
    fn half_a_secret_at_the_end_of_what_was_read_is_cut_off() {
        let masker = masker(&[(Role::Primary, "hub_sk_0123456789")], &[]);
        let body = [vec![b'.'; 1000], br"hub_sk_0123456789 hub\u005fsk_01234".to_vec()].concat();
        let masked = masker.beginning(body);
        assert!(!masked.shown.windows(6).any(|window| window == b"sk_012"));
        assert_eq!(masked.keys, [Role::Primary]);
        assert!(masked.shown.len() > 800);
    }

    #[test]
    fn without_secrets_nothing_changes() {
        let masker = masker(&[], &[]);
        assert_eq!(masker.text("a%20b\\n"), "a%20b\\n");
        assert_eq!(masker.beginning(b"abc".to_vec()).shown, b"abc");
    }
}
