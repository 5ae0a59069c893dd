//! The wire between our page and our server: paths, queries, events, traces, errors. Data without behaviour.
//!
//! [`Query`] goes up to [`path::QUERY`]; a stream of [`Event`]s, one JSON object a line, comes back. A trace comes
//! from [`path::trace`] as [`TraceColumns`]; the documents of single spans come from [`path::span`] as [`SpanDocument`].
//!
//! All of them are JSON, and postcard's bytes for the page, which asks for these: a reader of JSON for every type would be
//! a tenth of the page. So no member may be left out when a value is written.

pub mod about;
pub mod data_source;
pub mod error;
pub mod event;
pub mod groups;
pub mod path;
pub mod query;
pub mod span;
pub mod trace;

pub use about::{About, Notice, Source};
pub use data_source::{DataSource, DataSources, Diagnosis};
pub use error::{AwsFailure, Failure};
pub use event::{Done, Event, Progress, TraceRow};
pub use groups::{Group, GroupChange};
pub use query::{Query, ServiceMapQuery, TraceListQuery};
pub use span::SpanDocument;
pub use trace::TraceColumns;
