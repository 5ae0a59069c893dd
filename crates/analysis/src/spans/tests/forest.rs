//! Parents, callers and the entry.

use super::*;

#[test]
fn parents_follow_from_depths() {
    const NO: SpanIx = SpanIx::MAX;
    let cases: [[&[u32]; 3]; 4] = [
        // Depths, parents, the ends of subtrees.
        [&[], &[], &[]],
        [&[0, 1, 2, 1, 0], &[NO, 0, 1, 0, NO], &[4, 3, 3, 4, 5]],
        // Skipped levels.
        [&[0, 5, 3, 5, 1], &[NO, 0, 0, 2, 0], &[5, 2, 4, 4, 5]],
        // A first span that is no root, and the deepest there can be.
        [&[7, u32::MAX, 0], &[NO, 0, NO], &[2, 2, 3]],
    ];
    for [depth, parents, ends] in cases {
        let forest = Forest::new(depth);
        let spans = || 0..depth.len() as SpanIx;
        assert_eq!(spans().map(|span| forest.parent(span).unwrap_or(NO)).collect::<Vec<_>>(), parents, "{depth:?}");
        assert_eq!(spans().map(|span| forest.subtree_end(span)).collect::<Vec<_>>(), ends, "{depth:?}");
        assert_eq!((forest.parent(99), forest.subtree_end(99)), (None, 99));
    }
}

#[test]
fn the_entry_is_the_first_span_or_the_longest_without_caller() {
    let cases = [
        ("front 0..10\nother 0..90", Some("front")),
        ("orphan 0..10 parent=ff\nlonger 0..20 parent=ee\nas-long 5..25 parent=ee\n  inner 5..90", Some("longer")),
        ("orphan 0..10 parent=ff", Some("orphan")),
        ("front 5..5", Some("front")),
    ];
    for (drawing, expected) in cases {
        let columns = Columns::drawn(drawing);
        assert_eq!(columns.spans().entry().map(|entry| columns.name(entry)), expected, "{drawing}");
    }
}

#[test]
fn times_are_made_sane() {
    let columns = Columns::new(
        vec![0, 1, 1, 1],
        &[(i64::MIN, i64::MAX), (9, 3), (i64::MAX, i64::MIN), (3, 9)],
        vec![Class::default(); 3],
    );
    let spans = columns.spans();
    assert_eq!(spans.len(), 3, "the shortest column counts");
    assert_eq!((spans.start(1), spans.end(1), spans.duration(1)), (9, 9, 0));
    assert_eq!((spans.duration(0), spans.duration(2)), (i64::MAX - 1, 0));
}

proptest! {
    #[test]
    fn callers_are_the_nearest_that_are_no_placeholders(columns in small()) {
        let spans = columns.spans();
        for span in 0..spans.len() as SpanIx {
            let mut caller = spans.forest().parent(span);
            while let Some(above) = caller.filter(|&above| spans.class(above).is_placeholder) {
                caller = spans.forest().parent(above);
            }
            prop_assert_eq!(spans.caller(span), caller);
        }
    }
}
