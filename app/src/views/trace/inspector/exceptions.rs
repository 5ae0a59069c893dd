//! What went wrong: exceptions with their causes and stacks.

use crate::prelude::*;
use api::{TraceColumns, trace::bit};
use layout::waterfall::SpanIx;
use model::{
    SpanId,
    document::detail::{Cause, Exception, StackFrame},
};

use super::{
    super::waterfall::label,
    facts::{self, Fact},
};

/// Frames shown at once; the others are behind a button.
const FRAMES: usize = 20;
/// Frames shown at all; the raw document has the rest.
const MOST_FRAMES: usize = 500;
/// Exceptions shown at all; the raw document has the rest.
const MOST_EXCEPTIONS: usize = 50;

/// The cause that a span recorded, or points to.
pub(super) fn cause(trace: &TraceColumns, span: SpanIx, cause: &Cause, on_select: Callback<Option<SpanId>>) -> AnyView {
    let content = match cause {
        Cause::Reference(id) => reference(trace, span, *id, on_select),
        Cause::Exceptions { working_directory, paths, exceptions } => {
            let mut facts = Vec::new();
            facts::some_code(&mut facts, "Working directory", working_directory.as_ref());
            facts.extend(paths.iter().map(|path| Fact::code("Path", path)));
            let facts = (!facts.is_empty()).then(|| facts::list(facts));
            let more = exceptions.len().saturating_sub(MOST_EXCEPTIONS);
            let shown = exceptions.iter().take(MOST_EXCEPTIONS).enumerate();
            let shown: Vec<AnyView> = shown.map(|(number, one)| exception(number, one, exceptions)).collect();
            let more = (more > 0).then(|| view! {
                <p class="hint">{format::number::counted(more as u64, "more exception is in the raw document", "more exceptions are in the raw document")}</p>
            });
            view! { {shown} {more} {facts} }.into_any()
        }
    };
    facts::section("Exceptions", content)
}

/// An exception recorded elsewhere: the nearest span below that recorded one is where SDKs put it.
fn reference(trace: &TraceColumns, span: SpanIx, id: SpanId, on_select: Callback<Option<SpanId>>) -> AnyView {
    let depth = trace.depth.get(span as usize).copied().unwrap_or(0);
    let below = (span as usize + 1..trace.depth.len()).take_while(|&other| trace.depth[other] > depth);
    let found = below.filter(|&other| trace.bits.get(other).is_some_and(|bits| bits & bit::EXCEPTION != 0)).last();
    let go = found.and_then(|found| {
        let target = trace.span_id(found)?;
        Some(view! {
            <p>"Probably recorded in "
                <button type="button" class="link" on:click=move |_| on_select.run(Some(target))>
                    {label::name(trace, found as SpanIx)}
                </button>
            </p>
        })
    });
    view! { <p>"Recorded elsewhere in this trace, as exception " <code>{id.to_string()}</code></p> {go} }.into_any()
}

fn exception(number: usize, exception: &Exception, all: &[Exception]) -> AnyView {
    let kind = exception.kind.clone().unwrap_or_else(|| "Exception".to_owned());
    let mut notes = Vec::new();
    if exception.remote == Some(true) {
        notes.push("came from a downstream service".to_owned());
    }
    if let Some(cause) = exception.cause {
        let place = all.iter().position(|other| other.id == Some(cause));
        notes.push(match place {
            Some(place) => {
                let kind = all[place].kind.clone().unwrap_or_else(|| "exception".to_owned());
                format!("caused by {} ({kind})", place + 1)
            }
            None => format!("caused by exception {cause}, which is not in this document"),
        });
    }
    let skipped = exception.skipped.filter(|count| *count > 0);
    notes.extend(skipped.map(|count| format!("{count} exceptions were left out between this one and the next")));
    let truncated = exception.truncated.filter(|count| *count > 0);
    let notes: Vec<_> = notes.into_iter().map(|note| view! { <p class="hint">{note}</p> }).collect();
    let id = exception
        .id
        .map(|id| view! { <code class="exception__id" title="Id of the exception">{id.to_string()}</code> });
    view! {
        <div class="exception">
            <p class="exception__title"><span class="exception__number">{number + 1}</span> {kind} {id}</p>
            {exception.message.clone().map(|message| view! { <p class="exception__message">{message}</p> })}
            {notes}
            {stack(&exception.stack, truncated)}
        </div>
    }
    .into_any()
}

fn stack(frames: &[StackFrame], truncated: Option<i64>) -> Option<AnyView> {
    if frames.is_empty() && truncated.is_none() {
        return None;
    }
    let item = |frame: &StackFrame| {
        let label = frame.label.clone().unwrap_or_else(|| "(unknown)".to_owned());
        let line = frame.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = frame.path.clone().unwrap_or_default() + &line;
        view! { <li><span class="stack__label">{label}</span> " " <span class="stack__place">{place}</span></li> }
    };
    let first: Vec<_> = frames.iter().take(FRAMES).map(item).collect();
    let rest: Vec<_> = frames.iter().take(MOST_FRAMES).skip(FRAMES).map(item).collect();
    let unseen = frames.len().saturating_sub(MOST_FRAMES);
    let rest = (!rest.is_empty()).then(|| {
        view! {
            <details>
                <summary>{format::number::counted(rest.len() as u64, "more frame", "more frames")}</summary>
                <ol class="stack">{rest}</ol>
            </details>
        }
    });
    let mut left_out = Vec::new();
    if unseen > 0 {
        left_out.push(format!("{unseen} frames are in the raw document only"));
    }
    left_out.extend(truncated.map(|count| format!("{count} frames were left out by the SDK")));
    let left_out: Vec<_> = left_out.into_iter().map(|note| view! { <p class="hint">{note}</p> }).collect();
    Some(view! { <ol class="stack">{first}</ol> {rest} {left_out} }.into_any())
}
