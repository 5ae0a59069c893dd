//! Points in time, given in nanoseconds since 1970-01-01T00:00:00Z, at an offset from UTC in minutes.

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};

use crate::number::{GAP, push_grouped, push_padded};

const MINUTE: i64 = 60_000_000_000;

/// How many digits follow the second.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// None.
    Seconds,
    /// Three.
    Millis,
    /// Six.
    Micros,
}

/// The day: `2026-01-31`.
pub fn date(moment: i64, offset_minutes: i32) -> String {
    let mut text = String::new();
    push_date(&mut text, local(moment, offset_minutes));
    text
}

/// The time of day: `09:30:00`, `09:30:00.123`, `09:30:00.123456`. Digits beyond are cut.
pub fn time(moment: i64, offset_minutes: i32, precision: Precision) -> String {
    let mut text = String::new();
    push_time(&mut text, local(moment, offset_minutes), precision);
    text
}

/// Day and time: `2026-01-31 09:30:00.123`.
pub fn date_time(moment: i64, offset_minutes: i32, precision: Precision) -> String {
    let local = local(moment, offset_minutes);
    let mut text = String::new();
    push_date(&mut text, local);
    text.push(' ');
    push_time(&mut text, local, precision);
    text
}

/// For machines, with as many digits as there are (none, three, six or nine): `2026-01-31T09:30:00.123Z`,
/// `2026-01-31T15:00:00+05:30`.
pub fn rfc3339(moment: i64, offset_minutes: i32) -> String {
    let local = local(moment, offset_minutes);
    let mut text = String::new();
    push_date(&mut text, local);
    text.push('T');
    push_time(&mut text, local, Precision::Seconds);
    let mut fraction = u64::from(nanosecond(local));
    let mut width = 9;
    while width > 0 && fraction.is_multiple_of(1_000) {
        fraction /= 1_000;
        width -= 3;
    }
    if width > 0 {
        text.push('.');
        push_padded(&mut text, fraction, width);
    }
    if offset_minutes == 0 {
        text.push('Z');
    } else {
        push_offset(&mut text, offset_minutes);
    }
    text
}

/// The name of an offset: `UTC`, `UTC+05:30`.
pub fn offset(offset_minutes: i32) -> String {
    let mut text = String::from("UTC");
    if offset_minutes != 0 {
        push_offset(&mut text, offset_minutes);
    }
    text
}

/// How long ago it was: `now`, `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`; `in 3 min` for what is to come.
pub fn relative(moment: i64, now: i64) -> String {
    let since = now.saturating_sub(moment);
    let seconds = since.unsigned_abs() / 1_000_000_000;
    let (count, unit) = match seconds {
        0 => return "now".to_owned(),
        1..60 => (seconds, "s"),
        60..3_600 => (seconds / 60, "min"),
        3_600..86_400 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "d"),
    };
    let mut text = String::from(if since < 0 { "in\u{a0}" } else { "" });
    push_grouped(&mut text, count);
    text.push(GAP);
    text.push_str(unit);
    if since > 0 {
        text.push(GAP);
        text.push_str("ago");
    }
    text
}

/// The moment whose UTC fields are the local ones.
fn local(moment: i64, offset_minutes: i32) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(moment.saturating_add(i64::from(offset_minutes) * MINUTE))
}

fn nanosecond(local: DateTime<Utc>) -> u32 {
    // A leap second would count to two billion; there is none in a timestamp.
    local.nanosecond().min(999_999_999)
}

fn push_date(text: &mut String, local: DateTime<Utc>) {
    // Nanoseconds in 64 bits end in the year 2262: never more than four digits, never negative.
    push_padded(text, u64::from(local.year().unsigned_abs()), 4);
    text.push('-');
    push_padded(text, u64::from(local.month()), 2);
    text.push('-');
    push_padded(text, u64::from(local.day()), 2);
}

fn push_time(text: &mut String, local: DateTime<Utc>, precision: Precision) {
    push_padded(text, u64::from(local.hour()), 2);
    text.push(':');
    push_padded(text, u64::from(local.minute()), 2);
    text.push(':');
    push_padded(text, u64::from(local.second()), 2);
    let (divisor, width) = match precision {
        Precision::Seconds => return,
        Precision::Millis => (1_000_000, 3),
        Precision::Micros => (1_000, 6),
    };
    text.push('.');
    push_padded(text, u64::from(nanosecond(local) / divisor), width);
}

fn push_offset(text: &mut String, offset_minutes: i32) {
    text.push(if offset_minutes < 0 { '-' } else { '+' });
    let size = u64::from(offset_minutes.unsigned_abs());
    push_padded(text, size / 60, 2);
    text.push(':');
    push_padded(text, size % 60, 2);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-31T09:30:00.123456789Z.
    const MOMENT: i64 = 1_769_851_800_123_456_789;

    #[test]
    fn parts_of_a_moment() {
        assert_eq!(date(MOMENT, 0), "2026-01-31");
        assert_eq!(time(MOMENT, 0, Precision::Seconds), "09:30:00");
        assert_eq!(time(MOMENT, 0, Precision::Millis), "09:30:00.123");
        assert_eq!(time(MOMENT, -600, Precision::Micros), "23:30:00.123456");
        assert_eq!(date_time(MOMENT, -600, Precision::Millis), "2026-01-30 23:30:00.123");
        assert_eq!(date_time(-1, 0, Precision::Millis), "1969-12-31 23:59:59.999");
        assert_eq!(offset(0), "UTC");
        assert_eq!(offset(330), "UTC+05:30");
        assert_eq!(offset(-210), "UTC-03:30");
    }

    #[test]
    fn machines_get_every_digit() {
        for (moment, offset, expected) in [
            (MOMENT, 0, "2026-01-31T09:30:00.123456789Z"),
            (MOMENT / 1_000_000 * 1_000_000, 0, "2026-01-31T09:30:00.123Z"),
            (MOMENT / 1_000_000_000 * 1_000_000_000, 330, "2026-01-31T15:00:00+05:30"),
            (MOMENT / 1_000 * 1_000, -60, "2026-01-31T08:30:00.123456-01:00"),
            (0, 0, "1970-01-01T00:00:00Z"),
            (i64::MAX, 0, "2262-04-11T23:47:16.854775807Z"),
            (i64::MIN, 0, "1677-09-21T00:12:43.145224192Z"),
        ] {
            assert_eq!(rfc3339(moment, offset), expected);
        }
    }

    #[test]
    fn how_long_ago() {
        let second = 1_000_000_000;
        for (seconds, expected) in [
            (0, "now"),
            (12, "12 s ago"),
            (59, "59 s ago"),
            (200, "3 min ago"),
            (7_300, "2 h ago"),
            (500_000, "5 d ago"),
            (-200, "in 3 min"),
        ] {
            assert_eq!(relative(MOMENT - seconds * second, MOMENT).replace(GAP, " "), expected);
        }
    }
}
