//! Drags of what stands around the rows: the small picture, the ruler, the edge between names and times.

use crate::prelude::*;
use leptos::ev::{KeyboardEvent, PointerEvent};

use super::{Handle, NAME_KEY, keys::Command, sheet::Sheet};
use crate::platform::{self, drawn::Drawn};

/// The kinds of events of a drag; a double click takes it back.
const DRAG: &[&str] = &["pointerdown", "pointermove", "pointerup", "pointercancel", "dblclick"];

/// The small picture: a drag across it chooses the window, a drag of the window moves it.
pub(super) fn hear_overview(overview: &Drawn, handle: Handle) {
    // Where the drag began, as a share of the width; and the window then, when it is the window that is dragged.
    let from = StoredValue::new(None::<(f64, Option<(f64, f64)>)>);
    overview.hear(DRAG, move |event: &PointerEvent| {
        let (left, width) = platform::drag_area(event).unwrap_or((0.0, 1.0));
        let at = layout::clamp((f64::from(event.client_x()) - left) / width.max(1.0), 0.0, 1.0);
        match event.type_().as_str() {
            "pointerdown" => {
                platform::capture_pointer(event);
                let window = handle.sheet.try_with_value(Sheet::window_shares).unwrap_or((0.0, 1.0));
                let is_inside = window != (0.0, 1.0) && (window.0..=window.1).contains(&at);
                from.set_value(Some((at, is_inside.then_some(window))));
                return;
            }
            "dblclick" => return handle.command(Command::Fit),
            "pointermove" | "pointerup" => match from.get_value() {
                Some((began, Some((start, end)))) => {
                    let length = end - start;
                    let start = layout::clamp(start + at - began, 0.0, 1.0 - length);
                    handle.change(|sheet| sheet.set_window_shares(start, start + length));
                }
                Some((began, None)) if (at - began).abs() > 0.004 => {
                    handle.change(|sheet| sheet.set_window_shares(began, at));
                }
                _ => {}
            },
            _ => {}
        }
        if event.type_() != "pointermove" {
            from.set_value(None);
        }
    });
}

/// The ruler: a drag on it zooms to what it covers, a double click shows everything.
pub(super) fn hear_ruler(ruler: &Drawn, handle: Handle) {
    let from = StoredValue::new(None::<f64>);
    ruler.hear(DRAG, move |event: &PointerEvent| match event.type_().as_str() {
        "pointerdown" => {
            platform::capture_pointer(event);
            from.set_value(Some(f64::from(event.offset_x())));
        }
        "pointermove" => {
            if let Some(from) = from.get_value() {
                handle.update(|sheet| sheet.brush(Some((from, f64::from(event.offset_x())))));
            }
        }
        "pointerup" => {
            from.set_value(None);
            handle.change(Sheet::end_brush);
        }
        "pointercancel" => {
            from.set_value(None);
            handle.update(|sheet| sheet.brush(None));
        }
        _ => handle.command(Command::Fit),
    });
}

/// The edge of the column of names: dragged, or moved with the keys; a double click gives it its usual place.
pub(super) fn hear_edge(edge: &Drawn, handle: Handle) {
    // Where the drag began: the pointer's place and the width then.
    let from = StoredValue::new(None::<(f64, f64)>);
    let width = move || handle.sheet.try_with_value(Sheet::name_px).unwrap_or(0.0);
    let set = move |width_px: f64| handle.update(|sheet| sheet.set_name_px(Some(width_px.max(80.0))));
    let keep = move || platform::remember(NAME_KEY, Some(&(width().round() as u32).to_string()));
    edge.hear(DRAG, move |event: &PointerEvent| match event.type_().as_str() {
        "pointerdown" => {
            platform::capture_pointer(event);
            from.set_value(Some((f64::from(event.client_x()), width())));
        }
        "pointermove" => {
            if let Some((x_px, width_px)) = from.get_value() {
                set(width_px + f64::from(event.client_x()) - x_px);
            }
        }
        "dblclick" => {
            handle.update(|sheet| sheet.set_name_px(None));
            platform::remember(NAME_KEY, None);
        }
        kind => {
            from.set_value(None);
            if kind == "pointerup" {
                keep();
            }
        }
    });
    edge.hear(&["keydown"], move |event: &KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowLeft" => -16.0,
            "ArrowRight" => 16.0,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        set(width() + step);
        keep();
    });
}
