//! `/`: the query, the list, and the open trace beside it.

use std::time::Duration;

use crate::prelude::*;
use api::{About, Query, ServiceMapQuery, TraceColumns, TraceListQuery, about::SourceKind};
use filter::assist::{Recognised, narrow, recognise};
use model::{Moment, SpanId, TraceId, range::Bound, range::TimeRange};

use super::{AboutLoad, Place};
use crate::{
    data::{self, Round},
    platform::{self, drawn::Drawn, history},
    route::{Explore, Route, TraceView},
    state::{Load, Shared},
    views::{
        self,
        calls::Chosen,
        export,
        filter_editor::{self, Editor},
        groups,
        query_bar::query_bar,
        result_line::ResultLine,
        trace::TracePanel,
        trace_list::{Empty, TraceList},
    },
    widgets::{
        filter_by::FilterBy,
        split::{Narrow, Split},
    },
};

/// The address of a trace in the AWS console; none for the local X-Ray.
pub(super) fn console_trace(about: &Load<Shared<About>>, source: &str, region: &str, id: &str) -> Option<String> {
    is_aws(about, Some(source)).then(|| console::trace(region, id))?
}

/// The console's query of a trace's logs, from a minute before it to five minutes after it: of the log groups that its
/// documents name, and of its Lambda functions.
pub(super) fn console_logs(about: &Load<Shared<About>>, trace: &Load<Shared<TraceColumns>>) -> Option<String> {
    let trace = trace.value()?;
    if !is_aws(about, Some(&trace.source)) {
        return None;
    }
    let numbers: Vec<u64> = trace.log_groups.iter().map(|group| u64::from(group.text)).collect();
    let mut groups: Vec<String> =
        order::distinct(&numbers).into_iter().map(|group| trace.text(group as u32).to_owned()).collect();
    // Functions log by themselves; their documents need not say so.
    for service in &trace.services {
        let group = ["/aws/lambda/", trace.text(service.name)].concat();
        if trace.text(service.origin).starts_with("AWS::Lambda") && !groups.contains(&group) {
            groups.push(group);
        }
    }
    let moment = |seconds: i64| format::moment::rfc3339(trace.start.0 + seconds * 1_000_000_000, 0);
    let end = trace.length.0 / 1_000_000_000 + 300;
    let query = console::logs_query(&trace.id.to_string(), trace.id.w3c());
    console::logs(&trace.region, &groups, &query, &moment(-60), &moment(end))
}

fn is_aws(about: &Load<Shared<About>>, source: Option<&str>) -> bool {
    let Some(about) = about.value() else { return false };
    let found = match source {
        Some(name) => about.sources.iter().find(|other| other.name == name),
        None => about.sources.first(),
    };
    found.is_some_and(|source| source.kind == SourceKind::Aws)
}

/// The console's address of a list of traces with this query and range.
fn console_list(about: &Load<Shared<About>>, here: &Explore) -> Option<String> {
    let (region, range) = in_console(about, here.source.as_deref(), here.region.as_deref(), here.range)?;
    console::trace_list(&region, &here.query, &range)
}

/// The console's address of the service map of a range.
pub(super) fn console_map(
    about: &Load<Shared<About>>,
    source: Option<&str>,
    region: Option<&str>,
    range: TimeRange,
) -> Option<String> {
    let (region, range) = in_console(about, source, region, range)?;
    console::service_map(&region, &range)
}

/// Region and range as the console takes them; `None` for the local X-Ray.
fn in_console(
    about: &Load<Shared<About>>,
    source: Option<&str>,
    region: Option<&str>,
    range: TimeRange,
) -> Option<(String, console::Range)> {
    if !is_aws(about, source) {
        return None;
    }
    let known = about.value()?.sources.iter().find(|other| source.is_none_or(|name| other.name == name))?;
    let region = region.unwrap_or(&known.default_region).to_owned();
    let range = match (range.from, range.to) {
        (Bound::Ago(length), Bound::Ago(model::Nanos(0))) => console::Range::Last { seconds: length.0 / 1_000_000_000 },
        (from, to) => {
            let now = Moment(platform::now_nanos());
            let text = |bound: Bound| format::moment::rfc3339(bound.resolve(now).0, 0);
            console::Range::Between { from: text(from), to: text(to) }
        }
    };
    Some((region, range))
}

