//! One span's document, on demand.

use model::{Trace, trace::Span};
use serde::{Deserialize, Serialize};

/// The document of one span of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanDocument {
    /// The span's own JSON as X-Ray holds it, without its `subsegments`. Everything the inspector shows comes from it.
    pub document: String,
    /// How many direct subsegments were left out of `document`.
    pub subsegments: u32,
}

impl SpanDocument {
    /// The document of a span; `None` where none has come, for it is known only as a parent.
    pub fn of(trace: &Trace, span: &Span) -> Option<Self> {
        let (document, subsegments) = trace.own_document(span)?;
        Some(Self { document, subsegments })
    }
}
