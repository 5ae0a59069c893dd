//! Everything that a filter expression can ask of one trace.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html>

use serde::{Deserialize, Serialize};

use crate::{AnnotationValue, Moment, Nanos, TraceSummary, outcome::Flags, summary::HttpSummary, summary::ServiceId};

/// What a filter looks at: the trace as a list shows it, and its services and calls one by one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraceFacts {
    /// What is asked of the trace as a whole, and its root causes.
    pub summary: TraceSummary,
    /// Some completed call was answered by nobody, so that its callee had to be inferred.
    pub has_inferred: bool,
    /// The nodes of the trace's graph, clients and inferred ones included, each once.
    pub services: Vec<ServiceFacts>,
    /// The calls between them, each pair once.
    pub edges: Vec<EdgeFacts>,
}

/// What a filter can ask of a service of a trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceFacts {
    /// The node.
    pub id: ServiceId,
    /// Requests enter the system here.
    pub is_root: bool,
    /// Nothing of it was reported; it is known from its callers.
    pub is_inferred: bool,
    /// Its segments in this trace; of an inferred one the calls to it; none of a client.
    pub observations: Vec<Observation>,
    /// The distinct indexed values of each annotation key over its segments and subsegments, keys in order.
    pub annotations: Vec<(String, Vec<AnnotationValue>)>,
    /// The distinct users of its segments, sorted.
    pub users: Vec<String>,
    /// The distinct resource ARNs of its segments, sorted.
    pub resource_arns: Vec<String>,
    /// The distinct EC2 instance ids of its segments, sorted.
    pub instance_ids: Vec<String>,
    /// The distinct availability zones of its segments, sorted.
    pub availability_zones: Vec<String>,
}

impl ServiceFacts {
    /// A service of which nothing is known but its node.
    pub fn new(id: ServiceId) -> Self {
        Self {
            id,
            is_root: false,
            is_inferred: false,
            observations: Vec::new(),
            annotations: Vec::new(),
            users: Vec::new(),
            resource_arns: Vec::new(),
            instance_ids: Vec::new(),
            availability_zones: Vec::new(),
        }
    }
}

/// What a filter can ask of the calls from one service to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EdgeFacts {
    /// Who calls: an index of [`TraceFacts::services`].
    pub source: usize,
    /// Who is called: an index of [`TraceFacts::services`].
    pub target: usize,
    /// The calls, as the caller saw them where it recorded them, else as the callee did.
    pub observations: Vec<Observation>,
    /// The distinct indexed values of each annotation key over those calls, keys in order.
    pub annotations: Vec<(String, Vec<AnnotationValue>)>,
}

/// One request as one side saw it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Its start.
    pub start: Moment,
    /// Its end; `None` while in progress.
    pub end: Option<Moment>,
    /// How it ended, its HTTP status included ([`Flags::with_status`]).
    pub flags: Flags,
    /// Its request and response.
    pub http: HttpSummary,
}

impl Observation {
    /// From start to end; `None` while in progress, never negative.
    pub fn time(&self) -> Option<Nanos> {
        self.end.map(|end| (end - self.start).max(Nanos(0)))
    }
}
