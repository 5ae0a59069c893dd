//! How long each span worked itself, and whose turn is next for one who looks for the longest.

use model::SpanIx;

use super::{
    Spans,
    sorted::{Entry, sorted},
};

/// The self time of each span in nanoseconds: its duration without the time in which any of its children ran.
///
/// Children that run at once count once, and what a child does before its parent's start or after its end does not
/// count. A placeholder has none; its children count as those of its own parent. O(n) where siblings come in the order
/// of their starts, O(n log n) otherwise.
pub fn self_times(spans: &Spans) -> Vec<i64> {
    let mut tally = Tally { times: vec![0; spans.len()], covered: vec![0; spans.len()] };
    // The start of each span's child before; beyond all times when its children turned out to be in disorder.
    let mut former = vec![i64::MIN; spans.len()];
    for span in spans.work() {
        tally.reset(spans, span);
        let Some(caller) = spans.caller(span) else { continue };
        let start = spans.start(span);
        let former = &mut former[caller as usize];
        if start < *former {
            *former = i64::MAX;
        } else {
            *former = start;
            tally.cover(spans, caller, span);
        }
    }
    let is_disordered = |caller: SpanIx| former[caller as usize] == i64::MAX;
    let again: Vec<Entry> = spans
        .work()
        .filter_map(|span| Some((spans.caller(span).filter(|&caller| is_disordered(caller))?, span)))
        .map(|(caller, span)| (caller, spans.start(span), 0, span))
        .collect();
    if again.is_empty() {
        return tally.times;
    }
    for &(caller, ..) in &again {
        tally.reset(spans, caller);
    }
    for (caller, _, _, span) in sorted(again) {
        tally.cover(spans, caller, span);
    }
    tally.times
}

/// The spans by self time, the longest first, those of equal time in pre-order; at most so many. Spans that never
/// worked themselves are not among them. O(n log n).
pub fn longest(self_times: &[i64], most: usize) -> Vec<SpanIx> {
    let entries = self_times.iter().enumerate().filter(|(_, time)| **time > 0);
    // A number's bits turned over turn the order around, and never overflow.
    let entries = sorted(entries.map(|(span, time)| (0, !*time, 0, span as SpanIx)).collect());
    entries.into_iter().take(most).map(|(.., span)| span).collect()
}

/// Time not yet taken by children, and until when a span is covered by those seen so far.
struct Tally {
    times: Vec<i64>,
    covered: Vec<i64>,
}

impl Tally {
    fn reset(&mut self, spans: &Spans, span: SpanIx) {
        self.times[span as usize] = spans.duration(span);
        self.covered[span as usize] = spans.start(span);
    }

    /// Takes a child's time off its caller's. Children must come in the order of their starts.
    fn cover(&mut self, spans: &Spans, caller: SpanIx, child: SpanIx) {
        let covered = &mut self.covered[caller as usize];
        let end = spans.end(child).min(spans.end(caller));
        let start = spans.start(child).max(*covered);
        if start < end {
            self.times[caller as usize] -= end - start;
            *covered = end;
        }
    }
}
