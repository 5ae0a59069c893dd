//! What the page asks for.

use model::range::TimeRange;
use serde::{Deserialize, Serialize};

/// A question whose answer is a stream of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Query {
    /// The traces of a time range.
    TraceList(TraceListQuery),
    /// The services of a time range and the calls between them.
    ServiceMap(ServiceMapQuery),
}

/// The services of a time range.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceMapQuery {
    /// The name of the source; `None`: the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The AWS region; `None`: the source's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// X-Ray's group; `None`: all traces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The AWS account whose services are wanted, with those that they call and that call them; `None`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Which traces, by the end of their segments.
    #[serde(default)]
    pub range: TimeRange,
    /// Past everything that is kept from earlier questions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fresh: bool,
}

/// The traces of a time range, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceListQuery {
    /// The name of the source (see [`crate::About`]); `None`: the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The AWS region; `None`: the source's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// X-Ray's filter expression; empty: all traces.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub filter: String,
    /// The AWS account that must have taken part; `None`: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Which time of a trace lies in the range.
    #[serde(default, skip_serializing_if = "TimeOf::is_default")]
    pub time_of: TimeOf,
    /// Which traces, by time. Relative bounds are resolved by the server's clock.
    #[serde(default)]
    pub range: TimeRange,
    /// Stop after this many traces, and say so; `None`: [`DEFAULT_TRACES`]; at most [`MOST_TRACES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Past everything that is kept from earlier questions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fresh: bool,
}

/// Traces for a question that sets no limit.
pub const DEFAULT_TRACES: u32 = 1_000;
/// The largest limit of a question.
pub const MOST_TRACES: u32 = 100_000;

/// Which time of a trace a range means: X-Ray's `TimeRangeType`.
/// <https://docs.aws.amazon.com/xray/latest/api/API_GetTraceSummaries.html>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeOf {
    /// When it began (`TraceId`).
    #[default]
    Start,
    /// When X-Ray took in its last update (`Event`).
    Event,
    /// When its segments ended (`Service`).
    Service,
}

impl TimeOf {
    /// Whether it is what is meant where nothing is said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
