//! The steps that a request goes through, each replaceable: a defect is a step done wrong, at the place where a real hub would
//! have the bug. The steps themselves live with what they are about.

use std::sync::Arc;
use std::time::SystemTime;

use http::StatusCode;
use http::request::Parts;
use serde_json::Value;

use crate::approvals::Approval;
use crate::call::{self, Call};
use crate::catalogue::{ApiKey, Connection, RiskLevel, Tool};
use crate::connectors::http::VendorSteps;
use crate::connectors::{BoxFuture, Data, VendorError};
use crate::credentials::Face;
use crate::envelope::{Answer, Payload, Success};
use crate::error::ApiError;
use crate::execution::{ExecuteRequest, Refusal};
use crate::idempotency::{Claim, Fingerprint, Scope};
use crate::limits::{Quota, QuotaHeaders, Telling};
use crate::request_id::RequestId;
use crate::state::HubState;
use crate::{body, catalogue_view, credentials, envelope, execution, idempotency, input, limits, routing};

type Step<I, O> = Box<dyn Fn(I) -> O + Send + Sync>;
type Guard = fn(&HubState, &Parts, Face<'_>) -> Result<Option<Arc<ApiKey>>, ApiError>;
pub(crate) type Validate = Box<dyn Fn(&Tool, &Value) -> Result<(), ApiError> + Send + Sync>;
type Take = dyn for<'a> Fn(&'a HubState, &'a ApiKey, SystemTime) -> BoxFuture<'a, Result<Quota, Quota>> + Send + Sync;
type Tell = dyn Fn(&Telling<'_>) -> Option<QuotaHeaders> + Send + Sync;
type Settle = dyn for<'a> Fn(Refusal<'a>) -> BoxFuture<'a, Result<Success, ApiError>> + Send + Sync;
type Rehearse = dyn for<'a> Fn(&'a Call) -> BoxFuture<'a, Option<Result<Success, ApiError>>> + Send + Sync;
type Approve = dyn for<'a> Fn(&'a Call, &'a Fingerprint) -> BoxFuture<'a, Result<(), ApiError>> + Send + Sync;
type ClaimKey = dyn for<'a> Fn(&'a Call, Scope, Fingerprint) -> BoxFuture<'a, Claim> + Send + Sync;
type Replay = dyn for<'a> Fn(&'a Call, Success) -> BoxFuture<'a, Result<Success, ApiError>> + Send + Sync;
type CarryOut = dyn for<'a> Fn(&'a Call) -> BoxFuture<'a, Result<Data, VendorError>> + Send + Sync;
type Decided = dyn Fn(&Arc<HubState>, &Approval) + Send + Sync;
type Route = dyn Fn(&HubState, &ApiKey, &Tool, Option<&str>) -> Result<Arc<Connection>, ApiError> + Send + Sync;

/// The steps of a request, in the order in which it meets them.
pub(crate) struct Flow {
    /// Lets a caller in.
    pub(crate) guard: Guard,
    /// Reads the caller's token.
    pub(crate) token: fn(&Parts) -> Result<String, ApiError>,
    /// Whether a known key may be used.
    pub(crate) is_valid: fn(&ApiKey) -> bool,
    /// `WWW-Authenticate` of a refused caller.
    pub(crate) challenge: Option<&'static str>,

    /// Counts an execute towards the limits of its key and workspace.
    pub(crate) take: Box<Take>,
    /// The refusal of an execute beyond a limit.
    pub(crate) throttle: fn(Quota, SystemTime) -> ApiError,
    /// The headers that tell what a caller has left.
    pub(crate) tell_quota: Box<Tell>,

    /// The entries of a listing, from the tools that the caller may see.
    pub(crate) list: Step<Vec<Value>, Vec<Value>>,
    /// Whether the tool belongs to the domain that a listing is asked for.
    pub(crate) in_domain: fn(&Tool, &str) -> bool,
    /// What a listing of a domain without tools is answered with.
    pub(crate) empty_domain: fn(&HubState, &str) -> Result<Vec<Value>, ApiError>,
    /// How a risk level is spelled.
    pub(crate) risk: fn(RiskLevel) -> &'static str,
    /// What the definition of a tool says, from what it should say.
    pub(crate) define: fn(&Tool, Value) -> Value,
    /// Finds the tool of a definition.
    pub(crate) find_definition: fn(&HubState, &str) -> Result<Arc<Tool>, ApiError>,

