//! Assembly, asserted as pictures: a line a span, times in milliseconds.

use std::{fmt::Write as _, sync::Arc};

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn id() -> TraceId {
    TraceId::from_bits(1)
}

/// A document from `name id parent start..end rest`; `-` for no parent, `?` for no end, `sub` in the rest makes a
/// streamed subsegment, and JSON members may follow.
fn document(line: &str) -> String {
    let mut words = line.splitn(5, ' ');
    let mut word = || words.next().unwrap_or("");
    let (name, own, parent, time, rest) = (word(), word(), word(), word(), word());
    let (start, end) = time.split_once("..").unwrap();
    let seconds = |millis: &str| Nanos::millis(millis.parse().unwrap()).seconds_text();
    let mut text =
        format!(r#"{{"name":"{name}","id":"{own:0>16}","trace_id":"{}","start_time":{}"#, id(), seconds(start));
    if end == "?" {
        text.push_str(r#","in_progress":true"#);
    } else {
        write!(text, r#","end_time":{}"#, seconds(end)).unwrap();
    }
    if parent != "-" {
        write!(text, r#","parent_id":"{parent:0>16}""#).unwrap();
    }
    let rest =
        rest.strip_prefix("sub").map_or_else(|| rest.to_owned(), |rest| format!(r#","type":"subsegment"{rest}"#));
    text + &rest + "}"
}

fn documents(lines: &str) -> Vec<Arc<str>> {
    lines.trim().lines().map(|line| document(line.trim()).into()).collect()
}

fn assemble(lines: &str) -> Trace {
    Trace::assemble(id(), documents(lines))
}

fn picture(trace: &Trace) -> String {
    let mut picture = String::new();
    for span in &trace.spans {
        let millis = |moment: Moment| moment.0 / 1_000_000;
        let indent = "  ".repeat(span.depth as usize);
        let name = if span.kind == SpanKind::Placeholder { "(missing)" } else { trace.name(span) };
        write!(picture, "{indent}{name} {:x} {}..", span.id.0, millis(span.start)).unwrap();
        match span.end {
            Some(end) => write!(picture, "{}", millis(end)).unwrap(),
            None => picture.push('?'),
        }
        let marks = [
            (span.kind == SpanKind::Segment, " segment"),
            (span.kind == SpanKind::Inferred, " inferred"),
            (span.outcome == Outcome::Fault, " fault"),
            (span.marks.asynchronous, " asynchronous"),
            (span.marks.skewed, " skewed"),
            (span.marks.cut, " cut"),
        ];
        picture.extend(marks.into_iter().filter(|(is, _)| *is).map(|(_, word)| word));
        picture.push('\n');
    }
    for problem in &trace.problems {
        let span = problem.span.map(|span| format!("{:x}: ", span.0)).unwrap_or_default();
        writeln!(picture, "! {span}{}", problem.message).unwrap();
    }
    picture
}

fn check(lines: &str, expected: &Expect) {
    expected.assert_eq(&picture(&assemble(lines)));
}

#[test]
fn nesting_and_parent_ids_make_one_tree() {
    check(
        r#"orders b0 a2 30..80 ,"subsegments":[{"id":"00000000000000b1","name":"dynamo","start_time":0.04,"end_time":0.07}]
        gateway a0 - 0..90 ,"subsegments":[{"id":"00000000000000a2","name":"call orders","start_time":0.03,"end_time":0.081},{"id":"00000000000000a1","name":"auth","start_time":0.01,"end_time":0.03}]
        streamed c0 b1 45..50 sub"#,
        &expect![[r#"
            gateway a0 0..90 segment
              auth a1 10..30
              call orders a2 30..81
                orders b0 30..80 segment
                  dynamo b1 40..70
                    streamed c0 45..50
        "#]],
    );
}

#[test]
fn an_orphan_is_kept_under_a_marked_placeholder() {
    check(
        "front a0 - 0..90
        late b1 ff 20..30 sub
        early b0 ff 10..20
        lone c0 - 5..6 sub",
        &expect![[r#"
            front a0 0..90 segment
            (missing) 0 5..6
              lone c0 5..6
            (missing) ff 10..30
              early b0 10..20 segment
              late b1 20..30
            ! b0: its parent 00000000000000ff has not come; it stands under a placeholder
            ! c0: a subsegment on its own names no parent; it stands under a placeholder
        "#]],
    );
    assert!(assemble("early b0 ff 10..20").is_partial());
    assert_eq!(assemble("early b0 ff 10..20").root(), None);
}

#[test]
fn the_segment_that_starts_first_is_the_entry() {
    check(
        "second a1 - 10..20
        first a0 - 0..90",
        &expect![[r#"
            first a0 0..90 segment
            second a1 10..20 segment
            ! a1: a further segment without parent; the one that starts first counts as the entry
        "#]],
    );
}

#[test]
fn the_first_completion_wins() {
    let progress = "front a0 - 0..?";
    let done = "front a0 - 0..90";
    let again = r#"other a0 - 0..95"#;
    for lines in [[progress, done, done], [done, progress, done], [done, done, progress]] {
        assert_eq!(picture(&assemble(&lines.join("\n"))), "front a0 0..90 segment\n");
    }
    check(
        &[progress, done, again].join("\n"),
        &expect![[r#"
            front a0 0..90 segment
            ! a0: completed twice with different times or names; the first document was kept
        "#]],
    );
    check(
        &[done, r#"other a0 - 0..90"#].join("\n"),
        &expect![[r#"
            front a0 0..90 segment
            ! a0: completed twice with different times or names; the first document was kept
        "#]],
    );
}

#[test]
fn an_embedded_copy_completes_a_streamed_subsegment() {
    check(
        r#"work a1 a0 10..? sub
        front a0 - 0..90 ,"subsegments":[{"id":"00000000000000a1","name":"work","start_time":0.01,"end_time":0.02}]"#,
        &expect![[r#"
            front a0 0..90 segment
              work a1 10..20
        "#]],
    );
}

#[test]
fn an_inferred_segment_hangs_on_its_subsegment_until_the_callee_reports() {
    let front = r#"front a0 - 0..90 ,"subsegments":[{"id":"00000000000000a1","name":"back","namespace":"remote","start_time":0.01,"end_time":0.02}]"#;
    let inferred = r#"back f1 a1 10..20 ,"inferred":true,"subsegments":[{"id":"00000000000000f2","name":"QueueTime","start_time":0.01,"end_time":0.02}]"#;
    let again = inferred.replace("f1", "f9").replace("00f2", "00f8");
    check(
        &[front, inferred, &again].join("\n"),
        &expect![[r#"
            front a0 0..90 segment
              back a1 10..20
                back f1 10..20 inferred
                  QueueTime f2 10..20
        "#]],
    );
    check(
        &[inferred, front, "back b0 a1 12..18"].join("\n"),
        &expect![[r#"
            front a0 0..90 segment
              back a1 10..20
                back b0 12..18 segment
        "#]],
    );
}

#[test]
fn clock_skew_is_left_visible_and_flagged() {
    check(
        "front a0 - 10..90
        ahead b0 a0 5..20
        backwards c0 a0 50..40
        waited d0 a0 80..200",
        &expect![[r#"
            front a0 10..90 segment
              ahead b0 5..20 segment skewed
              backwards c0 50..40 segment skewed
              waited d0 80..200 segment asynchronous
            ! b0: it starts before its parent
            ! c0: it ends before it starts
        "#]],
    );
}

#[test]
fn circles_are_cut_and_reported() {
    check(
        "a a0 b0 0..10
        b b0 c0 5..10
        c c0 a0 7..10
        below d0 c0 8..9
        self e0 e0 20..30",
        &expect![[r#"
            a a0 0..10 segment cut
              c c0 7..10 segment
                b b0 5..10 segment skewed
                below d0 8..9 segment
            self e0 20..30 segment cut
            ! a0: its parents lead back to itself; it stands as a root
            ! e0: its parents lead back to itself; it stands as a root
            ! b0: it starts before its parent
        "#]],
    );
}

#[test]
fn bad_documents_stand_beside_good_ones() {
    let other = document("x a9 - 0..1").replace(&id().to_string(), "1-00000000-0000000000000000000000ff");
    let texts = ["{", "[]", &other, r#"{"id":"00000000000000a7","name":"timeless"}"#, &document("front a0 - 0..90")];
    let trace = Trace::assemble(id(), texts.map(Arc::from));
    expect![[r#"
        front a0 0..90 segment
        ! a document was left out: a segment document is a JSON object; this is an array
        ! a document was left out: not JSON: EOF while parsing an object at line 1 column 1
        ! a9: a document of trace 1-00000000-0000000000000000000000ff was left out
        ! a7: without start_time and end_time it has no place in time and was left out
    "#]]
    .assert_eq(&picture(&trace));
    assert_eq!(trace.documents.len(), 1);
}

#[test]
fn many_problems_of_one_kind_are_counted() {
    let lines: Vec<String> = (1..=50).map(|n| format!("s {n:x} {:x} 0..1", n + 1000)).collect();
    let trace = assemble(&lines.join("\n"));
    assert_eq!(trace.problems.len(), 21);
    assert_eq!(trace.problems[20].message, "and 30 more of this kind");
}

#[test]
fn status_429_is_a_throttle_and_a_placeholder_is_nothing() {
    let trace = assemble(r#"front a0 ff 0..90 ,"error":true,"http":{"response":{"status":429}}"#);
    assert_eq!(trace.spans[0].outcome, Outcome::Ok);
    assert_eq!(trace.spans[1].outcome, Outcome::Throttle);
}

#[test]
fn a_subsegment_belongs_to_the_segment_above_it() {
    let trace = assemble("a a0 - 0..9\nb b0 a0 1..8 sub\nc c0 b0 2..7\nd d0 c0 3..6 sub\nlone e0 ff 0..1 sub");
    let owners: Vec<_> = trace.spans.iter().map(|span| trace.spans[span.segment as usize].id.0).collect();
    assert_eq!(owners, [0xa0, 0xa0, 0xc0, 0xc0, 0xff, 0xff]);
}

#[test]
fn the_document_of_a_span_is_found_again() {
    let trace = assemble(
        r#"a a0 - 0..9 ,"subsegments":[{"id":"00000000000000a1","name":"b","start_time":0,"end_time":0.001,"x":[1.50]}]"#,
    );
    let own = trace.own_document(&trace.spans[1]).unwrap();
    assert_eq!(
        own,
        (r#"{"id":"00000000000000a1","name":"b","start_time":0,"end_time":0.001,"x":[1.50]}"#.to_owned(), 0)
    );
    assert_eq!(trace.own_document(&trace.spans[0]).unwrap().1, 1);
}

#[test]
fn a_hundred_thousand_levels_and_a_hundred_thousand_siblings() {
    const N: u64 = 100_000;
    let chain = |kind: &'static str| {
        (1..=N).map(move |n| {
            document(&format!("s {n:x} {} {n}..{n} {kind}", if n == 1 { "-".into() } else { format!("{:x}", n - 1) }))
        })
    };
    for kind in ["", "sub"] {
        let trace = Trace::assemble(id(), chain(kind).map(Arc::from));
        let last = trace.spans.last().unwrap();
        let expected = if kind.is_empty() { N - 1 } else { N };
        assert_eq!(u64::from(last.depth), expected, "one more for the placeholder of the first subsegment");
        assert_eq!(trace.roots().count(), 1);
        drop(trace.clone());
    }
    let wide = std::iter::once(document("root fffffff - 0..9"))
        .chain((1..=N).map(|n| document(&format!("s {n:x} fffffff 1..2 sub"))));
    let trace = Trace::assemble(id(), wide.map(Arc::from));
    assert_eq!(trace.children(0).count() as u64, N);
}

/// Documents of one trace whose spans point at each other every which way, each document written twice: once in
/// progress and once completed.
fn tangle() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec((0_u8..12, 0_u8..14, 0_i64..50, 0_i64..50, any::<bool>()), 0..12).prop_map(|entries| {
        let mut seen = std::collections::BTreeSet::new();
        let mut documents = Vec::new();
        for (own, parent, start, length, sub) in entries {
            if !seen.insert(own) {
                continue;
            }
            let parent = if parent == 13 && !sub { "-".to_owned() } else { format!("{:x}", parent + 1) };
            let sub = if sub { "sub" } else { "" };
            documents.push(document(&format!("s{own} {:x} {parent} {start}..{} {sub}", own + 1, start + length)));
            documents.push(document(&format!("s{own} {:x} {parent} {start}..? {sub}", own + 1)));
        }
        documents
    })
}

proptest! {
    #[test]
    fn order_and_duplicates_do_not_matter(documents in tangle(), order in any::<prop::sample::Index>(), seed in any::<u64>()) {
        let trace = Trace::assemble(id(), documents.iter().map(|text| Arc::from(text.as_str())));
        let mut shuffled: Vec<&String> = documents.iter().chain(documents.iter().take(order.index(documents.len() + 1))).collect();
        shuffled.sort_by_cached_key(|text| text.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)));
        let again = Trace::assemble(id(), shuffled.into_iter().map(|text| Arc::from(text.as_str())));
        prop_assert_eq!(trace, again);
    }

    #[test]
    fn every_span_stands_once_and_inside_its_parent(documents in tangle()) {
        let trace = Trace::assemble(id(), documents.iter().map(|text| Arc::from(text.as_str())));
        let real = trace.spans.iter().filter(|span| span.kind != SpanKind::Placeholder).count();
        prop_assert_eq!(real, documents.len() / 2);
        for (index, span) in trace.spans.iter().enumerate() {
            prop_assert!(span.subtree_end as usize > index);
            if let Some(parent) = span.parent {
                let parent_span = &trace.spans[parent as usize];
                prop_assert!((parent as usize) < index && span.subtree_end <= parent_span.subtree_end);
                prop_assert_eq!(span.depth, parent_span.depth + 1);
            } else {
                prop_assert_eq!(span.depth, 0);
            }
        }
    }
}
