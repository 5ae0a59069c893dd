//! Who contributes to drawn paths, and that nothing is lost.

use std::fmt::Write as _;

use super::*;

fn ranked(drawing: &str, expected: &Expect) {
    let columns = Columns::drawn(drawing);
    let spans = columns.spans();
    let keys = columns.keys();
    let mut text = String::new();
    for one in contributors(&critical_path(&spans, spans.entry().unwrap()), &keys) {
        let name = columns.name(keys.iter().position(|key| *key == one.key).unwrap() as SpanIx);
        let (time, longest) = (milliseconds(one.time), milliseconds(one.longest_time));
        writeln!(
            text,
            "{name}: {time} ms, {}‰, {} spans, longest {longest} ms in {}",
            one.share, one.spans, one.longest
        )
        .unwrap();
    }
    check(&text, expected);
}

#[test]
fn those_with_the_most_time_come_first() {
    ranked(
        "
front 0..100
  db 10..30
  back 30..70
    db 35..65
  db 70..80
  db 85..85
  mail 90..300
",
        &expect![[r#"
            db: 60 ms, 600‰, 3 spans, longest 30 ms in 3
            front: 30 ms, 300‰, 1 spans, longest 20 ms in 0
            back: 10 ms, 100‰, 1 spans, longest 5 ms in 2
        "#]],
    );
}

#[test]
fn equals_come_by_key_and_their_first_longest_counts() {
    ranked(
        "
front 0..60
  a 0..10
  b 10..20
  b 20..30
  a 30..40
  c 40..60
",
        &expect![[r#"
            a: 20 ms, 333‰, 2 spans, longest 10 ms in 1
            b: 20 ms, 333‰, 2 spans, longest 10 ms in 2
            c: 20 ms, 333‰, 1 spans, longest 20 ms in 5
        "#]],
    );
}

#[test]
fn what_is_left_out_does_not_raise_the_others() {
    let columns = Columns::drawn("front 0..100\n  work 20..60\n  more 60..100");
    let path = critical_path(&columns.spans(), 0);
    let shares = |key: &[u32]| contributors(&path, key).iter().map(|one| (one.key, one.share)).collect::<Vec<_>>();
    assert_eq!(shares(&[LEFT_OUT, 5, LEFT_OUT]), [(5, 400)]);
    assert_eq!(shares(&[7]), [(7, 200)], "keys can be missing");
    assert_eq!(shares(&[7, 7, 7, 7, 7]), [(7, 1000)], "or too many");
}

proptest! {
    #[test]
    fn contributions_add_up_to_the_path(columns in small(), keys in keys()) {
        let spans = columns.spans();
        let Some(entry) = spans.entry() else { return Ok(()) };
        let path = critical_path(&spans, entry);
        let found = contributors(&path, &keys);
        for one in &found {
            let of_key = || path.pieces().iter().filter(|piece| keys[piece.span as usize] == one.key);
            prop_assert_eq!(one.time, of_key().map(|piece| piece.end - piece.start).sum::<i64>());
            prop_assert_eq!(Some(one.longest_time), of_key().map(|piece| piece.end - piece.start).max());
            let longest = of_key().filter(|piece| piece.duration() == one.longest_time).map(|piece| piece.span).min();
            prop_assert_eq!(Some(one.longest), longest);
            let mut on_path: Vec<SpanIx> = of_key().map(|piece| piece.span).collect();
            on_path.sort_unstable();
            on_path.dedup();
            prop_assert_eq!(one.spans as usize, on_path.len());
        }
        let left_out = path.pieces().iter().filter(|piece| keys[piece.span as usize] == LEFT_OUT);
        let left_out: i64 = left_out.map(|piece| piece.end - piece.start).sum();
        prop_assert_eq!(found.iter().map(|one| one.time).sum::<i64>() + left_out, path.duration());
        prop_assert!(found.is_sorted_by_key(|one| (-one.time, one.key)));
    }
}
