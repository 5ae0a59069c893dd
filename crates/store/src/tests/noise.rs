//! What holds of any text that is taken for a document. The fuzz target looks for texts of which it does not; the tests
//! replay what it found on the way.
//!
//! The fuzz target includes this file, so that it names nothing but what the crate has at its root.

use model::Trace;

use crate::{Digest, Document};

/// A document that is accepted can be looked at in every way, and its digest comes back from its bytes.
pub(crate) fn document(text: &str) {
    let Ok(document) = Document::read(text) else { return };
    assert!(!document.entities.is_empty());
    let trace = Trace::assemble(document.trace, vec![document.text.clone()]);
    let digest = Digest::of(&trace, 1);
    let bytes = postcard::to_allocvec(&digest).expect("a digest can be written");
    let back: Digest = postcard::from_bytes(&bytes).expect("a digest can be read");
    assert_eq!(format!("{back:?}"), format!("{digest:?}"));
}
