//! What follows from traces: summaries, the callees that nobody reported, where failures and time came from, and the
//! graph of services.
//!
//! Pure functions over [`model::Trace`], each one pass or a few over its spans; none recurses.

pub mod facts;
pub mod graph;
pub mod inferred;
pub mod insights;
pub mod node;
pub mod root_cause;
pub mod summary;
