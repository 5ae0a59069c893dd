//! What X-Ray's operations allow, and whether they may be tried out. Each operation that Roentgen calls stands here.
//! <https://docs.aws.amazon.com/xray/latest/api/API_Operations.html>

use model::Nanos;

/// An operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// Its name, which is that of its IAM action as well.
    pub(crate) name: &'static str,
    /// The longest range of one call. AWS refuses longer ones of `GetServiceGraph`; for the others the console keeps to it.
    pub(crate) longest: Option<Nanos>,
    /// How it can be tried out.
    pub(crate) probe: Probe,
}

/// How an operation can be tried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// It reads next to nothing and costs nothing.
    Harmless,
    /// It begins work that may be charged.
    Costs,
    /// It changes something.
    Writes,
}

const SIX_HOURS: Option<Nanos> = Some(Nanos::seconds(6 * 3_600));

const fn operation(name: &'static str, longest: Option<Nanos>, probe: Probe) -> Operation {
    Operation { name, longest, probe }
}

pub(crate) const GET_TRACE_SUMMARIES: Operation = operation("GetTraceSummaries", SIX_HOURS, Probe::Harmless);
pub(crate) const BATCH_GET_TRACES: Operation = operation("BatchGetTraces", None, Probe::Harmless);
pub(crate) const GET_SERVICE_GRAPH: Operation = operation("GetServiceGraph", SIX_HOURS, Probe::Harmless);
pub(crate) const GET_GROUPS: Operation = operation("GetGroups", None, Probe::Harmless);
pub(crate) const START_TRACE_RETRIEVAL: Operation = operation("StartTraceRetrieval", None, Probe::Costs);
pub(crate) const LIST_RETRIEVED_TRACES: Operation = operation("ListRetrievedTraces", None, Probe::Harmless);
pub(crate) const CREATE_GROUP: Operation = operation("CreateGroup", None, Probe::Writes);
pub(crate) const UPDATE_GROUP: Operation = operation("UpdateGroup", None, Probe::Writes);
pub(crate) const DELETE_GROUP: Operation = operation("DeleteGroup", None, Probe::Writes);
/// Only ever sent to the local X-Ray, so no permission is asked for.
pub(crate) const PUT_TRACE_SEGMENTS: Operation = operation("PutTraceSegments", None, Probe::Writes);

/// Those that Roentgen calls at AWS, in the order in which they are told.
pub(crate) const ALL: [Operation; 9] = [
    GET_TRACE_SUMMARIES,
    BATCH_GET_TRACES,
    GET_SERVICE_GRAPH,
    GET_GROUPS,
    START_TRACE_RETRIEVAL,
    LIST_RETRIEVED_TRACES,
    CREATE_GROUP,
    UPDATE_GROUP,
    DELETE_GROUP,
];

/// Traces of one `BatchGetTraces`.
pub(crate) const TRACES_AT_ONCE: usize = 5;
/// A page of spans and of traces that a retrieval gives may be empty; it is asked again so long.
pub(crate) const RETRIEVAL_PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
