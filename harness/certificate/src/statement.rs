//! The in-toto form of a certificate: a Statement of version 1 with the test-result predicate.
//!
//! <https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md> has the shape. What is hubproof's own in it, the
//! annotations of the configuration's descriptors, is closed: a member that this version does not know is a fault, since it would be
//! a claim that nobody checks.

use std::collections::BTreeMap;

use hubproof_model::requirement::RequirementId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::certificate::{Bundled, Certificate, Connector, Run, SetDescriptor, Target};
use crate::digest::Sha256;
use crate::strict_json;
use crate::subject::{CATALOGUE, Subject};
use crate::test_name::{OwnTest, TestName};

/// The type of the statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// The type of its predicate.
pub const PREDICATE_TYPE: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// A statement about the result of tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Statement {
    /// Always [`STATEMENT_TYPE`].
    #[serde(rename = "_type")]
    pub statement_type: String,
    /// What was tested.
    pub subject: Vec<Subject>,
    /// Always [`PREDICATE_TYPE`].
    pub predicate_type: String,
    /// What came of it.
    pub predicate: TestResult,
}

/// The test-result predicate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestResult {
    /// What all tests together came to.
    pub result: Overall,
    /// With what was tested.
    pub configuration: Vec<ResourceDescriptor>,
    /// Where more can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The tests that passed.
    pub passed_tests: Vec<TestName>,
    /// The tests that passed with a warning.
    pub warned_tests: Vec<TestName>,
    /// The tests that failed.
    pub failed_tests: Vec<TestName>,
}

/// What all tests together came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Overall {
    /// All passed.
    Passed,
    /// None failed, and some warn.
    Warned,
    /// Some failed.
    Failed,
}

/// Something that a test was configured with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceDescriptor {
    /// What it is called.
    pub name: String,
    /// What names it everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Its digest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: BTreeMap<String, String>,
    /// What its bytes are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// What else is to be said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Value>,
}

/// A text, or a statement, that is no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementFault {
    /// Not a statement about the result of tests.
    #[error("it is no in-toto statement with a test result: {0}")]
    Malformed(String),
    /// A statement of something else.
    #[error("its {what} is `{found}`, and a certificate's is `{wanted}`")]
    Type {
        /// Which type.
        what: &'static str,
        /// What it is.
        found: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// A statement about the result of other tests.
    #[error("it is no certificate of hubproof: {0}")]
    Other(String),
    /// Tests that failed.
    #[error("it says that tests failed: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Failed(Vec<TestName>),
    /// A result that its tests do not come to.
    #[error("it contradicts itself: its result is not what its tests come to")]
    Result,
}

/// The names of the descriptors, in their order.
const NAMES: [&str; 7] = [
    "suite",
    "requirement-set",
    "target",
    "profile",
    "connector",
    "run",
    "report",
];

impl From<&Certificate> for Statement {
    fn from(certificate: &Certificate) -> Self {
        let catalogue = Subject {
            name: CATALOGUE.to_owned(),
            digest: sha256(certificate.catalogue),
        };
        Self {
            statement_type: STATEMENT_TYPE.to_owned(),
            subject: certificate.subjects.iter().cloned().chain([catalogue]).collect(),
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: TestResult {
                result: overall(!certificate.warned.is_empty()),
                configuration: configuration(certificate),
                url: certificate.url.clone(),
                passed_tests: passed(certificate),
                warned_tests: certificate.warned.iter().copied().map(TestName::from).collect(),
                failed_tests: Vec::new(),
            },
        }
    }
}

fn overall(has_warnings: bool) -> Overall {
    match has_warnings {
        false => Overall::Passed,
        true => Overall::Warned,
    }
}

/// The requirements that hold, and what else was shown of a connector.
fn passed(certificate: &Certificate) -> Vec<TestName> {
    let has_equal_results = certificate.connector.as_ref().is_some_and(|own| !own.equal.is_empty());
    let own = has_equal_results.then_some(TestName::Own(OwnTest::EqualResults));
    let requirements = certificate.passed.iter().copied().map(TestName::from);
    requirements.chain(own).collect()
}

