//! One span's document, on demand.

use serde::{Deserialize, Serialize};

/// The document of one span of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanDocument {
    /// The span's own JSON as X-Ray holds it, without its `subsegments`. Everything the inspector shows comes from it.
    pub document: String,
    /// How many direct subsegments were left out of `document`.
    pub subsegments: u32,
}
