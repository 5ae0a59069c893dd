//! Something that was wrong with data, said beside the data that was kept.

use serde::{Deserialize, Serialize};

use crate::SpanId;

/// What was wrong and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of thing it is.
    pub kind: ProblemKind,
    /// The (sub)segment at fault, where one is known.
    pub span: Option<SpanId>,
    /// A sentence for people: what was found and what was done about it.
    pub message: String,
}

/// The kinds of problems that assembling a trace can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// A document that could not be read at all; it is left out.
    Unreadable,
    /// A document that belongs to another trace; it is left out.
    WrongTrace,
    /// A (sub)segment whose parent has not come; it stands under a placeholder.
    MissingParent,
    /// Parents that lead in a circle; the circle was cut.
    Cycle,
    /// Two completed documents of one id that differ; the first one was kept.
    Conflict,
    /// A field of the wrong type or form; the field is left out.
    BadField,
    /// A child that starts before its parent or ends before it starts: clocks disagree.
    ClockSkew,
    /// More than one segment has no parent.
    SeveralRoots,
}
