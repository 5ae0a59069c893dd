//! The waterfall: spans as rows of a tree, their times as bars, virtualised on a fixed pool of elements.

mod keys;
pub(super) mod label;
pub(super) mod marks;
mod overview;
mod picture;
mod ruler;
mod scene;
mod sheet;
mod slot;
mod tools;

use crate::prelude::*;
use leptos::{ev, html};

pub(crate) use self::keys::HELP;
use self::{
    keys::Command,
    label::px,
    overview::Overview,
    ruler::Ruler,
    sheet::{HEADER_PX, News, PAD_PX, Page, Sheet},
    slot::ROW_PX,
    tools::Tools,
};
use super::reading::Reading;
use crate::{
    platform::{
        self,
        drawn::{self, Drawn},
    },
    route::TraceView,
    state::Shared,
};

/// Under which name the width of the column of names is remembered, in CSS pixels.
const NAME_KEY: &str = "roentgen.waterfall.name";
/// After so long without another change of the window, the address has it.
const SETTLED: std::time::Duration = std::time::Duration::from_millis(250);

/// The sheet and the way to draw it. The sheet is gone when the component is.
#[derive(Clone, Copy)]
struct Handle {
    sheet: StoredValue<Sheet>,
    draw: StoredValue<Box<dyn Fn()>>,
    /// Counts changes that are to be told later.
    pending: StoredValue<u32>,
    on_view: Callback<TraceView>,
    on_close: Callback<()>,
}

impl Handle {
    /// Changes the sheet, tells the world outside, and draws in the next frame.
    fn change(self, change: impl FnOnce(&mut Sheet) -> News) {
        let Some(news) = self.sheet.try_update_value(change) else { return };
        self.tell(news);
    }

    fn tell(self, news: News) {
        self.draw.try_with_value(|draw| draw());
        if news.later {
            let number = self.pending.try_update_value(|number| {
                *number += 1;
                *number
            });
            platform::after(SETTLED, move || {
                if self.pending.try_get_value() == number {
                    self.settle();
                }
            });
        }
        if let Some(view) = news.view {
            self.on_view.run(view);
        }
        if news.close {
            self.on_close.run(());
        }
    }

    /// Tells what waits to be told. Who changes the view outside begins with what is told by then, so this comes first:
    /// when a pointer goes down anywhere, and when the focus leaves.
    fn settle(self) {
        if let Some(news) = self.sheet.try_update_value(Sheet::untold)
            && news.view.is_some()
        {
            self.tell(news);
        }
    }

    /// Changes the sheet in a way that concerns nobody else, and draws in the next frame.
    fn update(self, change: impl FnOnce(&mut Sheet)) {
        self.change(|sheet| {
            change(sheet);
            News::default()
        });
    }

    fn command(self, command: Command) {
        self.change(|sheet| sheet.command(command));
    }
}

/// The waterfall of a trace.
#[component]
pub(super) fn Waterfall(
    /// The trace, as it is read.
    reading: Signal<Shared<Reading>>,
    /// What is looked at.
    view: Signal<TraceView>,
    /// Called when the user looks at something else.
    on_view: Callback<TraceView>,
    /// Called when Escape is pressed and there is nothing to take back.
    on_close: Callback<()>,
) -> impl IntoView {
    let known = platform::recall(NAME_KEY).and_then(|text| text.parse::<u32>().ok());
    let sheet = Sheet::new(reading.get_untracked(), known.map(f64::from));
    let sheet = StoredValue::new(sheet);
    let draw: Box<dyn Fn()> = Box::new(platform::every_frame_once(move || {
        sheet.try_update_value(Sheet::draw);
    }));
    let handle = Handle { sheet, draw: StoredValue::new(draw), pending: StoredValue::new(0), on_view, on_close };
    Effect::new(move |_| {
        let (reading, view) = (reading.get(), view.get());
        handle.update(|sheet| {
            sheet.load(&reading);
            sheet.set_view(&view);
        });
    });
    let root = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let Some(root) = root.get() else { return };
        let Some(root) = Drawn::of(&root) else { return };
        let page = (|| {
            Some(Page {
                ruler: Ruler::new(root.within(".waterfall__ruler")?, root.within(".waterfall__lines")?),
                grid: root.within(".waterfall__grid")?,
                body: root.within(".waterfall__body")?,
                overview: Overview::new(root.within(".overview")?)?,
                tools: Tools::new(root.within(".waterfall__tools")?)?,
                slots: Vec::new(),
            })
        })();
        let Some(page) = page else { return };
        // One place for the numbers that both the sheet and the style need.
        page.grid.style("--waterfall-row", &px(ROW_PX));
        page.grid.style("--waterfall-header", &px(HEADER_PX));
        page.grid.style("--waterfall-pad", &px(PAD_PX));
        page.grid.on_resize(move |width, height| handle.update(|sheet| sheet.resize(width, height)));
        page.overview.on_resize(move |width, height| handle.update(|sheet| sheet.resize_overview(width, height)));
        handle.update(|sheet| sheet.mount(page));
    });
    platform::on_theme(move || handle.update(Sheet::recolour));
    platform::on_window(ev::pointerdown, move |event| {
        handle.settle();
        sheet.try_with_value(|sheet| sheet.close_menus(&event));
    });
    on_cleanup(move || {
        let news = view.try_with_untracked(|view| sheet.try_update_value(|sheet| sheet.last_news(view)));
        if let Some(view) = news.flatten().and_then(|news| news.view) {
            on_view.run(view);
        }
    });
    view! {
        <div class="waterfall" node_ref=root on:focusout=move |_| handle.settle()>
            <div class="waterfall__tools" role="toolbar" aria-label="Rows and time"
                on:click=move |event| tools::on_click(handle, &event)
                on:input=move |event| tools::on_input(handle, &event)
                on:change=move |event| tools::on_change(handle, &event)
                on:keydown=move |event| tools::on_key(handle, &event)
            ></div>
            <Minimap handle=handle />
            <div
                class="waterfall__grid"
                role="treegrid"
                aria-label="Spans"
                aria-colcount="2"
                tabindex="0"
                on:scroll=move |_| handle.update(Sheet::scrolled)
                on:keydown=move |event| on_key(handle, &event)
                on:wheel=move |event| on_wheel(handle, &event)
            >
                <div class="waterfall__header" role="row" aria-rowindex="1">
                    <div class="waterfall__column" role="columnheader">"Span" <Resizer handle=handle /></div>
                    <TimeColumn handle=handle />
                </div>
                <div
                    class="waterfall__body"
                    role="rowgroup"
                    on:click=move |event| on_click(handle, &event)
                    on:dblclick=move |event| {
                        if let Some(slot) = slot_of(&event).filter(|_| drawn::attribute_around(&event, "data-twisty").is_none()) {
                            handle.change(|sheet| sheet.fit_slot(slot));
                        }
                    }
                    on:pointerover=move |event| {
                        if let Some(slot) = slot_of(&event) {
                            sheet.try_update_value(|sheet| sheet.explain(slot));
                        }
                    }
                >
                    <div class="waterfall__lines" role="presentation"></div>
                </div>
            </div>
        </div>
    }
}

