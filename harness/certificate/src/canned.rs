//! Certificates made up, and how they are signed and verified, for the tests.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hubproof_model::requirement::{CONTRACT_REVISION, Level};
use hubproof_model::safety::Allow;

use crate::certificate::{Bundled, Certificate, Connector, Run, SetDescriptor, Target};
use crate::digest::Sha256;
use crate::envelope::seal;
use crate::keys::SigningKey;
use crate::set::{RequirementSet, SetName};
use crate::statement::Statement;
use crate::subject::Subject;
use crate::verify::{Demands, Verified, verify};

/// 2026-01-02T00:00:00Z, when the run of every certificate here ended.
pub(crate) fn finished() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_767_312_000)
}

/// The report of every certificate here.
pub(crate) const REPORT: &str = "{\"format\":\"hubproof-report\"}";

/// One of a hub, with one requirement beyond the set.
pub(crate) fn certificate() -> Certificate {
    let set = RequirementSet::published(SetName::HubCore, CONTRACT_REVISION).unwrap();
    let asked = set.requirements.iter().map(|asked| asked.id);
    Certificate {
        subjects: vec![Subject::new("registry.example/hub", "sha256", &"ab".repeat(32)).unwrap()],
        catalogue: Sha256::of("a catalogue"),
        suite: "0.1.0".to_owned(),
        set: SetDescriptor {
            revision: set.revision.clone(),
            set: set.name,
        },
        set_digest: set.digest,
        target: Target {
            url: "https://hub.example/api/v1".to_owned(),
            bundled: Bundled::default(),
        },
        profile: Some(Sha256::of("a profile")),
        connector: None,
        run: Run {
            seed: 7,
            cases: 20,
            allow: Allow::Read,
            started_at: (finished() - Duration::from_secs(60)).into(),
            finished_at: finished().into(),
            requests: 1000,
            findings: 500,
            catalogue_tools: 3,
            tools: ["itsm.tickets.get", "itsm.tickets.list"]
                .map(|key| (key.to_owned(), "read".to_owned()))
                .into(),
        },
        report: Sha256::of(REPORT),
        url: None,
        passed: asked.chain(["APR-10".parse().unwrap()]).collect(),
        warned: Vec::new(),
    }
}

/// One with a violated SHOULD of the set, and a violated MUST beyond it.
pub(crate) fn warned() -> Certificate {
    let mut certificate = certificate();
    let ids = ["AUTH-04", "DRY-01"].map(|id| id.parse().unwrap());
    certificate.passed.retain(|id| !ids.contains(id));
    certificate.warned = ids.into();
    certificate
}

/// One of a connector that only reads.
pub(crate) fn of_connector() -> Certificate {
    let set = RequirementSet::published(SetName::Connector, CONTRACT_REVISION).unwrap();
    let certificate = certificate();
    Certificate {
        set: SetDescriptor {
            revision: set.revision.clone(),
            set: set.name,
        },
        set_digest: set.digest,
        connector: Some(Connector {
            connector: "servicenow".to_owned(),
            connections: vec!["conn_1".to_owned()],
            equal: [("itsm.tickets.get".to_owned(), "jira".to_owned())].into(),
            uncompared: BTreeMap::new(),
        }),
        passed: set.asks(&certificate.run.scope()).map(|asked| asked.id).collect(),
        profile: None,
        url: Some("https://ci.example/runs/1".to_owned()),
        ..certificate
    }
}

/// Each of them.
pub(crate) fn all() -> [Certificate; 3] {
    [certificate(), warned(), of_connector()]
}

/// A key of this test alone.
pub(crate) fn key() -> SigningKey {
    SigningKey::generate().unwrap()
}

/// The envelope of a certificate.
pub(crate) fn sealed(certificate: &Certificate, key: &SigningKey) -> String {
    seal(Statement::from(certificate).to_json().as_bytes(), key)
}

/// A certificate as it is once verified, two hours after its run.
pub(crate) fn verified(certificate: &Certificate) -> Verified {
    let key = key();
    let demands = Demands::at(finished() + Duration::from_secs(2 * 60 * 60));
    verify(sealed(certificate, &key).as_bytes(), &key.public(), &demands).unwrap()
}

/// The ids of a level that a certificate's set has.
pub(crate) fn first_of(certificate: &Certificate, level: Level) -> hubproof_model::requirement::RequirementId {
    let set = RequirementSet::published(certificate.set.set, &certificate.set.revision).unwrap();
    let mut asked = set.requirements.iter();
    asked.find(|asked| asked.level == level).unwrap().id
}
