//! Self times in pictures, and against counting moment by moment.

use super::*;

/// Whether any child of a span runs at a moment.
fn is_covered(spans: &Spans, span: SpanIx, moment: i64) -> bool {
    (0..spans.len() as SpanIx).any(|child| {
        !spans.class(child).is_placeholder
            && spans.caller(child) == Some(span)
            && (spans.start(child)..spans.end(child)).contains(&moment)
    })
}

fn self_picture(drawing: &str, expected: &Expect) {
    let columns = Columns::drawn(drawing);
    let spans = columns.spans();
    let times = self_times(&spans);
    let is_work = |span, moment| !spans.class(span).is_placeholder && !is_covered(&spans, span, moment);
    check(&columns.picture(|span| milliseconds(times[span as usize]), is_work), expected);
}

#[test]
fn children_that_run_at_once_count_once() {
    self_picture(
        "
front 0..100
  auth 10..30
  cart 20..50
    db 25..45
    db 25..45
  mail 80..140
  late 110..120
",
        &expect![[r#"
            front               40  ━━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄━━━━━━━━━━┄┄┄┄┄┄
              auth              20     ━━━━━━━
              cart              10         ━┄┄┄┄┄┄┄━━
                db              20          ━━━━━━━
                db              20          ━━━━━━━
              mail              60                             ━━━━━━━━━━━━━━━━━━━━
              late              10                                       ━━━
        "#]],
    );
}

#[test]
fn children_of_a_placeholder_count_as_its_parents() {
    self_picture(
        "
front 0..50
  work 10..?
orphan 20..40 parent=ff
  inner 25..35
",
        &expect![[r#"
            front               10  ━━━━━━━━━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
              work              40            ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
            (missing)            0                      ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
              orphan            10                      ━━━━━┄┄┄┄┄┄┄┄┄┄━━━━━
                inner           10                           ━━━━━━━━━━
        "#]],
    );
    // A placeholder in the middle, and children in disorder.
    let class = |is_placeholder| Class { is_placeholder, ..Class::default() };
    let columns = Columns::new(
        vec![0, 1, 2, 1, 2],
        &[(0, 100), (10, 90), (60, 70), (20, 40), (20, 30)],
        [false, true, false, false, false].map(class).to_vec(),
    );
    assert_eq!(self_times(&columns.spans()), [70, 0, 10, 10, 10]);
}

#[test]
fn the_longest_come_first() {
    assert_eq!(longest(&[5, 0, 9, 5, i64::MAX, -3], 9), [4, 2, 0, 3]);
    assert_eq!(longest(&[5, 0, 9, 5], 2), [2, 0]);
    assert_eq!(longest(&[5], 0), [0; 0]);
    assert_eq!(longest(&[], 3), [0; 0]);
}

proptest! {
    #[test]
    fn self_times_are_the_moments_without_children(mut columns in small_in(Just(1)), is_ordered in any::<bool>()) {
        if is_ordered {
            columns.start.sort_unstable();
        }
        let spans = columns.spans();
        for (span, &time) in self_times(&spans).iter().enumerate() {
            let span = span as SpanIx;
            let moments = spans.start(span)..spans.end(span);
            let free = moments.filter(|&moment| !is_covered(&spans, span, moment)).count() as i64;
            prop_assert_eq!(time, if spans.class(span).is_placeholder { 0 } else { free });
        }
    }

    #[test]
    fn the_longest_are_all_in_order(times in prop::collection::vec(0_i64..6, 0..30)) {
        let mut expected: Vec<SpanIx> = (0..times.len() as SpanIx).filter(|&span| times[span as usize] > 0).collect();
        expected.sort_by_key(|&span| std::cmp::Reverse(times[span as usize]));
        prop_assert_eq!(longest(&times, usize::MAX), expected);
    }
}