fn sha256(digest: Sha256) -> BTreeMap<String, String> {
    [("sha256".to_owned(), digest.to_string())].into()
}

fn configuration(certificate: &Certificate) -> Vec<ResourceDescriptor> {
    let named = |name: &str| ResourceDescriptor {
        name: name.to_owned(),
        uri: None,
        digest: BTreeMap::new(),
        media_type: None,
        annotations: None,
    };
    let set = &certificate.set;
    let mut configuration = vec![
        ResourceDescriptor {
            uri: Some(format!("{SUITE_URI}{}", certificate.suite)),
            ..named("suite")
        },
        ResourceDescriptor {
            uri: Some(format!("urn:hubproof:requirement-set:{}:{}", set.revision, set.set)),
            digest: sha256(certificate.set_digest),
            annotations: annotations(set),
            ..named("requirement-set")
        },
        ResourceDescriptor {
            uri: Some(certificate.target.url.clone()),
            annotations: annotations(&certificate.target.bundled),
            ..named("target")
        },
    ];
    configuration.extend(certificate.profile.map(|digest| ResourceDescriptor {
        digest: sha256(digest),
        ..named("profile")
    }));
    configuration.extend(certificate.connector.as_ref().map(|connector| ResourceDescriptor {
        uri: Some("urn:hubproof:connector".to_owned()),
        annotations: annotations(connector),
        ..named("connector")
    }));
    configuration.extend([
        ResourceDescriptor {
            uri: Some("urn:hubproof:run".to_owned()),
            annotations: annotations(&certificate.run),
            ..named("run")
        },
        ResourceDescriptor {
            digest: sha256(certificate.report),
            media_type: Some("application/json".to_owned()),
            ..named("report")
        },
    ]);
    configuration
}

/// What the version follows in the URI of the suite: a package URL.
const SUITE_URI: &str = "pkg:generic/hubproof@";

/// Plain data: writing it to memory does not fail.
fn annotations(value: &impl Serialize) -> Option<Value> {
    serde_json::to_value(value).ok()
}

impl Statement {
    /// The JSON text, as it is signed.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts and numbers alone: writing them to memory does not fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the JSON text of a statement.
    ///
    /// # Errors
    /// Why it is none about the result of tests.
    pub fn read(text: &[u8]) -> Result<Self, StatementFault> {
        let statement: Self = strict_json::read(text).map_err(StatementFault::Malformed)?;
        for (what, found, wanted) in [
            ("type", &statement.statement_type, STATEMENT_TYPE),
            ("predicate's type", &statement.predicate_type, PREDICATE_TYPE),
        ] {
            if found != wanted {
                return Err(StatementFault::Type {
                    what,
                    found: found.clone(),
                    wanted,
                });
            }
        }
        Ok(statement)
    }