    /// Finds the tool to execute.
    pub(crate) find_tool: fn(&HubState, &str) -> Result<Arc<Tool>, ApiError>,
    /// Whether the key may call the tool.
    pub(crate) permits: fn(&ApiKey, &Tool) -> bool,
    /// Whether a body declared like this is read.
    pub(crate) takes_media_type: fn(Option<&str>) -> bool,
    /// Reads an execute's body.
    pub(crate) read: fn(&[u8]) -> Result<ExecuteRequest, ApiError>,
    /// Judges the input.
    pub(crate) validate: Validate,
    /// Chooses the connection.
    pub(crate) route: Box<Route>,
    /// What a dry run comes to; if nothing, it goes on like any call.
    pub(crate) rehearse: Box<Rehearse>,
    /// What becomes of a call that is refused.
    pub(crate) settle: Box<Settle>,

    /// Whether the call needs a person's approval.
    pub(crate) gates: fn(&Call) -> bool,
    /// Lets a gated call pass that is approved; makes the entry of one that is not.
    pub(crate) approve: Box<Approve>,
    /// Hears of a decision that an approver took.
    pub(crate) decided: Box<Decided>,

    /// Under what the success of a call is kept, if it is.
    pub(crate) scope: fn(&Call) -> Option<Scope>,
    /// What makes another call under an idempotency key the same one.
    pub(crate) fingerprint: fn(&Call) -> Fingerprint,
    /// Claims the idempotency key of a call.
    pub(crate) claim: Box<ClaimKey>,
    /// Answers a call whose key has a success, with that success.
    pub(crate) replay: Box<Replay>,

    /// Has the vendor do what the tool does.
    pub(crate) carry_out: Box<CarryOut>,
    /// The steps of a call to a vendor over HTTP.
    pub(crate) vendors: VendorSteps,
    /// The refusal of a call that the vendor did not carry out.
    pub(crate) upstream: fn(VendorError) -> ApiError,
    /// Whether the vendor's data is what the tool promises.
    pub(crate) is_output: fn(&Tool, &Data) -> bool,
    /// Hands the vendor's data to the request that waits for it.
    pub(crate) deliver: Box<dyn Fn(Data) -> BoxFuture<'static, Data> + Send + Sync>,
    /// Brings the vendor's data into the tool's normal form.
    pub(crate) normalise: fn(&Tool, Data) -> Data,

    /// Names a request.
    pub(crate) request_id: fn(u32, u64) -> RequestId,
    /// Writes the envelope of a success.
    pub(crate) success: fn(&HubState, &Success, &str) -> Payload,
    /// Writes the envelope of a refusal.
    pub(crate) failure: fn(&Parts, &ApiError, &str) -> Value,
    /// The status of a success.
    pub(crate) success_status: fn(&Success) -> StatusCode,
    /// The status of a refusal.
    pub(crate) failure_status: fn(&ApiError) -> StatusCode,
    /// Answers what no route and no method of the API is for.
    pub(crate) outside: fn(&Parts, &ApiError, &str) -> Answer,
    /// `Allow` of the answer to a wrong method.
    pub(crate) wrong_method: fn(&'static str) -> (StatusCode, Option<&'static str>),
    /// The `Content-Type` of JSON.
    pub(crate) content_type: &'static str,
}

impl Default for Flow {
    /// Every step sound.
    fn default() -> Self {
        Self {
            guard: credentials::guard,
            token: credentials::token,
            is_valid: credentials::is_valid,
            challenge: Some("Bearer realm=\"hub\""),
            take: Box::new(limits::take),
            throttle: limits::refuse,
            tell_quota: Box::new(limits::tell),
            list: Box::new(|entries| entries),
            in_domain: catalogue_view::in_domain,
            empty_domain: |_, _| Ok(Vec::new()),
            risk: catalogue_view::risk,
            define: |_, definition| definition,
            find_definition: catalogue_view::find,
            find_tool: catalogue_view::find,
            permits: credentials::permits,
            takes_media_type: body::takes_media_type,
            read: body::read,
            validate: Box::new(input::validate),
            route: Box::new(routing::route),
            rehearse: Box::new(call::rehearse),
            settle: Box::new(execution::settle),
            gates: call::gates,
            approve: Box::new(call::approve),
            decided: Box::new(|_, _| {}),
            scope: idempotency::scope,
            fingerprint: idempotency::fingerprint,
            claim: Box::new(call::claim),
            replay: Box::new(call::replay),
            carry_out: Box::new(call::carry_out),
            vendors: VendorSteps::default(),
            upstream: call::upstream,
            is_output: call::is_output,
            deliver: Box::new(|data| Box::pin(std::future::ready(data))),
            normalise: |_, data| data,
            request_id: RequestId::new,
            success: envelope::success,
            failure: envelope::failure,
            success_status: |_| StatusCode::OK,
            failure_status: ApiError::status,
            outside: envelope::outside,
            wrong_method: |allow| (StatusCode::METHOD_NOT_ALLOWED, Some(allow)),
            content_type: "application/json",
        }
    }
}