/// The small picture: a drag across it chooses the window, a drag of the window moves it.
#[component]
fn Minimap(handle: Handle) -> impl IntoView {
    // Where the drag began, as a share of the width; and the window then, when it is the window that is dragged.
    let from = StoredValue::new(None::<(f64, Option<(f64, f64)>)>);
    let share = |event: &ev::PointerEvent| {
        let (left, width) = platform::drag_area(event).unwrap_or((0.0, 1.0));
        layout::clamp((f64::from(event.client_x()) - left) / width.max(1.0), 0.0, 1.0)
    };
    let moved = move |event: &ev::PointerEvent| {
        let Some((began, window)) = from.get_value() else { return };
        let at = share(event);
        match window {
            Some((start, end)) => {
                let start = layout::clamp(start + at - began, 0.0, 1.0 - (end - start));
                let length = window.map_or(0.0, |(start, end)| end - start);
                handle.change(|sheet| sheet.set_window_shares(start, start + length));
            }
            None if (at - began).abs() > 0.004 => handle.change(|sheet| sheet.set_window_shares(began, at)),
            None => {}
        }
    };
    view! {
        <div class="overview" aria-hidden="true" title="Drag to choose a window of time, double-click for the whole trace"
            on:pointerdown=move |event| {
                platform::capture_pointer(&event);
                let at = share(&event);
                let window = handle.sheet.try_with_value(Sheet::window_shares).unwrap_or((0.0, 1.0));
                let is_inside = window != (0.0, 1.0) && (window.0..=window.1).contains(&at);
                from.set_value(Some((at, is_inside.then_some(window))));
            }
            on:pointermove=move |event| moved(&event)
            on:pointerup=move |event| {
                moved(&event);
                from.set_value(None);
            }
            on:pointercancel=move |_| from.set_value(None)
            on:dblclick=move |_| handle.command(Command::Fit)
        >
            <canvas class="overview__canvas"></canvas>
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
fn TimeColumn(handle: Handle) -> impl IntoView {
    let from = StoredValue::new(None::<f64>);
    view! {
        <div class="waterfall__column waterfall__column--time" role="columnheader" aria-label="Time since the start"
            title="Drag to zoom, double-click for the whole trace">
            <div
                class="waterfall__ruler"
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
                    handle.change(Sheet::end_brush);
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
    if event.key() == "b" && (event.ctrl_key() || event.meta_key()) {
        event.prevent_default();
        tools::focus_search(event);
        return;
    }
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

/// The wheel scrolls; with Shift (or sideways) it pans the time, with Ctrl, or by two fingers, it zooms around the pointer.
fn on_wheel(handle: Handle, event: &ev::WheelEvent) {
    let (across, down) = (event.delta_x(), event.delta_y());
    let along = if event.shift_key() && across == 0.0 { down } else { across };
    if event.ctrl_key() || event.meta_key() {
        event.prevent_default();
        let Some((left, _)) = platform::drag_area(event) else { return };
        let x_px = f64::from(event.client_x()) - left - PAD_PX;
        let factor = 1.0 + layout::clamp(down / 300.0, -0.5, 1.0);
        handle.change(|sheet| sheet.zoom(factor, Some(x_px - sheet.name_px())));
    } else if along.abs() > down.abs() || event.shift_key() {
        event.prevent_default();
        handle.change(|sheet| sheet.pan(layout::clamp(along / 800.0, -1.0, 1.0)));
    }
}

/// The number of the slot that an event happened on.
fn slot_of(event: &ev::Event) -> Option<usize> {
    drawn::attribute_around(event, "data-slot")?.parse().ok()
}
