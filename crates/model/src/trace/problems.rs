//! A list of problems that stays readable when a thousand spans have the same one.

use std::collections::BTreeMap;

use crate::{Problem, SpanId, problem::ProblemKind};

/// Problems said one by one of each kind; beyond these they are counted.
const EACH: usize = 20;

#[derive(Default)]
pub(super) struct Problems {
    by_kind: BTreeMap<ProblemKind, Vec<(Option<SpanId>, String)>>,
}

impl Problems {
    pub(super) fn add(&mut self, kind: ProblemKind, span: Option<SpanId>, message: impl Into<String>) {
        self.by_kind.entry(kind).or_default().push((span, message.into()));
    }

    /// The list in an order that does not depend on the order of the documents.
    pub(super) fn finish(self) -> Vec<Problem> {
        let mut list = Vec::new();
        for (kind, mut found) in self.by_kind {
            found.sort();
            let more = found.len().saturating_sub(EACH);
            found.truncate(EACH);
            list.extend(found.into_iter().map(|(span, message)| Problem { kind, span, message }));
            if more > 0 {
                list.push(Problem { kind, span: None, message: format!("and {more} more of this kind") });
            }
        }
        list
    }
}
