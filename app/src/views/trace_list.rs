//! The traces found, a row each. Only the rows in view exist: a fixed pool of them shows other traces while scrolling.

pub(crate) mod column;
mod empty;

use std::sync::Arc;

use crate::prelude::*;
use api::TraceRow;
use leptos::{ev, html};
use model::TraceId;

use self::column::{Column, Sort};
pub(crate) use self::empty::Empty;
use crate::{
    data::StreamState,
    platform,
    state::{Shared, Zone},
    widgets::menu::Menu,
};

/// The height of a row in CSS pixels; the stylesheet has the same number.
const ROW: f64 = 28.0;
/// Rows beyond both edges, so that a quick scroll shows no blanks.
const SPARE: usize = 6;

/// The list.
#[component]
pub(crate) fn TraceList<E, EV>(
    rows: Signal<Shared<Vec<Arc<TraceRow>>>>,
    state: Signal<StreamState>,
    zone: Signal<Zone>,
    /// Column and direction, as in the link.
    sort: Signal<String>,
    /// The columns, as in the link.
    columns: Signal<Vec<String>>,
    /// The trace that is open.
    open: Signal<Option<TraceId>>,
    on_open: Callback<TraceId>,
    on_sort: Callback<String>,
    on_columns: Callback<Vec<String>>,
    /// What stands here when nothing was found.
    empty: E,
) -> impl IntoView
where
    E: Fn() -> EV + Send + Sync + 'static,
    EV: IntoView + 'static,
{
    let columns = Signal::memo(move |_| columns.with(|names| column::chosen(names)));
    let sort = Signal::memo(move |_| sort.with(|text| Sort::read(text)));
    let order = Signal::memo(move |_| Shared::new(rows.with(|rows| sort.with(|sort| sort.order(rows)))));
    let count = Signal::memo(move |_| order.with(|order| order.len()));
    let body = NodeRef::<html::Div>::new();
    let (first, set_first) = signal(0_usize);
    let (pool, set_pool) = signal(40_usize);
    let (active, set_active) = signal(0_usize);
    let measure = platform::every_frame_once(move || {
        let Some(body) = body.get_untracked() else { return };
        let visible = (platform::size(&body).1 / ROW).ceil() as usize + 1;
        if pool.get_untracked() < visible + 2 * SPARE {
            set_pool.set(visible + 2 * SPARE);
        }
        let top = (platform::scroll_top(&body) / ROW) as usize;
        // Even, so that the stripes of the pool's rows stay with their traces.
        set_first.set(top.saturating_sub(SPARE) & !1);
    });
    let on_scroll = measure.clone();
    platform::on_window(ev::resize, move |_| measure());
    let row_at = move |index: usize| {
        order.with(|order| order.get(index).copied()).and_then(|row| rows.with(|rows| rows.get(row as usize).cloned()))
    };
    let reveal = move |index: usize| {
        let Some(body) = body.get_untracked() else { return };
        let (top, height) = (platform::scroll_top(&body), platform::size(&body).1);
        let place = index as f64 * ROW;
        if place < top {
            platform::set_scroll_top(&body, place);
        } else if place + ROW > top + height {
            platform::set_scroll_top(&body, place + ROW - height);
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let last = count.get_untracked().saturating_sub(1);
        let now = active.get_untracked().min(last);
        let page = body.get_untracked().map_or(10, |body| (platform::size(&body).1 / ROW) as usize).max(1);
        let next = match event.key().as_str() {
            "ArrowDown" => now + 1,
            "ArrowUp" => now.saturating_sub(1),
            "PageDown" => now + page,
            "PageUp" => now.saturating_sub(page),
            "Home" => 0,
            "End" => last,
            "Enter" | " " => {
                event.prevent_default();
                if let Some(row) = row_at(now) {
                    on_open.run(row.id);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        set_active.set(next.min(last));
        reveal(next.min(last));
    };
    let tracks = move || columns.with(|columns| column::tracks(columns));
    let width = move || columns.with(|columns| format!("{}em", column::least_width(columns)));
    let slots = move || {
        (0..pool.get())
            .map(|slot| view! { <Row place=slot first=first pool=pool count=count columns=columns zone=zone open=open active=active
                row_at=move |index| row_at(index)
                on_press=move |index: usize, id: TraceId| { set_active.set(index); on_open.run(id); } /> })
            .collect_view()
    };
    view! {
        <div class="list" style:--columns=tracks style:--width=width>
            <div class="list__scroll" role="grid" aria-label="Traces" aria-busy=move || state.with(|state| state.running).to_string()
                aria-rowcount=move || count.get() + 1 aria-colcount=move || columns.with(Vec::len)
                aria-activedescendant=move || format!("trace-row-{}", active.get()) tabindex="0"
                node_ref=body on:scroll=move |_| on_scroll() on:keydown=on_key>
                <div class="list__head" role="row" aria-rowindex="1">
                    {move || columns.get().into_iter().map(|column| view! { <Head column=column sort=sort on_sort=on_sort /> }).collect_view()}
                </div>
                <div class="list__body" role="rowgroup" style:height=move || format!("{}px", count.get() * ROW as usize)>{slots}</div>
            </div>
            <div class="list__columns"><Columns rows=rows columns=columns on_columns=on_columns /></div>
            <Show when=move || count.get() == 0 && !state.with(|state| state.running)>
                <div class="list__empty">{empty()}</div>
            </Show>
            <Show when=move || count.get() == 0 && state.with(|state| state.running)>
                <div class="list__empty list__empty--loading" aria-hidden="true">
                    {(0..8).map(|_| view! { <div class="skeleton"></div> }).collect_view()}
                </div>
            </Show>
        </div>
    }
}

/// A column's head; pressing it sorts.
#[component]
fn Head(column: Column, sort: Signal<Sort>, on_sort: Callback<String>) -> impl IntoView {
    let name = column.name();
    let title = column.title();
    let state = {
        let column = column.clone();
        move || {
            sort.with(|sort| {
                if sort.column == column { if sort.descending { "descending" } else { "ascending" } } else { "none" }
            })
        }
    };
    let arrow = {
        let state = state.clone();
        move || match state() {
            "descending" => " ↓",
            "ascending" => " ↑",
            _ => "",
        }
    };
    let press = move |_| {
        let now = sort.get_untracked();
        // Numbers and times are most telling from the top: the first press sorts downwards.
        let descending = if now.column == column { !now.descending } else { column.is_numeric() };
        on_sort.run(if descending { format!("-{name}") } else { name.clone() });
    };
    view! {
        <div class="list__cell" role="columnheader" aria-sort=state>
            <button type="button" class="list__sort" on:click=press>{title}{arrow}</button>
        </div>
    }
}

/// One element of the pool. It shows the trace whose index is its place modulo the pool's size, so
/// that scrolling by a row changes one element and not all.
#[component]
#[expect(clippy::too_many_arguments, reason = "they are the list's signals, one each")]
fn Row<A, P>(
    place: usize,
    first: Signal<usize>,
    pool: Signal<usize>,
    count: Signal<usize>,
    columns: Signal<Vec<Column>>,
    zone: Signal<Zone>,
    open: Signal<Option<TraceId>>,
    active: Signal<usize>,
    row_at: A,
    on_press: P,
) -> impl IntoView
where
    A: Fn(usize) -> Option<Arc<TraceRow>> + Copy + Send + Sync + 'static,
    P: Fn(usize, TraceId) + Copy + Send + Sync + 'static,
{
    let index = Signal::memo(move |_| {
        let (first, pool) = (first.get(), pool.get());
        let index = first - first % pool + place;
        if index < first { index + pool } else { index }
    });
    let row = Signal::memo(move |_| row_at(index.get()).map(Pointer));
    let is_open = Signal::memo(move |_| {
        open.get().is_some_and(|open| row.with(|row| row.as_ref().is_some_and(|row| row.0.id == open)))
    });
    let press = move |_| {
        if let Some(row) = row.get_untracked() {
            on_press(index.get_untracked(), row.0.id);
        }
    };
    view! {
        <div class="list__row" role="row" id=move || format!("trace-row-{}", index.get())
            class:list__row--open=move || is_open.get() class:list__row--active=move || active.get() == index.get()
            class:list__row--odd=move || index.get() % 2 == 1
            aria-rowindex=move || index.get() + 2 aria-selected=move || is_open.get().to_string()
            hidden=move || { index.get() >= count.get() }
            style:transform=move || format!("translateY({}px)", index.get() * ROW as usize)
            on:click=press>
            {move || row.get().map(|row| columns.with(|columns| {
                columns.iter().map(|column| column.cell(&row.0, zone.get())).collect_view()
            }))}
        </div>
    }
}

/// A row that is compared by where it is.
#[derive(Clone)]
struct Pointer(Arc<TraceRow>);

impl PartialEq for Pointer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Which columns are shown.
#[component]
fn Columns(
    rows: Signal<Shared<Vec<Arc<TraceRow>>>>,
    columns: Signal<Vec<Column>>,
    on_columns: Callback<Vec<String>>,
) -> impl IntoView {
    // Keys of annotations come from the data, and stay offered while a column shows them.
    let offered = Signal::memo(move |_| rows.with(|rows| columns.with(|columns| column::offered(rows, columns))));
    let toggle = move |column: &Column| {
        let mut next = columns.get_untracked();
        match next.iter().position(|other| other == column) {
            Some(place) if next.len() > 1 => drop(next.remove(place)),
            Some(_) => return,
            None => next.push(column.clone()),
        }
        on_columns.run(if next == column::defaults() { Vec::new() } else { next.iter().map(Column::name).collect() });
    };
    view! {
        <Menu label="Columns" name="Columns">
            <fieldset class="choices">
                <legend class="label">"Columns"</legend>
                {move || offered.get().into_iter().map(|column| {
                    let is_shown = columns.with(|columns| columns.contains(&column));
                    let title = column.title();
                    view! {
                        <label class="choices__item">
                            <input type="checkbox" prop:checked=is_shown on:change=move |_| toggle(&column) />
                            {title}
                        </label>
                    }
                }).collect_view()}
            </fieldset>
        </Menu>
    }
}
