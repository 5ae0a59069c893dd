//! The waterfall: spans as rows of a tree, their times as bars, virtualised on a fixed pool of elements.

mod keys;
pub(super) mod label;
pub(super) mod marks;
mod ruler;
mod sheet;
mod slot;

use api::TraceColumns;
use leptos::{ev, html, prelude::*};
use model::SpanId;

use self::{
    keys::Command,
    label::px,
    ruler::Ruler,
    sheet::{HEADER_PX, News, PAD_PX, Page, Selected, Sheet},
    slot::ROW_PX,
};
use crate::{
    platform::{
        self,
        drawn::{self, Drawn},
    },
    state::Shared,
};

/// Under which name the width of the column of names is remembered, in CSS pixels.
const NAME_KEY: &str = "roentgen.waterfall.name";

/// The sheet and the way to draw it. The sheet is gone when the component is.
#[derive(Clone, Copy)]
struct Handle {
    sheet: StoredValue<Sheet, LocalStorage>,
    draw: StoredValue<Box<dyn Fn()>, LocalStorage>,
    on_select: Callback<Option<SpanId>>,
    on_collapse: Callback<Vec<SpanId>>,
    on_close: Callback<()>,
}

impl Handle {
    /// Changes the sheet, tells the world outside, and draws in the next frame.
    fn change(self, change: impl FnOnce(&mut Sheet) -> News) {
        let Some(news) = self.sheet.try_update_value(change) else { return };
        self.redraw();
        if let Some(Selected(selected)) = news.selected {
            self.on_select.run(selected);
        }
        if let Some(collapsed) = news.collapsed {
            self.on_collapse.run(collapsed);
        }
        if news.close {
            self.on_close.run(());
        }
    }

    /// Changes the sheet in a way that concerns nobody else, and draws in the next frame.
    fn update(self, change: impl FnOnce(&mut Sheet)) {
        self.change(|sheet| {
            change(sheet);
            News::default()
        });
    }

    fn redraw(self) {
        self.draw.try_with_value(|draw| draw());
    }

    fn command(self, command: Command) {
        self.change(|sheet| sheet.command(command));
    }
}

