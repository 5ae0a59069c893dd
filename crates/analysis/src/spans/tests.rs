//! Where time went in drawn traces and in noise.

mod contributors;
mod forest;
mod path;
mod repeats;
mod self_time;
mod statistics;

use expect_test::{Expect, expect};
use model::{Moment, SpanIx, trace::SpanKind};
use proptest::prelude::*;

use super::{
    contributors::contributors,
    path::critical_path,
    repeats::repeats,
    self_time::{longest, self_times},
    statistics::statistics,
    *,
};

const MILLISECOND: i64 = 1_000_000;

/// Columns that own what [`Spans`] borrows.
#[derive(Clone, Debug)]
struct Columns {
    depth: Vec<u32>,
    forest: Forest,
    names: Vec<String>,
    start: Vec<i64>,
    end: Vec<i64>,
    class: Vec<Class>,
}

impl Columns {
    fn new(depth: Vec<u32>, times: &[(i64, i64)], class: Vec<Class>) -> Self {
        let forest = Forest::new(&depth);
        let names = (0..depth.len()).map(|span| span.to_string()).collect();
        let (start, end) = times.iter().copied().unzip();
        Self { depth, forest, names, start, end, class }
    }

    /// The columns of a drawn trace; what is in progress ends with all that is known.
    fn drawn(drawing: &str) -> Self {
        let trace = fixture::trace(drawing);
        let known = trace.spans.iter().map(|span| span.end.unwrap_or(span.start)).max().unwrap_or_default();
        let epoch = Moment(fixture::EPOCH * 1_000_000_000);
        let spans = trace.spans.iter();
        let times: Vec<(i64, i64)> =
            spans.clone().map(|span| ((span.start - epoch).0, (span.end.unwrap_or(known) - epoch).0)).collect();
        let class = spans.clone().map(|span| Class {
            outcome: span.outcome,
            is_placeholder: span.kind == SpanKind::Placeholder,
            is_in_progress: span.is_in_progress(),
        });
        let mut columns = Self::new(spans.clone().map(|span| span.depth).collect(), &times, class.collect());
        let name = |span| match trace.name(span) {
            "" => "(missing)".to_owned(),
            name => name.to_owned(),
        };
        columns.names = spans.map(name).collect();
        columns
    }

    fn spans(&self) -> Spans<'_> {
        Spans::new(&self.forest, &self.start, &self.end, &self.class)
    }

    /// A key for each name, by the order in which they come.
    fn keys(&self) -> Vec<u32> {
        let key = |name| self.names.iter().position(|known| known == name).unwrap() as u32;
        self.names.iter().map(key).collect()
    }

    fn name(&self, span: SpanIx) -> &str {
        &self.names[span as usize]
    }

    /// A line for each span: its name by its depth, what a test says of it, and its time to scale, with the moments
    /// that a test chooses drawn heavy.
    fn picture(&self, note: impl Fn(SpanIx) -> String, is_heavy: impl Fn(SpanIx, i64) -> bool) -> String {
        const WIDTH: i64 = 50;
        let (first, last) = (*self.start.iter().min().unwrap(), *self.end.iter().max().unwrap());
        // Whole steps, so that drawings with round numbers are exact.
        let step = ((last - first - 1).max(0) / (WIDTH * MILLISECOND) + 1) * MILLISECOND;
        let mut picture = String::new();
        for span in 0..self.names.len() as SpanIx {
            let (start, end) = (self.start[span as usize], self.end[span as usize]);
            let label = format!("{}{}", "  ".repeat(self.depth[span as usize] as usize), self.name(span));
            let mark = |step_number: i64| {
                let middle = first + step_number * step + step / 2;
                match middle >= start && middle < end {
                    false => ' ',
                    true if is_heavy(span, middle) => '━',
                    true => '┄',
                }
            };
            let bar: String = (0..(last - first + step - 1) / step).map(mark).collect();
            let line = format!("{label:<16}{:>6}  {bar}", note(span));
            picture.push_str(line.trim_end());
            picture.push('\n');
        }
        picture
    }
}

/// Nanoseconds as milliseconds, which drawings have.
fn milliseconds(nanoseconds: i64) -> String {
    let thousandths = nanoseconds / 1000;
    match (thousandths / 1000, thousandths % 1000) {
        (whole, 0) => whole.to_string(),
        (whole, part) => format!("{whole}.{part:03}").trim_end_matches('0').to_owned(),
    }
}

fn class() -> impl Strategy<Value = Class> {
    let outcome = prop_oneof![
        4 => Just(Outcome::Ok),
        1 => Just(Outcome::Error),
        1 => Just(Outcome::Fault),
        1 => Just(Outcome::Throttle),
    ];
    (outcome, prop::bool::weighted(0.15), prop::bool::weighted(0.1))
        .prop_map(|(outcome, is_placeholder, is_in_progress)| Class { outcome, is_placeholder, is_in_progress })
}

/// Small trees whose spans overlap, are nested, stick out, end before they start, or have no duration. At a nanosecond
/// a step all skew is within the tolerance, at ten milliseconds none is.
fn small() -> impl Strategy<Value = Columns> {
    small_in(prop_oneof![Just(1), Just(MILLISECOND / 2), Just(10 * MILLISECOND)])
}

