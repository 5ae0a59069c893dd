//! A trace as one flat tree: spans in pre-order, whatever the order in which their documents came.
//!
//! A span's descendants are the spans between it and its `subtree_end`, so every question about the tree is a loop
//! over a slice. Nothing here recurses: a trace can be 100,000 levels deep.

mod assemble;
mod problems;

use std::{ops::Range, sync::Arc};

use crate::{
    Detail, Moment, Nanos, Outcome, Problem, SpanId, TraceId,
    document::{self, detail::Http},
    outcome::Flags,
};

/// The index of a span in [`Trace::spans`].
pub type SpanIx = u32;

/// A trace, immutable once assembled.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Its identifier.
    pub id: TraceId,
    /// All spans in pre-order: the entry first, siblings by start, placeholders for missing parents last.
    pub spans: Vec<Span>,
    /// What was wrong with the documents; long lists are cut with a count.
    pub problems: Vec<Problem>,
    /// The documents that the spans came from, as they came, in the order of their first span.
    pub documents: Vec<Arc<str>>,
    strings: Strings,
}

/// A segment or subsegment in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Its id; for a placeholder the id that its children name as parent.
    pub id: SpanId,
    /// What stands here.
    pub kind: SpanKind,
    /// How it was called.
    pub namespace: Namespace,
    /// The span under which it hangs; always smaller than its own index. `None` for roots.
    pub parent: Option<SpanIx>,
    /// Levels below a root; 0 for roots.
    pub depth: u32,
    /// The index after its last descendant.
    pub subtree_end: SpanIx,
    /// The segment that it belongs to (itself for segments); for subsegments whose segment has not come, the
    /// placeholder above them.
    pub segment: SpanIx,
    /// Its start. For a placeholder the earliest start below it.
    pub start: Moment,
    /// Its end; `None` while in progress. For a placeholder the latest end below it.
    pub end: Option<Moment>,
    /// The literal flags of its document.
    pub flags: Flags,
    /// The class into which flags and HTTP status put it.
    pub outcome: Outcome,
    /// What is odd about it.
    pub marks: Marks,
    /// Everything else its document says; `None` when it says nothing else, and for placeholders.
    pub detail: Option<Box<Detail>>,
    name: u32,
    document: u32,
    range: Range<u32>,
}

/// What stands in a row of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpanKind {
    /// A segment that a service reported.
    Segment,
    /// A part of a segment, embedded or streamed.
    Subsegment,
    /// A segment that X-Ray made up from its caller's subsegment, because the callee reports none.
    Inferred,
    /// A stand-in for a parent that has not come.
    Placeholder,
}

/// The `namespace` of a subsegment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// Work inside the service.
    #[default]
    Local,
    /// A call to an AWS service.
    Aws,
    /// A call to another service.
    Remote,
}

/// What is odd about a span, each to be seen in the waterfall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// It ends after its parent: the parent did not wait for it.
    pub asynchronous: bool,
    /// It starts before its parent, or ends before it starts: clocks disagree.
    pub skewed: bool,
    /// Its parent had to be cut off, because parents led in a circle.
    pub cut: bool,
}

impl Trace {
    /// Joins the documents of one trace. Their order does not matter, and neither do duplicates; where two completed
    /// documents of one id differ, the first one counts.
    pub fn assemble(id: TraceId, documents: impl IntoIterator<Item = Arc<str>>) -> Self {
        let documents: Vec<_> = documents.into_iter().collect();
        assemble::assemble(id, &documents)
    }

    /// The span at an index.
    pub fn span(&self, index: SpanIx) -> Option<&Span> {
        self.spans.get(index as usize)
    }

    /// The span's name; empty for a placeholder.
    pub fn name(&self, span: &Span) -> &str {
        self.strings.get(span.name)
    }

    /// The indices of the roots: first the entry (the segment without parent that starts first), then other segments
    /// without parent, then placeholders and what was cut from circles.
    pub fn roots(&self) -> impl Iterator<Item = SpanIx> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let root = next;
            next = self.span(root)?.subtree_end;
            Some(root)
        })
    }

    /// The entry: the segment without parent that starts first. `None` while it has not come.
    pub fn root(&self) -> Option<SpanIx> {
        self.span(0).filter(|span| span.kind == SpanKind::Segment && !span.marks.cut).map(|_| 0)
    }

    /// The indices of a span's direct children, in order.
    pub fn children(&self, parent: SpanIx) -> impl Iterator<Item = SpanIx> {
        let end = self.span(parent).map_or(0, |span| span.subtree_end);
        let mut next = parent + 1;
        std::iter::from_fn(move || {
            let child = next;
            if child >= end {
                return None;
            }
            next = self.spans[child as usize].subtree_end;
            Some(child)
        })
    }

    /// The span's JSON as it came, embedded subsegments included; empty for a placeholder.
    pub fn document(&self, span: &Span) -> &str {
        let whole = self.documents.get(span.document as usize).map_or("", AsRef::as_ref);
        whole.get(span.range.start as usize..span.range.end as usize).unwrap_or("")
    }

    /// The span's own JSON without its subsegments, and how many were left out. `None` for a placeholder.
    pub fn own_document(&self, span: &Span) -> Option<(String, u32)> {
        document::without_subsegments(self.document(span))
    }

    /// Whether a parent that some (sub)segment names has not come.
    pub fn is_partial(&self) -> bool {
        self.roots().any(|root| self.spans[root as usize].kind == SpanKind::Placeholder)
    }

    /// Where the span with this id stands; a linear search.
    pub fn find(&self, id: SpanId) -> Option<SpanIx> {
        self.spans.iter().position(|span| span.id == id).map(|index| index as SpanIx)
    }
}

impl Span {
    /// From start to end; `None` while in progress. Never negative: a skewed span that ends before it starts has 0.
    pub fn duration(&self) -> Option<Nanos> {
        self.end.map(|end| (end - self.start).max(Nanos(0)))
    }

    /// A start is known and no end.
    pub fn is_in_progress(&self) -> bool {
        self.end.is_none()
    }

    /// A segment, reported or inferred.
    pub fn is_segment(&self) -> bool {
        matches!(self.kind, SpanKind::Segment | SpanKind::Inferred)
    }

    /// The HTTP request it served or made.
    pub fn http(&self) -> Option<&Http> {
        self.detail.as_ref()?.http.as_ref()
    }
}

/// Texts, each stored once.
#[derive(Clone, Debug, Default, PartialEq)]
struct Strings {
    texts: Vec<Box<str>>,
}

impl Strings {
    fn get(&self, index: u32) -> &str {
        self.texts.get(index as usize).map_or("", AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests;
