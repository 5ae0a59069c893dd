//! The rows of a waterfall: a tree of spans in pre-order, some of them collapsed.
//!
//! [`Tree`] is built once from the spans' depths. [`Rows`] answers which span stands in which row, each question and
//! each toggle in O(log n), so that a trace of 100,000 spans scrolls and folds like one of ten.
//! [`Viewport`] says which rows can be seen.

mod rows;
mod tree;
mod viewport;

pub use self::{
    rows::Rows,
    tree::Tree,
    viewport::{Shown, Viewport},
};

/// The index of a span, in pre-order.
pub type SpanIx = u32;

#[cfg(test)]
mod tests;