fn small_in(step: impl Strategy<Value = i64>) -> impl Strategy<Value = Columns> {
    let span = (0_u32..5, 0_i64..40, -2_i64..30, class());
    (prop::collection::vec(span, 0..25), step).prop_map(|(spans, step)| {
        let times: Vec<(i64, i64)> =
            spans.iter().map(|&(_, start, length, _)| (start * step, (start + length) * step)).collect();
        Columns::new(spans.iter().map(|span| span.0).collect(), &times, spans.iter().map(|span| span.3).collect())
    })
}

/// Each span's key of three, or none.
fn keys() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(prop_oneof![Just(0_u32), Just(1), Just(7), Just(LEFT_OUT)], 25)
}

/// Columns of any numbers and of any lengths.
fn noise() -> impl Strategy<Value = (Columns, Vec<u32>)> {
    let moment = || prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), Just(0)];
    let depth = prop_oneof![4 => 0_u32..9, 1 => any::<u32>()];
    (
        prop::collection::vec(depth, 0..40),
        prop::collection::vec(moment(), 0..40),
        prop::collection::vec(moment(), 0..40),
        prop::collection::vec(class(), 0..40),
        prop::collection::vec(any::<u32>(), 0..40),
    )
        .prop_map(|(depth, start, end, class, key)| {
            let forest = Forest::new(&depth);
            (Columns { depth, forest, names: Vec::new(), start, end, class }, key)
        })
}

/// Everything that can be asked, asked.
fn ask_everything(spans: &Spans, key: &[u32]) {
    let times = self_times(spans);
    assert!(times.iter().all(|time| *time >= 0));
    assert!(longest(&times, 7).len() <= 7);
    for entry in spans.entry().into_iter().chain([0, 3, SpanIx::MAX]) {
        let path = critical_path(spans, entry);
        assert!(contributors(&path, key).iter().all(|one| one.share <= 1000));
        assert!(path.of(SpanIx::MAX).is_empty());
    }
    assert!(statistics(spans, &times, key).iter().all(|line| line.share <= 1000));
    repeats(spans, key, 0);
}

#[test]
fn an_empty_trace_has_nothing() {
    let columns = Columns::new(Vec::new(), &[], Vec::new());
    assert!(columns.spans().is_empty());
    assert_eq!(columns.spans().entry(), None);
    ask_everything(&columns.spans(), &[]);
}

#[test]
fn a_trace_can_be_as_deep_as_it_is_long() {
    const COUNT: i64 = 100_000;
    let times: Vec<(i64, i64)> = (0..COUNT).map(|span| (span, 2 * COUNT - span)).collect();
    let columns = Columns::new((0..COUNT as u32).collect(), &times, vec![Class::default(); COUNT as usize]);
    let spans = columns.spans();
    ask_everything(&spans, &vec![1; COUNT as usize]);
    let path = critical_path(&spans, 0);
    assert_eq!((path.pieces().len() as i64, path.duration()), (2 * COUNT - 1, 2 * COUNT));
    assert!(self_times(&spans).iter().all(|time| *time == 2));
}

#[test]
fn a_trace_can_be_as_wide_as_it_is_long() {
    const COUNT: i64 = 100_000;
    // In disorder: the second half starts first.
    let place = |child: i64| (child + COUNT / 2) % COUNT;
    let times: Vec<(i64, i64)> = std::iter::once((0, 2 * COUNT))
        .chain((1..COUNT).map(|child| (2 * place(child), 2 * place(child) + 1)))
        .collect();
    let depth = (0..COUNT).map(|span| u32::from(span > 0)).collect();
    let columns = Columns::new(depth, &times, vec![Class::default(); COUNT as usize]);
    let spans = columns.spans();
    ask_everything(&spans, &vec![1; COUNT as usize]);
    assert_eq!(self_times(&spans)[0], COUNT + 1);
    let path = critical_path(&spans, 0);
    assert_eq!((path.of(0).len() as i64, path.time(0)), (COUNT - 1, COUNT + 1));
    let found = repeats(&spans, &vec![1; COUNT as usize], 5);
    assert_eq!((found.groups.len(), found.members.len() as i64), (1, COUNT - 1));
    assert!(found.groups[0].is_sequential);
}

#[test]
fn shares_are_rounded_thousandths() {
    let cases = [
        (0, 0, 0),
        (5, 0, 0),
        (1, 3, 333),
        (2, 3, 667),
        (3, 3, 1000),
        (9, 3, 1000),
        (-9, 3, 0),
        (1, 2001, 0),
        (i64::MAX, i64::MAX, 1000),
        (i64::MAX / 4, i64::MAX, 250),
    ];
    for (part, whole, expected) in cases {
        assert_eq!(share(part, whole), expected, "{part} of {whole}");
    }
}

proptest! {
    #[test]
    fn noise_never_panics((columns, key) in noise()) {
        ask_everything(&columns.spans(), &key);
    }
}

/// Compares text with a picture.
fn check(text: &str, expected: &Expect) {
    expected.assert_eq(text);
}
