//! Files of traces, X-Ray's and foreign ones, as segment documents; and traces as files.
//!
//! [`text`] reads a whole file and [`value`] one JSON value of it, for those who read a large file line by line. Both find
//! out by themselves what they have before them: segment documents in any of the forms in which people have them,
//! OpenTelemetry's spans, or Jaeger's traces. What cannot be used is told with its line, and the rest is kept.
//! [`by_trace`] sorts the documents out. [`export`] makes a file of a trace. Pure: server and page use it alike.

pub mod export;
mod group;
mod jaeger;
mod lines;
mod text;
mod value;

use std::ops::ControlFlow;

use model::TraceId;

pub use self::{
    group::{OfTrace, by_trace},
    text::{decode, text},
    value::value,
};

/// A document of a file, or what is wrong at a place of it.
pub type Item = Result<Document, Wrong>;

/// Where items go, one after another; it says whether it wants more.
pub type Take<'a> = &'a mut dyn FnMut(Item) -> ControlFlow<()>;

/// A segment document. Of its members only the trace's id was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The trace that it belongs to.
    pub trace: TraceId,
    /// Its JSON.
    pub text: String,
}

/// Something that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong there.
    pub reason: String,
}

/// What becomes of segments that X-Ray made up from their callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inferred {
    /// They are left out: the documents go to an X-Ray, which makes them up again.
    Dropped,
    /// They are kept: nobody will make them up again.
    Kept,
}

/// All items of a file.
pub fn items(file: &str, inferred: Inferred) -> Vec<Item> {
    let mut items = Vec::new();
    let all = text(file, 1, inferred, &mut |item| {
        items.push(item);
        ControlFlow::Continue(())
    });
    debug_assert!(all.is_continue(), "nobody stops it");
    items
}

#[cfg(test)]
mod tests;