/// The waterfall of a trace.
#[component]
pub(super) fn Waterfall(
    /// The trace.
    trace: Signal<Shared<TraceColumns>>,
    /// The selected span; revealed and scrolled into view when it changes.
    selected: Signal<Option<SpanId>>,
    /// Called when another span, or none, is selected.
    on_select: Callback<Option<SpanId>>,
    /// The spans whose children are hidden.
    collapsed: Signal<Vec<SpanId>>,
    /// Called with the whole list when spans are collapsed or expanded.
    on_collapse: Callback<Vec<SpanId>>,
    /// Called when Escape is pressed and nothing is selected.
    on_close: Callback<()>,
) -> impl IntoView {
    let known = platform::recall(NAME_KEY).and_then(|text| text.parse::<u32>().ok());
    let sheet = Sheet::new(trace.get_untracked(), known.map(f64::from));
    let sheet = StoredValue::new_local(sheet);
    let draw: Box<dyn Fn()> = Box::new(platform::every_frame_once(move || {
        sheet.try_update_value(Sheet::draw);
    }));
    let handle = Handle { sheet, draw: StoredValue::new_local(draw), on_select, on_collapse, on_close };
    Effect::new(move |_| {
        let (trace, collapsed) = (trace.get(), collapsed.get());
        handle.update(|sheet| {
            sheet.load(&trace);
            sheet.set_collapsed(&collapsed);
        });
    });
    Effect::new(move |_| {
        trace.track();
        let selected = selected.get();
        handle.change(|sheet| sheet.set_selected(selected));
    });
    let (grid, body, lines, ruler, info) = (
        NodeRef::<html::Div>::new(),
        NodeRef::<html::Div>::new(),
        NodeRef::<html::Div>::new(),
        NodeRef::<html::Div>::new(),
        NodeRef::<html::Span>::new(),
    );
    Effect::new(move |_| {
        let (Some(grid), Some(body), Some(lines), Some(ruler), Some(info)) =
            (grid.get(), body.get(), lines.get(), ruler.get(), info.get())
        else {
            return;
        };
        let page = (|| {
            Some(Page {
                ruler: Ruler::new(Drawn::of(&ruler)?, Drawn::of(&lines)?)?,
                grid: Drawn::of(&grid)?,
                body: Drawn::of(&body)?,
                info: Drawn::of(&info)?.words(),
                slots: Vec::new(),
            })
        })();
        let Some(page) = page else { return };
        // One place for the numbers that both the sheet and the style need.
        page.grid.style("--waterfall-row", &px(ROW_PX));
        page.grid.style("--waterfall-header", &px(HEADER_PX));
        page.grid.style("--waterfall-pad", &px(PAD_PX));
        handle.update(|sheet| sheet.mount(page));
        drawn::on_resize(&grid, move |width, height| handle.update(|sheet| sheet.resize(width, height)));
    });
    view! {
        <div class="waterfall">
            <Tools handle=handle info=info />
            <div
                class="waterfall__grid"
                role="treegrid"
                aria-label="Spans"
                aria-colcount="2"
                tabindex="0"
                node_ref=grid
                on:scroll=move |_| handle.update(Sheet::scrolled)
                on:keydown=move |event| on_key(handle, &event)
                on:wheel=move |event| on_wheel(handle, &event, grid)
            >
                <div class="waterfall__header" role="row" aria-rowindex="1">
                    <div class="waterfall__column" role="columnheader">"Span" <Resizer handle=handle /></div>
                    <TimeColumn handle=handle ruler=ruler />
                </div>
                <div
                    class="waterfall__body"
                    role="rowgroup"
                    node_ref=body
                    on:click=move |event| on_click(handle, &event)
                    on:dblclick=move |event| {
                        if let Some(slot) = slot_of(&event).filter(|_| drawn::attribute_around(&event, "data-twisty").is_none()) {
                            handle.update(|sheet| sheet.fit_slot(slot));
                        }
                    }
                    on:pointerover=move |event| {
                        if let Some(slot) = slot_of(&event) {
                            sheet.try_update_value(|sheet| sheet.explain(slot));
                        }
                    }
                >
                    <div class="waterfall__lines" role="presentation" node_ref=lines></div>
                </div>
            </div>
        </div>
    }
}

/// The buttons above the rows.
#[component]
fn Tools(handle: Handle, info: NodeRef<html::Span>) -> impl IntoView {
    let button = move |text: &'static str, name: &'static str, command: Command| {
        view! {
            <button type="button" class="button button--quiet waterfall__tool" title=name aria-label=name
                on:click=move |_| handle.command(command)>{text}</button>
        }
    };
    view! {
        <div class="waterfall__tools" role="toolbar" aria-label="Rows and time">
            {button("⊟", "Collapse all ( [ )", Command::CollapseAll)}
            {button("⊞", "Expand all ( ] )", Command::ExpandAll)}
            {button("−1", "One level less ( { )", Command::FewerLevels)}
            {button("+1", "One level more ( } )", Command::MoreLevels)}
            <span class="waterfall__info" role="status" node_ref=info></span>
            {button("−", "Zoom out ( - )", Command::ZoomOut)}
            {button("+", "Zoom in ( + )", Command::ZoomIn)}
            {button("Fit", "Show the whole trace ( 0 )", Command::Fit)}
        </div>
    }
}

