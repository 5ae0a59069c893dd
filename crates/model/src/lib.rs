//! What a trace is: identifiers, moments, segment documents and the flat span tree that they form.
//!
//! Everything here is plain data and pure functions. The way in is [`document::parse`], which reads one
//! segment document into a pre-order list of [`document::Entity`]; [`Trace::assemble`] joins the documents of one
//! trace, whatever their order and however often they came, into the flat tree that every other crate reads.
//! Reading never fails as a whole: what cannot be used becomes a [`Problem`] beside the data that can.

pub mod document;
pub mod facts;
pub mod graph;
pub mod id;
pub mod index;
pub mod outcome;
pub mod problem;
pub mod range;
pub mod summary;
pub mod time;
pub mod trace;

pub use document::{AnnotationValue, Detail};
pub use facts::TraceFacts;
pub use graph::ServiceGraph;
pub use id::{SpanId, TraceId};
pub use outcome::Outcome;
pub use problem::Problem;
pub use summary::TraceSummary;
pub use time::{Moment, Nanos};
pub use trace::{Span, SpanIx, Trace};
