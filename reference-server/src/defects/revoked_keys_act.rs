//! Answers a revoked key with UNAUTHORIZED once its call is carried out.

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;
use crate::late_checks::Deed;

pub(super) const DEFECT: Defect = Defect {
    name: "revoked-keys-act",
    requirement: "AUTH-07",
    summary: "Answers a revoked key with UNAUTHORIZED once its call is carried out.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.settle = Box::new(|mut refusal| {
        Box::pin(async move {
            let token = (refusal.hub.flow.token)(refusal.head).ok();
            let is_revoked = token.is_some_and(|token| refusal.hub.key(&token).is_some());
            if refusal.error.code == Code::Unauthorized
                && is_revoked
                && let Some(deed) = Deed::of(&mut refusal).await
            {
                deed.perform().await;
            }
            Err(refusal.error)
        })
    });
}
