//! The wire between our page and our server: paths, queries, events, traces, errors. Data without behaviour.
//!
//! [`Query`] goes up to [`path::QUERY`]; a stream of [`Event`]s, one JSON object a line, comes back. A trace comes
//! from [`path::trace`] as [`TraceColumns`], in postcard's bytes for the page and as JSON on request; the documents of
//! single spans come from [`path::span`] as [`SpanDocument`].

pub mod about;
pub mod error;
pub mod event;
pub mod path;
pub mod query;
pub mod span;
pub mod trace;

pub use about::{About, Notice, Source};
pub use error::{AwsFailure, Failure};
pub use event::{Done, Event, Progress, TraceRow};
pub use query::{Query, ServiceMapQuery, TraceListQuery};
pub use span::SpanDocument;
pub use trace::TraceColumns;
