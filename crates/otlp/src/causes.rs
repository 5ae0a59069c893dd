//! Why a span failed: its exception events, and its status.

use crate::{
    attributes::Attributes,
    message::Span,
    write::{self, Object},
};

/// The `cause` of a document as JSON; `None` where nothing is said.
pub(crate) fn cause(span: &Span) -> Option<String> {
    let mut exceptions = Vec::new();
    for (number, event) in span.events.iter().filter(|event| event.name == "exception").enumerate() {
        let attributes = Attributes(&event.attributes);
        let kind = attributes.text(&["exception.type"]);
        let message = attributes.text(&["exception.message"]);
        if kind.is_none() && message.is_none() {
            continue;
        }
        let stack = attributes.text(&["exception.stacktrace"]).map(|text| stack(&text)).unwrap_or_default();
        let mut exception = Object::default();
        exception.text("id", Some(id(span, number)));
        exception.text("type", Some(kind.unwrap_or_else(|| "Error".to_owned())));
        exception.text("message", Some(message.unwrap_or_default()));
        exception.set("stack", write::array(&stack));
        exceptions.push(exception.json());
    }
    if exceptions.is_empty() {
        let status = span.status.as_ref().filter(|status| status.code == 2 && !status.message.is_empty())?;
        let mut exception = Object::default();
        exception.text("id", Some(id(span, 0)));
        exception.text("message", Some(status.message.clone()));
        exceptions.push(exception.json());
    }
    let mut cause = Object::default();
    cause.set("exceptions", write::array(&exceptions));
    Some(cause.json())
}

/// An id for an exception: always the same for the same span, so that what is sent twice is the same.
fn id(span: &Span, number: usize) -> String {
    let bytes = span.span_id.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    format!("{:016x}", bytes.rotate_left(17) ^ (number as u64 + 1))
}

/// No stack is longer.
const FRAMES: usize = 100;

/// The frames of a stack trace of Java, JavaScript, Python, Go, .NET or PHP, the innermost first.
fn stack(text: &str) -> Vec<String> {
    let mut frames: Vec<String> = Vec::new();
    let is_python = text.lines().any(|line| line.trim_start().starts_with("File \""));
    let mut go_function: Option<&str> = None;
    for line in text.lines() {
        let line = line.trim();
        // What caused it is an exception of its own.
        if line.starts_with("Caused by:") {
            break;
        }
        let found =
            if is_python { python(line) } else { at(line).or_else(|| go(line, go_function)).or_else(|| php(line)) };
        frames.extend(found);
        go_function = line.ends_with(')').then_some(line);
    }
    if is_python {
        frames.reverse();
    }
    frames.truncate(FRAMES);
    frames
}

/// A frame as JSON.
fn frame(function: &str, path: &str, line: Option<&str>) -> String {
    let line: Option<u64> = line.and_then(|line| line.trim().parse().ok());
    let mut frame = Object::default();
    frame.text("path", Some(path.to_owned()));
    frame.set("line", line.unwrap_or(0).to_string());
    frame.text("label", Some(function.to_owned()));
    frame.json()
}

/// `at pack.Type.method(File.java:12)`, `at method (path/file.js:12:5)`, `at Type.Method() in path/File.cs:line 12`
fn at(line: &str) -> Option<String> {
    let rest = line.strip_prefix("at ")?;
    if let Some((function, place)) = rest.split_once(" in ") {
        let (path, line) = place.split_once(":line ").unwrap_or((place, ""));
        return Some(frame(function, path, Some(line)));
    }
    let (function, place) = match rest.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
        Some((function, place)) => (function.trim(), place),
        None => ("", rest),
    };
    let mut parts = place.rsplitn(3, ':');
    let (last, middle, first) = (parts.next()?, parts.next(), parts.next());
    Some(match (first, middle) {
        // A line and a column.
        (Some(path), Some(line)) if line.parse::<u64>().is_ok() => frame(function, path, Some(line)),
        (Some(first), Some(middle)) => frame(function, &format!("{first}:{middle}"), Some(last)),
        (None, Some(path)) => frame(function, path, Some(last)),
        _ => frame(function, last, None),
    })
}

/// `File "path.py", line 12, in function`
fn python(line: &str) -> Option<String> {
    let (path, rest) = line.strip_prefix("File \"")?.split_once("\", line ")?;
    let (number, function) = rest.split_once(", in ").unwrap_or((rest, ""));
    Some(frame(function, path, Some(number)))
}

/// A line with a function, and one with `path.go:12 +0x1f` after it.
fn go(line: &str, function: Option<&str>) -> Option<String> {
    let place = line.split(" +0x").next()?;
    let (path, number) = place.rsplit_once(':')?;
    (path.rsplit_once('.').is_some_and(|(_, it)| it == "go") && number.parse::<u64>().is_ok())
        .then(|| frame(function.and_then(|it| it.split('(').next()).unwrap_or(""), path, Some(number)))
}

/// `#0 path.php(12): function()`
fn php(line: &str) -> Option<String> {
    let (_, rest) = line.strip_prefix('#')?.split_once(' ')?;
    let (place, function) = rest.split_once("): ")?;
    let (path, number) = place.rsplit_once('(')?;
    Some(frame(function, path, Some(number)))
}
