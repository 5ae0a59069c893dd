//! What holds of any bytes that are taken for a file. The fuzz target looks for bytes of which it does not; the tests replay
//! what it found on the way.
//!
//! The fuzz target includes this file, so that it names nothing but what the crate has at its root.

use crate::{Inferred, by_trace, decode, items};

/// Whatever is found belongs to a trace that can be assembled, and whatever is wrong is told.
pub(crate) fn file(bytes: &[u8]) {
    let text = decode(bytes);
    let lines = text.matches('\n').count() as u64 + 1;
    let mut documents = Vec::new();
    for item in items(&text, Inferred::Kept) {
        match item {
            Ok(document) => documents.push(document),
            Err(wrong) => assert!(!wrong.reason.is_empty() && (1..=lines).contains(&wrong.line), "{wrong:?}"),
        }
    }
    let count = documents.len();
    let fewer = items(&text, Inferred::Dropped).into_iter().flatten().count();
    assert!(fewer <= count, "{fewer} of {count}");
    let traces = by_trace(documents);
    assert_eq!(traces.iter().map(|found| found.documents.len()).sum::<usize>(), count);
    for found in traces {
        let trace = model::Trace::assemble(found.id, found.documents);
        assert!(trace.spans.len() >= trace.roots().count());
    }
}
