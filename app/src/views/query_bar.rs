//! What to ask: source, region, query, time range, refresh. Drawn on bare elements around the query's editor.

mod range;

use std::rc::Rc;

use crate::prelude::*;
use api::{
    About,
    query::{DEFAULT_TRACES, MOST_TRACES, TimeOf},
};
use leptos::ev;
use model::range::TimeRange;

use crate::{
    data::StreamState,
    pages::AboutLoad,
    platform::{
        self,
        drawn::{self, Drawn},
    },
    route::{Explore, TraceView, time_name},
    views::filter_editor::{self, Builder, Editor, cheat_sheet, history, problems},
    widgets::menu::Panel,
};

/// Seconds between refreshes that are offered.
const REFRESH: [u32; 6] = [1, 2, 5, 10, 30, 60];

/// Numbers of traces that are offered.
const LIMITS: [u32; 4] = [100, DEFAULT_TRACES, 10_000, MOST_TRACES];

/// Times that a range may mean, in words.
const TIMES: [(TimeOf, &str); 3] =
    [(TimeOf::Start, "the trace's start"), (TimeOf::Event, "its last update"), (TimeOf::Service, "its segments' ends")];

/// Where it is remembered that somebody likes to build queries.
const BUILDER: &str = "roentgen.builder";

/// The attribute that says what a button does.
const DOES: &str = "data-does";

/// The fields; those in a menu, and the query, come into the empty ones.
const INSIDE: &str = "\
<label class=query-bar__field><span class=label>Source</span><select class=select name=source></select></label>\
<label class='query-bar__field query-bar__field--region'><span class=label>Region</span>\
<input class=input name=region list=regions autocomplete=off spellcheck=false><datalist id=regions></datalist></label>\
<div class='query-bar__field query-bar__field--query'></div>\
<div class=query-bar__field><span class=label aria-hidden=true>Time</span></div>\
<label class=query-bar__field><span class=label>Refresh</span><select class=select name=refresh></select></label>\
<div class=query-bar__field><span class=label aria-hidden=true>More</span></div>\
<div class='query-bar__field query-bar__field--run'><span class=label aria-hidden=true>&nbsp;</span></div>";

/// What can be chosen of a list of traces.
const OF_LIST: &str = "\
<span class=label>Traces at most</span><select class=select name=limit></select>";
const OF_TIME: &str = "\
<span class=label>The time is that of</span><select class=select name=time></select>";
const OF_ACCOUNT: &str = "\
<span class=label>AWS account</span><input class=input name=account inputmode=numeric autocomplete=off placeholder='all accounts'>";

/// What the fields show of a question.
#[derive(Clone, PartialEq)]
struct Settings {
    source: Option<String>,
    region: Option<String>,
    refresh: Option<u32>,
    account: Option<String>,
    limit: Option<u32>,
    time_of: TimeOf,
}

/// The form, and what it is about. What is typed lives in its fields until it is run.
struct Bar {
    form: Drawn,
    more: Panel,
    /// The present question.
    here: Signal<Explore>,
    /// The range is chosen in a menu, whose choice counts at once and with the next run.
    range: RwSignal<TimeRange>,
    editor: Option<Editor>,
    about: AboutLoad,
    on_run: Callback<Explore>,
}

