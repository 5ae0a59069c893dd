//! What went wrong: exceptions with their causes and stacks.

use api::{TraceColumns, trace::bit};
use layout::waterfall::SpanIx;
use model::{
    SpanId,
    document::detail::{Cause, Exception, StackFrame},
};

use super::{
    super::waterfall::label,
    facts::{self, Fact},
    frames,
};
use crate::platform::sketch::Sketch;

/// Frames shown at once; the others are behind a button.
const FRAMES: usize = 20;
/// Frames shown at all; the raw document has the rest.
const MOST_FRAMES: usize = 500;
/// Exceptions shown at all; the raw document has the rest.
const MOST_EXCEPTIONS: usize = 50;

/// The cause that a span recorded, or points to.
pub(super) fn draw(place: Sketch<'_>, trace: &TraceColumns, span: SpanIx, cause: &Cause) {
    let section = facts::section(place, "Exceptions");
    match cause {
        Cause::Reference(id) => reference(section, trace, span, *id),
        Cause::Exceptions { working_directory, paths, exceptions } => {
            for number in 0..exceptions.len().min(MOST_EXCEPTIONS) {
                exception(section, number, exceptions, working_directory.as_deref());
            }
            let more = exceptions.len().saturating_sub(MOST_EXCEPTIONS) as u64;
            if more > 0 {
                let (one, many) = ("more exception is in the raw document", "more exceptions are in the raw document");
                section.says("p", "hint", &format::number::counted(more, one, many));
            }
            let mut facts = Vec::new();
            facts::some_code(&mut facts, "Working directory", working_directory.as_ref());
            facts.extend(paths.iter().map(|path| Fact::code("Path", path)));
            facts::list(section, &facts);
        }
    }
}

/// An exception recorded elsewhere: the nearest span below that recorded one is where SDKs put it.
fn reference(place: Sketch<'_>, trace: &TraceColumns, span: SpanIx, id: SpanId) {
    let line = place.says("p", "", "Recorded elsewhere in this trace, as exception ");
    line.says("code", "", &id.to_string());
    let depth = trace.depth.get(span as usize).copied().unwrap_or(0);
    let below = (span as usize + 1..trace.depth.len()).take_while(|&other| trace.depth[other] > depth);
    let found = below.filter(|&other| trace.bits.get(other).is_some_and(|bits| bits & bit::EXCEPTION != 0)).last();
    if let Some((found, target)) = found.and_then(|found| Some((found, trace.span_id(found)?))) {
        let line = place.says("p", "", "Probably recorded in ");
        facts::go(line, target, &label::name(trace, found as SpanIx));
    }
}

fn kind(exception: &Exception) -> &str {
    exception.kind.as_deref().unwrap_or("Exception")
}

fn exception(place: Sketch<'_>, number: usize, all: &[Exception], directory: Option<&str>) {
    let Some(exception) = all.get(number) else { return };
    let block = place.child("div", "exception");
    let title = block.child("p", "exception__title");
    title.says("span", "exception__number", &(number + 1).to_string());
    title.says("span", "", kind(exception));
    if let Some(id) = exception.id {
        title.says("code", "exception__id", &id.to_string()).attribute("title", "Id of the exception");
    }
    facts::copy_button(title, "the exception", &text(exception));
    if let Some(message) = &exception.message {
        block.says("p", "exception__message", message);
    }
    if exception.remote == Some(true) {
        block.says("p", "hint", "came from a downstream service");
    }
    if let Some(cause) = exception.cause {
        let note = match all.iter().position(|other| other.id == Some(cause)) {
            Some(place) => ["caused by ", &(place + 1).to_string(), " (", kind(&all[place]), ")"].concat(),
            None => ["caused by exception ", &cause.to_string(), ", which is not in this document"].concat(),
        };
        block.says("p", "hint", &note);
    }
    if let Some(count) = exception.skipped.filter(|count| *count > 0) {
        let note = [&count.to_string(), " exceptions were left out between this one and the next"].concat();
        block.says("p", "hint", &note);
    }
    stack(block, &exception.stack, directory);
    if let Some(count) = exception.truncated.filter(|count| *count > 0) {
        block.says("p", "hint", &[&count.to_string(), " frames were left out by the SDK"].concat());
    }
}

/// The stack: the program's own frames first, where they can be told from those of libraries; all in order behind them.
fn stack(place: Sketch<'_>, stack: &[StackFrame], directory: Option<&str>) {
    let shown = stack.len().min(MOST_FRAMES);
    let own: Vec<usize> = (0..shown).filter(|at| frames::is_own(&stack[*at], directory)).collect();
    let is_mixed = !own.is_empty() && own.len() < shown;
    let first: Vec<usize> = if is_mixed { own } else { (0..shown).collect() };
    lines(place, stack, first.iter().take(FRAMES).copied());
    let rest: Vec<usize> = if is_mixed { (0..shown).collect() } else { (FRAMES.min(shown)..shown).collect() };
    if !rest.is_empty() {
        let details = place.child("details", "");
        let text = if is_mixed {
            format::number::counted(rest.len() as u64, "frame in all, libraries' too", "frames in all, libraries' too")
        } else {
            format::number::counted(rest.len() as u64, "more frame", "more frames")
        };
        details.says("summary", "", &text);
        lines(details, stack, rest.into_iter());
    }
    let unseen = stack.len() - shown;
    if unseen > 0 {
        place.says("p", "hint", &[&unseen.to_string(), " frames are in the raw document only"].concat());
    }
}

fn lines(place: Sketch<'_>, stack: &[StackFrame], which: impl Iterator<Item = usize>) {
    let mut list = None;
    for at in which {
        let list = match &list {
            Some(list) => list,
            None => list.insert(place.child("ol", "stack")),
        };
        let line = list.child("li", "");
        line.attribute("value", &(at + 1).to_string());
        line.says("span", "stack__label", stack[at].label.as_deref().unwrap_or("(unknown)"));
        line.says("span", "stack__place", &[" ", &where_is(&stack[at])].concat());
    }
}

fn where_is(frame: &StackFrame) -> String {
    let line = frame.line.map(|line| [":", &line.to_string()].concat()).unwrap_or_default();
    frame.path.clone().unwrap_or_default() + &line
}

/// An exception as programs write it, to be copied.
fn text(exception: &Exception) -> String {
    let mut text = kind(exception).to_owned();
    if let Some(message) = &exception.message {
        text.push_str(": ");
        text.push_str(message);
    }
    for frame in exception.stack.iter().take(MOST_FRAMES) {
        let label = frame.label.as_deref().unwrap_or("(unknown)");
        text.push_str(&["\n    at ", label, " (", &where_is(frame), ")"].concat());
    }
    text
}
