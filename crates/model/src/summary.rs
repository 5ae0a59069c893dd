//! What a list knows of one trace, with every member of X-Ray's `TraceSummary`.
//! <https://docs.aws.amazon.com/xray/latest/api/API_TraceSummary.html>

use serde::{Deserialize, Serialize};

use crate::{AnnotationValue, Moment, Nanos, TraceId};

/// One trace of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraceSummary {
    /// The trace.
    pub id: TraceId,
    /// The earliest start of any of its segments.
    pub start: Option<Moment>,
    /// From the earliest start to the latest end of what hangs on a root; `None` while the root is in progress.
    pub duration: Option<Nanos>,
    /// From the root segment's start to its end; `None` without a completed root.
    pub response_time: Option<Nanos>,
    /// The root segment failed on the server's side.
    pub has_fault: bool,
    /// The root segment failed on the client's side (a throttle is not an error).
    pub has_error: bool,
    /// The root segment was throttled.
    pub has_throttle: bool,
    /// A parent that some (sub)segment names has not come.
    pub is_partial: bool,
    /// The root segment's request and response.
    pub http: HttpSummary,
    /// The distinct values of each annotation key, keys in order, over all (sub)segments.
    pub annotations: Vec<(String, Vec<AnnotationValue>)>,
    /// The distinct users of all segments.
    pub users: Vec<String>,
    /// Every node of the trace's graph, and a client node named like the root.
    pub services: Vec<ServiceId>,
    /// The distinct resource ARNs of all segments.
    pub resource_arns: Vec<String>,
    /// The distinct EC2 instance ids of all segments.
    pub instance_ids: Vec<String>,
    /// The distinct availability zones of all segments.
    pub availability_zones: Vec<String>,
    /// The node of the root segment.
    pub entry_point: Option<ServiceId>,
    /// Where faults came from.
    pub fault_root_causes: Vec<RootCause>,
    /// Where errors came from.
    pub error_root_causes: Vec<RootCause>,
    /// What the response time was spent on; at most one.
    pub response_time_root_causes: Vec<RootCause>,
    /// How often the service accepted an update of this trace.
    pub revision: i32,
    /// When the trace matched the asked range; only for the time range types `Event` and `Service`.
    pub matched_event_time: Option<Moment>,
}

impl TraceSummary {
    /// A summary that knows nothing but the id.
    pub fn empty(id: TraceId) -> Self {
        Self {
            id,
            start: None,
            duration: None,
            response_time: None,
            has_fault: false,
            has_error: false,
            has_throttle: false,
            is_partial: false,
            http: HttpSummary::default(),
            annotations: Vec::new(),
            users: Vec::new(),
            services: Vec::new(),
            resource_arns: Vec::new(),
            instance_ids: Vec::new(),
            availability_zones: Vec::new(),
            entry_point: None,
            fault_root_causes: Vec::new(),
            error_root_causes: Vec::new(),
            response_time_root_causes: Vec::new(),
            revision: 0,
            matched_event_time: None,
        }
    }
}

/// The root segment's request and response, each part where it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpSummary {
    /// The address that was asked.
    pub url: Option<String>,
    /// The response's status code.
    pub status: Option<i64>,
    /// The request's method.
    pub method: Option<String>,
    /// The requester's program.
    pub user_agent: Option<String>,
    /// The requester's address.
    pub client_ip: Option<String>,
}

/// The identity of a node of the service graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ServiceId {
    /// The service's name.
    pub name: String,
    /// The node's type: a segment's `origin`, `remote`, `AWS::<name>`, `client`; `None` where nothing is known.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The AWS account.
    pub account_id: Option<String>,
}

/// A path from a failing or slow entity to what caused it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RootCause {
    /// The services on the way, each with the entities inside it.
    pub services: Vec<RootCauseService>,
    /// The walk started at the root segment, so the client was hit.
    pub client_impacting: bool,
}

/// One service on the path of a root cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RootCauseService {
    /// The node.
    pub service: ServiceId,
    /// Nothing reported it; it was inferred from its caller.
    pub inferred: bool,
    /// The entities inside the service, from the outside in.
    pub entity_path: Vec<RootCauseEntity>,
}

/// One entity (segment or subsegment) on the path of a root cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RootCauseEntity {
    /// The entity's name.
    pub name: String,
    /// A call to another service.
    pub remote: bool,
    /// Its share of the root's duration, 0 to 1; only in root causes of the response time.
    pub coverage: Option<f64>,
    /// Its exceptions; only in root causes of faults and errors.
    pub exceptions: Vec<RootCauseException>,
}

/// An exception that an entity of a root cause recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootCauseException {
    /// The exception's type.
    pub name: Option<String>,
    /// Its message.
    pub message: Option<String>,
}
