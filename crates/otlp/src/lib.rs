//! OpenTelemetry's traces as X-Ray's documents, and back.
//! <https://opentelemetry.io/docs/specs/otlp/>
//!
//! [`Request::from_protobuf`] and [`Request::from_json`] read what exporters send, [`Request::documents`] makes a segment
//! document of each span by the rules of the OpenTelemetry collector's exporter for X-Ray (xray-api.md §12.6), and
//! [`export`] makes spans of a trace. Pure: the server and the browser use it alike.
//!
//! The messages are our own definitions, for prost, of the fields that matter here. The crate
//! `opentelemetry-proto` has all of them, but it brings the OpenTelemetry SDK and a source of random numbers along, and
//! does not compile for a browser.

mod attributes;
mod causes;
mod export;
mod json;
mod kept;
mod map;
mod message;
mod read;
mod text;
mod write;

pub use self::{
    export::export,
    map::{Mapped, Rejected},
    message::{
        AnyValue, ArrayValue, Event, InstrumentationScope, KeyValue, KeyValueList, Link, Request, Resource,
        ResourceSpans, ScopeSpans, Span, Status, Value,
    },
    text::resource,
};

/// A request that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is no protobuf message of this kind.
    #[error("it is no ExportTraceServiceRequest in protobuf: {0}")]
    Protobuf(String),
    /// It is no JSON of this kind; the text names line and column.
    #[error("it is no ExportTraceServiceRequest in JSON: {0}")]
    Json(String),
}

#[cfg(test)]
mod tests;
