//! What follows from traces: summaries, the callees that nobody reported, where failures and time came from, and the
//! graph of services.
//!
//! Pure functions over [`model::Trace`], each one pass or a few over its spans; none recurses. [`spans`] works on flat
//! columns instead, which is what the page has of a trace.

pub mod facts;
pub mod graph;
pub mod inferred;
pub mod insights;
pub mod node;
pub mod root_cause;
pub mod spans;
pub mod summary;
