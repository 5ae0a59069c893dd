//! The elements of the waterfall, and what is heard on them.
//!
//! They are bare, as the rows are: as views, with a type for each listener, they were several kilobytes of the page.

use leptos::ev;

use super::{
    Handle, drags,
    keys::{self, Command},
    label::px,
    overview::Overview,
    pointers::Pointers,
    ruler::Ruler,
    sheet::{HEADER_PX, PAD_PX, Page, Sheet},
    slot::ROW_PX,
    tools::{self, Tools},
};
use crate::platform::{
    self,
    drawn::{self, Drawn},
};

/// Builds all elements into their place.
pub(super) fn build(root: &Drawn, handle: Handle) -> Option<Page> {
    let tools = root.child("div", "waterfall__tools");
    label(&tools, "toolbar", "Rows and time");
    tools::hear(&tools, handle);
    let overview = root.child("div", "overview");
    overview.attribute("aria-hidden", "true");
    overview.attribute("title", "Drag to choose a window of time, double-click for the whole trace");
    overview.child("canvas", "overview__canvas");
    drags::hear_overview(&overview, handle);
    let grid = root.child("div", "waterfall__grid");
    label(&grid, "treegrid", "Spans");
    grid.attribute("aria-colcount", "2");
    grid.attribute("tabindex", "0");
    let header = grid.child("div", "waterfall__header");
    header.attribute("role", "row");
    header.attribute("aria-rowindex", "1");
    let names = header.says("div", "waterfall__column", "Span");
    names.attribute("role", "columnheader");
    let edge = names.child("div", "waterfall__resizer");
    label(&edge, "separator", "Width of the column of names");
    for (name, value) in [("tabindex", "0"), ("aria-orientation", "vertical"), ("aria-valuemin", "80")] {
        edge.attribute(name, value);
    }
    drags::hear_edge(&edge, handle);
    let times = header.child("div", "waterfall__column waterfall__column--time");
    label(&times, "columnheader", "Time since the start");
    times.attribute("title", "Drag to zoom, double-click for the whole trace");
    let ruler = times.child("div", "waterfall__ruler");
    drags::hear_ruler(&ruler, handle);
    let body = grid.child("div", "waterfall__body");
    body.attribute("role", "rowgroup");
    let lines = body.child("div", "waterfall__lines");
    lines.attribute("role", "presentation");
    // One place for the numbers that both the sheet and the style need.
    for (name, value) in [("--waterfall-row", ROW_PX), ("--waterfall-header", HEADER_PX), ("--waterfall-pad", PAD_PX)] {
        grid.style(name, &px(value));
    }
    hear_grid(&grid, handle);
    hear_body(&body, handle);
    let overview = Overview::new(overview)?;
    grid.on_resize(move |width, height| handle.update(|sheet| sheet.resize(width, height)));
    overview.on_resize(move |width, height| handle.update(|sheet| sheet.resize_overview(width, height)));
    let (ruler, tools) = (Ruler::new(ruler, lines), Tools::new(tools)?);
    Some(Page { grid, edge, body, ruler, overview, tools, slots: Vec::new() })
}

fn label(drawn: &Drawn, role: &str, label: &str) {
    drawn.attribute("role", role);
    drawn.attribute("aria-label", label);
}

fn hear_grid(grid: &Drawn, handle: Handle) {
    grid.hear(&["scroll"], move |_: &ev::Event| handle.update(Sheet::scrolled));
    grid.hear(&["keydown"], move |event| on_key(handle, event));
    grid.hear(&["wheel"], move |event| on_wheel(handle, event));
}

fn hear_body(body: &Drawn, handle: Handle) {
    let pointers = Pointers::new(handle);
    body.hear(&["pointerdown", "pointermove", "pointerup", "pointercancel"], move |event| pointers.hear(event));
    body.hear(&["pointerover", "click", "dblclick"], move |event: &ev::MouseEvent| {
        let Some(slot) = slot_of(event) else { return };
        let on_twisty = drawn::attribute_around(event, "data-twisty").is_some();
        match event.type_().as_str() {
            "pointerover" => drop(handle.sheet.try_update_value(|sheet| sheet.explain(slot))),
            _ if pointers.has_strayed() => {}
            // What the first click opens may put another row under the second one.
            "click" if event.detail() < 2 || on_twisty => handle.change(|sheet| sheet.click(slot, on_twisty)),
            "dblclick" if !on_twisty => handle.command(Command::FitSpan),
            _ => {}
        }
    });
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
