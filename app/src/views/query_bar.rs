//! What to ask: source, region, query, time range, refresh.

mod range;

use crate::prelude::*;
use api::query::{DEFAULT_TRACES, MOST_TRACES, TimeOf};
use leptos::{ev, html};

use crate::{
    data::StreamState,
    pages::AboutLoad,
    platform,
    route::{Explore, TraceView, time_name},
    views::{
        filter_editor::{Builder, CheatSheet, Editor, FilterEditor, History, Problems, history},
        query_bar::range::RangeMenu,
    },
    widgets::menu::Menu,
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

/// The form. What is typed lives in its fields until it is run.
#[component]
pub(crate) fn QueryBar(
    /// The present question.
    here: Signal<Explore>,
    /// The editor of the query, where there is one to write.
    editor: Option<Editor>,
    /// Stands beside the query's name, or where it would stand.
    #[prop(into)]
    beside: ViewFn,
    about: AboutLoad,
    state: Signal<StreamState>,
    /// Called with the next question.
    on_run: Callback<Explore>,
    on_cancel: Callback<()>,
) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    // The rows beside the text are for those who want them.
    let (building, set_building) = signal(platform::recall(BUILDER).is_some());
    Effect::new(move |_| platform::remember(BUILDER, building.get().then_some("open")));
    let (range, set_range) = signal(here.with_untracked(|here| here.range));
    // The range is chosen in a menu, whose choice counts at once and with the next run.
    let shown = Signal::memo(move |_| here.with(|here| here.range));
    Effect::new(move |_| set_range.set(shown.get()));
    let run_as = move |written: Option<String>| {
        let Some(form) = form.get_untracked() else { return };
        let [source, region, refresh] = platform::fields(&form, ["source", "region", "refresh"]);
        let [account, limit, time] = platform::fields(&form, ["account", "limit", "time"]);
        let named = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut next = here.get_untracked();
        // What cannot be run stays in its field, and the former query in force.
        if let Some(query) = written.filter(|query| next.query != *query) {
            next.query = query;
            next.open = None;
            next.view = TraceView::default();
        }
        // A list always has a choice; the first source, unless a link names it, is nobody's choice and stays unnamed.
        let first = about.with_untracked(|about| about.value()?.sources.first().map(|first| first.name.clone()));
        next.source = named(source).filter(|source| next.source.is_some() || first.as_ref() != Some(source));
        next.region = named(region);
        history::note(&next.query);
        next.range = range.get_untracked();
        next.refresh = refresh.parse().ok();
        next.account = named(account);
        next.limit = limit.parse().ok().filter(|limit| *limit != DEFAULT_TRACES);
        next.time_of =
            TIMES.into_iter().find(|(of, _)| time_name(*of).unwrap_or("") == time).map_or(TimeOf::Start, |(of, _)| of);
        on_run.run(next);
    };
    let run = move || run_as(editor.and_then(Editor::runnable));
    // Run itself does nothing when the query has a mistake.
    let submit = move || match editor.map(Editor::runnable) {
        Some(None) => {}
        written => run_as(written.flatten()),
    };
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        submit();
    };
    let query = Signal::memo(move |_| here.with(|here| here.query.clone()));
    platform::on_window(ev::keydown, move |event| {
        if platform::is_typing() || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match (event.key().as_str(), form.get_untracked()) {
            ("/", Some(form)) => {
                event.prevent_default();
                platform::focus_first(&form, "[name=query]");
            }
            ("r", Some(_)) => submit(),
            _ => {}
        }
    });
    let sources = move || {
        let chosen = here.with(|here| here.source.clone());
        let known = about.with(|about| about.value().map(|about| about.sources.clone()).unwrap_or_default());
        let known = known.into_iter().map(|source| source.name);
        // A source of a link that this server does not have stays visible.
        let mut names: Vec<String> = known.collect();
        names.extend(chosen.clone().filter(|chosen| !names.contains(chosen)));
        let options = names.into_iter().map(|name| {
            let is_chosen = chosen.as_ref() == Some(&name);
            view! { <option value=name.clone() selected=is_chosen>{name.clone()}</option> }
        });
        options.collect_view()
    };
    let regions = move || {
        let source = here.with(|here| here.source.clone());
        let regions = about.with(|about| {
            let sources = about.value().map(|about| about.sources.clone()).unwrap_or_default();
            let found = sources.into_iter().find(|other| source.as_ref().is_none_or(|source| *source == other.name));
            found.map(|found| found.regions).unwrap_or_default()
        });
        regions.into_iter().map(|region| view! { <option value=region></option> }).collect_view()
    };
    let default_region = move || {
        let source = here.with(|here| here.source.clone());
        about.with(|about| {
            let found = about
                .value()?
                .sources
                .iter()
                .find(|other| source.as_ref().is_none_or(|source| *source == other.name))?;
            Some(found.default_region.clone())
        })
    };
    let refreshes = move || {
        let chosen = here.with(|here| here.refresh);
        let mut all = REFRESH.to_vec();
        all.extend(chosen.filter(|chosen| !REFRESH.contains(chosen)));
        let option = |seconds: u32| {
            let text = format::duration::exact(i64::from(seconds) * 1_000_000_000);
            view! { <option value=seconds.to_string() selected=chosen == Some(seconds)>{"every "}{text}</option> }
        };
        all.into_iter().map(option).collect_view()
    };
    let limits = move || {
        let chosen = here.with(|here| here.limit.unwrap_or(DEFAULT_TRACES));
        let mut all = LIMITS.to_vec();
        all.extend(Some(chosen).filter(|chosen| !LIMITS.contains(chosen)));
        let option = |limit: u32| {
            let text = format::number::integer(i64::from(limit));
            view! { <option value=limit.to_string() selected=chosen == limit>{text}</option> }
        };
        all.into_iter().map(option).collect_view()
    };
    let times = move || {
        let chosen = here.with(|here| here.time_of);
        let option = |(of, text): (TimeOf, &'static str)| {
            view! { <option value=time_name(of).unwrap_or("") selected=chosen == of>{text}</option> }
        };
        TIMES.into_iter().map(option).collect_view()
    };
    // What is not as usual is told without opening the menu.
    let more = move || {
        here.with(|here| {
            let mut told: Vec<String> = Vec::new();
            told.extend(here.limit.map(|limit| ["≤ ", &format::number::integer(i64::from(limit))].concat()));
            told.extend(time_name(here.time_of).map(str::to_owned));
            told.extend(here.account.clone());
            if told.is_empty() { "More".to_owned() } else { told.join(", ") }
        })
    };
    let running = Signal::memo(move |_| state.with(|state| state.running && !state.refreshing));
    view! {
        <form class="query-bar" node_ref=form on:submit=on_submit role="search" aria-label="Query">
            <label class="query-bar__field">
                <span class="label">"Source"</span>
                <select class="select" name="source" on:change=move |_| run()>{sources}</select>
            </label>
            <label class="query-bar__field query-bar__field--region">
                <span class="label">"Region"</span>
                <input class="input" name="region" list="regions" autocomplete="off" spellcheck="false"
                    prop:value=move || here.with(|here| here.region.clone().unwrap_or_default()) placeholder=default_region />
                <datalist id="regions">{regions}</datalist>
            </label>
            <div class="query-bar__field query-bar__field--query" >
                {match editor {
                    Some(editor) => view! {
                        <div class="query-bar__head">
                            <span class="label" id="query-label">"Query"</span>
                            <History editor=editor />
                            <CheatSheet editor=editor />
                            <button type="button" class="button" title="Alt + Shift + F" on:click=move |_| editor.tidy()>"Format"</button>
                            <button type="button" class="button" aria-pressed=move || building.get().to_string()
                                on:click=move |_| set_building.update(|building| *building = !*building)>"Builder"</button>
                            {move || beside.run()}
                        </div>
                    }.into_any(),
                    None => view! { <span class="label" aria-hidden="true">"Group"</span> {move || beside.run()} }.into_any(),
                }}
                {editor.map(|editor| view! { <FilterEditor editor=editor query=query on_run=Callback::new(move |()| submit()) /> })}
            </div>
            <div class="query-bar__field">
                <span class="label" aria-hidden="true">"Time"</span>
                <RangeMenu range=range zone=Signal::derive(move || here.with(|here| here.zone))
                    on_range=Callback::new(move |range| { set_range.set(range); run(); }) />
            </div>
            <label class="query-bar__field">
                <span class="label">"Refresh"</span>
                <select class="select" name="refresh" on:change=move |_| run()>
                    <option value="" selected=move || here.with(|here| here.refresh.is_none())>"off"</option>
                    {refreshes}
                </select>
            </label>
            <div class="query-bar__field">
                <span class="label" aria-hidden="true">"More"</span>
                <Menu label=Signal::derive(more) name="More settings of the query">
                    {editor.map(|_| view! {
                        <label class="query-bar__more"><span class="label">"Traces at most"</span>
                            <select class="select" name="limit" on:change=move |_| run()>{limits}</select></label>
                        <label class="query-bar__more"><span class="label">"The time is that of"</span>
                            <select class="select" name="time" on:change=move |_| run()>{times}</select></label>
                    })}
                    <label class="query-bar__more"><span class="label">"AWS account"</span>
                        <input class="input" name="account" inputmode="numeric" autocomplete="off" placeholder="all accounts"
                            prop:value=move || here.with(|here| here.account.clone().unwrap_or_default()) on:change=move |_| run() /></label>
                </Menu>
            </div>
            <div class="query-bar__field query-bar__field--run">
                <span class="label" aria-hidden="true">"\u{a0}"</span>
                <Show when=move || running.get()
                    fallback=|| view! { <button type="submit" class="button button--main">"Run"</button> }>
                    <button type="button" class="button" on:click=move |_| on_cancel.run(())>"Cancel"</button>
                </Show>
            </div>
            {editor.map(|editor| view! {
                <Problems editor=editor on_anyway=Callback::new(move |()| run_as(Some(editor.written()))) />
            })}
            {editor.map(|editor| view! { <Show when=move || building.get()><Builder editor=editor /></Show> })}
        </form>
    }
}
