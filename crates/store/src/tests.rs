//! The store through its interface.

mod corpus;
mod durable;
mod noise;
mod replay;
mod sealed;

use std::{collections::BTreeMap, sync::Arc};

use filter::Needs;
use model::{Moment, Nanos, TraceId};
use proptest::prelude::*;

use super::*;

fn trace_id(number: u128) -> TraceId {
    TraceId::from_bits(number)
}

fn millis(millis: i64) -> Moment {
    Moment(0) + Nanos::millis(millis)
}

/// A segment of trace `trace`, in progress where there is no end; times in milliseconds.
fn segment(trace: u128, id: u64, start: i64, end: Option<i64>, rest: &str) -> String {
    let end = match end {
        Some(end) => format!(r#""end_time":{}"#, millis(end)),
        None => r#""in_progress":true"#.to_owned(),
    };
    let (trace, start) = (trace_id(trace), millis(start));
    format!(r#"{{"id":"{id:016x}","name":"s","trace_id":"{trace}","start_time":{start},{end}{rest}}}"#)
}

fn read(text: &str) -> Document {
    Document::read(text).unwrap()
}

fn store(placement: Placement) -> Store {
    Store::open(&Options { folder: None, placement, retention: Retention::default() }).unwrap()
}

fn put(store: &Store, texts: &[String], now: i64) -> PutReport {
    store.put(texts.iter().map(|text| read(text)).collect(), millis(now)).unwrap()
}

fn query(place: Place) -> ListQuery {
    ListQuery { place, from: millis(0), to: millis(1_000_000_000), share: 1.0, needs: Needs::Nothing, limit: 100 }
}

/// The numbers of the traces of a listing, page by page, with what `between` does after each page.
fn pages(store: &Store, query: &ListQuery, mut between: impl FnMut()) -> Vec<Vec<(u128, Moment)>> {
    let mut pages = Vec::new();
    let mut cursor = None;
    loop {
        let page = store.list(query, cursor.as_ref(), millis(0)).unwrap();
        pages.push(page.rows.iter().map(|row| (number(row.digest.facts.summary.id), row.at)).collect());
        cursor = page.next;
        if cursor.is_none() {
            return pages;
        }
        between();
    }
}

fn list(store: &Store, query: &ListQuery) -> Vec<u128> {
    pages(store, query, || {}).concat().into_iter().map(|(number, _)| number).collect()
}

fn number(id: TraceId) -> u128 {
    u128::from_str_radix(id.w3c(), 16).unwrap()
}

#[test]
fn the_first_completion_wins() {
    let open = segment(1, 1, 0, None, "");
    let first = segment(1, 1, 0, Some(50), "");
    let second = segment(1, 1, 0, Some(60), "");
    let parent = segment(
        1,
        2,
        0,
        Some(90),
        r#","subsegments":[{"id":"0000000000000001","name":"s","start_time":0,"end_time":0.07}]"#,
    );
    // What is put, and what is kept of it.
    let cases: [(&[&String], &[&String]); 8] = [
        (&[&open, &first], &[&first]),
        (&[&first, &open], &[&first]),
        (&[&first, &second], &[&first]),
        (&[&second, &first], &[&second]),
        (&[&open, &open, &first, &first], &[&first]),
        (&[&open, &parent], &[&parent]),
        (&[&first, &parent], &[&first, &parent]),
        (&[&parent, &first, &open], &[&parent]),
    ];
    for (put_in, kept) in cases {
        let store = store(Placement::ByEnd);
        for text in put_in {
            put(&store, &[(*text).clone()], 0);
        }
        let trace = store.traces(&[trace_id(1)]).unwrap().remove(0);
        let texts: Vec<_> = trace.documents.iter().map(ToString::to_string).collect();
        assert_eq!(texts, kept.iter().map(|text| (*text).clone()).collect::<Vec<_>>(), "{put_in:#?}");
        assert_eq!(trace.document_bytes, texts.iter().map(String::len).sum::<usize>());
    }
}

#[test]
fn a_batch_counts_once_for_each_trace_and_copies_not_at_all() {
    let store = store(Placement::ByEnd);
    let revision = || store.traces(&[trace_id(1)]).unwrap()[0].revision;
    let (one, two) = (segment(1, 1, 0, Some(1), ""), segment(1, 2, 0, Some(1), ""));
    let report = put(&store, &[one.clone(), two.clone(), one.clone()], 5);
    assert_eq!(report, PutReport { accepted: 2, copies: 1, ..PutReport::default() });
    assert_eq!(revision(), 1);
    put(&store, &[two, one], 6);
    assert_eq!(revision(), 1);
    let report = put(&store, &[segment(1, 2, 0, Some(7), ""), segment(1, 3, 0, Some(7), "")], 7);
    assert_eq!(report, PutReport { accepted: 1, too_late: 1, ..PutReport::default() });
    assert_eq!(revision(), 2);
    let trace = store.traces(&[trace_id(1)]).unwrap().remove(0);
    assert_eq!((trace.first_received, trace.last_received), (millis(5), millis(7)));
    assert_eq!(store.list(&query(Place::Start), None, millis(8)).unwrap().rows[0].digest.facts.summary.revision, 2);
}

#[test]
fn a_document_can_hold_one_id_twice() {
    let store = store(Placement::ByEnd);
    let twice = segment(
        1,
        1,
        0,
        Some(9),
        r#","subsegments":[{"id":"0000000000000002","name":"a","start_time":0,"in_progress":true},
                           {"id":"0000000000000002","name":"a","start_time":0,"end_time":1}]"#,
    );
    assert_eq!(put(&store, &[twice.clone(), twice], 0), PutReport { accepted: 1, copies: 1, ..PutReport::default() });
    assert_eq!(store.traces(&[trace_id(1)]).unwrap()[0].documents.len(), 1);
}

#[test]
fn a_trace_is_found_where_it_stands_in_time() {
    let fill = |placement| {
        let store = store(placement);
        put(&store, &[segment(1, 1, 2_000, Some(9_000), "")], 100_000);
        put(&store, &[segment(2, 1, 4_000, Some(5_000), "")], 200_000);
        put(&store, &[segment(1, 2, 1_000, Some(3_500), r#","parent_id":"0000000000000001""#)], 300_000);
        store
    };
    let within = |store: &Store, place, from, to| {
        let query = ListQuery { from: millis(from), to: millis(to), ..query(place) };
        pages(store, &query, || {}).concat()
    };
    let store = fill(Placement::ByEnd);
    assert_eq!(within(&store, Place::Start, 0, 9_999), [(2, millis(4_000)), (1, millis(1_000))]);
    assert_eq!(within(&store, Place::Start, 1_001, 3_999), []);
    assert_eq!(within(&store, Place::Start, 1_000, 1_000), [(1, millis(1_000))], "both ends belong to the range");
    assert_eq!(within(&store, Place::Start, 5_000, 4_000), [], "a range that runs backwards is empty");
    assert_eq!(within(&store, Place::Updated, 0, 99_999), [(1, millis(9_000)), (2, millis(5_000))]);
    // Any of a trace's segments counts, and the trace is shown once.
    assert_eq!(within(&store, Place::SegmentEnd, 0, 99_999), [(1, millis(9_000)), (2, millis(5_000))]);
    assert_eq!(within(&store, Place::SegmentEnd, 0, 8_999), [(2, millis(5_000)), (1, millis(3_500))]);
    assert_eq!(within(&store, Place::SegmentEnd, 3_501, 4_999), []);
    let store = fill(Placement::ByReceipt);
    assert_eq!(within(&store, Place::Updated, 0, 999_999), [(1, millis(300_000)), (2, millis(200_000))]);
    assert_eq!(within(&store, Place::Updated, 0, 150_000), [], "an updated trace is not found under its first receipt");
}

#[test]
fn a_trace_in_progress_moves_when_it_is_completed() {
    let store = store(Placement::ByEnd);
    put(&store, &[segment(1, 1, 1_000, None, "")], 0);
    assert_eq!(pages(&store, &query(Place::Updated), || {}), [[(1, millis(1_000))]]);
    put(&store, &[segment(1, 1, 1_500, Some(2_000), "")], 0);
    assert_eq!(pages(&store, &query(Place::Updated), || {}), [[(1, millis(2_000))]]);
    assert_eq!(pages(&store, &query(Place::Start), || {}), [[(1, millis(1_500))]]);
}

#[test]
fn a_listing_sees_what_was_there_when_it_began() {
    for place in [Place::Start, Place::Updated, Place::SegmentEnd] {
        for placement in [Placement::ByEnd, Placement::ByReceipt] {
            let store = store(placement);
            for number in 0..20 {
                put(&store, &[segment(number, 1, 1_000 * number as i64, None, "")], number as i64);
                put(
                    &store,
                    &[segment(number, 2, 1_000 * number as i64, Some(1_000 * number as i64 + 1), "")],
                    number as i64,
                );
            }
            let expected = list(&store, &query(place));
            assert_eq!(expected.len(), 20);
            let mut round = 100;
            let seen = pages(&store, &ListQuery { limit: 3, ..query(place) }, || {
                round += 1;
                for number in 0..20 {
                    // Every trace moves, to earlier and to later, and new ones arrive.
                    let start = (number as i64 * 7_919 + round * 104_729) % 30_000;
                    put(&store, &[segment(number, round as u64, start, Some(start + 5_000 * round), "")], round);
                }
                put(&store, &[segment(round as u128, 1, 5_000, Some(6_000), "")], round);
            });
            assert_eq!(seen.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3, 3, 3, 3, 2]);
            let seen: Vec<_> = seen.concat().into_iter().map(|(number, _)| number).collect();
            assert_eq!(seen, expected, "{place:?} {placement:?}");
            assert!(list(&store, &query(place)).len() > 20, "the next listing sees the new ones");
        }
    }
}

#[test]
fn a_listing_left_alone_is_closed() {
    let store = store(Placement::ByReceipt);
    let texts: Vec<_> = (0..10).map(|number| segment(number, 1, number as i64, Some(50), "")).collect();
    put(&store, &texts, 0);
    let query = ListQuery { limit: 2, ..query(Place::Updated) };
    let cursor = store.list(&query, None, millis(0)).unwrap().next.unwrap();
    assert!(store.list(&query, Some(&cursor), millis(60_000)).is_ok());
    assert!(store.list(&query, Some(&cursor), millis(60_000)).is_ok(), "a page can be asked for again");
    assert_eq!(store.list(&query, Some(&cursor), millis(2_000_000)), Err(StoreError::UnknownCursor));
    let invented = Cursor { listing: 77, ..cursor };
    assert_eq!(store.list(&query, Some(&invented), millis(0)), Err(StoreError::UnknownCursor));
}

#[test]
fn a_share_is_even_and_always_the_same() {
    let store = store(Placement::ByEnd);
    let texts: Vec<_> = (0..2_000).map(|number| segment(number, 1, 1, Some(2), "")).collect();
    put(&store, &texts, 0);
    let share = |share| list(&store, &ListQuery { share, ..query(Place::Updated) });
    assert_eq!(share(1.0).len(), 2_000);
    assert_eq!(share(0.0).len(), 0);
    let tenth = share(0.1);
    assert!((150..250).contains(&tenth.len()), "{}", tenth.len());
    assert_eq!(tenth, share(0.1));
    let page = store.list(&ListQuery { share: 0.0, ..query(Place::Updated) }, None, millis(0)).unwrap();
    assert_eq!(page.scanned, 2_000, "what was looked at is counted, shown or not");
}

#[test]
fn summaries_are_fresh() {
    let store = store(Placement::ByEnd);
    let fault = || store.list(&query(Place::Start), None, millis(0)).unwrap().rows[0].digest.facts.summary.has_fault;
    put(&store, &[segment(1, 1, 0, None, "")], 0);
    assert!(!fault());
    put(&store, &[segment(1, 1, 0, Some(5), r#","fault":true"#)], 0);
    assert!(fault());
}

#[test]
fn a_hundred_thousand_documents_of_one_trace_come_one_by_one() {
    let store = store(Placement::ByReceipt);
    for number in 1..=100_000_u64 {
        let parent = if number > 1 { format!(r#","parent_id":"{:016x}""#, number - 1) } else { String::new() };
        put(&store, &[segment(1, number, number as i64, Some(200_000), &parent)], number as i64);
    }
    let page = store.list(&query(Place::SegmentEnd), None, millis(0)).unwrap();
    assert_eq!(page.rows.len(), 1);
    assert_eq!(
        (page.rows[0].digest.facts.summary.revision, page.rows[0].digest.facts.summary.is_partial),
        (100_000, false)
    );
    assert_eq!(store.traces(&[trace_id(1)]).unwrap()[0].documents.len(), 100_000);
}

#[test]
fn many_write_and_read_at_once() {
    let store = Arc::new(store(Placement::ByEnd));
    std::thread::scope(|scope| {
        for writer in 0..4_u128 {
            let store = store.clone();
            scope.spawn(move || {
                for number in 0..200 {
                    put(&store, &[segment(number, writer as u64 + 1, number as i64, Some(300), "")], 0);
                    if number % 20 == 0 {
                        let seen = list(&store, &ListQuery { limit: 7, ..query(Place::Start) });
                        let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
                        assert_eq!(distinct.len(), seen.len());
                    }
                }
            });
        }
    });
    assert_eq!(list(&store, &query(Place::Start)).len(), 200);
    assert!(store.traces(&[trace_id(7)]).unwrap()[0].documents.len() == 4);
}

/// Documents of few traces and few ids, some in progress, some embedding others. A completed id always has the same
/// times, so that there is one truth.
fn documents() -> impl Strategy<Value = Vec<String>> {
    let one = (0..3_u128, 1..6_u64, any::<bool>(), any::<bool>()).prop_map(|(trace, id, is_complete, embeds)| {
        let start = (id * 1_000) as i64;
        let end = is_complete.then_some(start + 500);
        let child = 10 + id;
        let rest = if embeds {
            format!(r#","subsegments":[{{"id":"{child:016x}","name":"c","start_time":{id}.1,"end_time":{id}.2}}]"#)
        } else {
            String::new()
        };
        segment(trace, id, start, end, &rest)
    });
    proptest::collection::vec(one, 1..20)
}

proptest! {
    #[test]
    fn any_order_and_duplication_stands_at_the_same_times(
        (texts, shuffled) in documents().prop_flat_map(|texts| {
            // What a document embeds must not depend on which of two equal ones came first.
            let mut distinct: BTreeMap<String, String> = BTreeMap::new();
            for text in texts {
                let key = text.split(r#","name""#).next().unwrap().to_owned() + if text.contains("in_progress") { "?" } else { "" };
                distinct.entry(key).or_insert(text);
            }
            let texts: Vec<String> = distinct.into_values().collect();
            let doubled: Vec<String> = texts.iter().chain(&texts).cloned().collect();
            (Just(texts), Just(doubled).prop_shuffle())
        })
    ) {
        let (one, two) = (store(Placement::ByEnd), store(Placement::ByEnd));
        put(&one, &texts, 0);
        for text in &shuffled {
            put(&two, std::slice::from_ref(text), 0);
        }
        for place in [Place::Start, Place::Updated, Place::SegmentEnd] {
            let rows = |store: &Store| pages(store, &query(place), || {});
            // An in-progress document that embeds completed subsegments leaves those behind in either order.
            prop_assert_eq!(rows(&one), rows(&two), "{:?}", place);
        }
    }

    #[test]
    fn a_listing_in_the_middle_of_everything_is_a_snapshot(
        steps in proptest::collection::vec((0..6_u128, 1..8_u64, 0..9_i64, proptest::option::of(0..9_i64)), 1..60),
        began in 0..30_usize,
        place in prop_oneof![Just(Place::Start), Just(Place::Updated), Just(Place::SegmentEnd)],
        placement in prop_oneof![Just(Placement::ByEnd), Just(Placement::ByReceipt)],
    ) {
        let store = store(placement);
        let mut steps = steps.into_iter().enumerate();
        let mut step = |store: &Store| {
            if let Some((now, (trace, id, start, length))) = steps.next() {
                let start = start * 700;
                put(store, &[segment(trace, id, start, length.map(|length| start + length * 300), "")], now as i64 * 10);
            }
        };
        for _ in 0..began {
            step(&store);
        }
        let narrow = ListQuery { from: millis(300), to: millis(6_000), limit: 1, ..query(place) };
        let expected = pages(&store, &ListQuery { limit: 100, ..narrow.clone() }, || {}).concat();
        let seen = pages(&store, &narrow, || { step(&store); step(&store); }).concat();
        let ids = |rows: &[(u128, Moment)]| rows.iter().map(|(number, _)| *number).collect::<Vec<_>>();
        prop_assert_eq!(ids(&seen), ids(&expected));
    }
}
