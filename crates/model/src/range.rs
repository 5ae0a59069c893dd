//! The time range of a query: two bounds, each absolute or relative to now.

use std::{fmt, str::FromStr};

use chrono::DateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{Moment, Nanos};

/// One end of a time range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A fixed moment; written as RFC 3339 in UTC, with milliseconds where there are any.
    At(Moment),
    /// That long before now; written `now`, `now-90s`, `now-15m`, `now-6h`, `now-7d`.
    Ago(Nanos),
}

/// A span of time to look at: `from` inclusive, `to` exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeRange {
    /// The earlier end.
    pub from: Bound,
    /// The later end.
    pub to: Bound,
}

impl Default for TimeRange {
    /// The last hour: what an engineer on call asks first.
    fn default() -> Self {
        Self { from: Bound::Ago(Nanos::seconds(3600)), to: Bound::Ago(Nanos(0)) }
    }
}

impl TimeRange {
    /// Both ends as moments. `Err` when the range would be empty or run backwards.
    pub fn resolve(self, now: Moment) -> Result<(Moment, Moment), RangeError> {
        let (from, to) = (self.from.resolve(now), self.to.resolve(now));
        if from < to { Ok((from, to)) } else { Err(RangeError::Backwards) }
    }

    /// Whether both ends move with the clock or one of them does, so that running the query again shows new data.
    pub fn is_live(self) -> bool {
        matches!(self.to, Bound::Ago(_))
    }
}

impl Bound {
    /// The moment that is meant, given the present one.
    pub fn resolve(self, now: Moment) -> Moment {
        match self {
            Self::At(moment) => moment,
            Self::Ago(length) => now - length,
        }
    }
}

/// A time range that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// The start is not before the end.
    #[error("the range ends before it starts")]
    Backwards,
    /// A bound that is no time.
    #[error("a time is `now`, `now-15m`, or like 2026-01-31T09:30:00Z; this is not one: {0}")]
    Unreadable(String),
}

const UNITS: [(char, i64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl FromStr for Bound {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let unreadable = || RangeError::Unreadable(text.chars().take(80).collect());
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("now") {
            let rest = rest.trim();
            if rest.is_empty() {
                return Ok(Self::Ago(Nanos(0)));
            }
            let length = rest.strip_prefix('-').ok_or_else(unreadable)?.trim();
            let unit = length.chars().last().ok_or_else(unreadable)?;
            let (_, seconds) = UNITS.iter().find(|(letter, _)| *letter == unit).ok_or_else(unreadable)?;
            let count: u32 = length[..length.len() - 1].trim().parse().map_err(|_| unreadable())?;
            return Ok(Self::Ago(Nanos::seconds(i64::from(count) * seconds)));
        }
        let moment = DateTime::parse_from_rfc3339(text).map_err(|_| unreadable())?;
        moment.timestamp_nanos_opt().map(|nanos| Self::At(Moment(nanos))).ok_or_else(unreadable)
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Ago(Nanos(0)) => f.write_str("now"),
            Self::Ago(length) => {
                let seconds = length.0 / crate::time::SECOND;
                let (letter, size) = UNITS.into_iter().find(|(_, size)| seconds % size == 0).unwrap_or(('s', 1));
                write!(f, "now-{}{letter}", seconds / size)
            }
            Self::At(moment) => {
                let time = DateTime::from_timestamp_nanos(moment.0);
                f.write_str(&time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
            }
        }
    }
}

impl Serialize for Bound {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read_and_written_alike() {
        for text in
            ["now", "now-15m", "now-6h", "now-90s", "now-1w", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00.250Z"]
        {
            assert_eq!(text.parse::<Bound>().unwrap().to_string(), text);
        }
        assert_eq!("now-60m".parse::<Bound>().unwrap().to_string(), "now-1h");
        assert_eq!("2026-11-22T12:00:00+02:00".parse::<Bound>().unwrap().to_string(), "2026-11-22T10:00:00Z");
    }

    #[test]
    fn a_wrong_bound_says_what_a_right_one_is() {
        for text in [
            "",
            "nowhere",
            "now-",
            "now-5",
            "now-5y",
            "now+5m",
            "now--5m",
            "yesterday",
            "9999-99-99T00:00:00Z",
            "now-é",
            "now-9é",
        ] {
            assert!(text.parse::<Bound>().unwrap_err().to_string().contains("now-15m"), "{text}");
        }
    }

    #[test]
    fn a_range_must_run_forwards() {
        let now = Moment(1_000 * crate::time::SECOND);
        let (from, to) = TimeRange::default().resolve(now).unwrap();
        assert_eq!((to, to - from), (now, Nanos::seconds(3600)));
        let backwards = TimeRange { from: Bound::Ago(Nanos(0)), to: Bound::Ago(Nanos(0)) };
        assert_eq!(backwards.resolve(now), Err(RangeError::Backwards));
    }
}