    /// The certificate that it is.
    ///
    /// # Errors
    /// Why it is none.
    pub fn certificate(&self) -> Result<Certificate, StatementFault> {
        let predicate = &self.predicate;
        if !predicate.failed_tests.is_empty() {
            return Err(StatementFault::Failed(predicate.failed_tests.clone()));
        }
        if predicate.result != overall(!predicate.warned_tests.is_empty()) {
            return Err(StatementFault::Result);
        }
        let of_catalogue = |subject: &&Subject| subject.name == CATALOGUE;
        let mut catalogues = self.subject.iter().filter(of_catalogue);
        let (Some(catalogue), None) = (catalogues.next(), catalogues.next()) else {
            return Err(StatementFault::Other(format!("it has not one subject `{CATALOGUE}`")));
        };
        let configuration = Configuration::of(&predicate.configuration)?;
        let uri = |name| configuration.uri(name);
        let suite = uri("suite")?;
        let suite = suite
            .strip_prefix(SUITE_URI)
            .ok_or_else(|| StatementFault::Other(format!("the suite is `{suite}`")))?;
        let certificate = Certificate {
            subjects: self.subject.iter().filter(|own| !of_catalogue(own)).cloned().collect(),
            catalogue: digest("the catalogue", &catalogue.digest)?,
            suite: suite.to_owned(),
            set: configuration.annotations::<SetDescriptor>("requirement-set")?,
            set_digest: configuration.digest("requirement-set")?,
            target: Target {
                url: uri("target")?.to_owned(),
                bundled: configuration.annotations::<Bundled>("target")?,
            },
            profile: configuration
                .has("profile")
                .then(|| configuration.digest("profile"))
                .transpose()?,
            connector: configuration
                .has("connector")
                .then(|| configuration.annotations::<Connector>("connector"))
                .transpose()?,
            run: configuration.annotations::<Run>("run")?,
            report: configuration.digest("report")?,
            url: predicate.url.clone(),
            passed: requirements(&predicate.passed_tests),
            warned: requirements(&predicate.warned_tests),
        };
        // Whatever is not part of the certificate would be a claim that nobody checks.
        match Self::from(&certificate) == *self {
            true => Ok(certificate),
            false => Err(StatementFault::Other(
                "it says something beside, or otherwise than, what a certificate says".to_owned(),
            )),
        }
    }
}

/// Those of some tests that are requirements; what else passed follows from the rest of the certificate.
fn requirements(tests: &[TestName]) -> Vec<RequirementId> {
    tests.iter().filter_map(|test| test.requirement()).collect()
}

/// The descriptors of a configuration by name.
struct Configuration<'s>(BTreeMap<&'s str, &'s ResourceDescriptor>);

impl<'s> Configuration<'s> {
    fn of(descriptors: &'s [ResourceDescriptor]) -> Result<Self, StatementFault> {
        let mut by_name = BTreeMap::new();
        for descriptor in descriptors {
            let name = descriptor.name.as_str();
            if !NAMES.contains(&name) {
                return Err(StatementFault::Other(format!(
                    "its configuration has `{name}`, which this version does not know"
                )));
            }
            if by_name.insert(name, descriptor).is_some() {
                return Err(StatementFault::Other(format!("its configuration has `{name}` twice")));
            }
        }
        Ok(Self(by_name))
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn get(&self, name: &str) -> Result<&'s ResourceDescriptor, StatementFault> {
        let descriptor = self.0.get(name).copied();
        descriptor.ok_or_else(|| StatementFault::Other(format!("its configuration has no `{name}`")))
    }

    fn uri(&self, name: &str) -> Result<&'s str, StatementFault> {
        let uri = self.get(name)?.uri.as_deref();
        uri.ok_or_else(|| StatementFault::Other(format!("`{name}` has no URI")))
    }

    fn digest(&self, name: &str) -> Result<Sha256, StatementFault> {
        digest(&format!("`{name}`"), &self.get(name)?.digest)
    }

    fn annotations<T: DeserializeOwned>(&self, name: &str) -> Result<T, StatementFault> {
        let annotations = self.get(name)?.annotations.clone().unwrap_or_default();
        T::deserialize(annotations).map_err(|fault| StatementFault::Other(format!("`{name}`: {fault}")))
    }
}

