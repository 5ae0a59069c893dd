//! Traces from files: read in the browser, held until the page is left, never stored and never sent.

use std::{ops::ControlFlow, sync::OnceLock};

use crate::prelude::*;
use import::{Inferred, OfTrace, Wrong};
use leptos::task::spawn_local;
use model::{Moment, Nanos, Outcome, Trace, TraceId, trace::SpanKind};

use crate::{platform::files::Given, state::Shared};

/// Larger files are not read: the page would have them in its memory several times over.
const MOST_BYTES: f64 = 256e6;
/// So many of the things that are wrong are told one by one.
const MOST_TOLD: usize = 200;

/// What files begin with that somebody packed, and what packed them.
const PACKED: [(&[u8], &str); 3] =
    [(&[0x1f, 0x8b], "gzip"), (&[0x28, 0xb5, 0x2f, 0xfd], "zstd"), (&[b'P', b'K', 3, 4], "zip")];

/// What was opened.
#[derive(Default)]
pub(crate) struct Opened {
    /// The names of the files, or what else it was.
    pub(crate) from: String,
    /// The traces, in the order in which they came.
    pub(crate) traces: Vec<Held>,
    /// What could not be read and where, the first of it.
    pub(crate) wrong: Vec<String>,
    /// How much could not be read.
    pub(crate) wrong_count: usize,
}

/// A trace of a file.
pub(crate) struct Held {
    of: OfTrace,
    facts: OnceLock<Facts>,
}

/// What one needs to choose a trace among others.
pub(crate) struct Facts {
    /// The name of its entry, or of what stands in its place.
    pub(crate) root: String,
    /// Its earliest start; `None` where nothing of it can be read.
    pub(crate) start: Option<Moment>,
    /// From first start to last end.
    pub(crate) duration: Nanos,
    /// Spans that came.
    pub(crate) spans: usize,
    /// How it ended.
    pub(crate) outcome: Outcome,
}

impl Opened {
    /// The trace with this id.
    pub(crate) fn find(&self, id: &str) -> Option<&Held> {
        let id = TraceId::find(id)?;
        self.traces.iter().find(|held| held.of.id == id)
    }

    fn add_wrong(&mut self, told: impl FnOnce() -> String) {
        self.wrong_count += 1;
        if self.wrong.len() < MOST_TOLD {
            self.wrong.push(told());
        }
    }
}

impl Held {
    /// The trace's id.
    pub(crate) fn id(&self) -> TraceId {
        self.of.id
    }

    /// The trace itself, put together anew.
    pub(crate) fn trace(&self) -> Trace {
        Trace::assemble(self.of.id, self.of.documents.iter().cloned())
    }

    /// What a list says of it; found out once.
    pub(crate) fn facts(&self) -> &Facts {
        self.facts.get_or_init(|| {
            let trace = self.trace();
            let row = api::TraceRow::from(analysis::summary::outline(&trace));
            let named = || trace.spans.iter().map(|span| trace.name(span)).find(|name| !name.is_empty());
            let end = trace.spans.iter().map(|span| span.end.unwrap_or(span.start)).max();
            let length = row.start.zip(end).map(|(start, end)| end - start);
            Facts {
                root: row
                    .entry_point
                    .map(|entry| entry.name)
                    .or_else(|| named().map(str::to_owned))
                    .unwrap_or_default(),
                start: row.start,
                duration: row.duration.or(length).unwrap_or_default(),
                spans: trace.spans.iter().filter(|span| span.kind != SpanKind::Placeholder).count(),
                outcome: row.outcome,
            }
        })
    }
}

/// The opened files, and how to open others.
#[derive(Clone, Copy)]
pub(crate) struct FilesData {
    /// What was opened last.
    pub(crate) opened: Signal<Option<Shared<Opened>>>,
    /// Something is being read.
    pub(crate) busy: Signal<bool>,
    set_opened: RwSignal<Option<Shared<Opened>>>,
    set_busy: RwSignal<bool>,
}

impl FilesData {
    /// Nothing is open.
    pub(crate) fn new() -> Self {
        let ((opened, set_opened), (busy, set_busy)) = (signal(None), signal(false));
        Self { opened, busy, set_opened, set_busy }
    }

    /// Reads files, and a text where there is one, in the place of what is open; then calls back.
    pub(crate) fn open(self, files: Vec<Given>, text: String, done: impl FnOnce(&Opened) + 'static) {
        if self.busy.get_untracked() || (files.is_empty() && text.trim().is_empty()) {
            return;
        }
        self.set_busy.set(true);
        spawn_local(async move {
            let mut opened = Opened::default();
            let mut documents = Vec::new();
            for file in &files {
                let bytes = if file.bytes > MOST_BYTES { None } else { file.read().await };
                let packed = |bytes: &Vec<u8>| PACKED.iter().find(|(begin, _)| bytes.starts_with(begin));
                match (&bytes, bytes.as_ref().and_then(packed)) {
                    (None, _) if file.bytes > MOST_BYTES => opened.add_wrong(|| {
                        let size = format::number::bytes(file.bytes as u64);
                        [
                            &file.name,
                            ": it has ",
                            &size,
                            ", more than a page should hold; `roentgen import` sends it to the X-Ray inside Roentgen",
                        ]
                        .concat()
                    }),
                    (None, _) => opened.add_wrong(|| [&file.name, ": the browser cannot read it"].concat()),
                    (_, Some((_, packed))) => opened.add_wrong(|| {
                        [&file.name, ": it is packed (", packed, "); unpack it, and open what comes out"].concat()
                    }),
                    (Some(bytes), None) => read(&import::decode(bytes), &file.name, &mut documents, &mut opened),
                }
            }
            let is_text = files.is_empty();
            if is_text {
                read(&text, "", &mut documents, &mut opened);
            }
            let more = files.len().saturating_sub(3);
            let mut names: Vec<&str> = files.iter().take(3).map(|file| &*file.name).collect();
            let more = format::number::counted(more as u64, "other file", "other files");
            if files.len() > 3 {
                names.push(&more);
            }
            opened.from = if is_text { "the pasted text".to_owned() } else { names.join(", ") };
            opened.traces =
                import::by_trace(documents).into_iter().map(|of| Held { of, facts: OnceLock::new() }).collect();
            let opened = Shared::new(opened);
            self.set_opened.set(Some(opened.clone()));
            self.set_busy.set(false);
            done(&opened);
        });
    }
}

fn read(text: &str, name: &str, documents: &mut Vec<import::Document>, opened: &mut Opened) {
    let all = import::text(text, 1, Inferred::Kept, &mut |item| {
        match item {
            Ok(document) => documents.push(document),
            Err(Wrong { line, reason }) => opened.add_wrong(|| {
                let comma = if name.is_empty() { "" } else { ", " };
                [name, comma, "line ", &line.to_string(), ": ", &reason].concat()
            }),
        }
        ControlFlow::Continue(())
    });
    debug_assert!(all.is_continue(), "nobody stops it");
}
