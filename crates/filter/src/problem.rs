//! What is wrong with an expression, where, and what to write instead.

use std::ops::Range;

/// A range of bytes of the expression; always on the borders of characters.
pub type Span = Range<usize>;

/// The most problems that one expression is told; noise would have one for every word.
pub const MOST_PROBLEMS: usize = 20;

/// Something that is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where; empty at a place where something is missing.
    pub span: Span,
    /// What, for people: lower case, without a full stop.
    pub message: String,
    /// What to write instead, where one can tell.
    pub fix: Option<Fix>,
}

/// A change of the text that removes a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What to replace; empty to insert.
    pub span: Span,
    /// By what; empty to remove.
    pub replacement: String,
}

impl Fix {
    /// The expression with the change made.
    pub fn apply(&self, text: &str) -> String {
        let (before, after) = (text.get(..self.span.start), text.get(self.span.end..));
        [before.unwrap_or(text), &self.replacement, after.unwrap_or("")].concat()
    }
}

/// The problems of an expression in the making.
#[derive(Default)]
pub(crate) struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    /// Notes a problem without a fix.
    pub(crate) fn add(&mut self, span: Span, message: impl Into<String>) {
        self.push(Problem { span, message: message.into(), fix: None });
    }

    /// Notes a problem that goes away when its place is replaced.
    pub(crate) fn replace(&mut self, span: Span, message: impl Into<String>, replacement: impl Into<String>) {
        let fix = Some(Fix { span: span.clone(), replacement: replacement.into() });
        self.push(Problem { span, message: message.into(), fix });
    }

    /// Notes a problem at one place that goes away when something is inserted at another.
    pub(crate) fn insert(&mut self, span: Span, message: impl Into<String>, at: usize, text: &str) {
        let fix = Some(Fix { span: at..at, replacement: text.to_owned() });
        self.push(Problem { span, message: message.into(), fix });
    }

    /// The problems in the order of their places.
    pub(crate) fn finish(self) -> Vec<Problem> {
        let list = self.list;
        let order = order::places(list.len(), &mut |one, other| list[one].span.start.cmp(&list[other].span.start));
        order.into_iter().map(|place| list[place].clone()).collect()
    }

    fn push(&mut self, problem: Problem) {
        if self.list.len() < MOST_PROBLEMS {
            self.list.push(problem);
        }
    }
}
