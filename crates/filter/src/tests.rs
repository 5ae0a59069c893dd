//! Expressions asked of drawn traces, and the problems of those that are wrong.

mod assist;
mod corpus;
mod examples;
mod form;
mod groups;
mod noise;
mod problems;
mod properties;
mod semantics;
mod sketch;
mod targets;

use model::TraceFacts;

use crate::{Filter, Mode, compile};

/// The facts of a drawing.
fn facts(drawing: &str) -> TraceFacts {
    analysis::facts::facts(&fixture::trace(drawing))
}

/// The filter of an expression that must be right.
fn filter(text: &str) -> Filter {
    compile(text, Mode::Lenient).unwrap_or_else(|problems| panic!("{text}: {problems:#?}"))
}
