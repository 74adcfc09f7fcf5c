//! AUTH-01: a request without `Authorization` is UNAUTHORIZED.

use hubproof_model::call::{Call, Credentials};
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::ErrorCode;
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{ends_in, findings};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Auth, 1),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Authentication",
    title: "a request without Authorization is UNAUTHORIZED",
    statement: "A hub MUST answer a request without `Authorization` with UNAUTHORIZED: listing, definition, execute.",
    rationale: "A route that forgets its check serves anyone who finds the address.",
    method: "Sends the listing, a definition and an execute with the primary key as control, and the same without the header.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Auth01;
pub(crate) const CHECK: Auth01 = Auth01;

impl Check for Auth01 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let tool = site.read_tool()?;
        let mut faces = vec![
            ("listing", Call::listing(None)),
            ("definition", Call::definition(&tool.key)),
        ];
        faces.extend(site.control(tool).map(|execute| ("execute", execute)));
        Ok(faces
            .into_iter()
            .map(|(face, call)| {
                let bare = call.clone().with_credentials(Credentials::Absent).labelled("probe");
                Case::new(
                    format!("AUTH-01/{face}"),
                    format!("{face} without a key"),
                    vec![call.labelled("control"), bare],
                )
            })
            .collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(ends_in(
            evidence,
            "probe",
            &[ErrorCode::Unauthorized],
            "a request without a key was not refused",
        ))
    }
}
