//! Summaries of drawn traces.

use std::{fmt::Write as _, sync::Arc};

use expect_test::{Expect, expect};
use model::TraceId;
use proptest::prelude::*;

use super::*;

fn text(summary: &TraceSummary) -> String {
    let mut text = String::new();
    let millis =
        |length: Option<Nanos>| length.map_or("–".to_owned(), |length| format!("{} ms", length.0 / 1_000_000));
    let flags = [
        (summary.has_fault, "fault"),
        (summary.has_error, "error"),
        (summary.has_throttle, "throttle"),
        (summary.is_partial, "partial"),
    ];
    let flags: Vec<&str> = flags.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
    writeln!(
        text,
        "duration {}, response {} {}",
        millis(summary.duration),
        millis(summary.response_time),
        flags.join(" ")
    )
    .unwrap();
    writeln!(text, "{:?} {:?} {:?}", summary.http.method, summary.http.url, summary.http.status).unwrap();
    for service in &summary.services {
        let entry = if summary.entry_point.as_ref() == Some(service) { " (entry)" } else { "" };
        writeln!(text, "{} {}{entry}", service.name, service.kind.as_deref().unwrap_or("–")).unwrap();
    }
    for (key, values) in &summary.annotations {
        writeln!(text, "{key}: {values:?}").unwrap();
    }
    writeln!(
        text,
        "users {:?}, zones {:?}, instances {:?}",
        summary.users, summary.availability_zones, summary.instance_ids
    )
    .unwrap();
    text
}

fn check(drawing: &str, expected: &Expect) {
    expected.assert_eq(&text(&summarize(&fixture::trace(drawing), 1)));
}

#[test]
fn a_summary_has_everything() {
    check(
        "
front 0..2000 GET /api/assembly 200 user=alice @rank=60 zone=us-west-2a instance=i-0123456789abcdef0
  back 100..1600 remote @rank=60 @rank=7
    > back 101..7000 fault user=bob @tier=gold
      database 200..300 aws
",
        &expect![[r#"
            duration 7000 ms, response 2000 ms 
            Some("GET") Some("/api/assembly") Some(200)
            front – (entry)
            back –
            database AWS::database
            front client
            rank: [Number(60.0), Number(7.0)]
            tier: [String("gold")]
            users ["alice", "bob"], zones ["us-west-2a"], instances ["i-0123456789abcdef0"]
        "#]],
    );
}

#[test]
fn failures_are_the_roots_alone() {
    for (words, expected) in [
        ("429 error throttle", (false, false, true)),
        ("404", (false, true, false)),
        ("503", (true, false, false)),
        ("200", (false, false, false)),
        ("fault error", (true, true, false)),
    ] {
        let summary = summarize(&fixture::trace(&format!("front 0..9 {words}\n  back 1..2 fault error throttle")), 1);
        assert_eq!((summary.has_fault, summary.has_error, summary.has_throttle), expected, "{words}");
    }
}

#[test]
fn an_orphan_makes_it_partial_and_a_root_in_progress_does_not() {
    check(
        "front 0..? user=alice\n  work 1..5",
        &expect![[r#"
            duration –, response – 
            None None None
            front – (entry)
            front client
            users ["alice"], zones [], instances []
        "#]],
    );
    check(
        "back 10..80 parent=ff",
        &expect![[r#"
            duration –, response – partial
            None None None
            back –
            users [], zones [], instances []
        "#]],
    );
}

#[test]
fn orphans_do_not_stretch_the_duration() {
    let summary = summarize(&fixture::trace("front 100..200\nback 10..800 parent=ff"), 3);
    assert_eq!(summary.duration, Some(Nanos::millis(100)));
    assert_eq!(summary.start.map(|start| start.0 % 1_000_000_000), Some(10_000_000));
    assert_eq!(summary.revision, 3);
}

#[test]
fn annotations_are_bounded() {
    let parts: Vec<String> = (0..200).map(|n| format!("  part {n}..{n} @n={n}")).collect();
    let summary = summarize(&fixture::trace(&format!("front 0..900\n{}", parts.join("\n"))), 1);
    assert_eq!(summary.annotations[0].1.len(), INDEXED_ANNOTATIONS);
}

#[test]
fn an_empty_trace_has_a_summary() {
    let trace = Trace::assemble(TraceId::from_bits(1), []);
    assert_eq!(summarize(&trace, 0), TraceSummary::empty(TraceId::from_bits(1)));
}

proptest! {
    #[test]
    fn order_and_duplicates_do_not_matter(seed in 0_u64..50, spans in 1_usize..80, order in any::<u64>(), doubled in 0_usize..20) {
        let documents = fixture::realistic(seed, spans);
        let id = serde_json::from_str::<serde_json::Value>(&documents[0]).unwrap()["trace_id"].as_str().unwrap().parse().unwrap();
        let summary = summarize(&Trace::assemble(id, documents.iter().map(|text| Arc::from(text.as_str()))), 1);
        let mut shuffled: Vec<&String> = documents.iter().chain(documents.iter().take(doubled)).collect();
        shuffled.sort_by_cached_key(|text| text.bytes().fold(order, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)));
        let again = summarize(&Trace::assemble(id, shuffled.into_iter().map(|text| Arc::from(text.as_str()))), 1);
        prop_assert_eq!(summary, again);
    }

    #[test]
    fn damaged_documents_never_panic(seed in 0_u64..20, at in any::<prop::sample::Index>(), byte in 32_u8..127) {
        let mut documents = fixture::realistic(seed, 9);
        let id = serde_json::from_str::<serde_json::Value>(&documents[0]).unwrap()["trace_id"].as_str().unwrap().parse().unwrap();
        let mut bytes = std::mem::take(&mut documents[0]).into_bytes();
        let place = at.index(bytes.len());
        bytes[place] = byte;
        documents[0] = String::from_utf8_lossy(&bytes).into_owned();
        let trace = Trace::assemble(id, documents.into_iter().map(Arc::from));
        drop(summarize(&trace, 1));
    }
}
