//! Texts that are no expressions: ids of traces in whatever form people paste them.

use model::TraceId;

/// What a text turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// One trace: an id in either form, a header that carries one, or the console's address of one.
    Trace(TraceId),
    /// Several ids of traces.
    Traces(Vec<TraceId>),
}

/// What a text is, where it is no expression.
pub fn recognise(text: &str) -> Option<Recognised> {
    let text = text.trim();
    if let Some(id) = TraceId::find(text).or_else(|| in_address(text)) {
        return Some(Recognised::Trace(id));
    }
    let mut ids = Vec::new();
    for word in text.split(|letter: char| letter.is_whitespace() || ",;".contains(letter)) {
        let word = word.trim_matches(|letter: char| "\"'[]()".contains(letter));
        if word.is_empty() {
            continue;
        }
        let id = TraceId::find(word)?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    match ids.as_slice() {
        [] => None,
        [id] => Some(Recognised::Trace(*id)),
        _ => Some(Recognised::Traces(ids)),
    }
}

/// The id in an address of the AWS console: `…#xray:traces/1-…` and `…#/traces/1-…`.
fn in_address(text: &str) -> Option<TraceId> {
    let is_address = text.starts_with("https://") && !text.contains(char::is_whitespace);
    let (_, rest) = text.split_once("traces/").filter(|_| is_address)?;
    TraceId::find(rest.get(..35)?)
}
