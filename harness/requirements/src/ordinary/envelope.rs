//! The success envelope, read without copying what is in it.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A success envelope with all its members, none of them twice.
pub(super) struct Envelope<'a> {
    /// `data` as it stands. Known to be JSON, as far as numbers can be read, but not that no member in it stands twice.
    pub(super) data: &'a RawValue,
    duration_ms: f64,
}

impl<'a> Envelope<'a> {
    /// Reads a body. `None` where it is anything but a sound success envelope (ENV-01, ENV-03, ENV-04), or has further members: what
    /// those hold is for others to look at.
    pub(super) fn read(body: &'a str) -> Option<Self> {
        serde_json::from_str(body).ok()
    }

    /// `duration_ms`, where it is a time.
    pub(super) fn duration(&self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.duration_ms / 1000.0).ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Envelope<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a success envelope")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Envelope<'de>, A::Error> {
        let (mut success, mut data, mut connection, mut duration, mut request) = (None, None, None, None, None);
        let mut error = None;
        // Of a member that stands twice, `replace` gives the first.
        while let Some(Text(name)) = members.next_key()? {
            let stands_twice = match name.as_ref() {
                "success" => success.replace(members.next_value::<bool>()?).is_some(),
                "data" => data.replace(members.next_value::<&RawValue>()?).is_some(),
                "connection_id" => connection.replace(is_filled(&mut members)?).is_some(),
                "duration_ms" => duration.replace(members.next_value::<f64>()?).is_some(),
                "request_id" => request.replace(is_filled(&mut members)?).is_some(),
                "error" => error.replace(members.next_value::<()>()?).is_some(),
                _ => {
                    members.next_value::<IgnoredAny>()?;
                    true
                }
            };
            if stands_twice {
                return Err(A::Error::custom("a member that is not ordinary"));
            }
        }
        match (success, data, connection, duration, request) {
            (Some(true), Some(data), Some(true), Some(duration_ms), Some(true)) if duration_ms >= 0.0 => {
                Ok(Envelope { data, duration_ms })
            }
            _ => Err(A::Error::custom("a member is missing, or wrong")),
        }
    }
}

fn is_filled<'de, A: MapAccess<'de>>(members: &mut A) -> Result<bool, A::Error> {
    members.next_value::<Text<'de>>().map(|Text(text)| !text.is_empty())
}

/// A text, borrowed where nothing in it is escaped.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;
        impl<'de> Visitor<'de> for Borrowing {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrowing)
    }
}
