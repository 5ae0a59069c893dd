//! The critical path: the stretches of time that decided when a span ended.
//!
//! It is walked backwards from the span's end. What a span waited for last is the child that ended last; the time since
//! that child's end is the span's own, the time before is looked for in the child, and from the child's start on in the
//! span again. A child that was still running when the followed one started decided nothing: it ended too late for
//! that, and too early for the end.

use std::ops::Range;

use model::SpanIx;

use super::{
    Spans,
    sorted::{Entry, sorted},
};

/// A span's end is compared with its parent's with this tolerance in nanoseconds, or a hundredth of the parent's
/// duration if that is more: their clocks may be two machines'.
const SLACK: i64 = 1_000_000;

/// A stretch of time in which one span's own work decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The span that worked.
    pub span: SpanIx,
    /// When the stretch starts, in nanoseconds after the trace's start.
    pub start: i64,
    /// When it ends, in nanoseconds after the trace's start; always after its start.
    pub end: i64,
}

impl Piece {
    /// Nanoseconds from start to end.
    pub fn duration(&self) -> i64 {
        self.end - self.start
    }
}

/// The pieces that decided when a span ended. They follow each other without gap from the span's start to its end.
#[derive(Clone, Debug, Default)]
pub struct CriticalPath {
    pieces: Vec<Piece>,
    /// Where in `by_span` each span's pieces are: from its entry up to the next one.
    first: Vec<u32>,
    by_span: Vec<u32>,
}

/// The critical path of a span, usually [`Spans::entry`]. It is empty for a placeholder, for a span without duration,
/// and for an index that is none.
///
/// A child that ends after its parent by more than the larger of 1 ms and a hundredth of the parent's duration was not
/// waited for, and is not followed; with less its clock was wrong, and it is cut at the parent's end. A child that
/// starts before its parent is cut at the parent's start. Of children that end at once the one that started first is
/// followed. Spans in progress end where the columns say. O(n log n) in the spans under the entry.
pub fn critical_path(spans: &Spans, entry: SpanIx) -> CriticalPath {
    if entry as usize >= spans.len() || spans.class(entry).is_placeholder {
        return CriticalPath::default();
    }
    let mut pieces = walk(spans, entry);
    pieces.reverse();
    CriticalPath::new(pieces, spans.len())
}

impl CriticalPath {
    fn new(pieces: Vec<Piece>, count: usize) -> Self {
        let mut first = vec![0; count + 1];
        for piece in &pieces {
            first[piece.span as usize + 1] += 1;
        }
        let mut sum = 0;
        for first in &mut first {
            sum += *first;
            *first = sum;
        }
        let mut by_span = vec![0; pieces.len()];
        let mut free = first.clone();
        for (number, piece) in pieces.iter().enumerate() {
            let place = &mut free[piece.span as usize];
            by_span[*place as usize] = number as u32;
            *place += 1;
        }
        Self { pieces, first, by_span }
    }

    /// The pieces in the order of time. The one before and the one after a piece are its neighbours.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The numbers of a span's pieces, in the order of time; empty for a span that is not on the path. O(1).
    pub fn of(&self, span: SpanIx) -> &[u32] {
        let span = span as usize;
        let range = match (self.first.get(span), self.first.get(span + 1)) {
            (Some(&first), Some(&end)) => first as usize..end as usize,
            _ => 0..0,
        };
        &self.by_span[range]
    }

    /// For how many nanoseconds the span's own work decided; 0 for a span that is not on the path.
    pub fn time(&self, span: SpanIx) -> i64 {
        self.of(span).iter().map(|&number| self.pieces[number as usize].duration()).sum()
    }

    /// Nanoseconds from the first piece's start to the last one's end: the entry's duration.
    pub fn duration(&self) -> i64 {
        self.pieces.last().map_or(0, |piece| piece.end) - self.pieces.first().map_or(0, |piece| piece.start)
    }

    /// The number of the first piece that starts at or after a moment, in nanoseconds after the trace's start; the
    /// number of pieces when none does. O(log n).
    pub fn first_from(&self, moment: i64) -> usize {
        self.pieces.partition_point(|piece| piece.start < moment)
    }
}

/// A span whose time is being divided, from the end backwards.
struct Frame {
    span: SpanIx,
    /// Its children that were not looked at yet.
    children: Range<usize>,
    /// Children that end later did not decide. At first there is no limit: what ends a little after the span, or after
    /// the place where the span was cut, is cut there too.
    limit: i64,
    /// Up to here its time is not divided yet.
    until: i64,
    /// Before this its time is not asked for.
    from: i64,
}

/// The pieces, the last one first.
fn walk(spans: &Spans, entry: SpanIx) -> Vec<Piece> {
    let children = followed_children(spans, entry);
    let frame = |span, from, until| {
        let first = children.partition_point(|child| child.0 < span);
        let count = children[first..].partition_point(|child| child.0 == span);
        Frame { span, children: first..first + count, limit: i64::MAX, until, from }
    };
    let mut pieces = Vec::new();
    let mut open = vec![frame(entry, spans.start(entry), spans.end(entry))];
    while let Some(top) = open.last_mut() {
        let child = next_child(top, &children);
        let own_from = child.map_or(top.from, |child| child.end);
        if own_from < top.until {
            pieces.push(Piece { span: top.span, start: own_from, end: top.until });
        }
        if let Some(child) = child {
            (top.limit, top.until) = (child.start, child.start);
            open.push(frame(child.span, child.start, child.end));
        } else {
            open.pop();
        }
    }
    pieces
}

/// The child that was waited for last, and the part of its time that is its parent's. Each child is looked at once.
fn next_child(frame: &mut Frame, children: &[Entry]) -> Option<Piece> {
    let (limit, until, from) = (frame.limit, frame.until, frame.from);
    frame.children.find_map(|place| {
        let (_, end_reversed, start, span) = children[place];
        let end = !end_reversed;
        let piece = Piece { span, start: start.max(from), end: end.min(until) };
        (end <= limit && piece.start < piece.end).then_some(piece)
    })
}

/// The children of all spans under an entry that may be followed: by parent, those that end last first.
fn followed_children(spans: &Spans, entry: SpanIx) -> Vec<Entry> {
    let under = entry + 1..spans.forest().subtree_end(entry).min(spans.len() as SpanIx);
    let children = under.filter(|&span| !spans.class(span).is_placeholder).filter_map(|span| {
        let caller = spans.caller(span)?;
        let end = spans.end(caller);
        let slack = SLACK.max(spans.duration(caller) / 100);
        // A number's bits turned over turn the order around.
        (spans.end(span) - end <= slack).then(|| (caller, !spans.end(span), spans.start(span), span))
    });
    sorted(children.collect())
}
