//! Repeated calls of drawn traces, and against looking at every pair.

use std::fmt::Write as _;

use super::*;

fn sets(drawing: &str, least: usize, expected: &Expect) {
    let columns = Columns::drawn(drawing);
    let spans = columns.spans();
    let repeats = repeats(&spans, &columns.keys(), least);
    let mut text = String::new();
    for set in &repeats.groups {
        let members = repeats.members(set);
        let parent = set.parent.map_or("(roots)", |parent| columns.name(parent));
        let manner = if set.is_sequential { "one after the other" } else { "at once" };
        let [total, median, max] = [set.total, set.median, set.max].map(milliseconds);
        let name = columns.name(members[0]);
        writeln!(
            text,
            "{parent}: {name} {members:?} {manner}, {total} ms, median {median}, max {max}, {} failed",
            set.failed
        )
        .unwrap();
    }
    check(&text, expected);
}

#[test]
fn siblings_of_a_name_are_found_apart_from_each_other() {
    sets(
        "
front 0..100
  db 10..20
  cache 20..21
  db 21..31 fault
  back 30..80
    db 31..41
    db 31..43
    db 32..45
    db 33..50 429
  db 80..84
  cache 85..86
",
        3,
        &expect![[r#"
            front: db [1, 3, 9] one after the other, 24 ms, median 10, max 10, 1 failed
            back: db [5, 6, 7, 8] at once, 52 ms, median 12.5, max 17, 1 failed
        "#]],
    );
}

#[test]
fn roots_and_orphans_repeat_too() {
    sets(
        "
poll 0..10
poll 20..30
poll 40..?
lost 0..10 parent=ff
lost 0..20 parent=ff
",
        2,
        &expect![[r#"
            (roots): poll [0, 1, 2] one after the other, 20 ms, median 10, max 10, 0 failed
            (missing): lost [4, 5] at once, 30 ms, median 15, max 20, 0 failed
        "#]],
    );
}

#[test]
fn one_of_five_may_overlap() {
    // Six calls are five pairs.
    let cases: [(&[(i64, i64)], bool); 4] = [
        (&[(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)], true),
        (&[(0, 1), (1, 2), (2, 3), (3, 9), (4, 5), (5, 6)], true),
        (&[(0, 1), (1, 2), (2, 9), (3, 9), (4, 5), (5, 6)], false),
        (&[(0, 0), (0, 0)], true),
    ];
    for (times, expected) in cases {
        let columns = Columns::new(vec![0; times.len()], times, vec![Class::default(); times.len()]);
        let repeats = repeats(&columns.spans(), &vec![0; times.len()], 2);
        assert_eq!(repeats.groups[0].is_sequential, expected, "{times:?}");
    }
}

#[test]
fn one_is_no_repeat() {
    let columns = Columns::drawn("front 0..10\n  db 1..2");
    for least in [0, 1, 2] {
        assert_eq!(repeats(&columns.spans(), &[0, 0], least).groups, []);
    }
}

proptest! {
    #[test]
    fn sets_are_all_pairs_of_siblings(columns in small(), keys in keys(), least in 0_usize..5) {
        let spans = columns.spans();
        let found = repeats(&spans, &keys, least);
        let takes_part = |span: SpanIx| keys[span as usize] != LEFT_OUT && !spans.class(span).is_placeholder;
        let mut members = 0;
        for span in (0..spans.len() as SpanIx).filter(|&span| takes_part(span)) {
            let like = |other: SpanIx| {
                takes_part(other)
                    && keys[other as usize] == keys[span as usize]
                    && spans.forest().parent(other) == spans.forest().parent(span)
            };
            let mut expected: Vec<SpanIx> = (0..spans.len() as SpanIx).filter(|&other| like(other)).collect();
            expected.sort_by_key(|&other| spans.start(other));
            let set = found.groups.iter().find(|set| found.members(set).contains(&span));
            if expected.len() < least.max(2) {
                prop_assert_eq!(set, None);
                continue;
            }
            members += 1;
            let set = set.unwrap();
            prop_assert_eq!(found.members(set), &expected);
            prop_assert_eq!((set.parent, set.key), (spans.forest().parent(span), keys[span as usize]));
            let mut durations: Vec<i64> = expected.iter().map(|&span| spans.duration(span)).collect();
            durations.sort_unstable();
            prop_assert_eq!(set.total, durations.iter().sum::<i64>());
            let middle = [(durations.len() - 1) / 2, durations.len() / 2].map(|place| durations[place]);
            prop_assert_eq!(set.median, i64::midpoint(middle[0], middle[1]));
            prop_assert_eq!(Some(&set.max), durations.last());
            let failed = expected.iter().filter(|&&span| spans.class(span).outcome != Outcome::Ok).count();
            prop_assert_eq!(set.failed as usize, failed);
        }
        prop_assert_eq!(found.members.len(), members);
        prop_assert!(found.groups.is_sorted_by_key(|set| (set.parent, set.key)));
    }
}
