//! The traces found, a row each. Only the rows in view exist: a fixed pool of them shows other traces while scrolling.

pub(crate) mod column;
mod empty;

use std::{rc::Rc, sync::Arc};

use crate::prelude::*;
use api::TraceRow;
use leptos::ev;
use model::TraceId;

use self::column::{Column, Sort};
pub(crate) use self::empty::Empty;
use crate::{
    data::StreamState,
    platform::{
        self,
        drawn::{self, Drawn},
    },
    state::{Shared, Zone},
    widgets::menu::Panel,
};

/// The height of a row in CSS pixels; the stylesheet has the same number.
const ROW: f64 = 28.0;
/// Rows beyond both edges, so that a quick scroll shows no blanks.
const SPARE: usize = 6;

/// The attribute of what is about a column: its name.
const COLUMN: &str = "data-column";

/// What the list shows.
#[derive(Clone, Copy)]
struct List {
    rows: Signal<Shared<Vec<Arc<TraceRow>>>>,
    /// The places of the rows in the order in which they are shown.
    order: Signal<Shared<Vec<u32>>>,
    columns: Signal<Vec<Column>>,
    sort: Signal<Sort>,
    zone: Signal<Zone>,
    /// The trace that is open.
    open: Signal<Option<TraceId>>,
    /// The row that the keys are on.
    active: RwSignal<usize>,
    /// The first row of the pool, and how many there are.
    first: RwSignal<usize>,
    pool: RwSignal<usize>,
    on_open: Callback<TraceId>,
}

/// The list.
#[component]
pub(crate) fn TraceList(
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
    #[prop(into)]
    empty: ViewFn,
) -> AnyView {
    let columns = Signal::memo(move |_| columns.with(|names| column::chosen(names)));
    let sort = Signal::memo(move |_| sort.with(|text| Sort::read(text)));
    let order = Signal::memo(move |_| Shared::new(rows.with(|rows| sort.with(|sort| sort.order(rows)))));
    let count = Signal::memo(move |_| order.with(|order| order.len()));
    let running = Signal::memo(move |_| state.with(|state| state.running));
    let (active, first, pool) = (RwSignal::new(0), RwSignal::new(0), RwSignal::new(40));
    let list = List { rows, order, columns, sort, zone, open, active, first, pool, on_open };

    let root = Drawn::new("div", "list");
    let scroll = root.child("div", "list__scroll");
    let scroll = scroll.with(&[("role", "grid"), ("aria-label", "Traces"), ("tabindex", "0")]);
    list.draw_head(&scroll, on_sort);
    list.draw_body(&scroll);
    list.listen(&scroll);
    let (sheet, grid) = (root.clone(), scroll);
    Effect::new(move |_| {
        columns.with(|columns| {
            sheet.style("--columns", &column::tracks(columns));
            sheet.style("--width", &[&column::least_width(columns).to_string(), "em"].concat());
            grid.attribute("aria-colcount", &columns.len().to_string());
        });
        grid.attribute("aria-rowcount", &(count.get() + 1).to_string());
        grid.attribute("aria-busy", if running.get() { "true" } else { "false" });
        grid.attribute("aria-activedescendant", &["trace-row-", &active.get().to_string()].concat());
    });
    draw_columns(&root.child("div", "list__columns"), rows, columns, on_columns);
    root.hold(
        view! {
            <Show when=move || count.get() == 0 && !running.get()>
                <div class="list__empty">{empty.run()}</div>
            </Show>
        }
        .into_any(),
    );
    let sheet = root.clone();
    Effect::new(move |former: Option<Option<Drawn>>| {
        let is_loading = count.get() == 0 && running.get();
        let former = former.flatten();
        if is_loading && former.is_some() {
            return former;
        }
        if let Some(former) = former {
            former.remove();
        }
        is_loading.then(|| {
            let loading = sheet.child("div", "list__empty list__empty--loading");
            for _ in 0..8 {
                loading.child("div", "skeleton");
            }
            loading.with(&[("aria-hidden", "true")])
        })
    });
    root.view()
}

