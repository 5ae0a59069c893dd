//! How a request ended, by X-Ray's classes.

use serde::{Deserialize, Serialize};

/// The one class into which a segment, an edge or a trace falls; the worst one that applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Neither of the others, or still in progress without a flag.
    #[default]
    Ok,
    /// The client's mistake: flag `error` or status 400–499, but not a throttle.
    Error,
    /// The server's failure: flag `fault` or status 500–599.
    Fault,
    /// Turned away for asking too often: flag `throttle` or status 429.
    Throttle,
}

/// The three literal flags of a (sub)segment document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flags {
    /// `error`
    pub error: bool,
    /// `fault`
    pub fault: bool,
    /// `throttle`
    pub throttle: bool,
}

impl Flags {
    /// These flags completed by what the HTTP status says: 429 throttles, other 4xx are errors, 5xx faults, and a
    /// throttle is no error besides.
    #[must_use]
    pub fn with_status(self, status: Option<i64>) -> Self {
        let throttle = self.throttle || status == Some(429);
        Self {
            throttle,
            fault: self.fault || status.is_some_and(|status| (500..600).contains(&status)),
            error: !throttle && (self.error || status.is_some_and(|status| (400..500).contains(&status))),
        }
    }

    /// The class by the precedence of X-Ray's statistics: throttle, then fault, then error.
    pub fn outcome(self) -> Outcome {
        match self {
            Self { throttle: true, .. } => Outcome::Throttle,
            Self { fault: true, .. } => Outcome::Fault,
            Self { error: true, .. } => Outcome::Error,
            _ => Outcome::Ok,
        }
    }
}

impl Outcome {
    /// The word X-Ray uses for it, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Fault => "fault",
            Self::Throttle => "throttle",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_flags_make_one_class() {
        let none = Flags::default();
        let both = Flags { error: true, throttle: true, ..none };
        for (flags, status, outcome) in [
            (none, None, Outcome::Ok),
            (none, Some(200), Outcome::Ok),
            (none, Some(404), Outcome::Error),
            (none, Some(429), Outcome::Throttle),
            (none, Some(503), Outcome::Fault),
            (none, Some(600), Outcome::Ok),
            (both, Some(429), Outcome::Throttle),
            (Flags { fault: true, error: true, ..none }, None, Outcome::Fault),
            (Flags { fault: true, ..none }, Some(200), Outcome::Fault),
        ] {
            assert_eq!(flags.with_status(status).outcome(), outcome, "{flags:?} {status:?}");
        }
        assert!(!both.with_status(None).error, "a throttled entity is no error");
    }
}
