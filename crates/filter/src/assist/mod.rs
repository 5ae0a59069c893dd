//! Help for those who write expressions: colours, completion, explanations, warnings. Pure functions over a text, a
//! cursor (a byte of the text) and a [`Catalogue`] of what there is.
//!
//! All of it works on unfinished and broken text: it looks at the tokens before the cursor, and never needs a tree.

mod catalogue;
mod complete;
mod context;
pub mod docs;
pub mod form;
mod lint;
pub mod narrow;
mod paint;
mod recognise;
mod signature;

pub use self::{
    catalogue::{Catalogue, Counted, MOST_VALUES, call},
    complete::{Completions, Item, ItemKind, completions},
    docs::{Hover, hover},
    lint::{Diagnostic, Severity, diagnostics},
    paint::{Paint, Painted, paint},
    recognise::{Recognised, recognise},
    signature::{Signature, signature},
};

/// The plain form of an expression; `None` for one that has problems, which is left as it is.
pub fn format(text: &str) -> Option<String> {
    crate::compile(text, crate::Mode::Lenient).ok().map(|filter| filter.to_string())
}

/// The nearest place at or before a byte that is a border of characters.
fn border(text: &str, byte: usize) -> usize {
    (0..=byte.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