fn digest(of: &str, digests: &BTreeMap<String, String>) -> Result<Sha256, StatementFault> {
    let digest = digests.get("sha256").and_then(|digest| digest.parse().ok());
    digest.ok_or_else(|| StatementFault::Other(format!("{of} has no SHA-256")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::canned;

    /// The fault of a statement with something changed in it.
    fn changed(change: impl FnOnce(&mut Value)) -> StatementFault {
        let mut statement = json!(Statement::from(&canned::certificate()));
        change(&mut statement);
        let read = Statement::read(statement.to_string().as_bytes());
        read.and_then(|statement| statement.certificate()).unwrap_err()
    }

    #[test]
    fn what_is_written_is_read_again() {
        for certificate in canned::all() {
            let text = Statement::from(&certificate).to_json();
            let read = Statement::read(text.as_bytes()).unwrap();
            assert_eq!(read.certificate(), Ok(certificate));
            assert_eq!(read.to_json(), text);
        }
    }

    #[test]
    fn the_statement_has_the_shape_that_in_toto_publishes() {
        let statement = json!(Statement::from(&canned::certificate()));
        assert_eq!(statement["_type"], STATEMENT_TYPE);
        assert_eq!(statement["predicateType"], PREDICATE_TYPE);
        assert_eq!(statement["predicate"]["result"], "PASSED");
        assert_eq!(statement["subject"][1]["name"], CATALOGUE);
        for descriptor in statement["predicate"]["configuration"].as_array().unwrap() {
            // "A ResourceDescriptor MUST specify one of uri, digest or content at a minimum."
            assert!(
                descriptor["uri"].is_string() || descriptor["digest"].is_object(),
                "{descriptor}"
            );
        }
        let warned = json!(Statement::from(&canned::warned()));
        assert_eq!(warned["predicate"]["result"], "WARNED");
    }

    #[test]
    fn other_statements_are_told_from_certificates() {
        let provenance = changed(|own| own["predicateType"] = json!("https://slsa.dev/provenance/v1"));
        assert!(
            matches!(
                provenance,
                StatementFault::Type {
                    what: "predicate's type",
                    ..
                }
            ),
            "{provenance}"
        );
        let older = changed(|own| own["_type"] = json!("https://in-toto.io/Statement/v0.1"));
        assert!(matches!(older, StatementFault::Type { what: "type", .. }), "{older}");
        let of_other_tests = changed(|own| own["predicate"]["configuration"] = json!([]));
        assert!(matches!(of_other_tests, StatementFault::Other(_)), "{of_other_tests}");
        let failed = changed(|own| own["predicate"]["failedTests"] = json!(["EXE-01"]));
        assert!(failed.to_string().contains("EXE-01"), "{failed}");
        assert_eq!(
            changed(|own| own["predicate"]["result"] = json!("WARNED")),
            StatementFault::Result
        );
    }

    #[test]
    fn equal_results_are_a_test_of_their_own_and_rest_on_the_tools_that_were_compared() {
        let mut statement = json!(Statement::from(&canned::of_connector()));
        let passed = statement["predicate"]["passedTests"].as_array().unwrap();
        assert_eq!(passed.last().unwrap(), "equal-results");
        let connector = statement["predicate"]["configuration"].as_array_mut().unwrap();
        let connector = connector.iter_mut().find(|own| own["name"] == "connector").unwrap();
        connector["annotations"]["equal"] = json!({});
        let read = Statement::read(statement.to_string().as_bytes()).unwrap();
        assert!(read.certificate().is_err(), "the test passed on no tool");
    }

    #[test]
    fn a_claim_that_nobody_checks_is_refused() {
        let more = |change: fn(&mut Value)| changed(change).to_string();
        assert!(more(|own| own["predicate"]["configuration"][4]["annotations"]["more"] = json!(1)).contains("`more`"));
        assert!(
            more(|own| own["predicate"]["configuration"][5]["annotations"] = json!({"more": 1})).contains("beside")
        );
        assert!(more(|own| own["predicate"]["configuration"][0]["name"] = json!("more")).contains("`more`"));
        assert!(more(|own| own["predicate"]["configuration"][0]["name"] = json!("run")).contains("`run` twice"));
        assert!(more(|own| own["predicate"]["more"] = json!(1)).contains("more"));
        assert!(more(|own| own["subject"][1]["name"] = json!("catalogue")).contains(CATALOGUE));
        assert!(more(|own| own["subject"][0]["name"] = json!(CATALOGUE)).contains(CATALOGUE));
    }
}
