//! `/map`: the services of a time range.

use crate::prelude::*;
use api::ServiceMapQuery;
use filter::assist::narrow;
use leptos::ev;
use model::range::TimeRange;

use super::{AboutLoad, Place, explore};
use crate::{
    data::{self, Round},
    platform::{
        self,
        drawn::{self, Drawn},
    },
    route::{Explore, MapPlace, NodeKey, Route, SizeBy},
    views::{
        groups,
        map::{Chosen, Map, MapPanel, MapTable, MapWaiting},
        query_bar::query_bar,
        result_line::ResultLine,
        trace_list::Empty,
        welcome::Welcome,
    },
    widgets::{
        filter_by::FilterBy,
        split::{Narrow, Split},
    },
};

/// Where it is remembered that the welcome has been seen.
const WELCOMED: &str = "roentgen.welcomed";

/// The attribute of a button: what it does.
const DOES: &str = "data-does";

/// What becomes of the place.
type Change = Box<dyn FnOnce(&mut MapPlace)>;

/// What stands in the first pane.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Waiting,
    Nothing,
    Table,
    Picture,
}

/// The map page.
#[component]
pub(super) fn MapPage(place: Place, about: AboutLoad) -> impl IntoView {
    platform::set_title("Map · Roentgen");
    let here = Signal::memo(move |before: Option<&MapPlace>| match place.route.get() {
        Route::Map(here) => here,
        // On the way to another page.
        _ => before.cloned().unwrap_or_default(),
    });
    let (round, set_round) = signal(Round::default());
    let asked = Signal::memo(move |_| {
        here.with(|here| ServiceMapQuery {
            source: here.source.clone(),
            region: here.region.clone(),
            group: here.group.clone(),
            account: here.account.clone(),
            range: here.range,
            ..ServiceMapQuery::default()
        })
    });
    let map = data::service_map(move || Some((asked.get(), round.get())));
    explore::refresh(Signal::memo(move |_| here.with(|here| here.refresh)), map.asked, set_round);
    let minutes = Signal::derive(move || {
        map.asked.state.with(|state| state.range).map_or(60.0, |(from, to)| (to - from).as_seconds() / 60.0)
    });
    let zone = Signal::derive(move || here.with(|here| here.zone));
    let ask = move |fresh: bool| set_round.update(|round| *round = round.next(fresh));
    let retry = Callback::new(move |()| ask(false));
    let fresh = Callback::new(move |()| ask(true));
    let on_run = Callback::new(move |next: Explore| {
        let mut map = here.get_untracked();
        (map.source, map.region, map.range, map.refresh) = (next.source, next.region, next.range, next.refresh);
        map.account = next.account;
        if here.with_untracked(|here| *here == map) { fresh.run(()) } else { place.go(Route::Map(map)) }
    });
    let question = Signal::derive(move || explore_of(&here.get(), String::new()));
    let changed = Callback::new(move |change: Change| {
        let mut next = here.get_untracked();
        change(&mut next);
        place.refine(Route::Map(next));
    });
    let change = move |change: Change| changed.run(change);
    let on_choose = Callback::new(move |chosen: Chosen| change(Box::new(move |next| next.chosen = chosen)));
    let on_move = Callback::new(move |(key, x, y): (NodeKey, i32, i32)| {
        change(Box::new(move |next| {
            next.moved.retain(|(other, ..)| *other != key);
            next.moved.push((key, x, y));
        }));
    });
    let chosen = Signal::memo(move |_| here.with(|here| here.chosen.clone()));
    let is_chosen = Signal::memo(move |_| chosen.with(Option::is_some));
    let is_table = Signal::memo(move |_| here.with(|here| here.table));
    // Shown beside the demo until it is closed once.
    let (welcomed, set_welcomed) = signal(platform::recall(WELCOMED).is_some());
    let is_new =
        Signal::memo(move |_| !welcomed.get() && about.with(|about| about.value().is_some_and(|about| about.demo)));
    let on_welcomed = Callback::new(move |()| {
        platform::remember(WELCOMED, Some("1"));
        set_welcomed.set(true);
    });
    let is_second = Signal::memo(move |_| is_chosen.get() || is_new.get());
    let shown = Signal::memo(move |_| {
        map.graph.with(|graph| match graph {
            None => Shown::Waiting,
            Some(graph) if graph.nodes.is_empty() => Shown::Nothing,
            Some(_) if is_table.get() => Shown::Table,
            Some(_) => Shown::Picture,
        })
    });
    let content = Signal::derive(move || {
        map.graph.with(|graph| {
            let (nodes, edges) = graph.as_ref().map_or((0, 0), |graph| (graph.nodes.len(), graph.edges.len()));
            let services = format::number::counted(nodes as u64, "service", "services");
            [services, format::number::counted(edges as u64, "edge", "edges")].join(" · ")
        })
    });
    let traces =
        Callback::new(move |filter: String| Route::Explore(explore_of(&here.get_untracked(), filter)).address());
    let on_traces =
        Callback::new(move |filter: String| place.go(Route::Explore(explore_of(&here.get_untracked(), filter))));
    let on_widen = Callback::new(move |range: TimeRange| change(Box::new(move |next| next.range = range)));
    let console_link = Signal::memo(move |_| {
        here.with(|here| explore::console_map(&about.get(), here.source.as_deref(), here.region.as_deref(), here.range))
    });
    let turn = move || change(Box::new(|next| next.table = !next.table));
    platform::on_window(ev::keydown, move |event| {
        let is_plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
        if event.key() == "t" && is_plain && !platform::is_typing() {
            turn();
        }
    });
    let (wants_groups, set_wants_groups) = signal(false);
    let groups =
        data::groups(move || wants_groups.get().then(|| here.with(|here| (here.source.clone(), here.region.clone()))));
    let on_groups = groups::About {
        data: groups,
        chosen: Signal::derive(move || here.with(|here| here.group.clone())),
        query: Signal::stored(String::new()),
        on_open: Callback::new(move |()| set_wants_groups.set(true)),
        on_pick: Callback::new(move |name: Option<String>| {
            change(Box::new(move |next| next.group = name.filter(|name| name != "Default")));
        }),
    };
    let bar = query_bar(
        question,
        None,
        &|place| groups::draw(place, on_groups),
        about,
        map.asked.state,
        on_run,
        map.asked.cancel,
    );
    let calls = explore::calls(map.asked);
    let graph = map.graph;
    let picture = move || {
        view! {
            <ResultLine asked=map.asked name="The map" content=content zone=zone console_link=console_link on_retry=retry on_fresh=fresh
                on_part=None on_more=None chosen=calls calls_shown=Signal::derive(move || here.with(|here| here.calls))
                on_calls=Callback::new(move |()| change(Box::new(|next| next.calls = !next.calls))) tools=Callback::new(|_| ()) />
            {switch(here, changed)}
            {move || match shown.get() {
                Shown::Waiting => still(view! { <MapWaiting /> }),
                Shown::Nothing => still(view! {
                    <Empty about=about range=Signal::derive(move || here.with(|here| here.range)) on_widen=on_widen />
                }),
                Shown::Table => still(view! { <MapTable graph=graph minutes=minutes on_choose=on_choose /> }),
                Shown::Picture => still(view! {
                    <Map graph=graph size=Signal::derive(move || here.with(|here| here.size)) chosen=chosen
                        moved=Signal::derive(move || here.with(|here| here.moved.clone())) minutes=minutes
                        on_choose=on_choose on_move=on_move />
                }),
            }}
        }
    };
    view! {
        <section class="page page--map" aria-label="Service map">
            <FilterBy on_filter=Callback::new(move |(condition, out): (String, bool)| {
                on_traces.run(narrow::narrow("", &condition, out).unwrap_or(condition));
            }) />
            {bar}
            <Split name="map" start=68.0 narrow=Narrow::Stack second_shown=is_second first=still(picture())
                second=move || move || if is_chosen.get() {
                    still(view! {
                        <MapPanel graph=graph chosen=chosen minutes=minutes traces=traces console_link=console_link on_choose=on_choose on_traces=on_traces />
                    })
                } else {
                    still(view! { <Welcome about=about on_close=on_welcomed /> })
                } />
        </section>
    }
}

