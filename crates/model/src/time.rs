//! Moments and durations: integers of nanoseconds, read from X-Ray's decimal seconds without a float in between.

use std::{
    fmt,
    ops::{Add, Sub},
};

use serde::{Deserialize, Serialize};

/// Nanoseconds in a second.
pub const SECOND: i64 = 1_000_000_000;

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z. Covers the years 1678 to 2262.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

/// A length of time in nanoseconds; negative where clocks disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nanos(pub i64);

impl Moment {
    /// Reads epoch seconds written as a JSON number: `1795390013.004672527`, `1.79e9`, `1795390013`.
    ///
    /// Digits beyond nanoseconds are cut. Doubles cannot hold today's time to the nanosecond, hence the text.
    pub fn from_seconds_text(text: &str) -> Result<Self, TimeError> {
        decimal_nanos(text).map(Self)
    }

    /// The moment that many seconds after the epoch; the fraction is rounded to nanoseconds.
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * SECOND as f64).round() as i64)
    }

    /// Seconds since the epoch as a JSON number: always with a decimal point, no exponent, trailing zeros cut.
    pub fn seconds_text(self) -> String {
        Nanos(self.0).seconds_text()
    }

    /// Whole seconds since the epoch, rounded down.
    pub fn floor_second(self) -> Self {
        Self(self.0.div_euclid(SECOND) * SECOND)
    }

    /// Seconds since the epoch, to the precision of a double (about 0.2 µs today): for the wire and for drawing only.
    pub fn as_seconds(self) -> f64 {
        Nanos(self.0).as_seconds()
    }
}

impl Nanos {
    /// A length given in seconds, rounded to nanoseconds.
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * SECOND as f64).round() as i64)
    }

    /// A length of whole seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(SECOND))
    }

    /// A length of whole milliseconds.
    pub const fn millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// The length in seconds as a double: for the wire and for drawing only.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / SECOND as f64
    }

    /// The length in seconds as a JSON number: always with a decimal point, no exponent, trailing zeros cut.
    pub fn seconds_text(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / SECOND as u64, self.0.unsigned_abs() % SECOND as u64);
        let fraction = format!("{rest:09}");
        let fraction = fraction.trim_end_matches('0');
        format!("{sign}{whole}.{}", if fraction.is_empty() { "0" } else { fraction })
    }
}

impl Sub for Moment {
    type Output = Nanos;

    fn sub(self, other: Self) -> Nanos {
        Nanos(self.0.saturating_sub(other.0))
    }
}

impl Add<Nanos> for Moment {
    type Output = Self;

    fn add(self, length: Nanos) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl Sub<Nanos> for Moment {
    type Output = Self;

    fn sub(self, length: Nanos) -> Self {
        Self(self.0.saturating_sub(length.0))
    }
}

impl Add for Nanos {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Nanos {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Moment {
    /// Epoch seconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.seconds_text())
    }
}

/// A time that is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not a JSON number.
    #[error("a time is a number of seconds since 1970; this is not one: {0}")]
    NotANumber(String),
    /// A number outside the years 1678 to 2262.
    #[error("a time of {0} seconds since 1970 is out of range")]
    OutOfRange(String),
}

/// Decimal seconds to nanoseconds, digits beyond the ninth place cut.
fn decimal_nanos(text: &str) -> Result<i64, TimeError> {
    let not_a_number = || TimeError::NotANumber(text.chars().take(40).collect());
    let out_of_range = || TimeError::OutOfRange(text.chars().take(40).collect());
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        // A million is far out of range already, and keeps the sums below free of overflow.
        Some((mantissa, exponent)) => {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(not_a_number());
            }
            let size = digits.parse::<i64>().unwrap_or(i64::MAX).min(1_000_000);
            (mantissa, if exponent.starts_with('-') { -size } else { size })
        }
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return Err(not_a_number());
    }
    // The value is 0.d1d2d3… × 10^point; a digit's place in nanoseconds follows from its index.
    let point = whole.len() as i64 + exponent;
    let mut nanos: i64 = 0;
    let mut place = point + 9;
    for digit in whole.bytes().chain(fraction.bytes()).map(|byte| i64::from(byte - b'0')) {
        if place <= 0 {
            break;
        }
        place -= 1;
        nanos = nanos.checked_mul(10).and_then(|n| n.checked_add(digit)).ok_or_else(out_of_range)?;
    }
    while place > 0 && nanos != 0 {
        nanos = nanos.checked_mul(10).ok_or_else(out_of_range)?;
        place -= 1;
    }
    Ok(if negative { -nanos } else { nanos })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decimal_text_becomes_nanoseconds() {
        for (text, nanos) in [
            ("1795390013.004672527", 1_795_390_013_004_672_527),
            ("1795390013", 1_795_390_013_000_000_000),
            ("1.79e9", 1_790_000_000_000_000_000),
            ("1.790158405E9", 1_790_158_405_000_000_000),
            ("1.79084395E+9", 1_790_843_950_000_000_000),
            ("17953900130e-1", 1_795_390_013_000_000_000),
            ("1795390281.4594426999", 1_795_390_281_459_442_699),
            ("0.0000000019", 1),
            ("0", 0),
            ("-1.5", -1_500_000_000),
            ("00012.5", 12_500_000_000),
            ("0e999999999999999999999", 0),
            ("5e-999999999999", 0),
        ] {
            assert_eq!(Moment::from_seconds_text(text), Ok(Moment(nanos)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", ".", "1.", ".5", "abc", "1.2.3", "1e", "1e+", "0x10", "NaN", "+1", "1 ", "\"1\"", "1e1.5", "١"]
        {
            assert!(matches!(Moment::from_seconds_text(text), Err(TimeError::NotANumber(_))), "{text}");
        }
        for text in ["1e30", "9999999999999999999", "1e999999999999999999"] {
            assert!(matches!(Moment::from_seconds_text(text), Err(TimeError::OutOfRange(_))), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_round_trips(nanos in any::<i64>()) {
            prop_assert_eq!(Moment::from_seconds_text(&Moment(nanos).seconds_text()), Ok(Moment(nanos)));
        }

        #[test]
        fn noise_never_panics(text in "[-+0-9.eE]{0,30}") {
            let read = Moment::from_seconds_text(&text);
            if let (Ok(Moment(nanos)), Ok(seconds)) = (read, text.parse::<f64>()) {
                prop_assert!((nanos as f64 / 1e9 - seconds).abs() <= seconds.abs() * 1e-12 + 1e-9);
            }
        }
    }
}