impl List {
    /// Draws the heads of the columns; pressing one sorts.
    fn draw_head(self, grid: &Drawn, on_sort: Callback<String>) {
        let head = grid.child("div", "list__head").with(&[("role", "row"), ("aria-rowindex", "1")]);
        let cells = head.clone();
        Effect::new(move |former: Option<Vec<Column>>| {
            let columns = self.columns.get();
            if former.as_ref() != Some(&columns) {
                cells.clear();
                for column in &columns {
                    let cell = cells.child("div", "list__cell").with(&[("role", "columnheader")]);
                    let button = cell.child("button", "list__sort");
                    button.with(&[("type", "button"), (COLUMN, &column.name())]);
                }
            }
            let sort = self.sort.get();
            let drawn = cells.all("[role=columnheader]").into_iter().zip(cells.all("button"));
            for ((cell, button), column) in drawn.zip(&columns) {
                let (state, arrow) = match (sort.column == *column, sort.descending) {
                    (false, _) => ("none", ""),
                    (true, true) => ("descending", " ↓"),
                    (true, false) => ("ascending", " ↑"),
                };
                cell.attribute("aria-sort", state);
                button.say(&[&*column.title(), arrow].concat());
            }
            columns
        });
        head.on_press(COLUMN, move |name| {
            let now = self.sort.get_untracked();
            let found = self.columns.with_untracked(|columns| columns.iter().find(|it| it.name() == name).cloned());
            let Some(column) = found else { return };
            // Numbers and times are most telling from the top: the first press sorts downwards.
            let descending = if now.column == column { !now.descending } else { column.is_numeric() };
            on_sort.run([if descending { "-" } else { "" }, name].concat());
        });
    }

    /// Draws the pool of rows. Each shows the trace whose index is its place modulo the pool's size, so that scrolling by
    /// a row changes one element and not all.
    fn draw_body(self, grid: &Drawn) {
        let body = grid.child("div", "list__body").with(&[("role", "rowgroup")]);
        body.hear(&["click"], move |event: &ev::MouseEvent| {
            let number = drawn::attribute_around(event, "aria-rowindex").and_then(|index| index.parse::<usize>().ok());
            let Some(index) = number.and_then(|number| number.checked_sub(2)) else { return };
            if let Some(row) = self.row_at(index) {
                self.active.set(index);
                self.on_open.run(row.id);
            }
        });
        let mut slots = Vec::<Slot>::new();
        Effect::new(move |former: Option<(Vec<Column>, Zone)>| {
            let now = (self.columns.get(), self.zone.get());
            let is_other = former.as_ref() != Some(&now);
            let (first, pool) = (self.first.get(), self.pool.get());
            let (open, active) = (self.open.get(), self.active.get());
            let (order, rows) = (self.order.get(), self.rows.get());
            body.style("height", &px(order.len()));
            slots.extend((slots.len()..pool).map(|_| Slot::new(&body)));
            for (place, slot) in slots.iter_mut().enumerate() {
                let index = first - first % pool + place;
                let index = if index < first { index + pool } else { index };
                let row = order.get(index).and_then(|row| rows.get(*row as usize));
                let shown = Shown {
                    index,
                    row: row.cloned().map(Pointer),
                    is_open: row.is_some_and(|row| open == Some(row.id)),
                    is_active: active == index,
                };
                slot.show(shown, is_other, &now);
            }
            now
        });
    }

    fn row_at(self, index: usize) -> Option<Arc<TraceRow>> {
        let row = self.order.with_untracked(|order| order.get(index).copied())?;
        self.rows.with_untracked(|rows| rows.get(row as usize).cloned())
    }

    /// Hears scrolling, keys, and the window's changes.
    fn listen(self, grid: &Drawn) {
        let body = grid.clone();
        let measure = platform::every_frame_once(move || {
            let visible = (platform::size(body.element()).1 / ROW).ceil() as usize + 1;
            if self.pool.get_untracked() < visible + 2 * SPARE {
                self.pool.set(visible + 2 * SPARE);
            }
            let top = (platform::scroll_top(body.element()) / ROW) as usize;
            // Even, so that the stripes of the pool's rows stay with their traces.
            self.first.set(top.saturating_sub(SPARE) & !1);
        });
        let on_scroll = measure.clone();
        platform::on_window(ev::resize, move |_| measure());
        grid.hear(&["scroll"], move |_: &ev::Event| on_scroll());
        let body = Rc::new(grid.clone());
        grid.hear(&["keydown"], move |event: &ev::KeyboardEvent| self.on_key(&body, event));
    }

