//! What follows from a trace: its summary, the callees that nobody reported, and where failures and time came from.
//!
//! Pure functions over [`model::Trace`], each one pass or a few over its spans; none recurses.

pub mod inferred;
pub mod node;
pub mod root_cause;
pub mod summary;
