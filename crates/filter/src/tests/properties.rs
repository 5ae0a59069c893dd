//! What holds of any text whatever. The fuzz targets look for texts of which it does not; the tests replay what they
//! found on the way.
//!
//! The fuzz targets include this file, so that it names nothing but what the crate has at its root.

use crate::{Filter, Group, MOST_PROBLEMS, Mode, Problem, Selector, Sketch, compile, compile_selector};

#[path = "properties/drawn.rs"]
mod drawn;

const MODES: [Mode; 2] = [Mode::Strict, Mode::Lenient];

/// Reads an expression where only the group `g` is known, by its name and by its ARN `a`.
fn with(text: &str, mode: Mode, of_group: &str) -> Result<Filter, Vec<Problem>> {
    let group = Group { name: "g".to_owned(), arn: "a".to_owned(), expression: of_group.to_owned() };
    compile(text, mode)?.with_groups(&[group], mode)
}

/// Whatever is wrong is told in order, at places that exist, and fixes can be made. What is a selector is a filter too.
pub(crate) fn parse(text: &str) {
    for mode in MODES {
        let filter = compile(text, mode);
        if let Err(problems) = &filter {
            assert!(!problems.is_empty() && problems.len() <= MOST_PROBLEMS);
            assert!(problems.is_sorted_by_key(|problem| problem.span.start));
            for problem in problems {
                assert!(text.get(problem.span.clone()).is_some(), "{problem:?}");
                assert!(!problem.message.is_empty());
                let Some(fix) = &problem.fix else { continue };
                assert!(text.get(fix.span.clone()).is_some(), "{problem:?}");
                // It may be one of several things that are wrong.
                assert!(compile(&fix.apply(text), mode).map_or_else(|left| !left.is_empty(), |_| true));
            }
        }
        // A filter says the same where groups are known, unless it asks for itself.
        match (with(text, mode, text), &filter) {
            (Ok(known), Ok(filter)) => assert_eq!(known.to_string(), filter.to_string()),
            (Err(problems), Ok(_)) => assert!(problems.iter().all(|it| it.message.contains("group"))),
            (known, Err(problems)) => assert_eq!(known.as_ref(), Err(problems)),
        }
        match compile_selector(text, mode) {
            Ok(Selector::Service(_) | Selector::Edge(..)) => assert!(filter.is_ok()),
            Err(problems) => {
                assert!(!problems.is_empty());
                assert!(problems.iter().all(|problem| text.get(problem.span.clone()).is_some()), "{problems:?}");
                let fixes = problems.iter().filter_map(|problem| problem.fix.as_ref());
                assert!(fixes.into_iter().all(|fix| text.get(fix.span.clone()).is_some()), "{problems:?}");
            }
        }
    }
}

/// What is right comes back from its print, which is strict and prints as itself.
pub(crate) fn print(text: &str) {
    for mode in MODES {
        let Ok(filter) = with(text, mode, "fault") else { continue };
        let printed = filter.to_string();
        let again = with(&printed, Mode::Strict, "fault");
        assert_eq!(again.as_ref(), Ok(&filter), "{printed}");
        assert_eq!(again.as_ref().map(Filter::to_string), Ok(printed));
    }
}

/// An expression before the first line break is asked of a trace that the rest draws: it holds or it does not, its
/// print says the same, its opposite the opposite, twice the same is no more than once, and a group of it the same.
pub(crate) fn evaluate(text: &str) {
    let (expression, rest) = text.split_once('\n').unwrap_or((text, ""));
    let Ok(filter) = with(expression, Mode::Lenient, "fault") else { return };
    let facts = drawn::facts(rest);
    let holds = filter.matches(&facts);
    assert!(!holds || filter.needs().are_met(&Sketch::of(&facts)), "a sketch must not hide what matches");
    let printed = filter.to_string();
    let agrees = |text: &str, expected: bool| {
        // One level more may be one too many.
        let Ok(other) = with(text, Mode::Strict, "fault") else { return };
        assert_eq!(other.matches(&facts), expected, "{text}");
    };
    agrees(&printed, holds);
    if !printed.is_empty() {
        agrees(&format!("!({printed})"), !holds);
        agrees(&format!("({printed}) OR ({printed})"), holds);
    }
    if let Ok(group) = with("group.name = \"g\"", Mode::Lenient, expression) {
        // Where the expression asks for groups itself, they are others.
        assert!(printed.contains("group.") || group.matches(&facts) == holds);
    }
    assert_eq!(filter.clone().and(filter).matches(&facts), holds);
}
