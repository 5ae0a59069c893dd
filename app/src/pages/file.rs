//! `/file`: traces from files and from pasted text, read in the browser alone.

use crate::prelude::*;
use api::{Failure, SpanDocument, TraceColumns, trace::Header};
use leptos::{ev, html};
use model::{SpanId, Trace};

use super::Place;
use crate::{
    data::{Documents, DocumentsData, FilesData, Opened},
    platform::{self, drawn, drawn::Drawn, files, files::Given, history},
    route::{FilePlace, Route, TraceView},
    state::{Load, Shared},
    views::{
        files::{DOES, PAGE, draw_bar, draw_choice, draw_list},
        trace::{self, KEEP, TracePanel},
    },
};

/// The trace that is looked at.
struct OpenTrace {
    trace: Trace,
    columns: Shared<TraceColumns>,
}

impl OpenTrace {
    fn new(trace: Trace) -> Self {
        let header = Header {
            // It is of no source.
            source: String::new(),
            region: String::new(),
            summary: analysis::summary::outline(&trace).into(),
            limit_exceeded: false,
            retrieved: false,
            cached: None,
        };
        let columns = Shared::new(TraceColumns::new(&trace, header));
        Self { trace, columns }
    }

    /// The document of a span.
    fn document(&self, id: SpanId) -> Load<Shared<SpanDocument>> {
        let span = self.trace.find(id).and_then(|index| self.trace.span(index));
        match span.and_then(|span| SpanDocument::of(&self.trace, span)) {
            Some(document) => Load::Ready(Shared::new(document)),
            None => Load::Failed { failure: Shared::new(Failure::default()), stale: None },
        }
    }

    /// Saves it as a file, in a form by its name.
    fn keep(&self, form: &str) {
        let id = self.trace.id.to_string();
        let (media_type, ending, text) = match form {
            "documents" => ("application/json", ".json", import::export::documents(&self.trace)),
            "otlp" => ("application/json", ".otlp.json", import::export::otlp(&self.trace)),
            _ => ("text/csv", ".csv", import::export::csv(&self.trace)),
        };
        platform::save(&(id + ending), media_type, &text);
    }
}