/// The Explore page.
#[component]
pub(super) fn ExplorePage(place: Place, about: AboutLoad) -> impl IntoView {
    platform::set_title("Explore · Roentgen");
    let here = Signal::memo(move |before: Option<&Explore>| match place.route.get() {
        Route::Explore(here) => here,
        // On the way to another page.
        _ => before.cloned().unwrap_or_default(),
    });
    let zone = Signal::derive(move || here.with(|here| here.zone));
    // A trace's id as the query opens that trace; there is nothing to list then.
    let named = Signal::memo(move |_| here.with(|here| only_trace(&here.query)));
    let (round, set_round) = signal(Round::default());
    let ask = move |fresh: bool| set_round.update(|round| *round = round.next(fresh));
    let asked = Signal::memo(move |_| {
        let here = here.get();
        let query = TraceListQuery {
            source: here.source,
            region: here.region,
            filter: here.query,
            range: here.range,
            account: here.account,
            time_of: here.time_of,
            limit: here.limit,
            fresh: false,
        };
        named.get().is_none().then_some(query)
    });
    let list = data::trace_list(move || asked.get().map(|query| (query, round.get())));
    refresh(Signal::memo(move |_| here.with(|here| here.refresh)), list.asked, set_round);
    // The groups, once somebody wants to see them or writes a query.
    let (wants_groups, set_wants_groups) = signal(false);
    let groups =
        data::groups(move || wants_groups.get().then(|| here.with(|here| (here.source.clone(), here.region.clone()))));
    let editor = editor(here, list, groups);
    Effect::new(move |_| {
        if editor.used.get() {
            set_wants_groups.set(true);
        }
    });
    let open =
        Signal::memo(move |_| here.with(|here| here.open.clone()).or_else(|| named.get().map(|id| id.to_string())));
    let on_run = Callback::new(move |next: Explore| {
        // What was open belongs to the former question, unless it is the same one.
        let same = here.with_untracked(|here| Route::Explore(here.clone()) == Route::Explore(next.clone()));
        if same {
            ask(true);
        } else {
            place.go(Route::Explore(next));
        }
    });
    let change = move |replace: bool, change: Box<dyn FnOnce(&mut Explore)>| {
        let mut next = here.get_untracked();
        change(&mut next);
        let route = Route::Explore(next);
        if replace { place.refine(route) } else { place.go(route) }
    };
    let on_open = Callback::new(move |id: TraceId| {
        let id = id.to_string();
        change(
            false,
            Box::new(move |next| {
                next.open = Some(id);
                next.view = TraceView::default();
            }),
        );
    });
    let on_widen = Callback::new(move |range: TimeRange| change(false, Box::new(move |next| next.range = range)));
    let on_filter = Callback::new(move |(condition, out): (String, bool)| {
        let query = here.with_untracked(|here| narrow::narrow(&here.query, &condition, out));
        let Some(query) = query else { return };
        change(false, Box::new(move |next| next.query = query));
    });
    let on_groups = groups::About {
        data: groups,
        chosen: Signal::stored(None),
        query: Signal::derive(move || here.with(|here| here.query.clone())),
        on_open: Callback::new(move |()| set_wants_groups.set(true)),
        on_pick: Callback::new(move |name: Option<String>| {
            if let Some(name) = name {
                on_filter.run((narrow::is_text("group.name", &name), false));
            }
        }),
    };
    let bar = query_bar(
        here,
        Some(editor),
        &|place| groups::draw(place, on_groups),
        about,
        list.asked.state,
        on_run,
        list.asked.cancel,
    );
    let is_open = Signal::memo(move |_| open.with(Option::is_some));
    let content =
        Signal::derive(move || format::number::counted(list.rows.with(|rows| rows.len()) as u64, "trace", "traces"));
    // More of the same, added to what is there: a part that failed, or what lies before the end of the list.
    let add = move |from: Moment, to: Moment, part: Option<usize>| {
        let Some(mut query) = asked.get_untracked() else { return };
        query.range = TimeRange { from: Bound::At(from), to: Bound::At(to) };
        list.asked.add.run((Query::TraceList(query), part));
    };
    let on_part = Callback::new(move |place: usize| {
        let part = list.asked.state.with_untracked(|state| state.failed.get(place).map(|part| (part.from, part.to)));
        if let Some((from, to)) = part {
            add(from, to, Some(place));
        }
    });
    let on_more = Callback::new(move |()| {
        let ends = list.asked.state.with_untracked(|state| Some((state.range?.0, state.done.as_ref()?.more_before?)));
        if let Some((from, before)) = ends {
            add(from, before, None);
        }
    });
    let calls = calls(list.asked);
    let list_view = move || {
        view! {
            <ResultLine asked=list.asked name="The list" content=content zone=zone console_link=Signal::derive(move || console_list(&about.get(), &here.get()))
                on_retry=Callback::new(move |()| ask(false)) on_fresh=Callback::new(move |()| ask(true))
                on_part=Some(on_part) on_more=Some(on_more) chosen=calls calls_shown=Signal::derive(move || here.with(|here| here.calls))
                on_calls=Callback::new(move |()| change(true, Box::new(|next| next.calls = !next.calls)))
                tools=Callback::new(move |line: Drawn| export::draw(&line, list.rows)) />
            <Show when=move || named.get().is_none()
                fallback=|| view! { <p class="empty">"The query is the id of a trace; that trace is shown."</p> }>
                <TraceList
                    rows=list.rows
                    state=list.asked.state
                    zone=zone
                    sort=Signal::derive(move || here.with(|here| here.sort.clone()))
                    columns=Signal::derive(move || here.with(|here| here.columns.clone()))
                    open=Signal::derive(move || open.get().and_then(|id| TraceId::find(&id)))
                    on_open=on_open
                    on_sort=Callback::new(move |sort: String| change(true, Box::new(move |next| next.sort = sort)))
                    on_columns=Callback::new(move |columns: Vec<String>| change(true, Box::new(move |next| next.columns = columns)))
                    empty=move || view! { <Empty about=about range=Signal::derive(move || here.with(|here| here.range)) on_widen=on_widen /> }
                />
            </Show>
        }
    };
    view! {
        <section class="page page--explore" aria-label="Explore">
            <FilterBy on_filter=on_filter />
            {bar}
            <Split name="explore" start=36.0 narrow=Narrow::Cover second_shown=is_open first=still(list_view())
                second=move || view! { <OpenTrace place=place about=about here=here open=open /> } />
        </section>
    }
}

