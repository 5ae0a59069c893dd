//! What is known of an open trace beyond its columns, computed when it is first asked for.

use std::sync::OnceLock;

use analysis::spans::{
    Class, Forest, Spans,
    contributors::{Contributor, contributors},
    path::{CriticalPath, critical_path},
    repeats::{Repeats, repeats},
    self_time::{longest, self_times},
    statistics::{Statistic, statistics},
};
use api::{TraceColumns, trace::bit};
use model::{Outcome, SpanIx};

use crate::state::Shared;

/// Siblings that do the same are one row from so many on.
const LEAST_REPEATS: usize = 5;
/// So many spans with the longest self times can be walked.
const LONGEST: usize = 200;

/// A trace as it is read. The first paint needs the columns alone; what follows from them comes when it is wanted.
pub(super) struct Reading {
    /// The trace.
    pub(super) trace: Shared<TraceColumns>,
    times: OnceLock<Times>,
    keys: OnceLock<Keys>,
    path: OnceLock<CriticalPath>,
    self_times: OnceLock<Vec<i64>>,
    longest: OnceLock<Vec<SpanIx>>,
    contributors: OnceLock<Vec<Contributor>>,
    repeats: OnceLock<Repeats>,
}

struct Times {
    forest: Forest,
    ends: Vec<i64>,
    classes: Vec<Class>,
}

/// What spans have in common: a number for each span, and a span for each number to speak for it.
pub(super) struct Keys {
    /// For each span the number of its kind.
    pub(super) of: Vec<u32>,
    /// For each number the first span that has it.
    pub(super) first: Vec<SpanIx>,
}

impl Reading {
    /// Nothing is computed yet.
    pub(super) fn new(trace: Shared<TraceColumns>) -> Self {
        Self {
            trace,
            times: OnceLock::new(),
            keys: OnceLock::new(),
            path: OnceLock::new(),
            self_times: OnceLock::new(),
            longest: OnceLock::new(),
            contributors: OnceLock::new(),
            repeats: OnceLock::new(),
        }
    }

    fn times(&self) -> &Times {
        self.times.get_or_init(|| {
            let trace = &self.trace;
            let columns = trace.offset.iter().zip(&trace.duration).zip(&trace.bits);
            Times {
                forest: Forest::new(&trace.depth),
                ends: columns.map(|((start, duration), bits)| end(trace, *start, *duration, *bits)).collect(),
                classes: trace.bits.iter().map(|bits| class(*bits)).collect(),
            }
        })
    }

    /// The spans with their tree, for questions of `analysis`.
    pub(super) fn spans(&self) -> Spans<'_> {
        let Times { forest, ends, classes } = self.times();
        Spans::new(forest, &self.trace.offset, ends, classes)
    }

    /// Who hangs under whom.
    pub(super) fn forest(&self) -> &Forest {
        &self.times().forest
    }

    /// Numbers of services and operations together.
    pub(super) fn keys(&self) -> &Keys {
        self.keys.get_or_init(|| {
            let trace = &self.trace;
            let columns = trace.service.iter().zip(&trace.name).zip(&trace.operation);
            let keys: Vec<_> = columns.map(|((service, name), operation)| (*service, *name, *operation)).collect();
            number(&keys)
        })
    }

    /// What decided when the trace's entry ended.
    pub(super) fn path(&self) -> &CriticalPath {
        self.path.get_or_init(|| {
            let spans = self.spans();
            spans.entry().map(|entry| critical_path(&spans, entry)).unwrap_or_default()
        })
    }

    /// Nanoseconds that each span worked itself.
    pub(super) fn self_times(&self) -> &[i64] {
        self.self_times.get_or_init(|| self_times(&self.spans()))
    }

    /// The spans with the longest self times, the longest first.
    pub(super) fn longest(&self) -> &[SpanIx] {
        self.longest.get_or_init(|| longest(self.self_times(), LONGEST))
    }

    /// Whose the path's time is, by service and operation, the most first.
    pub(super) fn contributors(&self) -> &[Contributor] {
        self.contributors.get_or_init(|| contributors(self.path(), &self.keys().of))
    }

    /// Siblings that do the same again and again.
    pub(super) fn repeats(&self) -> &Repeats {
        self.repeats.get_or_init(|| repeats(&self.spans(), &self.keys().of, LEAST_REPEATS))
    }

    /// The numbers of the spans of each key. [`analysis::spans::LEFT_OUT`] leaves a span out.
    pub(super) fn statistics(&self, key: &[u32]) -> Vec<Statistic> {
        statistics(&self.spans(), self.self_times(), key)
    }

    /// Start and end of a span in nanoseconds after the trace's start.
    pub(super) fn stretch(&self, span: SpanIx) -> (i64, i64) {
        let start = self.trace.offset.get(span as usize).copied().unwrap_or(0);
        let end = self.times().ends.get(span as usize).copied().unwrap_or(start);
        (start, end.max(start))
    }

    /// The span that says best what went wrong: one under which nothing failed; those with an exception before others,
    /// the worst, and of equals the first that ended. Segments that X-Ray made up say less than the calls that they were
    /// made up from. `None` when all went well.
    pub(super) fn culprit(&self) -> Option<SpanIx> {
        let is_reported = |bits: u32| bits & bit::KIND < 2;
        self.innermost_failure(&is_reported).or_else(|| self.innermost_failure(&|_| true))
    }

    fn innermost_failure(&self, counts: &dyn Fn(u32) -> bool) -> Option<SpanIx> {
        let bits = &self.trace.bits;
        let count = bits.len() as SpanIx;
        let failed = |span: SpanIx| {
            let bits = bits[span as usize];
            bit::outcome(bits) != Outcome::Ok && counts(bits)
        };
        // Whether anything below has failed, from the last span to the first.
        let mut below = vec![false; count as usize];
        for span in (0..count).rev() {
            if let Some(parent) = self.forest().parent(span).filter(|_| failed(span) || below[span as usize]) {
                below[parent as usize] = true;
            }
        }
        let rank = |span: SpanIx| {
            let bits = bits[span as usize];
            let severity = match bit::outcome(bits) {
                Outcome::Fault => 2,
                Outcome::Throttle | Outcome::Error => 1,
                Outcome::Ok => 0,
            };
            (bits & bit::EXCEPTION != 0, severity, !self.stretch(span).1)
        };
        (0..count).filter(|&span| failed(span) && !below[span as usize]).max_by_key(|&span| (rank(span), !span))
    }
}

/// When a span ends, in nanoseconds after the trace's start; what is in progress, at the end of what is known.
fn end(trace: &TraceColumns, start: i64, duration: i64, bits: u32) -> i64 {
    if bits & bit::IN_PROGRESS != 0 { trace.length.0.max(start) } else { start.saturating_add(duration) }
}

fn class(bits: u32) -> Class {
    Class {
        outcome: bit::outcome(bits),
        is_placeholder: bits & bit::KIND == 3,
        is_in_progress: bits & bit::IN_PROGRESS != 0,
    }
}

/// Gives the same number to spans with the same three numbers.
pub(super) fn number(spans: &[(u32, u32, u32)]) -> Keys {
    let order = order::places(spans.len(), &mut |one, other| spans[one].cmp(&spans[other]).then(one.cmp(&other)));
    let mut keys = Keys { of: vec![0; spans.len()], first: Vec::new() };
    let mut last = None;
    for place in order {
        if last != Some(spans[place]) {
            last = Some(spans[place]);
            keys.first.push(place as SpanIx);
        }
        keys.of[place] = keys.first.len() as u32 - 1;
    }
    keys
}