/// The page of files.
#[component]
pub(super) fn FilePage(place: Place, files: FilesData) -> impl IntoView {
    let here = Signal::memo(move |before: Option<&FilePlace>| match place.route.get() {
        Route::File(here) => here,
        // On the way to another page.
        _ => before.cloned().unwrap_or_default(),
    });
    let named = Signal::memo(move |_| here.with(|here| here.trace.clone()));
    let zone = Signal::memo(move |_| here.with(|here| here.zone));
    Effect::new(move |_| {
        let title = named.get().unwrap_or_else(|| "Open a file".to_owned());
        platform::set_title(&(title + " · Roentgen"));
    });
    let open = Signal::memo(move |_| {
        let opened = files.opened.get()?;
        let trace = opened.find(&named.get()?)?.trace();
        Some(Shared::new(OpenTrace::new(trace)))
    });
    let all = Signal::memo(move |_| -> Documents {
        let Some(open) = open.get() else { return Documents::new() };
        let spans = here.with(|here| trace::spans(&here.view));
        spans.into_iter().map(|(id, ..)| (id, open.document(id))).collect()
    });
    let documents = DocumentsData { all, retry: Callback::new(|_| ()), near: RwSignal::new(Vec::new()) };
    // How many traces are listed; and whether what is drawn next came by the user's doing.
    let (most, set_most) = signal(PAGE);
    let is_asked = StoredValue::new(false);
    let read = move |given: Vec<Given>, text: String| {
        files.open(given, text, move |opened: &Opened| {
            let mut next = here.get_untracked();
            let known = next.trace.as_ref().is_some_and(|id| opened.find(id).is_some());
            match &opened.traces[..] {
                // What the link says.
                _ if known => return,
                [only] => next.trace = Some(only.id().to_string()),
                _ => next.trace = None,
            }
            next.view = TraceView::default();
            place.go(Route::File(next));
        });
        set_most.set(PAGE);
        is_asked.set_value(true);
    };
    let sheet = NodeRef::<html::Div>::new();
    let is_over = RwSignal::new(false);
    files::on_drop(
        move |is| {
            if is_over.get_untracked() != is {
                is_over.set(is);
            }
        },
        read,
    );
    Effect::new(move |before: Option<Option<Drawn>>| {
        let div = sheet.get()?;
        let root = Drawn::of(&div)?;
        let result = if let Some(result) = before.flatten() {
            result
        } else {
            draw_choice(&root);
            root.child("div", "files__result")
        };
        let (opened, is_open) = (files.opened.get(), open.with(Option::is_some));
        result.clear();
        for css in [".files__choice", ".files__busy"] {
            root.within(css)?.attribute_if("hidden", is_open.then_some(""));
        }
        root.class(if is_open { "files files--open" } else { "files" });
        let opened = opened.as_deref();
        match opened.filter(|_| is_open) {
            Some(opened) => draw_bar(&result, opened, zone.get()),
            None => draw_list(&result, opened, named.get().as_deref(), zone.get(), most.get()),
        }
        // Whoever works with keys goes on from there.
        if opened.is_some() && is_asked.get_value() {
            is_asked.set_value(false);
            platform::focus_first(result.element(), "a,h2");
        }
        Some(result)
    });
    Effect::new(move |_| {
        let busy = files.busy.get();
        let div = sheet.get()?;
        let root = Drawn::of(&div)?;
        root.within(".files__busy")?.say(if busy { "Reading …" } else { "" });
        Some(())
    });
    let submit = move || {
        if let Some(sheet) = sheet.get_untracked() {
            let [text] = platform::fields(&sheet, ["text"]);
            read(Vec::new(), text);
        }
    };
    let on_click = move |event: ev::MouseEvent| -> Option<()> {
        if let Some(form) = drawn::attribute_around(&event, KEEP) {
            open.get_untracked()?.keep(&form);
            return None;
        }
        if drawn::attribute_around(&event, DOES).is_some() {
            set_most.update(|most| *most += PAGE);
            return None;
        }
        let address = drawn::attribute_around(&event, "href").filter(|_| platform::is_plain_click(&event))?;
        let next = match Route::read(&address) {
            Route::File(next) => next,
            // A link between traces, where both were opened.
            Route::Trace(next) => {
                files.opened.get_untracked()?.find(&next.id)?;
                FilePlace { trace: Some(next.id), zone: zone.get_untracked(), view: next.view }
            }
            _ => return None,
        };
        event.prevent_default();
        is_asked.set_value(true);
        place.go(Route::File(next));
        None
    };
    let on_change = move |event: ev::Event| {
        let chosen = files::chosen(&event);
        if !chosen.is_empty() {
            read(chosen, String::new());
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) && platform::is_typing() {
            submit();
        }
    };
    let on_view = Callback::new(move |view: TraceView| {
        place.refine(Route::File(FilePlace { view, ..here.get_untracked() }));
    });
    let is_open = Signal::memo(move |_| open.with(Option::is_some));
    view! {
        <section class="page page--file" class:page--over=move || is_over.get() aria-label="Traces from files" on:click=move |event| { on_click(event); }>
            <div class="files" node_ref=sheet on:change=on_change on:keydown=on_key
                on:submit=move |event: ev::SubmitEvent| { event.prevent_default(); submit(); }></div>
            {move || is_open.get().then(|| view! {
                <TracePanel
                    trace=Signal::derive(move || open.get().map_or(Load::Idle, |open| Load::Ready(open.columns.clone())))
                    view=Signal::derive(move || here.with(|here| here.view.clone()))
                    on_view=on_view
                    documents=documents
                    zone=zone
                    console_link=Signal::stored(None)
                    logs=Signal::stored(None)
                    on_retry=Callback::new(|()| ())
                    on_close=None
                    link=Signal::derive(move || history::origin() + &Route::File(here.get()).address())
                />
            })}
        </section>
    }
}
