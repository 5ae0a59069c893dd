//! X-Ray's filter expressions: read, checked, printed, and asked of traces.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html>
//!
//! [`compile`] reads an expression into a [`Filter`], or says everything that is wrong with it: each [`Problem`] has its
//! place and, where one can tell, the fix. A filter is a tree of conditions ([`tree::Expr`]) whose types and scopes were
//! checked while it was read, so that asking it of a trace's facts ([`Filter::matches`]) cannot fail. It prints as an
//! expression that reads as the same filter.
//!
//! Nothing recurses over the text. The tree is at most [`tree::MOST_LEVELS`] levels deep (and a few of ours).

pub mod assist;
mod eval;
mod groups;
pub mod keyword;
mod lexer;
mod parser;
mod print;
mod problem;
pub mod shape;
mod sketch;
mod target;
pub mod tree;

use std::fmt;

use model::TraceFacts;

use crate::tree::{Expr, Kind};
pub use crate::{
    groups::Group,
    problem::{Fix, MOST_PROBLEMS, Problem, Span},
    sketch::{Needs, Sketch},
    target::{MOST_SELECTOR_CHARACTERS, Selector, compile_selector},
};

/// How strictly an expression is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As X-Ray documents it: strings stand in quotes.
    Strict,
    /// As people write it: a single word may stand for a string, as in `name = traces` (and in one of X-Ray's examples).
    #[default]
    Lenient,
}

/// An expression that was read and checked. Two are equal when they say the same in the same words.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    root: Expr,
}

/// Reads an expression. The empty one matches everything.
///
/// The error has at least one problem and at most [`MOST_PROBLEMS`], in the order of their places.
pub fn compile(text: &str, mode: Mode) -> Result<Filter, Vec<Problem>> {
    parser::parse(text, mode).map(|root| Filter { root })
}

impl Filter {
    /// Whether a trace is what the expression asks for.
    pub fn matches(&self, facts: &TraceFacts) -> bool {
        self.root.matches(facts)
    }

    /// Whether it asks for nothing, so that everything matches.
    pub fn is_empty(&self) -> bool {
        self.root.kind == Kind::Everything
    }

    /// What must be so for both. The spans of the second one's conditions still mean its own text.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (&self.root.kind, &other.root.kind) {
            (_, Kind::Everything) => self,
            (Kind::Everything, _) => other,
            _ => {
                let span = self.root.span.clone();
                let root = Expr::and(vec![self.root, other.root]);
                Self { root: root.unwrap_or(Expr { kind: Kind::Everything, span }) }
            }
        }
    }

    /// What it says.
    pub fn tree(&self) -> &Expr {
        &self.root
    }
}

/// The expression in its plainest form: no bracket too many, operators in upper case.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::expression(&self.root, f)
    }
}

#[cfg(test)]
mod tests;