/// The trace that a query is the id of, in whatever form.
fn only_trace(query: &str) -> Option<TraceId> {
    match recognise(query) {
        Some(Recognised::Trace(id)) => Some(id),
        _ => None,
    }
}

/// The query's editor. The services of the range are asked for when it is used first.
fn editor(here: Signal<Explore>, list: data::TraceListData, groups: data::GroupsData) -> Editor {
    let (used, set_used) = signal(false);
    let map = data::service_map(move || {
        used.get().then(|| {
            let here = here.get();
            let query =
                ServiceMapQuery { source: here.source, region: here.region, range: here.range, ..Default::default() };
            (query, Round::default())
        })
    });
    let running = Signal::memo(move |_| list.asked.state.with(|state| state.running));
    let query = Signal::memo(move |_| here.with(|here| here.query.clone()));
    let editor = Editor::new(query, filter_editor::catalogue(list.rows, running, map.graph, groups.groups));
    Effect::new(move |_| set_used.set(editor.used.get()));
    editor
}

/// Asks again a while after each answer, as long as somebody looks.
pub(super) fn refresh(every: Signal<Option<u32>>, asked: data::Asked, set_round: RwSignal<Round>) {
    let running = Signal::memo(move |_| asked.state.with(|state| state.running));
    let (woken, set_woken) = signal(0_u32);
    Effect::new(move |_| {
        woken.track();
        let Some(seconds) = every.get().filter(|_| !running.get()) else { return };
        platform::after(Duration::from_secs(u64::from(seconds)), move || {
            if platform::is_hidden() {
                // Nobody looks; look again whether somebody does.
                set_woken.try_update(|woken| *woken += 1);
            } else {
                set_round.try_update(|round| *round = round.next(false));
            }
        });
    });
}

