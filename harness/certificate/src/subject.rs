//! What a certificate is about beside the catalogue: the operator's image or commit.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::is_lower_hex;

/// The name of the subject that every certificate has: the canonical catalogue of tools that the run saw.
pub const CATALOGUE: &str = "tool-catalogue";

/// The algorithms that a subject's digest may have, in in-toto's names, each with the numbers of digits that it may have.
const ALGORITHMS: [(&str, &[usize]); 3] = [("sha256", &[64]), ("sha512", &[128]), ("gitCommit", &[40, 64])];

/// A subject of a statement: a name, and its digest by algorithm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// What it is called.
    pub name: String,
    /// Its digest, in lower-case hexadecimal, by algorithm.
    pub digest: BTreeMap<String, String>,
}

/// A text that names no subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSubject {
    /// Without a name or a digest.
    #[error("`{0}`: write NAME=ALGORITHM:DIGEST, such as registry.example/hub=sha256:2c26b4…")]
    Shape(String),
    /// Of another algorithm.
    #[error("`{0}` is no algorithm of a digest here: use sha256, sha512 or gitCommit")]
    Algorithm(String),
    /// Not a digest of that algorithm.
    #[error("`{digest}` is no digest of {algorithm}: it has {digits} lower-case hexadecimal digits")]
    Digest {
        /// The algorithm.
        algorithm: String,
        /// What was given.
        digest: String,
        /// How many it has, in words.
        digits: String,
    },
    /// The name that the catalogue has.
    #[error("`{CATALOGUE}` is the subject that every certificate has: give yours another name")]
    Reserved,
}

impl Subject {
    /// The subject of this name with this digest.
    ///
    /// # Errors
    /// What is wrong with its digest.
    pub fn new(name: &str, algorithm: &str, digest: &str) -> Result<Self, NoSubject> {
        let known = ALGORITHMS.iter().find(|(name, _)| *name == algorithm);
        let (_, lengths) = known.ok_or_else(|| NoSubject::Algorithm(algorithm.to_owned()))?;
        if !lengths.contains(&digest.len()) || !is_lower_hex(digest) {
            let digits = lengths.iter().map(ToString::to_string).collect::<Vec<_>>();
            return Err(NoSubject::Digest {
                algorithm: algorithm.to_owned(),
                digest: digest.to_owned(),
                digits: digits.join(" or "),
            });
        }
        Ok(Self {
            name: name.to_owned(),
            digest: [(algorithm.to_owned(), digest.to_owned())].into(),
        })
    }

    /// Whether this is a subject of an operator's choice.
    ///
    /// # Errors
    /// The name is the catalogue's.
    pub fn of_operator(self) -> Result<Self, NoSubject> {
        match self.name == CATALOGUE {
            true => Err(NoSubject::Reserved),
            false => Ok(self),
        }
    }

    /// Whether some subjects hold this one: the name, and each digest that it tells.
    #[must_use]
    pub fn is_among(&self, subjects: &[Subject]) -> bool {
        subjects.iter().any(|own| {
            let mut told = self.digest.iter();
            own.name == self.name && told.all(|(algorithm, digest)| own.digest.get(algorithm) == Some(digest))
        })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digests = self
            .digest
            .iter()
            .map(|(algorithm, digest)| format!("{algorithm}:{digest}"));
        write!(f, "{}={}", self.name, digests.collect::<Vec<_>>().join(","))
    }
}

impl FromStr for Subject {
    type Err = NoSubject;

    fn from_str(text: &str) -> Result<Self, NoSubject> {
        let shape = || NoSubject::Shape(text.to_owned());
        // Names of images hold colons and, rarely, equals signs; digests hold neither.
        let (name, digest) = text
            .rsplit_once('=')
            .filter(|(name, _)| !name.trim().is_empty())
            .ok_or_else(shape)?;
        let (algorithm, digest) = digest.split_once(':').ok_or_else(shape)?;
        Self::new(name, algorithm, digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_and_commits_are_subjects() {
        let image = format!("registry.example:5000/hub=sha256:{}", "ab".repeat(32));
        let commit = format!("hub=gitCommit:{}", "01".repeat(20));
        for text in [image, commit] {
            let subject: Subject = text.parse().unwrap();
            assert_eq!(subject.to_string(), text);
            assert!(subject.is_among(std::slice::from_ref(&subject)));
        }
    }

    #[test]
    fn another_name_or_digest_is_another_subject() {
        let subject = |name, byte: &str| Subject::new(name, "sha256", &byte.repeat(32)).unwrap();
        let subjects = [subject("hub", "ab")];
        assert!(!subject("hub", "ac").is_among(&subjects));
        assert!(!subject("hub2", "ab").is_among(&subjects));
        assert!(
            !Subject::new("hub", "gitCommit", &"ab".repeat(32))
                .unwrap()
                .is_among(&subjects)
        );
    }

    #[test]
    fn each_slip_has_its_own_words() {
        let said = |text: &str| text.parse::<Subject>().unwrap_err().to_string();
        assert!(said("sha256:abcd").contains("NAME=ALGORITHM:DIGEST"));
        assert!(said("=sha256:abcd").contains("NAME=ALGORITHM:DIGEST"));
        assert!(said("hub=md5:abcd").contains("`md5` is no algorithm"));
        assert!(said("hub=sha256:ABCD").contains("64 lower-case"));
        assert!(said("hub=gitCommit:abcd").contains("40 or 64 lower-case"));
        let catalogue: Subject = format!("{CATALOGUE}=sha256:{}", "ab".repeat(32)).parse().unwrap();
        assert_eq!(catalogue.of_operator(), Err(NoSubject::Reserved));
    }
}
