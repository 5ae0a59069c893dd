//! Critical paths under drawn traces, their promises, and a slow walk that gives the same.

use super::*;
use crate::spans::path::{CriticalPath, Piece};

fn is_on(path: &CriticalPath, span: SpanIx, moment: i64) -> bool {
    path.of(span).iter().any(|&number| {
        let piece = path.pieces()[number as usize];
        (piece.start..piece.end).contains(&moment)
    })
}

/// The path of the trace's entry, with each span's time on it.
fn path_picture(drawing: &str, expected: &Expect) {
    let columns = Columns::drawn(drawing);
    let spans = columns.spans();
    let path = critical_path(&spans, spans.entry().unwrap());
    let picture = columns.picture(|span| milliseconds(path.time(span)), |span, moment| is_on(&path, span, moment));
    check(&picture, expected);
}

#[test]
fn of_calls_at_once_the_last_to_end_decides() {
    path_picture(
        "
front 0..100
  auth 5..20
    keys 6..14
  cart 20..70
    db 30..60
  prices 25..90
    cache 30..35
    fetch 40..85
  log 92..96
",
        &expect![[r#"
            front               16  ━━┄┄┄┄┄┄┄┄━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄━┄┄━━
              auth               7    ━┄┄┄┄━━━
                keys             8     ━━━━
              cart               0            ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
                db               0                 ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
              prices            15              ━━━┄┄━━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄━━━
                cache            5                 ━━
                fetch           45                      ━━━━━━━━━━━━━━━━━━━━━━
              log                4                                                ━━
        "#]],
    );
}

#[test]
fn what_was_not_waited_for_is_not_followed() {
    path_picture(
        "
front 0..100
  work 10..60
  mail 50..140
    smtp 55..90
  late 110..120
",
        &expect![[r#"
            front               50  ━━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄━━━━━━━━━━━━━
              work              50     ━━━━━━━━━━━━━━━━━
              mail               0                   ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
                smtp             0                    ┄┄┄┄┄┄┄┄┄┄┄┄
              late               0                                       ┄┄┄
        "#]],
    );
}

#[test]
fn a_wrong_clock_is_cut_at_the_caller() {
    // A millisecond more is within the tolerance, and so is what the callee itself waited for.
    path_picture(
        "
front 0..80
  call 10..80 remote
    > back 8..81
      db 20..81
",
        &expect![[r#"
            front               10  ━━━━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
              call               0       ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
                back            10      ┄━━━━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
                  db            60            ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
        "#]],
    );
}

#[test]
fn the_tolerance_grows_with_the_caller() {
    let cases = [
        // Caller's and child's ends in microseconds, and whether the child is followed.
        (50_000, 51_000, true),
        (50_000, 51_001, false),
        (500_000, 505_000, true),
        (500_000, 505_001, false),
    ];
    for (caller, child, expected) in cases {
        let times = [(0, caller * 1000), (10_000, child * 1000)];
        let columns = Columns::new(vec![0, 1], &times, vec![Class::default(); 2]);
        let path = critical_path(&columns.spans(), 0);
        assert_eq!(path.time(1) > 0, expected, "{child} in {caller}");
    }
}

#[test]
fn an_orphan_is_the_entry_while_the_entry_is_missing() {
    path_picture(
        "
short 0..30 parent=ff
long 10..70 parent=ff
  work 20..?
",
        &expect![[r#"
            (missing)            0  ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
              short              0  ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
              long              10       ━━━━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
                work            50            ━━━━━━━━━━━━━━━━━━━━━━━━━
        "#]],
    );
}

#[test]
fn what_hangs_under_a_placeholder_is_followed() {
    let class = |is_placeholder| Class { is_placeholder, ..Class::default() };
    let columns = Columns::new(
        vec![0, 1, 2, 2],
        &[(0, 100), (10, 90), (60, 90), (20, 40)],
        [false, true, false, false].map(class).to_vec(),
    );
    let path = critical_path(&columns.spans(), 0);
    let pieces = [(0, 0, 20), (3, 20, 40), (0, 40, 60), (2, 60, 90), (0, 90, 100)];
    assert_eq!(path.pieces(), pieces.map(|(span, start, end)| Piece { span, start, end }));
    assert_eq!((path.of(0), path.of(1), path.of(2)), (&[0, 2, 4][..], &[][..], &[3][..]));
    assert!(critical_path(&columns.spans(), 1).pieces().is_empty(), "a placeholder has no path");
}

#[test]
fn a_piece_is_found_by_its_moment() {
    let columns = Columns::drawn("front 0..100\n  work 20..40");
    let path = critical_path(&columns.spans(), 0);
    let found = [-1, 0, 1, 20, 21, 40, 41, 500].map(|moment| path.first_from(moment * MILLISECOND));
    assert_eq!(found, [0, 0, 1, 1, 2, 2, 3, 3]);
    assert_eq!(CriticalPath::default().first_from(0), 0);
}

/// The path by its definition, in quadratic time; it recurses, for the trees are small.
fn slow(spans: &Spans, span: SpanIx, from: i64, until: i64, pieces: &mut Vec<Piece>) {
    let slack = MILLISECOND.max(spans.duration(span) / 100);
    let latest = spans.end(span) + slack;
    let (mut limit, mut until) = (latest, until);
    loop {
        let child = (0..spans.len() as SpanIx)
            .filter(|&child| spans.caller(child) == Some(span) && !spans.class(child).is_placeholder)
            .filter(|&child| spans.end(child) <= limit)
            .filter(|&child| spans.start(child).max(from) < spans.end(child).min(until))
            .min_by_key(|&child| (-spans.end(child), spans.start(child), child));
        let own_from = child.map_or(from, |child| spans.end(child).min(until));
        if own_from < until {
            pieces.push(Piece { span, start: own_from, end: until });
        }
        let Some(child) = child else { return };
        let start = spans.start(child).max(from);
        slow(spans, child, start, own_from, pieces);
        (limit, until) = (start, start);
    }
}

proptest! {
    #[test]
    fn pieces_cover_the_entry_and_lie_in_their_spans(columns in small(), entry in 0_u32..25) {
        let spans = columns.spans();
        let path = critical_path(&spans, entry);
        if entry as usize >= spans.len() || spans.class(entry).is_placeholder {
            prop_assert!(path.pieces().is_empty());
            return Ok(());
        }
        let mut reached = spans.start(entry);
        for piece in path.pieces() {
            prop_assert_eq!(piece.start, reached);
            prop_assert!(piece.start < piece.end);
            prop_assert!(spans.start(piece.span) <= piece.start && piece.end <= spans.end(piece.span));
            prop_assert!((entry..spans.forest().subtree_end(entry)).contains(&piece.span));
            prop_assert!(!spans.class(piece.span).is_placeholder);
            reached = piece.end;
        }
        prop_assert_eq!(reached, spans.end(entry));
        prop_assert_eq!(path.duration(), spans.duration(entry));
        prop_assert!(path.pieces().windows(2).all(|pair| pair[0].span != pair[1].span));
    }

    #[test]
    fn each_piece_is_found_by_its_span(columns in small()) {
        let spans = columns.spans();
        let Some(entry) = spans.entry() else { return Ok(()) };
        let path = critical_path(&spans, entry);
        for span in 0..spans.len() as SpanIx {
            let numbers = (0..path.pieces().len() as u32).filter(|&number| path.pieces()[number as usize].span == span);
            prop_assert_eq!(path.of(span), numbers.collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_walk_is_its_definition(columns in small()) {
        let spans = columns.spans();
        for entry in 0..spans.len() as SpanIx {
            if spans.class(entry).is_placeholder {
                continue;
            }
            let mut pieces = Vec::new();
            slow(&spans, entry, spans.start(entry), spans.end(entry), &mut pieces);
            pieces.reverse();
            let path = critical_path(&spans, entry);
            prop_assert_eq!(path.pieces(), pieces);
        }
    }
}