/// Which of an answer's calls is looked at, and what was said in it.
pub(super) fn calls(asked: data::Asked) -> Chosen {
    let place = RwSignal::new(None::<usize>);
    let said = data::latest(move || {
        let place = place.get()?;
        let call = asked.state.with(|state| state.calls.get(place).map(|(answer, call)| (answer.clone(), call.number)));
        call.map(|(answer, number)| (data::said(&answer, number), 0))
    });
    Chosen { place, said }
}

/// The trace that is open beside the list.
#[component]
fn OpenTrace(place: Place, about: AboutLoad, here: Signal<Explore>, open: Signal<Option<String>>) -> impl IntoView {
    let (round, set_round) = signal(0_u32);
    let trace = data::latest(move || {
        let id = open.get()?;
        let found = here.with(|here| data::trace(&id, here.source.as_deref(), here.region.as_deref()));
        Some((found, round.get()))
    });
    let wanted = move || {
        let Some(id) = open.get() else { return Vec::new() };
        here.with(|here| {
            let (source, region) = (here.source.as_deref(), here.region.as_deref());
            let spans = views::trace::spans(&here.view).into_iter();
            spans.map(|(span, ..)| (span, data::span(&id, span, source, region))).collect()
        })
    };
    let at_hand = move |spans: &[SpanId]| {
        let id = open.get_untracked()?;
        here.with_untracked(|here| {
            Some(data::documents_at_hand(&id, spans, here.source.as_deref(), here.region.as_deref()))
        })
    };
    let documents = data::documents(wanted, at_hand);
    let on_view = Callback::new(move |view: TraceView| {
        place.refine(Route::Explore(Explore { view, ..here.get_untracked() }));
    });
    let close = Callback::new(move |()| {
        let mut next = here.get_untracked();
        next.open = None;
        next.view = TraceView::default();
        if only_trace(&next.query).is_some() {
            next.query = String::new();
        }
        place.go(Route::Explore(next));
    });
    let console_link = Signal::memo(move |_| {
        let trace = trace.get();
        let columns = trace.value()?;
        console_trace(&about.get(), &columns.source, &columns.region, &columns.id.to_string())
    });
    // The trace's own address, which needs no query to be open.
    let link = Signal::derive(move || {
        let (trace, here) = (trace.get(), here.get());
        let columns = trace.value();
        let place = crate::route::TracePlace {
            id: open.get().unwrap_or_default(),
            source: columns.map(|columns| columns.source.clone()).or(here.source),
            region: columns.map(|columns| columns.region.clone()).or(here.region),
            at: columns.map(|columns| columns.start),
            zone: here.zone,
            view: here.view,
        };
        history::origin() + &Route::Trace(place).address()
    });
    view! {
        <TracePanel
            trace=trace
            view=Signal::derive(move || here.with(|here| here.view.clone()))
            on_view=on_view
            documents=documents
            zone=Signal::derive(move || here.with(|here| here.zone))
            console_link=console_link
            logs=Signal::derive(move || console_logs(&about.get(), &trace.get()))
            on_retry=Callback::new(move |()| set_round.update(|round| *round += 1))
            on_close=Some(close)
            link=link
        />
    }
}
