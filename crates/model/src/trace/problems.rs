//! A list of problems that stays readable when a thousand spans have the same one.

use crate::{Problem, SpanId, problem::ProblemKind};

/// Problems said one by one of each kind; beyond these they are counted.
const EACH: usize = 20;

#[derive(Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, kind: ProblemKind, span: Option<SpanId>, message: impl Into<String>) {
        self.0.push(Problem { kind, span, message: message.into() });
    }

    /// The list in an order that does not depend on the order of the documents.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        self.0.sort_unstable_by(|a, b| (a.kind, a.span, &a.message).cmp(&(b.kind, b.span, &b.message)));
        let mut list: Vec<Problem> = Vec::new();
        let mut of_kind = 0;
        let mut all = self.0.into_iter().peekable();
        while let Some(problem) = all.next() {
            let kind = problem.kind;
            of_kind += 1;
            if of_kind <= EACH {
                list.push(problem);
            }
            if all.peek().is_none_or(|next| next.kind != kind) {
                if of_kind > EACH {
                    let message = format!("and {} more of this kind", of_kind - EACH);
                    list.push(Problem { kind, span: None, message });
                }
                of_kind = 0;
            }
        }
        list
    }
}
