//! What each word of the language means: one table for hovering, for completion and for the cheat sheet.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html>

use super::border;
use crate::{
    lexer::{self, TokenKind},
    problem::{Problems, Span},
};

/// A word of the language, explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doc {
    /// How it is written.
    pub name: &'static str,
    /// Its type, and its unit where it has one.
    pub kind: &'static str,
    /// What it means.
    pub text: &'static str,
    /// It in use.
    pub example: &'static str,
}

const fn doc(name: &'static str, kind: &'static str, text: &'static str, example: &'static str) -> Doc {
    Doc { name, kind, text, example }
}

/// All of them, by subject.
pub const ALL: [Doc; 53] = [
    doc(
        "service",
        "function",
        "a service of the trace, with requests that fulfil what stands in the braces",
        "service(\"shop\") { fault }",
    ),
    doc("edge", "function", "a call from one service to another", "edge(\"shop\", \"payment\") { responsetime > 0.5 }"),
    doc("id", "function", "a service by name, type and account", "service(id(name: \"shop\", type: \"AWS::Lambda\"))"),
    doc(
        "annotation",
        "text, number or boolean",
        "a value that a program has recorded under a key",
        "annotation.currency = \"EUR\"",
    ),
    doc("ok", "boolean", "no error, fault or throttle", "!ok"),
    doc("error", "boolean", "the client's mistake: a status of 4xx, throttles aside", "error = true"),
    doc("fault", "boolean", "the server's failure: a status of 5xx", "service() { fault }"),
    doc("throttle", "boolean", "turned away for asking too often: status 429", "service() { throttle }"),
    doc("responsetime", "number, seconds", "from the start to the response", "responsetime > 0.5"),
    doc(
        "duration",
        "number, seconds",
        "from the start to the end of everything that was called",
        "duration >= 5 AND duration <= 8",
    ),
    doc("http.status", "number", "the response's status code", "http.status >= 500"),
    doc("http.url", "text", "the address that was asked", "http.url CONTAINS \"/checkout\""),
    doc("http.method", "text", "the request's method", "http.method = \"POST\""),
    doc("http.useragent", "text", "the client's program", "http.useragent BEGINSWITH \"curl\""),
    doc("http.clientip", "text", "the client's address", "http.clientip = \"192.0.2.7\""),
    doc("user", "text", "a user that a segment names", "user = \"alice\""),
    doc("partial", "boolean", "a part of the trace is missing", "partial"),
    doc("inferred", "boolean", "known from its callers alone", "service(\"db\") { inferred }"),
    doc("root", "boolean", "requests enter the system here", "service(\"shop\") { root }"),
    doc("name", "text", "the name of a service, an entity or an exception", "service() { name = \"shop\" }"),
    doc("type", "text", "the type of a service", "service() { type = \"AWS::DynamoDB::Table\" }"),
    doc("availabilityzone", "text", "where a segment ran", "availabilityzone = \"eu-west-1a\""),
    doc("instance.id", "text", "the EC2 instance on which a segment ran", "instance.id = \"i-0123456789abcdef0\""),
    doc("resource.arn", "text", "the ARN of a resource in the trace", "resource.arn CONTAINS \":table/\""),
    doc("account.id", "text", "the AWS account of a service", "account.id = \"123456789012\""),
    doc(
        "group.name",
        "text",
        "traces of a group: its filter expression is put in here",
        "group.name = \"slow\" AND fault",
    ),
    doc(
        "rootcause.fault.service",
        "root cause",
        "a service on the way to the root cause of a fault",
        "rootcause.fault.service { name = \"payment\" }",
    ),
    doc(
        "rootcause.fault.entity",
        "root cause",
        "a segment or subsegment on that way",
        "rootcause.fault.entity { name = \"charge\" AND last }",
    ),
    doc(
        "rootcause.fault.exception",
        "root cause",
        "an exception on that way",
        "rootcause.fault.exception { message CONTAINS \"timeout\" }",
    ),
    doc(
        "rootcause.error.service",
        "root cause",
        "a service on the way to the root cause of an error",
        "rootcause.error.service { name = \"payment\" }",
    ),
    doc(
        "rootcause.error.entity",
        "root cause",
        "a segment or subsegment on that way",
        "rootcause.error.entity { remote }",
    ),
    doc(
        "rootcause.error.exception",
        "root cause",
        "an exception on that way",
        "rootcause.error.exception { name = \"CardDeclined\" }",
    ),
    doc(
        "rootcause.responsetime.service",
        "root cause",
        "a service on the way that took the time",
        "rootcause.responsetime.service { last AND name = \"db\" }",
    ),
    doc(
        "rootcause.responsetime.entity",
        "root cause",
        "a segment or subsegment on that way",
        "rootcause.responsetime.entity { coverage > 0.5 }",
    ),
    doc(
        "rootcause.json",
        "root cause",
        "root causes of a shape, as X-Ray's answers write them",
        "rootcause.json = #[{\"Services\":[{\"Name\":\"payment\"}]}]",
    ),
    doc("first", "boolean", "the first one on the way", "rootcause.fault.service { first }"),
    doc("last", "boolean", "the last one on the way: where it began", "rootcause.fault.service { last }"),
    doc("index", "number", "the place on the way, from 0", "rootcause.fault.service { index = 1 }"),
    doc("remote", "boolean", "a call to another service", "rootcause.fault.entity { remote }"),
    doc(
        "coverage",
        "number, 0 to 1",
        "the share of the root's duration",
        "rootcause.responsetime.entity { coverage > 0.5 }",
    ),
    doc("message", "text", "what the exception says", "rootcause.fault.exception { message CONTAINS \"timeout\" }"),
    doc("AND", "connective", "both must be so; binds closer than OR", "fault AND responsetime > 1"),
    doc("OR", "connective", "one must be so", "error OR fault"),
    doc("NOT", "connective", "it must not be so; ! means the same", "NOT user = \"alice\""),
    doc("=", "comparison", "is equal; of several values one is enough", "http.status = 200"),
    doc("!=", "comparison", "differs; false where there is no value", "http.status != 200"),
    doc("<", "comparison", "is less", "duration < 1"),
    doc("<=", "comparison", "is at most", "duration <= 1"),
    doc(">", "comparison", "is more", "duration > 1"),
    doc(">=", "comparison", "is at least", "duration >= 1"),
    doc("CONTAINS", "comparison", "the text occurs in it, in this case of letters", "http.url CONTAINS \"/cart\""),
    doc("BEGINSWITH", "comparison", "it begins with the text", "http.url BEGINSWITH \"https://\""),
    doc("ENDSWITH", "comparison", "it ends with the text", "http.url ENDSWITH \".png\""),
];

/// The word's row of the table, whatever its case.
pub fn of(name: &str) -> Option<&'static Doc> {
    ALL.iter().find(|doc| doc.name.eq_ignore_ascii_case(name))
}

/// What is said of the word at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The word.
    pub span: Span,
    /// What it means.
    pub doc: &'static Doc,
}

/// The explanation of the word at a byte of the text; `None` where there is none.
pub fn hover(text: &str, byte: usize) -> Option<Hover> {
    let byte = border(text, byte);
    let tokens = lexer::tokens(text, &mut Problems::default());
    let token = tokens.into_iter().find(|token| token.span.contains(&byte))?;
    let word = text.get(token.span.clone())?.to_ascii_lowercase();
    let name = match token.kind {
        TokenKind::Text(_) | TokenKind::Key(_) | TokenKind::Number(_) | TokenKind::Json(_) => return None,
        TokenKind::Not => "NOT",
        TokenKind::And => "AND",
        TokenKind::Or => "OR",
        _ if word == "json" => "rootcause.json",
        _ if word == "groupname" || word == "group.arn" => "group.name",
        _ if super::context::annotation_key(&word).is_some() => "annotation",
        _ => &word,
    };
    Some(Hover { span: token.span, doc: of(name)? })
}
