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
    /// Which traces, by the end of their segments.
    #[serde(default)]
    pub range: TimeRange,
}

/// The traces of a time range, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Which traces, by time. Relative bounds are resolved by the server's clock.
    #[serde(default)]
    pub range: TimeRange,
    /// Stop after this many traces, and say so; `None`: the server's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}
