//! Counts, rates, sizes and shares.

/// Between groups of three digits: narrow, and a line is not broken there.
pub const GROUP: char = '\u{202f}';
/// Between a number and its unit: a line is not broken there.
pub const GAP: char = '\u{a0}';
/// The minus sign, as wide as a digit.
pub const MINUS: char = '\u{2212}';

/// A whole number, its digits in groups of three: `1 234 567`; four digits stay together.
pub fn integer(value: i64) -> String {
    let mut text = String::new();
    if value < 0 {
        text.push(MINUS);
    }
    push_grouped(&mut text, value.unsigned_abs());
    text
}

/// A number of any size with up to 15 significant digits, as in an annotation: `0.1`, `−12.5`, `1 234 567`, `1.5e−9`.
pub fn decimal(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    let mut text = String::new();
    if value < 0.0 {
        text.push(MINUS);
    }
    let size = value.abs();
    if size.is_infinite() {
        text.push('∞');
    } else if size == 0.0 || (1e-4..1e15).contains(&size) {
        push_decimal(&mut text, size);
    } else {
        push_scientific(&mut text, size);
    }
    text
}

/// A share of a whole: `0 %`, `<0.1 %`, `4.2 %`, `43 %`, `100 %`. Nothing of nothing is `0 %`.
pub fn percent(part: i64, whole: i64) -> String {
    let ratio = if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let mut text = String::new();
    let tenths = (ratio.abs() * 1000.0).round() as u64;
    if ratio < 0.0 {
        text.push(MINUS);
    }
    match tenths {
        0 if ratio == 0.0 => text.push('0'),
        0 => text.push_str("<0.1"),
        1..100 => push_scaled(&mut text, tenths, 1),
        _ => push_grouped(&mut text, (tenths + 5) / 10),
    }
    text.push(GAP);
    text.push('%');
    text
}

/// How often something happens: events per length of time in nanoseconds, by the second, minute or hour.
pub fn rate(events: u64, nanoseconds: i64) -> String {
    if events == 0 || nanoseconds <= 0 {
        return "0/s".to_owned();
    }
    let per_second = events as f64 * 1e9 / nanoseconds as f64;
    let (value, unit) = match per_second {
        per_second if per_second >= 1.0 => (per_second, "/s"),
        per_second if per_second * 60.0 >= 1.0 => (per_second * 60.0, "/min"),
        per_second => (per_second * 3600.0, "/h"),
    };
    let mut text = String::new();
    push_three_digits(&mut text, value);
    text.push_str(unit);
    text
}

/// A size in bytes, by thousands: `873 B`, `1.87 kB`, `12 MB`.
pub fn bytes(count: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let mut text = String::new();
    if count < 1000 {
        push_grouped(&mut text, count);
        text.push(GAP);
        text.push_str(units[0]);
        return text;
    }
    let mut value = count as f64;
    let mut unit = 0;
    // 999.5 would be shown as 1000: the next unit is meant.
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    push_three_digits(&mut text, value);
    text.push(GAP);
    text.push_str(units[unit]);
    text
}

/// A count with its noun: `1 span`, `12 345 spans`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    let mut text = String::new();
    push_grouped(&mut text, count);
    text.push(GAP);
    text.push_str(if count == 1 { one } else { many });
    text
}

/// The digits of a number in groups of three; four digits stay together.
pub(crate) fn push_grouped(text: &mut String, value: u64) {
    let mut digits = [0_u8; 20];
    let mut count = 0;
    let mut rest = value;
    while rest > 0 || count == 0 {
        digits[count] = b'0' + (rest % 10) as u8;
        rest /= 10;
        count += 1;
    }
    for place in (0..count).rev() {
        text.push(char::from(digits[place]));
        if place > 0 && place % 3 == 0 && count > 4 {
            text.push(GROUP);
        }
    }
}

/// The number padded with zeros to a width.
pub(crate) fn push_padded(text: &mut String, value: u64, width: u32) {
    for place in (0..width).rev() {
        let digit = value / 10_u64.pow(place) % 10;
        text.push(char::from(b'0' + digit as u8));
    }
}

/// `value` / 10^`decimals` with the zeros at the end cut.
pub(crate) fn push_scaled(text: &mut String, value: u64, decimals: u32) {
    let unit = 10_u64.pow(decimals);
    push_grouped(text, value / unit);
    let (mut fraction, mut width) = (value % unit, decimals);
    if fraction == 0 {
        return;
    }
    while fraction % 10 == 0 {
        fraction /= 10;
        width -= 1;
    }
    text.push('.');
    push_padded(text, fraction, width);
}

