//! What comes back for a query, one JSON object a line.

use model::{
    AnnotationValue, Moment, Nanos, Outcome, ServiceGraph, TraceId, TraceSummary,
    outcome::Flags,
    summary::{HttpSummary, ServiceId},
};
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
        /// The answer's own id, under which [`crate::path::call`] has what was said in each call.
        answer: String,
    },
    /// What follows was found out before; it is as old as this moment says.
    Cached(Moment),
    /// A call to X-Ray has ended.
    Call(Call),
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

/// A call to X-Ray, with all its attempts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its number in the answer, from 0.
    pub number: u32,
    /// The operation, as `GetTraceSummaries`.
    pub operation: String,
    /// The part of the range that it asked for, where it asked for a part: start inclusive, end exclusive.
    pub window: Option<(Moment, Moment)>,
    /// Its first attempt, in milliseconds after the question.
    pub begun_ms: u64,
    /// From its first attempt to its last answer, in milliseconds.
    pub elapsed_ms: u64,
    /// HTTP status of the last answer; 0: none came.
    pub status: u16,
    /// AWS's error code, or why no answer came; `None` when all went well.
    pub error: Option<String>,
    /// How often it was tried again, and how often of these because X-Ray throttled.
    pub retries: u32,
    /// See `retries`.
    pub throttled: u32,
    /// Summaries, traces or services that came.
    pub rows: u64,
    /// AWS's request id of the last attempt.
    pub request_id: Option<String>,
}

/// What was said in a call: the answer of [`crate::path::call`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The request's body, JSON.
    pub request: String,
    /// The answer's body as it came, mostly JSON. `None` where it is not kept any more.
    pub answer: Option<String>,
    /// The same call for a terminal: `aws xray …`.
    pub command: String,
}

/// A part of the range that could not be had.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// How many it will have looked at in the end, by the density so far; `None` before that can be said.
    pub estimated: Option<u64>,
    /// Calls made so far.
    pub calls: u32,
    /// Windows whose answers were still known.
    pub windows_cached: u32,
}

/// The sum of a finished query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Calls made to X-Ray.
    pub calls: u32,
    /// Traces that X-Ray looked at (this is what AWS charges for).
    pub scanned: u64,
    /// Traces that were fetched whole (AWS charges for these as well).
    pub retrieved: u64,
    /// What the calls cost at AWS's price, in billionths of a dollar; 0 for the local X-Ray.
    pub cost_nanodollars: u64,
    /// Distinct traces sent.
    pub traces: u64,
    /// Everything from this moment on is here and there is more before it: ask for what lies before to go on. `None`:
    /// nothing was cut off.
    pub more_before: Option<Moment>,
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

impl From<TraceSummary> for TraceRow {
    fn from(summary: TraceSummary) -> Self {
        let flags = Flags { error: summary.has_error, fault: summary.has_fault, throttle: summary.has_throttle };
        let is_client = |kind: &Option<String>| kind.as_deref().is_some_and(|kind| kind.starts_with("client"));
        Self {
            id: summary.id,
            start: summary.start,
            duration: summary.duration,
            response_time: summary.response_time,
            outcome: flags.outcome(),
            partial: summary.is_partial,
            http: summary.http,
            users: summary.users,
            annotations: summary.annotations,
            entry_point: summary.entry_point,
            zones: summary.availability_zones,
            instances: summary.instance_ids,
            arns: summary.resource_arns,
            services: summary.services.iter().filter(|service| !is_client(&service.kind)).count() as u32,
            revision: summary.revision,
        }
    }
}