/// The form.
pub(crate) fn query_bar(
    here: Signal<Explore>,
    // The editor of the query, where there is one to write.
    editor: Option<Editor>,
    // Draws what stands beside the query's name, or where it would stand.
    beside: &dyn Fn(&Drawn),
    about: AboutLoad,
    state: Signal<StreamState>,
    // Called with the next question.
    on_run: Callback<Explore>,
    on_cancel: Callback<()>,
) -> AnyView {
    let form = Drawn::new("form", "query-bar").with(&[("role", "search"), ("aria-label", "Query")]);
    form.fixed(INSIDE);
    // Nothing can be missing that was made a moment ago.
    let Ok([query, time, more, run]) = <[Drawn; 4]>::try_from(form.all("div")) else { return form.view() };
    let more = Panel::inside(&more, "More", "More settings of the query");
    let of_list: &[&'static str] = if editor.is_some() { &[OF_LIST, OF_TIME, OF_ACCOUNT] } else { &[OF_ACCOUNT] };
    for html in of_list {
        more.inside.child("label", "query-bar__more").fixed(html);
    }
    let range = RwSignal::new(here.with_untracked(|here| here.range));
    let bar = Rc::new(Bar { form, more, here, range, editor, about, on_run });
    if let Some(editor) = editor {
        bar.query(&query, editor, beside);
    } else {
        query.says("span", "label", "Group").attribute("aria-hidden", "true");
        beside(&query);
    }
    let shown = Signal::memo(move |_| here.with(|here| here.range));
    Effect::new(move |_| range.set(shown.get()));
    let runs = bar.clone();
    let on_range = Callback::new(move |next| {
        range.set(next);
        runs.run();
    });
    range::draw(&time, range.into(), Signal::derive(move || here.with(|here| here.zone)), on_range);
    bar.show_settings();
    draw_run(&run, state, on_cancel);
    bar.listen();
    bar.form.view()
}

/// Draws the button that runs the question, or cancels what runs.
fn draw_run(place: &Drawn, state: Signal<StreamState>, on_cancel: Callback<()>) {
    let running = Signal::memo(move |_| state.with(|state| state.running && !state.refreshing));
    let run = place.clone();
    Effect::new(move |_| {
        if let Some(former) = run.within("button") {
            former.remove();
        }
        if running.get() {
            run.says("button", "button", "Cancel").with(&[("type", "button"), (DOES, "cancel")]);
        } else {
            run.says("button", "button button--main", "Run").attribute("type", "submit");
        }
    });
    place.on_press(DOES, move |_| on_cancel.run(()));
}

impl Bar {
    /// Draws the query, with its tools above it.
    fn query(self: &Rc<Self>, place: &Drawn, editor: Editor, beside: &dyn Fn(&Drawn)) {
        let head = place.child("div", "query-bar__head");
        head.says("span", "label", "Query").attribute("id", "query-label");
        history::draw(&head, editor);
        cheat_sheet::draw(&head, editor);
        let button = |text: &str, does: &str| {
            let button = head.says("button", "button", text);
            button.with(&[("type", "button"), (DOES, does)])
        };
        button("Format", "format").attribute("title", "Alt + Shift + F");
        // The rows beside the text are for those who want them.
        let (building, set_building) = signal(platform::recall(BUILDER).is_some());
        let builder = button("Builder", "build");
        Effect::new(move |_| {
            let is_open = building.get();
            platform::remember(BUILDER, is_open.then_some("open"));
            builder.attribute("aria-pressed", if is_open { "true" } else { "false" });
        });
        beside(&head);
        head.on_press(DOES, move |does| match does {
            "format" => editor.tidy(),
            "build" => set_building.update(|building| *building = !*building),
            _ => {}
        });
        let here = self.here;
        let query = Signal::memo(move |_| here.with(|here| here.query.clone()));
        let runs = self.clone();
        let on_run = Callback::new(move |()| runs.submit());
        filter_editor::draw(place, editor, query, on_run);
        let runs = self.clone();
        let on_anyway = Callback::new(move |()| runs.run_as(Some(editor.written())));
        problems::draw(&self.form, editor, on_anyway);
        self.form.hold(view! { <Show when=move || building.get()><Builder editor=editor /></Show> }.into_any());
    }

    /// Hears what runs the question.
    fn listen(self: &Rc<Self>) {
        let bar = self.clone();
        self.form.hear(&["change"], move |event: &ev::Event| {
            let name = drawn::attribute_around(event, "name").unwrap_or_default();
            if ["source", "refresh", "limit", "time", "account"].contains(&name.as_str()) {
                bar.run();
            }
        });
        let bar = self.clone();
        self.form.hear(&["submit"], move |event: &ev::Event| {
            event.prevent_default();
            bar.submit();
        });
        let bar = self.clone();
        platform::on_window(ev::keydown, move |event| {
            if platform::is_typing() || event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            match event.key().as_str() {
                "/" => {
                    event.prevent_default();
                    platform::focus_first(bar.form.element(), "[name=query]");
                }
                "r" => bar.submit(),
                _ => {}
            }
        });
    }

    /// Shows in the fields what is asked, when that or what can be asked has changed.
    fn show_settings(self: &Rc<Self>) {
        let (bar, here, about) = (self.clone(), self.here, self.about);
        let settings = Signal::memo(move |_| {
            here.with(|here| Settings {
                source: here.source.clone(),
                region: here.region.clone(),
                refresh: here.refresh,
                account: here.account.clone(),
                limit: here.limit,
                time_of: here.time_of,
            })
        });
        Effect::new(move |former: Option<Settings>| {
            let settings = settings.get();
            about.with(|about| bar.show(&settings, former.as_ref(), about.value().map(|about| &**about)));
            settings
        });
    }

    fn show(&self, settings: &Settings, former: Option<&Settings>, about: Option<&About>) {
        let list = |css: &str, options: &[(String, String)], chosen: &str| {
            if let Some(list) = self.form.within(css) {
                list.options(options, chosen);
            }
        };
        let chosen = settings.source.as_ref();
        let known = about.map_or(&[][..], |about| &about.sources);
        let mut names: Vec<&String> = known.iter().map(|source| &source.name).collect();
        // A source of a link that this server does not have stays visible.
        names.extend(chosen.filter(|chosen| !names.contains(chosen)));
        let names: Vec<_> = names.into_iter().map(|name| (name.clone(), name.clone())).collect();
        list("[name=source]", &names, chosen.map_or("", String::as_str));
        let found = known.iter().find(|other| chosen.is_none_or(|chosen| *chosen == other.name));
        let regions = found.map_or(&[][..], |found| &found.regions);
        let regions: Vec<_> = regions.iter().map(|region| (region.clone(), String::new())).collect();
        list("datalist", &regions, "");
        if let Some(region) = self.form.within("[name=region]") {
            region.attribute_if("placeholder", found.map(|found| &*found.default_region));
        }
        // What is typed and not run stays.
        for (css, now, before) in [
            ("[name=region]", &settings.region, former.map(|former| &former.region)),
            ("[name=account]", &settings.account, former.map(|former| &former.account)),
        ] {
            if before != Some(now)
                && let Some(field) = self.form.within(css)
            {
                field.write(now.as_deref().unwrap_or(""));
            }
        }
        let number = |number: u32| format::number::integer(i64::from(number));
        let mut refreshes = vec![(String::new(), "off".to_owned())];
        refreshes.extend(with(&REFRESH, settings.refresh).map(|seconds| {
            let text = format::duration::exact(i64::from(seconds) * 1_000_000_000);
            (seconds.to_string(), ["every ", &text].concat())
        }));
        list("[name=refresh]", &refreshes, &settings.refresh.map(|seconds| seconds.to_string()).unwrap_or_default());
        let limit = settings.limit.unwrap_or(DEFAULT_TRACES);
        let limits: Vec<_> = with(&LIMITS, Some(limit)).map(|limit| (limit.to_string(), number(limit))).collect();
        list("[name=limit]", &limits, &limit.to_string());
        let time = time_name(settings.time_of);
        let times = TIMES.map(|(of, text)| (time_name(of).unwrap_or("").to_owned(), text.to_owned()));
        list("[name=time]", &times, time.unwrap_or(""));
        // What is not as usual is told without opening the menu.
        let mut told: Vec<String> = Vec::new();
        told.extend(settings.limit.map(|limit| ["≤ ", &number(limit)].concat()));
        told.extend(time.map(str::to_owned));
        told.extend(settings.account.clone());
        self.more.label(&if told.is_empty() { "More".to_owned() } else { told.join(", ") });
    }

    fn run_as(&self, written: Option<String>) {
        let [source, region, refresh, account, limit, time] =
            platform::fields(self.form.element(), ["source", "region", "refresh", "account", "limit", "time"]);
        let named = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut next = self.here.get_untracked();
        // What cannot be run stays in its field, and the former query in force.
        if let Some(query) = written.filter(|query| next.query != *query) {
            next.query = query;
            next.open = None;
            next.view = TraceView::default();
        }
        // A list always has a choice; the first source, unless a link names it, is nobody's choice and stays unnamed.
        let first = self.about.with_untracked(|about| about.value()?.sources.first().map(|first| first.name.clone()));
        next.source = named(source).filter(|source| next.source.is_some() || first.as_ref() != Some(source));
        next.region = named(region);
        history::note(&next.query);
        next.range = self.range.get_untracked();
        next.refresh = refresh.parse().ok();
        next.account = named(account);
        next.limit = limit.parse().ok().filter(|limit| *limit != DEFAULT_TRACES);
        next.time_of =
            TIMES.into_iter().find(|(of, _)| time_name(*of).unwrap_or("") == time).map_or(TimeOf::Start, |(of, _)| of);
        self.on_run.run(next);
    }

    fn run(&self) {
        self.run_as(self.editor.and_then(Editor::runnable));
    }

    /// As [`Self::run`], but does nothing when the query has a mistake.
    fn submit(&self) {
        match self.editor.map(Editor::runnable) {
            Some(None) => {}
            written => self.run_as(written.flatten()),
        }
    }
}

/// The numbers that are offered, and the one that is chosen.
fn with(offered: &[u32], chosen: Option<u32>) -> impl Iterator<Item = u32> {
    let chosen = chosen.filter(|chosen| !offered.contains(chosen));
    offered.iter().copied().chain(chosen)
}
