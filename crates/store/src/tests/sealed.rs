//! What is written down of quiet minutes, and that it never says anything else than the documents.

use analysis::graph::Merger;
use filter::{Filter, Mode};

use super::*;
use crate::minutes::minute_of;

/// Seals every minute that is open.
fn seal(store: &Store) {
    let open = lock(&store.shared.open).quiet(std::time::Duration::ZERO);
    for minute in open {
        sealer::seal(&store.shared, &store.reader, &store.commands, minute).unwrap();
    }
}

fn totals(store: &Store) -> BTreeMap<i64, MinuteTotals> {
    let mut all = BTreeMap::new();
    store.minutes((i64::MIN, i64::MAX), |minute, totals| drop(all.insert(minute, totals))).unwrap();
    all
}

/// The same from the documents alone.
fn recount(store: &Store) -> BTreeMap<i64, model::graph::ServiceGraph> {
    let mut minutes: BTreeMap<i64, Merger> = BTreeMap::new();
    for (number, at) in pages(store, &query(Place::Updated), || {}).concat() {
        let stored = store.traces(&[trace_id(number)]).unwrap().remove(0);
        let trace = model::Trace::assemble(stored.id, stored.documents);
        minutes.entry(minute_of(at.0)).or_default().add(&analysis::graph::of_trace(&trace).graph);
    }
    minutes.into_iter().map(|(minute, merger)| (minute, merger.finish())).collect()
}

fn filter(text: &str) -> Filter {
    filter::compile(text, Mode::Lenient).unwrap()
}

/// The traces that an expression finds, in order.
fn found(store: &Store, place: Place, text: &str, with_needs: bool) -> Vec<u128> {
    let filter = filter(text);
    let needs = if with_needs { filter.needs() } else { Needs::Nothing };
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let query = ListQuery { needs: needs.clone(), limit: 7, ..query(place) };
        let page = store.list(&query, cursor.as_ref(), millis(0)).unwrap();
        let rows = page.rows.iter().filter(|row| filter.matches(&row.digest.facts));
        found.extend(rows.map(|row| number(row.digest.facts.summary.id)));
        cursor = page.next;
        if cursor.is_none() {
            assert_eq!(page.scanned, 60);
            return found;
        }
    }
}

#[test]
fn a_filter_finds_the_same_whether_traces_are_sealed_or_not() {
    let store = store(Placement::ByEnd);
    for number in 0..60_u128 {
        let start = 7_000 * number as i64;
        let rest = format!(
            r#","user":"u{}","annotations":{{"n":{}}},"http":{{"response":{{"status":{}}}}}"#,
            number % 7,
            number % 11,
            if number % 5 == 0 { 500 } else { 200 }
        );
        put(&store, &[segment(number, 1, start, Some(start + 100 + number as i64), &rest)], start);
        if number == 40 {
            seal(&store);
        }
    }
    let texts = [
        "",
        "fault",
        "user = \"u3\"",
        "annotation.n = 4 AND fault",
        "responsetime > 0.14",
        "!(user = \"u3\")",
        "ok OR fault",
    ];
    for place in [Place::Start, Place::Updated, Place::SegmentEnd] {
        let all = || texts.map(|text| found(&store, place, text, true));
        let plain = texts.map(|text| found(&store, place, text, false));
        assert!(plain.iter().all(|found| !found.is_empty()));
        assert_eq!(all(), plain, "half of them sealed");
        seal(&store);
        assert_eq!(store.open_minutes(), 0);
        assert_eq!(all(), plain, "all of them sealed");
        // What comes late is found where it is now.
        put(&store, &[segment(3, 2, 21_000, Some(21_050), r#","user":"u3""#)], 0);
        assert!(found(&store, place, "user = \"u3\"", true).contains(&3));
    }
}

#[test]
fn a_store_that_is_opened_again_knows_what_is_sealed_and_seals_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let folder = Some(folder.path().to_owned());
        Store::open(&Options { folder, placement: Placement::ByEnd, retention: Retention::default() }).unwrap()
    };
    let before = {
        let store = open();
        for number in 0..6_u128 {
            put(&store, &[segment(number, 1, number as i64 * 61_000, Some(number as i64 * 61_000 + 5), "")], 0);
        }
        seal(&store);
        put(&store, &[segment(3, 2, 183_000, Some(183_001), "")], 1);
        assert_eq!(store.open_minutes(), 1);
        totals(&store)
    };
    let store = open();
    assert_eq!(totals(&store), before);
    for _ in 0..100 {
        if store.open_minutes() > 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(store.open_minutes(), 1);
    seal(&store);
    assert_eq!(totals(&store), before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn totals_are_those_of_a_recount(
        puts in prop::collection::vec((0_u128..8, 1_u64..5, 0_i64..400_000, prop::option::of(0_i64..90_000), any::<bool>()), 1..50)
    ) {
        let store = store(Placement::ByEnd);
        for (trace, id, start, time, is_sealed_after) in puts {
            put(&store, &[segment(trace, id, start, time.map(|time| start + time), "")], start);
            if is_sealed_after {
                seal(&store);
            }
        }
        for _ in 0..2 {
            let graphs: BTreeMap<_, _> = totals(&store).into_iter().map(|(minute, totals)| (minute, totals.graph)).collect();
            prop_assert_eq!(graphs, recount(&store));
            seal(&store);
        }
    }
}
