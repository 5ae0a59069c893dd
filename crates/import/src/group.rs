//! Documents by the trace that they belong to.

use std::{collections::BTreeMap, sync::Arc};

use model::{
    Moment, TraceId,
    document::{self, Member, read},
};

use crate::Document;

/// The documents of one trace, and what one needs to choose it among others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfTrace {
    /// The trace.
    pub id: TraceId,
    /// Its documents, in their order; what [`model::Trace::assemble`] takes.
    pub documents: Vec<Arc<str>>,
    /// The name of the segment without parent that starts first, else of what starts first.
    pub name: String,
    /// The earliest start; `None` where no document has one.
    pub start: Option<Moment>,
}

/// Sorts documents out by trace; traces and documents stay in the order in which they come.
pub fn by_trace(documents: impl IntoIterator<Item = Document>) -> Vec<OfTrace> {
    let mut traces: Vec<OfTrace> = Vec::new();
    // How the name of each was come by: whether it has a parent, and when it starts.
    let mut ranks: Vec<(bool, Moment)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for Document { trace, text } in documents {
        let place = *places.entry(trace.to_string()).or_insert(traces.len());
        if place == traces.len() {
            traces.push(OfTrace { id: trace, documents: Vec::new(), name: String::new(), start: None });
            ranks.push((true, Moment(i64::MAX)));
        }
        let found = &mut traces[place];
        let own = document::parse_top(&text).unwrap_or_default();
        let start = own.get(Member::StartTime).and_then(read::number_text);
        let start = start.and_then(|start| Moment::from_seconds_text(start).ok());
        found.start = found.start.into_iter().chain(start).min();
        let rank = (own.is_subsegment() || own.get(Member::ParentId).is_some(), start.unwrap_or(Moment(i64::MAX)));
        if rank < ranks[place] || found.documents.is_empty() {
            ranks[place] = rank;
            found.name = own.text(Member::Name).unwrap_or_default().into_owned();
        }
        found.documents.push(text.into());
    }
    traces
}
