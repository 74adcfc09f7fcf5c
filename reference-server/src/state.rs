//! What a running hub holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;

use crate::approvals::Approvals;
use crate::approvals::session::Sessions;
use crate::catalogue::{ApiKey, Catalogue, Connection, Policy, PolicyRequirement, Tool};
use crate::clock::Clock;
use crate::connectors::Connector;
use crate::flow::Flow;
use crate::idempotency::Idempotency;
use crate::limits::Limits;
use crate::request_id::RequestId;

/// The state that all requests share.
pub(crate) struct HubState {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) flow: Flow,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) limits: Limits,
    pub(crate) idempotency: Idempotency,
    pub(crate) approvals: Approvals,
    pub(crate) sessions: Sessions,
    pub(crate) connections: Vec<Arc<Connection>>,
    keys: FxHashMap<String, Arc<ApiKey>>,
    requests: AtomicU64,
    /// Tells this start's request ids from another's.
    start: u32,
}

impl HubState {
    pub(crate) fn new(
        catalogue: Arc<Catalogue>,
        flow: Flow,
        clock: Arc<dyn Clock>,
        connector: Arc<dyn Connector>,
        start: u32,
    ) -> Self {
        let tenancy = &catalogue.tenancy;
        let keys = tenancy.keys.iter().cloned().map(Arc::new);
        Self {
            limits: Limits::new(tenancy),
            idempotency: Idempotency::default(),
            approvals: Approvals::default(),
            sessions: Sessions::default(),
            connections: tenancy.connections.iter().cloned().map(Arc::new).collect(),
            keys: keys.map(|key| (key.secret.expose().to_owned(), key)).collect(),
            requests: AtomicU64::new(0),
            start,
            catalogue,
            flow,
            clock,
            connector,
        }
    }

    /// The key of this token, valid or not.
    pub(crate) fn key(&self, token: &str) -> Option<Arc<ApiKey>> {
        self.keys.get(token).cloned()
    }

    /// A fresh request id (ENV-05).
    pub(crate) fn request_id(&self) -> RequestId {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        (self.flow.request_id)(self.start, number)
    }

    /// Whether a policy of the workspace asks for a person's approval of the tool's calls. Reads are never gated (APR-10).
    pub(crate) fn is_gated(&self, workspace: &str, tool: &Tool) -> bool {
        let gates = |policy: &Policy| {
            policy.requires == PolicyRequirement::Approval
                && policy.workspace == workspace
                && policy.tool.matches(&tool.key)
        };
        tool.risk_level.changes_state() && self.catalogue.tenancy.policies.iter().any(gates)
    }
}
