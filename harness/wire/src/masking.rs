//! Takes secrets out of everything that is recorded, and notes which ones came back.

use hubproof_model::call::Template;
use hubproof_model::exchange::Leak;
use hubproof_model::profile::Profile;
use hubproof_model::role::Role;

/// Shorter secrets are left in bodies: masking them would riddle every text, and they protect nothing.
const SHORTEST: usize = 8;

/// Knows the run's secrets, longest first, in the spellings in which they may come back.
#[derive(Debug)]
pub(crate) struct Masker {
    secrets: Vec<Masked>,
}

struct Masked {
    spelling: Vec<u8>,
    placeholder: String,
    role: Option<Role>,
}

impl std::fmt::Debug for Masked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.placeholder)
    }
}

impl Masker {
    /// Masks the profile's keys and the values of its target headers.
    pub(crate) fn new(profile: &Profile) -> Self {
        let keys = profile.keys.by_role.iter();
        let keys = keys.map(|(role, key)| (key.secret.expose(), Template::placeholder(*role), Some(*role)));
        let headers = profile.target.headers.iter();
        let headers = headers.map(|(name, value)| (value.expose(), format!("<header:{name}>"), None));
        let mut secrets: Vec<_> = keys
            .chain(headers)
            .filter(|(secret, ..)| secret.len() >= SHORTEST)
            .flat_map(|(secret, placeholder, role)| {
                spellings(secret).into_iter().map(move |spelling| Masked {
                    spelling,
                    placeholder: placeholder.clone(),
                    role,
                })
            })
            .collect();
        secrets.sort_by_key(|masked| std::cmp::Reverse(masked.spelling.len()));
        Self { secrets }
    }

    /// A text without secrets.
    pub(crate) fn text(&self, text: &str) -> String {
        let (masked, _) = self.bytes(text.as_bytes().to_vec());
        String::from_utf8_lossy(&masked).into_owned()
    }

    /// Bytes without secrets, and whose keys were in them.
    pub(crate) fn bytes(&self, mut bytes: Vec<u8>) -> (Vec<u8>, Vec<Role>) {
        let mut roles = Vec::new();
        for masked in &self.secrets {
            if let Some(replaced) = replace(&bytes, &masked.spelling, masked.placeholder.as_bytes()) {
                bytes = replaced;
                roles.extend(masked.role.filter(|role| !roles.contains(role)));
            }
        }
        (bytes, roles)
    }

    /// The leaks of a place.
    pub(crate) fn leaks(place: &str, roles: Vec<Role>) -> impl Iterator<Item = Leak> {
        roles.into_iter().map(move |role| Leak {
            role,
            place: place.to_owned(),
        })
    }
}

/// The secret as it stands, percent-encoded, and as a JSON string has it.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let escaped = serde_json::Value::from(secret).to_string();
    let mut spellings = vec![
        secret.as_bytes().to_vec(),
        hubproof_model::call::encode_segment(secret).into_bytes(),
        escaped.trim_matches('"').as_bytes().to_vec(),
    ];
    spellings.dedup();
    spellings
}

/// The bytes with each occurrence replaced; `None` where there is none.
fn replace(bytes: &[u8], needle: &[u8], replacement: &[u8]) -> Option<Vec<u8>> {
    let first = find(bytes, needle)?;
    let mut replaced = Vec::with_capacity(bytes.len());
    let (mut rest, mut at) = (bytes, Some(first));
    while let Some(index) = at {
        replaced.extend_from_slice(&rest[..index]);
        replaced.extend_from_slice(replacement);
        rest = &rest[index + needle.len()..];
        at = find(rest, needle);
    }
    replaced.extend_from_slice(rest);
    Some(replaced)
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(offset) = bytes[from..].iter().position(|byte| *byte == first) {
        let start = from + offset;
        if bytes[start..].starts_with(needle) {
            return Some(start);
        }
        from = start + 1;
    }
    None
}
