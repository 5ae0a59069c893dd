//! The small drawings of a row: what kind of span it is, and what became of it.

use api::trace::bit;
use model::Outcome;

/// A drawing of 16 by 16 units, with what it means.
#[derive(Clone, Copy)]
pub(in crate::views::trace) struct Mark {
    /// The path of the drawing; empty: nothing is drawn.
    pub(in crate::views::trace) path: &'static str,
    /// What it means, in a word or two.
    pub(in crate::views::trace) name: &'static str,
}

const SEGMENT: Mark = Mark { path: "M2.5 3.5h11v9h-11zM2.5 6.5h11M5 9.5h3", name: "segment" };
const SUBSEGMENT: Mark = Mark { path: "M8 5.2a2.8 2.8 0 1 0 .01 0z", name: "subsegment" };
const AWS: Mark =
    Mark { path: "M4.6 12.5h6.8a2.6 2.6 0 0 0 .5-5.15A4 4 0 0 0 4.2 6.5a3 3 0 0 0 .4 6z", name: "AWS call" };
const REMOTE: Mark = Mark { path: "M3.5 12.5l9-9M6.5 3.5h6v6", name: "remote call" };
const SQL: Mark = Mark {
    path: "M3 4.3c0-1 2.2-1.8 5-1.8s5 .8 5 1.8-2.2 1.8-5 1.8-5-.8-5-1.8zM3 4.3v7.4c0 1 2.2 1.8 5 1.8s5-.8 5-1.8V4.3M3 8c0 1 2.2 1.8 5 1.8s5-.8 5-1.8",
    name: "SQL query",
};
const INFERRED: Mark = Mark {
    path: "M2.5 6v-2.5h3M7 3.5h2M10.5 3.5h3v2.5M13.5 7.5v1.5M13.5 10.5v2h-3M9 12.5h-2M5.5 12.5h-3v-2M2.5 9v-1.5",
    name: "inferred segment",
};
const PLACEHOLDER: Mark =
    Mark { path: "M5.3 6a2.7 2.7 0 1 1 3.9 2.4c-.8.4-1.2.9-1.2 1.8M8 12.6v.3", name: "missing parent" };

/// Repeated siblings.
pub(super) const GROUP: Mark = Mark { path: "M2.5 5.5h8v8h-8zM5.5 5.5v-3h8v8h-3", name: "repeated spans" };

const OK: Mark = Mark { path: "", name: "ok" };
const ERROR: Mark = Mark { path: "M8 1.5L15.3 14.5H.7zM7.2 6v4.3h1.6V6zM7.2 11.3v1.6h1.6v-1.6z", name: "error" };
const FAULT: Mark = Mark {
    path: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zM5.7 4.6L8 6.9l2.3-2.3 1.1 1.1L9.1 8l2.3 2.3-1.1 1.1L8 9.1l-2.3 2.3-1.1-1.1L6.9 8 4.6 5.7z",
    name: "fault",
};
const THROTTLE: Mark = Mark { path: "M3 1.5h10v2L9.6 8l3.4 4.5v2H3v-2L6.4 8 3 3.5z", name: "throttle" };

/// What kind of span it is.
pub(in crate::views::trace) fn kind(bits: u32) -> Mark {
    match bits & bit::KIND {
        3 => PLACEHOLDER,
        2 => INFERRED,
        _ if bits & bit::SQL != 0 => SQL,
        _ if bits & bit::AWS != 0 => AWS,
        _ if bits & bit::REMOTE != 0 => REMOTE,
        1 => SUBSEGMENT,
        _ => SEGMENT,
    }
}

/// Which of the colours a kind of span has, where colours tell kinds.
pub(in crate::views::trace) fn kind_number(bits: u32) -> u32 {
    match bits & bit::KIND {
        3 => 7,
        2 => 5,
        _ if bits & bit::SQL != 0 => 3,
        _ if bits & bit::AWS != 0 => 1,
        _ if bits & bit::REMOTE != 0 => 2,
        1 => 4,
        _ => 0,
    }
}

/// What became of it. The four differ in shape, not only in colour.
pub(in crate::views::trace) fn outcome(outcome: Outcome) -> Mark {
    match outcome {
        Outcome::Ok => OK,
        Outcome::Error => ERROR,
        Outcome::Fault => FAULT,
        Outcome::Throttle => THROTTLE,
    }
}