/// The edge of the column of names: dragged, or moved with the keys.
#[component]
fn Resizer(handle: Handle) -> impl IntoView {
    // Where the drag began: the pointer's place and the width then.
    let from = StoredValue::new(None::<(f64, f64)>);
    let width = move || handle.sheet.try_with_value(Sheet::name_px).unwrap_or(0.0);
    let set = move |width_px: f64| handle.update(|sheet| sheet.set_name_px(Some(width_px.max(80.0))));
    let keep = move || platform::remember(NAME_KEY, Some(&(width().round() as u32).to_string()));
    view! {
        <div
            class="waterfall__resizer"
            role="separator"
            tabindex="0"
            aria-orientation="vertical"
            aria-label="Width of the column of names"
            on:pointerdown=move |event| {
                platform::capture_pointer(&event);
                from.set_value(Some((f64::from(event.client_x()), width())));
            }
            on:pointermove=move |event| {
                if let Some((x_px, width_px)) = from.get_value() {
                    set(width_px + f64::from(event.client_x()) - x_px);
                }
            }
            on:pointerup=move |_| {
                from.set_value(None);
                keep();
            }
            on:pointercancel=move |_| from.set_value(None)
            on:dblclick=move |_| {
                handle.update(|sheet| sheet.set_name_px(None));
                platform::remember(NAME_KEY, None);
            }
            on:keydown=move |event| {
                let step = match event.key().as_str() {
                    "ArrowLeft" => -16.0,
                    "ArrowRight" => 16.0,
                    _ => return,
                };
                event.prevent_default();
                event.stop_propagation();
                set(width() + step);
                keep();
            }
        ></div>
    }
}

/// The ruler: a drag on it zooms to what it covers, a double click shows everything.
#[component]
fn TimeColumn(handle: Handle, ruler: NodeRef<html::Div>) -> impl IntoView {
    let from = StoredValue::new(None::<f64>);
    view! {
        <div class="waterfall__column waterfall__column--time" role="columnheader" aria-label="Time since the start"
            title="Drag to zoom, double-click for the whole trace">
            <div
                class="waterfall__ruler"
                node_ref=ruler
                on:pointerdown=move |event| {
                    platform::capture_pointer(&event);
                    from.set_value(Some(f64::from(event.offset_x())));
                }
                on:pointermove=move |event| {
                    if let Some(from) = from.get_value() {
                        handle.update(|sheet| sheet.brush(Some((from, f64::from(event.offset_x())))));
                    }
                }
                on:pointerup=move |_| {
                    from.set_value(None);
                    handle.update(Sheet::end_brush);
                }
                on:pointercancel=move |_| {
                    from.set_value(None);
                    handle.update(|sheet| sheet.brush(None));
                }
                on:dblclick=move |_| handle.command(Command::Fit)
            ></div>
        </div>
    }
}

fn on_key(handle: Handle, event: &ev::KeyboardEvent) {
    if let Some(command) = keys::read(event) {
        event.prevent_default();
        event.stop_propagation();
        handle.command(command);
    }
}

fn on_click(handle: Handle, event: &ev::MouseEvent) {
    if let Some(slot) = slot_of(event) {
        let on_twisty = drawn::attribute_around(event, "data-twisty").is_some();
        handle.change(|sheet| sheet.click(slot, on_twisty));
    }
}

/// The wheel scrolls; with Shift (or sideways) it pans the time, with Ctrl it zooms around the pointer.
fn on_wheel(handle: Handle, event: &ev::WheelEvent, grid: NodeRef<html::Div>) {
    let (across, down) = (event.delta_x(), event.delta_y());
    let along = if event.shift_key() && across == 0.0 { down } else { across };
    if event.ctrl_key() || event.meta_key() {
        event.prevent_default();
        let Some(grid) = grid.get_untracked() else { return };
        let (left, _) = platform::span_of(&grid);
        let x_px = f64::from(event.client_x()) - left - PAD_PX;
        let factor = 1.0 + layout::clamp(down / 300.0, -0.5, 1.0);
        handle.update(|sheet| sheet.zoom(factor, Some(x_px - sheet.name_px())));
    } else if along.abs() > down.abs() || event.shift_key() {
        event.prevent_default();
        handle.update(|sheet| sheet.pan(layout::clamp(along / 800.0, -1.0, 1.0)));
    }
}

/// The number of the slot that an event happened on.
fn slot_of(event: &ev::Event) -> Option<usize> {
    drawn::attribute_around(event, "data-slot")?.parse().ok()
}
