//! From a value that is seen to a condition, and from there to a narrower expression.

use model::AnnotationValue;

use crate::{Mode, compile, lexer, print, tree::NodeRef};

/// The condition that a text keyword has a value.
pub fn is_text(keyword: &str, value: &str) -> String {
    [keyword, " = ", &lexer::quoted(value)].concat()
}

/// The condition that the response had a status code.
pub fn is_status(status: i64) -> String {
    ["http.status = ", &status.to_string()].concat()
}

/// A condition that the selected service or call of `scope` must meet; the trace itself, if `scope` is empty.
pub fn within(scope: &str, condition: &str) -> String {
    if scope.is_empty() { condition.to_owned() } else { [scope, " { ", condition, " }"].concat() }
}

/// The condition that an annotation has a value.
pub fn is_annotated(key: &str, value: &AnnotationValue) -> String {
    let value = match value {
        AnnotationValue::String(text) => lexer::quoted(text),
        AnnotationValue::Number(number) => print::number(*number),
        AnnotationValue::Boolean(true) => "true".to_owned(),
        AnnotationValue::Boolean(false) => "false".to_owned(),
    };
    ["annotation", &print::bracketed(key), " = ", &value].concat()
}

/// The condition that a service is in the trace; an empty name or type may be any.
pub fn has_service(name: &str, kind: &str) -> String {
    ["service(", &node(name, kind), ")"].concat()
}

/// The condition that a call is in the trace: name and type of who calls and of whom.
pub fn has_call(from: (&str, &str), to: (&str, &str)) -> String {
    ["edge(", &node(from.0, from.1), ", ", &node(to.0, to.1), ")"].concat()
}

fn node(name: &str, kind: &str) -> String {
    let [name, kind] = [name, kind].map(|part| Some(part.to_owned()).filter(|part| !part.is_empty()));
    print::reference(&NodeRef { name, kind, account_id: None })
}

/// An expression that asks for a condition as well (or, if `out`, for its contrary). It is joined as a tree, so that no
/// bracket can be missing; `None` where one of the two has problems.
pub fn narrow(expression: &str, condition: &str, out: bool) -> Option<String> {
    // Ids are no condition: what is asked for takes their place.
    let expression = if super::recognise(expression).is_some() { "" } else { expression };
    let condition = if out { ["!(", condition, ")"].concat() } else { condition.to_owned() };
    let read = |text: &str| compile(text, Mode::Lenient).ok();
    let (whole, more) = (read(expression)?, read(&condition)?);
    Some(whole.and(more).to_string())
}
