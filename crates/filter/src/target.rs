//! The entity selector of `GetTimeSeriesServiceStatistics`: one service or one call, and nothing more.
//! <https://docs.aws.amazon.com/xray/latest/api/API_GetTimeSeriesServiceStatistics.html>

use crate::{
    Mode, parser,
    problem::{Fix, Problem, Span},
    tree::{Expr, Kind, NodeRef},
};

/// The most characters that an entity selector may have.
pub const MOST_SELECTOR_CHARACTERS: usize = 500;

/// Whose statistics are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// Those of a service: `service("name")` or `service(id(…))`.
    Service(NodeRef),
    /// Those of the calls from the first service to the second one.
    Edge(NodeRef, NodeRef),
}

/// What everything else than a selector is told.
const ONLY: &str = "statistics are of one service(…) or one edge(…, …), without any other condition";

/// Reads an entity selector. Filter expressions that say more than a service or a call are problems, and so are the
/// empty text and one of more than [`MOST_SELECTOR_CHARACTERS`].
pub fn compile_selector(text: &str, mode: Mode) -> Result<Selector, Vec<Problem>> {
    if let Some((at, _)) = text.char_indices().nth(MOST_SELECTOR_CHARACTERS) {
        let message = format!("a selector has at most {MOST_SELECTOR_CHARACTERS} characters");
        return Err(vec![problem(at..text.len(), message)]);
    }
    let root = parser::parse(text, mode)?;
    selector(text, root).map_err(|problem| vec![problem])
}

fn selector(text: &str, root: Expr) -> Result<Selector, Problem> {
    let span = root.span;
    let (is_edge, selector, body) = match root.kind {
        Kind::Service { node, body } => (false, node.map(Selector::Service), body),
        Kind::Edge { ends, body } => (true, ends.map(|(source, target)| Selector::Edge(source, target)), body),
        Kind::And(parts) | Kind::Or(parts) => {
            let place = parts.into_iter().nth(1).map_or(span, |second| second.span);
            return Err(problem(place, ONLY));
        }
        Kind::Everything => return Err(problem(span, format!("a selector is missing: {ONLY}"))),
        _ => return Err(problem(span, ONLY)),
    };
    let text = text.get(span.clone()).unwrap_or_default();
    // An empty body is not in the tree; a selector without one ends in its bracket.
    if body.is_some() || text.ends_with('}') {
        return Err(without_body(text, &span, is_edge));
    }
    selector.ok_or_else(|| {
        let message = if is_edge {
            "statistics are of the calls between two services: edge(\"caller\", \"callee\")"
        } else {
            "statistics are of one service: service(\"name\")"
        };
        problem(span, message)
    })
}

/// A body in braces, with the fix to leave it out.
fn without_body(text: &str, span: &Span, is_edge: bool) -> Problem {
    // A name may hold a brace, but the body's own one comes after the selector's bracket.
    let head = if is_edge { "edge" } else { "service" }.len();
    let mut is_text = false;
    let mut is_escaped = false;
    let brace = text.char_indices().skip_while(|(at, _)| *at < head).find(|(_, letter)| {
        match letter {
            '"' if !is_escaped => is_text = !is_text,
            '{' if !is_text => return true,
            _ => {}
        }
        is_escaped = is_text && *letter == '\\' && !is_escaped;
        false
    });
    let start = brace.map_or(span.start, |(at, _)| span.start + at);
    let message = "statistics are of all requests: a selector has no condition in braces";
    let before = start - text.get(..start - span.start).map_or(0, |head| head.len() - head.trim_end().len());
    let fix = Some(Fix { span: before..span.end, replacement: String::new() });
    Problem { span: start..span.end, message: message.to_owned(), fix }
}

fn problem(span: Span, message: impl Into<String>) -> Problem {
    Problem { span, message: message.into(), fix: None }
}
