//! What comes back for a query, one JSON object a line.

use model::{AnnotationValue, Moment, Nanos, Outcome, ServiceGraph, TraceId, summary::HttpSummary, summary::ServiceId};
use serde::{Deserialize, Serialize};

use crate::Failure;

/// One line of the answer. The last line is always [`Event::Done`] unless the connection broke.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The first line: what will be asked, with the relative range resolved.
    Started {
        /// Start of the range, inclusive.
        from: Moment,
        /// End of the range, exclusive.
        to: Moment,
        /// The source that is asked.
        source: String,
        /// The region that is asked.
        region: String,
    },
    /// How far the scan has come.
    Progress(Progress),
    /// Traces, as each page arrives. A trace that comes again replaces its former row.
    Rows(Vec<TraceRow>),
    /// The services of all windows that have been answered; each map replaces the one before.
    Map(ServiceGraph),
    /// A sentence that the user should know; the query goes on.
    Warning(String),
    /// A part of the range could not be had; the other parts go on.
    Failed(Box<FailedWindow>),
    /// The end.
    Done(Done),
}

/// A part of the range that could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedWindow {
    /// Start of the part, inclusive.
    pub from: Moment,
    /// End of the part, exclusive.
    pub to: Moment,
    /// What went wrong.
    pub failure: Failure,
}

/// How far a scan has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Windows finished.
    pub windows_done: u32,
    /// Windows in all.
    pub windows: u32,
    /// Traces that X-Ray looked at so far (this is what AWS charges for).
    pub scanned: u64,
    /// Calls made so far.
    pub calls: u32,
}

/// The sum of a finished query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Calls made to X-Ray.
    pub calls: u32,
    /// Traces that X-Ray looked at (this is what AWS charges for).
    pub scanned: u64,
    /// Distinct traces sent.
    pub traces: u64,
    /// The answer is cut: there are more traces than were sent.
    pub truncated: bool,
    /// From the question to this line, in milliseconds.
    pub elapsed_ms: u64,
}

/// One trace of the list. No member may be left out when written: it travels in postcard's bytes as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraceRow {
    /// The trace.
    pub id: TraceId,
    /// The earliest start, where known.
    #[serde(default)]
    pub start: Option<Moment>,
    /// From first start to last end; `None` while in progress.
    #[serde(default)]
    pub duration: Option<Nanos>,
    /// The root segment's time; `None` without a completed root.
    #[serde(default)]
    pub response_time: Option<Nanos>,
    /// The root segment's class.
    pub outcome: Outcome,
    /// A parent is missing.
    #[serde(default)]
    pub partial: bool,
    /// The root segment's request and response.
    #[serde(default)]
    pub http: HttpSummary,
    /// The distinct users.
    #[serde(default)]
    pub users: Vec<String>,
    /// The distinct values of each annotation, by key.
    #[serde(default)]
    pub annotations: Vec<(String, Vec<AnnotationValue>)>,
    /// The node of the root segment.
    #[serde(default)]
    pub entry_point: Option<ServiceId>,
    /// The distinct availability zones.
    #[serde(default)]
    pub zones: Vec<String>,
    /// The distinct EC2 instances.
    #[serde(default)]
    pub instances: Vec<String>,
    /// The distinct ARNs of resources.
    #[serde(default)]
    pub arns: Vec<String>,
    /// How many nodes the trace's graph has, without clients.
    #[serde(default)]
    pub services: u32,
    /// X-Ray's count of updates of this trace.
    #[serde(default)]
    pub revision: i32,
}
