//! Lengths of time, given in nanoseconds.

use crate::number::{GAP, MINUS, push_grouped, push_padded, push_scaled};

const UNITS: [(u64, &str); 3] = [(1_000, "µs"), (1_000_000, "ms"), (1_000_000_000, "s")];
const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A length with about three digits, for reading at a glance: `0`, `850 ns`, `12.4 µs`, `380 ms`, `1.24 s`,
/// `2 m 05 s`, `3 h 07 m`, `2 d 03 h`.
pub fn short(nanoseconds: i64) -> String {
    let size = nanoseconds.unsigned_abs();
    let mut text = sign(nanoseconds);
    if size == 0 {
        text.push('0');
        return text;
    }
    if size < 1_000 {
        push_grouped(&mut text, size);
        return with_unit(text, "ns");
    }
    for (unit, name) in UNITS {
        let decimals = match size / unit {
            0..10 => 2,
            10..100 => 1,
            _ => 0,
        };
        let step = unit / 10_u64.pow(decimals);
        let rounded = (size + step / 2) / step;
        // What would round up to 1000 (or to 60 s) belongs to the next unit.
        let limit = if unit == SECOND { 60 } else { 1_000 };
        if rounded < limit * 10_u64.pow(decimals) {
            push_scaled(&mut text, rounded, decimals);
            return with_unit(text, name);
        }
    }
    let seconds = (size + SECOND / 2) / SECOND;
    let minutes = (seconds + MINUTE / 2) / MINUTE;
    let hours = (seconds + HOUR / 2) / HOUR;
    if seconds < HOUR {
        two_parts(text, seconds / MINUTE, "m", seconds % MINUTE, "s")
    } else if minutes < 24 * 60 {
        two_parts(text, minutes / 60, "h", minutes % 60, "m")
    } else {
        two_parts(text, hours / 24, "d", hours % 24, "h")
    }
}

/// A length with every digit that it has: `0`, `1.24 s`, `380.0015 ms`, `1 m 30 s`, `2 h 0.5 s`. For rulers, whose
/// steps are round, and for those who want to know precisely.
pub fn exact(nanoseconds: i64) -> String {
    let size = nanoseconds.unsigned_abs();
    let mut text = sign(nanoseconds);
    if size == 0 {
        text.push('0');
        return text;
    }
    if size < MINUTE * SECOND {
        let (unit, decimals) = match size {
            0..1_000 => ("ns", 0),
            1_000..1_000_000 => ("µs", 3),
            1_000_000..SECOND => ("ms", 6),
            _ => ("s", 9),
        };
        push_scaled(&mut text, size, decimals);
        return with_unit(text, unit);
    }
    let seconds = size / SECOND;
    let parts = [(seconds / DAY, "d"), (seconds % DAY / HOUR, "h"), (seconds % HOUR / MINUTE, "m")];
    for (count, unit) in parts.into_iter().filter(|(count, _)| *count > 0) {
        push_grouped(&mut text, count);
        text = with_unit(text, unit);
        text.push(GAP);
    }
    match size % (MINUTE * SECOND) {
        0 => drop(text.pop()),
        rest => {
            push_scaled(&mut text, rest, 9);
            text = with_unit(text, "s");
        }
    }
    text
}

fn sign(nanoseconds: i64) -> String {
    if nanoseconds < 0 { MINUS.to_string() } else { String::new() }
}

fn with_unit(mut text: String, unit: &str) -> String {
    text.push(GAP);
    text.push_str(unit);
    text
}

fn two_parts(mut text: String, large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    push_grouped(&mut text, large);
    text = with_unit(text, large_unit);
    text.push(GAP);
    push_padded(&mut text, small, 2);
    with_unit(text, small_unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        text.replace([GAP, crate::number::GROUP], " ").replace(MINUS, "-")
    }

    #[test]
    fn lengths_at_a_glance() {
        for (nanoseconds, expected) in [
            (0, "0"),
            (1, "1 ns"),
            (999, "999 ns"),
            (1_000, "1 µs"),
            (1_240, "1.24 µs"),
            (12_000, "12 µs"),
            (12_449, "12.4 µs"),
            (999_499, "999 µs"),
            (999_500, "1 ms"),
            (9_996_000, "10 ms"),
            (99_960_000, "100 ms"),
            (380_000_000, "380 ms"),
            (999_999_999, "1 s"),
            (1_240_000_000, "1.24 s"),
            (1_200_000_000, "1.2 s"),
            (59_940_000_000, "59.9 s"),
            (59_960_000_000, "1 m 00 s"),
            (125_000_000_000, "2 m 05 s"),
            (3_599_400_000_000, "59 m 59 s"),
            (3_599_600_000_000, "1 h 00 m"),
            (11_220_000_000_000, "3 h 07 m"),
            (86_399_000_000_000, "1 d 00 h"),
            (183_600_000_000_000, "2 d 03 h"),
            (-380_000_000, "-380 ms"),
            (i64::MAX, "106 752 d 00 h"),
            (i64::MIN, "-106 752 d 00 h"),
        ] {
            assert_eq!(plain(&short(nanoseconds)), expected, "{nanoseconds}");
        }
    }

    #[test]
    fn lengths_to_the_last_digit() {
        for (nanoseconds, expected) in [
            (0, "0"),
            (5, "5 ns"),
            (1_001, "1.001 µs"),
            (200_000_000, "200 ms"),
            (380_001_500, "380.0015 ms"),
            (1_240_000_000, "1.24 s"),
            (1_000_000_001, "1.000000001 s"),
            (90_000_000_000, "1 m 30 s"),
            (120_000_000_000, "2 m"),
            (7_200_500_000_000, "2 h 0.5 s"),
            (90_000_000_000_000, "1 d 1 h"),
            (-1_500_000, "-1.5 ms"),
        ] {
            assert_eq!(plain(&exact(nanoseconds)), expected, "{nanoseconds}");
        }
    }
}