/// Three significant digits, zeros after the point cut; `value` is positive and below 10^15.
fn push_three_digits(text: &mut String, value: f64) {
    let (scale, decimals) = match value {
        value if value < 9.995 => (100.0, 2),
        value if value < 99.95 => (10.0, 1),
        _ => (1.0, 0),
    };
    push_scaled(text, (value * scale).round() as u64, decimals);
}

fn push_decimal(text: &mut String, size: f64) {
    let mut decimals = 15;
    let mut limit = 1.0;
    while decimals > 0 && size >= limit {
        limit *= 10.0;
        decimals -= 1;
    }
    push_scaled(text, (size * 10_f64.powi(decimals as i32)).round() as u64, decimals);
}

fn push_scientific(text: &mut String, size: f64) {
    // One power at a time is exact enough: 15 digits are shown of 17.
    let mut exponent = 0_i32;
    let mut mantissa = size;
    while mantissa >= 10.0 {
        mantissa /= 10.0;
        exponent += 1;
    }
    while mantissa < 1.0 {
        mantissa *= 10.0;
        exponent -= 1;
    }
    // Some 300 divisions cost up to two digits.
    push_scaled(text, (mantissa * 1e12).round() as u64, 12);
    text.push('e');
    if exponent < 0 {
        text.push(MINUS);
    }
    push_grouped(text, u64::from(exponent.unsigned_abs()));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Typographic spaces and signs as plain ones, so that the tables can be read.
    fn plain(text: &str) -> String {
        text.replace([GROUP, GAP], " ").replace(MINUS, "-")
    }

    #[test]
    fn whole_numbers_are_grouped() {
        for (value, expected) in [
            (0, "0"),
            (7, "7"),
            (999, "999"),
            (1234, "1234"),
            (12345, "12 345"),
            (100_000, "100 000"),
            (1_000_000, "1 000 000"),
            (-12_345, "-12 345"),
            (i64::MIN, "-9 223 372 036 854 775 808"),
        ] {
            assert_eq!(plain(&integer(value)), expected);
        }
    }

    #[test]
    fn decimals_keep_what_matters() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.3"),
            (12.5, "12.5"),
            (-3.25, "-3.25"),
            (1e6, "1 000 000"),
            (123_456.789, "123 456.789"),
            (0.000_15, "0.00015"),
            (1.5e-9, "1.5e-9"),
            (1e15, "1e15"),
            (6.02e23, "6.02e23"),
            (999_999_999_999_999.0, "999 999 999 999 999"),
            (f64::INFINITY, "∞"),
            (f64::NEG_INFINITY, "-∞"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(plain(&decimal(value)), expected);
        }
    }

    #[test]
    fn shares_never_round_to_nothing() {
        for (part, whole, expected) in [
            (0, 10, "0 %"),
            (0, 0, "0 %"),
            (1, 100_000, "<0.1 %"),
            (42, 1000, "4.2 %"),
            (50, 1000, "5 %"),
            (428, 1000, "43 %"),
            (99, 1000, "9.9 %"),
            (10, 10, "100 %"),
            (30, 10, "300 %"),
            (-1, 10, "-10 %"),
        ] {
            assert_eq!(plain(&percent(part, whole)), expected, "{part}/{whole}");
        }
    }

    #[test]
    fn rates_choose_their_unit() {
        let second = 1_000_000_000;
        for (events, length, expected) in [
            (0, second, "0/s"),
            (5, 0, "0/s"),
            (5, second, "5/s"),
            (1234, 100 * second, "12.3/s"),
            (5, 60 * second, "5/min"),
            (1, 3600 * second, "1/h"),
            (2_000_000, second, "2 000 000/s"),
        ] {
            assert_eq!(plain(&rate(events, length)), expected);
        }
    }

    #[test]
    fn sizes_choose_their_unit() {
        for (count, expected) in [
            (0, "0 B"),
            (873, "873 B"),
            (999, "999 B"),
            (1000, "1 kB"),
            (1873, "1.87 kB"),
            (12_000_000, "12 MB"),
            (999_499, "999 kB"),
            (999_600, "1 MB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(plain(&bytes(count)), expected);
        }
    }

    #[test]
    fn a_count_knows_its_plural() {
        assert_eq!(plain(&counted(1, "span", "spans")), "1 span");
        assert_eq!(plain(&counted(0, "span", "spans")), "0 spans");
        assert_eq!(plain(&counted(12_345, "span", "spans")), "12 345 spans");
    }

    proptest! {
        #[test]
        fn whole_numbers_read_back(value in any::<i64>()) {
            prop_assert_eq!(plain(&integer(value)).replace(' ', "").parse::<i64>(), Ok(value));
        }

        #[test]
        fn decimals_read_back(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
            let read: f64 = plain(&decimal(value)).replace(' ', "").parse().unwrap();
            prop_assert!((read - value).abs() <= value.abs() * 1e-11, "{} for {}", decimal(value), value);
        }
    }
}
