//! Documents by the trace that they belong to.

use std::sync::Arc;

use model::{TraceId, index::Texts};

use crate::Document;

/// The documents of one trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfTrace {
    /// The trace.
    pub id: TraceId,
    /// Its documents, in their order; what [`model::Trace::assemble`] takes.
    pub documents: Vec<Arc<str>>,
}

/// Sorts documents out by trace; traces and documents stay in the order in which they come.
pub fn by_trace(documents: impl IntoIterator<Item = Document>) -> Vec<OfTrace> {
    let mut traces: Vec<OfTrace> = Vec::new();
    let mut places = Texts::default();
    for Document { trace, text } in documents {
        let place = places.number(&trace.to_string()) as usize;
        if place == traces.len() {
            traces.push(OfTrace { id: trace, documents: Vec::new() });
        }
        traces[place].documents.push(text.into());
    }
    traces
}