/// The buttons between the picture and the table, and what the picture shows.
fn switch(here: Signal<MapPlace>, change: Callback<Change>) -> Drawn {
    let root = Drawn::new("div", "map-page__switch");
    let size = root.says("label", "map-page__size", "Size shows ");
    let sizes = size.child("select", "select");
    for (_, name, words) in SizeBy::ALL {
        sizes.says("option", "", words).attribute("value", name);
    }
    let back = root.button("button", "Put nodes back").with(&[(DOES, "back")]);
    let turn = root.button("button", "").with(&[("title", "Map or table ( t )"), (DOES, "turn")]);
    root.follow(move |_| {
        here.with(|here| {
            size.attribute_if("hidden", here.table.then_some(""));
            back.attribute_if("hidden", here.moved.is_empty().then_some(""));
            turn.say(if here.table { "Show the map" } else { "Show as a table" });
            let chosen = SizeBy::ALL.into_iter().find(|(size, ..)| *size == here.size);
            sizes.write(chosen.map_or("", |(_, name, _)| name));
        });
    });
    root.hear(&["change"], move |event: &ev::Event| {
        let value = platform::value_of(event);
        let found = SizeBy::ALL.into_iter().find(|(_, name, _)| *name == value);
        change.run(Box::new(move |next| next.size = found.map_or_else(SizeBy::default, |(size, ..)| size)));
    });
    root.hear(&["click"], move |event: &ev::MouseEvent| match drawn::attribute_around(event, DOES).as_deref() {
        Some("back") => change.run(Box::new(|next| next.moved.clear())),
        Some(_) => change.run(Box::new(|next| next.table = !next.table)),
        None => {}
    });
    root
}

/// The Explore page of the same source, region and range.
fn explore_of(map: &MapPlace, query: String) -> Explore {
    Explore {
        source: map.source.clone(),
        region: map.region.clone(),
        range: map.range,
        zone: map.zone,
        refresh: if query.is_empty() { map.refresh } else { None },
        account: map.account.clone(),
        query,
        ..Explore::default()
    }
}
