//! The rows of a waterfall: a tree in pre-order, some of it collapsed.
//!
//! [`Outline`] says which nodes there are: spans, and groups of repeated siblings, of the whole trace or of a part of
//! it. [`Tree`] is what the nodes' depths say of parents and children. [`Rows`] answers which node stands in which row,
//! each question and each toggle in O(log n), so that a trace of 100,000 spans scrolls and folds like one of ten.
//! [`Viewport`] says which rows can be seen, and [`find`] goes from match to match.
//!
//! All of it together takes at most 96 bytes a span: 12 for the outline with its plan, and for each node 4 for the
//! outline, 20 for the tree and 16 to 32 for the rows; a node is a span, or one of the groups, of which there can be half
//! as many as spans. Without a plan there is no outline to speak of, and a million spans take 37 bytes each.

pub mod find;
mod outline;
mod rows;
mod tree;
mod viewport;

pub use self::{
    outline::{Node, Outline, Plan},
    rows::Rows,
    tree::Tree,
    viewport::{Shown, Viewport},
};

/// The index of a span, in pre-order.
pub type SpanIx = u32;

/// The index of a node of an outline, in pre-order; without a plan that of its span.
pub type NodeIx = u32;

#[cfg(test)]
mod tests;
