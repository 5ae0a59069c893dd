//! Tables of drawn traces, and sums that add up.

use std::fmt::Write as _;

use super::*;

fn table(drawing: &str, expected: &Expect) {
    let columns = Columns::drawn(drawing);
    let spans = columns.spans();
    let keys = columns.keys();
    let mut text = format!(
        "{:<8}{:>6}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}  longest share failed\n",
        "name", "count", "total", "self", "mean", "min", "median", "max"
    );
    for line in statistics(&spans, &self_times(&spans), &keys) {
        let name = columns.name(keys.iter().position(|key| *key == line.key).unwrap() as SpanIx);
        write!(text, "{name:<8}{:>6}", line.count).unwrap();
        for time in [line.total, line.self_time, line.mean(), line.min, line.median, line.max] {
            write!(text, "{:>7}", milliseconds(time)).unwrap();
        }
        let failed = format!("{}+{}+{} {} open", line.errors, line.faults, line.throttles, line.in_progress);
        writeln!(text, "  {:>7} {:>4}‰ {failed}", line.longest, line.share).unwrap();
    }
    check(&text, expected);
}

#[test]
fn spans_of_a_name_are_summed() {
    table(
        "
front 0..100
  db 10..20
  back 20..60 fault
    db 25..45 429
    db 45..50 404
    back 52..56
  db 70..80
  busy 80..?
orphan 0..10 parent=ff
",
        &expect![[r#"
            name     count  total   self   mean    min median    max  longest share failed
            front        1    100     20    100    100    100    100        0  182‰ 0+0+0 0 open
            db           4     45     45  11.25      5     10     20        3  409‰ 1+0+1 0 open
            back         2     44     15     22      4     22     40        2  136‰ 0+1+0 0 open
            busy         1     20     20     20     20     20     20        7  182‰ 0+0+0 1 open
            orphan       1     10     10     10     10     10     10        9   91‰ 0+0+0 0 open
        "#]],
    );
}

#[test]
fn of_equals_the_first_is_the_longest() {
    let columns = Columns::drawn("front 0..9\n  a 0..3\n  a 3..6\n  b 6..8");
    let spans = columns.spans();
    let lines = statistics(&spans, &self_times(&spans), &[LEFT_OUT, 4, 4, 4]);
    let summary = |line: &crate::spans::statistics::Statistic| (line.key, line.count, line.longest, line.share);
    assert_eq!(lines.iter().map(summary).collect::<Vec<_>>(), [(4, 3, 1, 889)]);
    assert_eq!(statistics(&spans, &[], &[4]).len(), 1, "self times can be missing");
}

proptest! {
    #[test]
    fn lines_add_up(columns in small(), keys in keys()) {
        let spans = columns.spans();
        let times = self_times(&spans);
        let lines = statistics(&spans, &times, &keys);
        prop_assert!(lines.is_sorted_by_key(|line| line.key));
        let left_out = (0..spans.len()).filter(|&span| keys[span] == LEFT_OUT).map(|span| times[span]);
        let whole: i64 = times.iter().sum();
        prop_assert_eq!(lines.iter().map(|line| line.self_time).sum::<i64>() + left_out.sum::<i64>(), whole);
        for line in lines {
            let of_key = || (0..spans.len() as SpanIx)
                .filter(|&span| keys[span as usize] == line.key && !spans.class(span).is_placeholder);
            let mut durations: Vec<i64> = of_key().map(|span| spans.duration(span)).collect();
            durations.sort_unstable();
            prop_assert_eq!(line.count as usize, durations.len());
            prop_assert_eq!(line.total, durations.iter().sum::<i64>());
            prop_assert_eq!((line.min, line.max), (durations[0], durations[durations.len() - 1]));
            let middle = [(durations.len() - 1) / 2, durations.len() / 2].map(|place| durations[place]);
            prop_assert_eq!(line.median, i64::midpoint(middle[0], middle[1]));
            prop_assert_eq!(Some(line.longest), of_key().find(|&span| spans.duration(span) == line.max));
            let ended = |outcome| of_key().filter(|&span| spans.class(span).outcome == outcome).count() as u32;
            prop_assert_eq!(
                (line.errors, line.faults, line.throttles),
                (ended(Outcome::Error), ended(Outcome::Fault), ended(Outcome::Throttle))
            );
            let in_progress = of_key().filter(|&span| spans.class(span).is_in_progress).count();
            prop_assert_eq!(line.in_progress as usize, in_progress);
        }
    }
}