    fn on_key(self, body: &Drawn, event: &ev::KeyboardEvent) {
        let last = self.order.with_untracked(|order| order.len()).saturating_sub(1);
        let now = self.active.get_untracked().min(last);
        let page = ((platform::size(body.element()).1 / ROW) as usize).max(1);
        let next = match event.key().as_str() {
            "ArrowDown" => now + 1,
            "ArrowUp" => now.saturating_sub(1),
            "PageDown" => now + page,
            "PageUp" => now.saturating_sub(page),
            "Home" => 0,
            "End" => last,
            "Enter" | " " => {
                event.prevent_default();
                if let Some(row) = self.row_at(now) {
                    self.on_open.run(row.id);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        self.active.set(next.min(last));
        reveal(body, next.min(last));
    }
}

fn reveal(body: &Drawn, index: usize) {
    let body = body.element();
    let (top, height) = (platform::scroll_top(body), platform::size(body).1);
    let place = index as f64 * ROW;
    if place < top {
        platform::set_scroll_top(body, place);
    } else if place + ROW > top + height {
        platform::set_scroll_top(body, place + ROW - height);
    }
}

/// The height of so many rows.
fn px(rows: usize) -> String {
    [&(rows * ROW as usize).to_string(), "px"].concat()
}

/// One element of the pool.
struct Slot {
    element: Drawn,
    shown: Option<Shown>,
}

/// What it shows.
#[derive(PartialEq)]
struct Shown {
    index: usize,
    row: Option<Pointer>,
    is_open: bool,
    is_active: bool,
}

impl Slot {
    fn new(body: &Drawn) -> Self {
        Self { element: body.child("div", "list__row").with(&[("role", "row")]), shown: None }
    }

    /// Shows something else; the cells anew where another trace, other columns or another zone make them others.
    fn show(&mut self, shown: Shown, is_other: bool, (columns, zone): &(Vec<Column>, Zone)) {
        let former = self.shown.as_ref();
        if !is_other && former == Some(&shown) {
            return;
        }
        let row = &self.element;
        if former.is_none_or(|former| former.index != shown.index) {
            row.attribute("id", &["trace-row-", &shown.index.to_string()].concat());
            row.attribute("aria-rowindex", &(shown.index + 2).to_string());
            row.style("transform", &["translateY(", &px(shown.index), ")"].concat());
        }
        let class = |is: bool, class: &'static str| if is { class } else { "" };
        let classes = [
            "list__row",
            class(shown.is_open, " list__row--open"),
            class(shown.is_active, " list__row--active"),
            class(shown.index % 2 == 1, " list__row--odd"),
        ];
        row.class(&classes.concat());
        row.attribute("aria-selected", if shown.is_open { "true" } else { "false" });
        row.attribute_if("hidden", shown.row.is_none().then_some(""));
        if is_other || former.is_none_or(|former| former.row != shown.row) {
            row.clear();
            if let Some(Pointer(trace)) = &shown.row {
                for column in columns {
                    column.draw(row, trace, *zone);
                }
            }
        }
        self.shown = Some(shown);
    }
}

/// A row that is compared by where it is.
struct Pointer(Arc<TraceRow>);

impl PartialEq for Pointer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Draws the menu of what columns are shown.
fn draw_columns(
    place: &Drawn,
    rows: Signal<Shared<Vec<Arc<TraceRow>>>>,
    columns: Signal<Vec<Column>>,
    on_columns: Callback<Vec<String>>,
) {
    let choices = Panel::inside(place, "Columns", "Columns").inside.child("fieldset", "choices");
    // Keys of annotations come from the data, and stay offered while a column shows them.
    let offered = Signal::memo(move |_| rows.with(|rows| columns.with(|columns| column::offered(rows, columns))));
    let list = choices.clone();
    Effect::new(move |_| {
        list.clear();
        list.says("legend", "label", "Columns");
        let (offered, columns) = (offered.get(), columns.get());
        for column in offered {
            let item = list.child("label", "choices__item");
            let tick = item.child("input", "").with(&[("type", "checkbox"), (COLUMN, &column.name())]);
            tick.attribute_if("checked", columns.contains(&column).then_some(""));
            item.words().set(&column.title());
        }
    });
    choices.hear(&["change"], move |event: &ev::Event| {
        let Some(name) = drawn::attribute_around(event, COLUMN) else { return };
        let found = offered.with_untracked(|offered| offered.iter().find(|column| column.name() == name).cloned());
        let Some(column) = found else { return };
        let mut next = columns.get_untracked();
        match next.iter().position(|other| *other == column) {
            Some(place) if next.len() > 1 => drop(next.remove(place)),
            Some(_) => return,
            None => next.push(column),
        }
        on_columns.run(if next == column::defaults() { Vec::new() } else { next.iter().map(Column::name).collect() });
    });
}
