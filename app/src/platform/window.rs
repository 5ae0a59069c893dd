//! The window and its elements: sizes, frames, clipboard, clocks, the theme.

use std::{cell::Cell, rc::Rc, time::Duration};

use crate::reactive::StoredValue;
use leptos::{
    ev,
    prelude::{on_cleanup, request_animation_frame, set_timeout_with_handle, window_event_listener},
};
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{
    Element, Event, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, InputEvent, MouseEvent,
    Node, PointerEvent,
};

/// Fired at the window when the user has chosen a theme.
const THEME_EVENT: &str = "roentgentheme";

/// Nanoseconds since 1970, by the browser's clock.
pub(crate) fn now_nanos() -> i64 {
    (js_sys::Date::now() * 1e6) as i64
}

/// The browser's offset from UTC at a moment (in nanoseconds since 1970), in minutes.
pub(crate) fn offset_minutes(moment: i64) -> i32 {
    let date = js_sys::Date::new(&(moment as f64 / 1e6).into());
    let offset = date.get_timezone_offset();
    if offset.is_finite() { -(offset as i32) } else { 0 }
}

/// Whether the page is in a tab that nobody looks at.
pub(crate) fn is_hidden() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|document| document.hidden())
}

/// Milliseconds since the page began, for measuring work.
pub(crate) fn now_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// The title of the tab.
pub(crate) fn set_title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// Shows a theme, `light` or `dark`; with none the system's.
pub(crate) fn set_theme(theme: Option<&str>) {
    let Some(root) = web_sys::window().and_then(|window| window.document()?.document_element()) else { return };
    drop(match theme {
        Some(theme) => root.set_attribute("data-theme", theme),
        None => root.remove_attribute("data-theme"),
    });
    if let (Some(window), Ok(event)) = (web_sys::window(), Event::new(THEME_EVENT)) {
        drop(window.dispatch_event(&event));
    }
}

/// Calls back when the colours change: by the system, or by `set_theme`. Ends with the owner.
pub(crate) fn on_theme(call: impl Fn() + Clone + 'static) {
    let by_user = call.clone();
    on_window(ev::Custom::<Event>::new(THEME_EVENT), move |_| by_user());
    let queries = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map(|query| {
        let window = web_sys::window()?;
        window.match_media(query).ok()?
    });
    let closure = Closure::<dyn Fn()>::new(call);
    for query in queries.iter().flatten() {
        drop(query.add_event_listener_with_callback("change", closure.as_ref().unchecked_ref()));
    }
    let kept = StoredValue::new((queries, closure));
    on_cleanup(move || {
        kept.try_update_value(|(queries, closure)| {
            for query in queries.iter().flatten() {
                drop(query.remove_event_listener_with_callback("change", closure.as_ref().unchecked_ref()));
            }
        });
    });
}

/// Lets an element fill the screen, or takes that back.
pub(crate) fn toggle_full_screen(element: &Element) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else {
        // Browsers may refuse it; then nothing changes.
        drop(element.request_fullscreen());
    }
}

/// Copies a text to the clipboard.
pub(crate) fn copy(text: &str) {
    if let Some(window) = web_sys::window() {
        // Browsers refuse it on pages without TLS that are not on loopback; the text can still be selected.
        drop(window.navigator().clipboard().write_text(text));
    }
}

/// Calls back after some time, unless the owner has gone by then.
pub(crate) fn after(time: Duration, call: impl FnOnce() + 'static) {
    if let Ok(handle) = set_timeout_with_handle(call, time) {
        on_cleanup(move || handle.clear());
    }
}

/// A function that calls back once in the next frame, however often it is called before.
pub(crate) fn every_frame_once(call: impl Fn() + 'static) -> impl Fn() + Clone + 'static {
    let (asked, call) = (Rc::new(Cell::new(false)), Rc::new(call));
    move || {
        if asked.replace(true) {
            return;
        }
        let (asked, call) = (asked.clone(), call.clone());
        request_animation_frame(move || {
            asked.set(false);
            call();
        });
    }
}

/// Calls back in the next frame.
pub(crate) fn in_next_frame(call: impl FnOnce() + 'static) {
    request_animation_frame(call);
}

/// Whether an input event comes from writing, not from deleting or moving text.
pub(crate) fn inserts(event: &Event) -> bool {
    event.dyn_ref::<InputEvent>().is_some_and(|event| event.input_type().starts_with("insert"))
}

/// The attribute of the element at a place of the window that has it, the topmost one.
pub(crate) fn attribute_at(x: f64, y: f64, name: &str) -> Option<String> {
    let document = web_sys::window()?.document()?;
    let stack = document.elements_from_point(x as f32, y as f32);
    (0..stack.length()).find_map(|place| stack.get(place).dyn_ref::<Element>()?.get_attribute(name))
}

/// Scrolls a list so far that one of its children can be seen.
pub(crate) fn reveal_child(list: &Element, place: usize) {
    let Some(child) = list.children().item(place as u32) else { return };
    let (outside, inside) = (list.get_bounding_client_rect(), child.get_bounding_client_rect());
    let down = (inside.bottom() - outside.bottom()).max(0.0) + (inside.top() - outside.top()).min(0.0);
    if down != 0.0 {
        list.set_scroll_top(list.scroll_top() + down as i32);
    }
}

/// Listens to an event of the window; ends with the owner.
pub(crate) fn on_window<E: ev::EventDescriptor + 'static>(event: E, call: impl Fn(E::EventType) + 'static)
where
    E::EventType: wasm_bindgen::JsCast,
{
    let handle = window_event_listener(event, call);
    on_cleanup(move || handle.remove());
}

/// How far an element is scrolled, in CSS pixels.
pub(crate) fn scroll_top(element: &Element) -> f64 {
    f64::from(element.scroll_top())
}

/// Scrolls an element, in CSS pixels.
pub(crate) fn set_scroll_top(element: &Element, top: f64) {
    element.set_scroll_top(top as i32);
}

/// Width and height of an element's inside, in CSS pixels.
pub(crate) fn size(element: &Element) -> (f64, f64) {
    (f64::from(element.client_width()), f64::from(element.client_height()))
}

/// Gives an element the focus.
fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        drop(element.focus());
    }
}

/// Gives the focus to the first element inside that matches.
pub(crate) fn focus_first(inside: &Element, css: &str) {
    if let Ok(Some(found)) = inside.query_selector(css) {
        focus(&found);
    }
}

/// Whether an event happened on something inside an element.
pub(crate) fn is_inside(event: &Event, element: &Element) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
    element.contains(target.as_ref())
}

/// Where an element begins from the left of the window, and its width, in CSS pixels.
pub(crate) fn span_of(element: &Element) -> (f64, f64) {
    let rectangle = element.get_bounding_client_rect();
    (rectangle.left(), rectangle.width())
}

/// Where an element begins from the top of the window, and its height, in CSS pixels.
pub(crate) fn span_down(element: &Element) -> (f64, f64) {
    let rectangle = element.get_bounding_client_rect();
    (rectangle.top(), rectangle.height())
}

/// Whether the stylesheet puts an element's children below each other.
pub(crate) fn is_column(element: &Element) -> bool {
    let style = web_sys::window().and_then(|window| window.get_computed_style(element).ok()?);
    style.and_then(|style| style.get_property_value("flex-direction").ok()).is_some_and(|value| value == "column")
}

/// Whether the focus is in something that takes text, so that keys are not commands.
pub(crate) fn is_typing() -> bool {
    let active = web_sys::window().and_then(|window| window.document()?.active_element());
    active.is_some_and(|element| ["INPUT", "TEXTAREA", "SELECT"].contains(&element.tag_name().as_str()))
}

/// The values of the named fields of a form, in order.
pub(crate) fn fields<const N: usize>(form: &Element, names: [&str; N]) -> [String; N] {
    names.map(|name| field(form, name))
}

/// The value of the named field of a form.
fn field(form: &Element, name: &str) -> String {
    let found = form.query_selector(&["[name=", name, "]"].concat()).ok().flatten();
    found.map(|found| value(&found)).unwrap_or_default()
}

/// The text of an input, select or text area.
pub(super) fn value(of: &wasm_bindgen::JsValue) -> String {
    if let Some(input) = of.dyn_ref::<HtmlInputElement>() {
        return input.value();
    }
    if let Some(select) = of.dyn_ref::<HtmlSelectElement>() {
        return select.value();
    }
    of.dyn_ref::<HtmlTextAreaElement>().map(HtmlTextAreaElement::value).unwrap_or_default()
}

/// The text of the input, select or text area that an event comes from.
pub(crate) fn value_of(event: &Event) -> String {
    event.target().map(|target| value(&target)).unwrap_or_default()
}

/// A click without keys that ask the browser for another tab or window.
pub(crate) fn is_plain_click(event: &MouseEvent) -> bool {
    event.button() == 0 && !event.ctrl_key() && !event.meta_key() && !event.shift_key() && !event.alt_key()
}

/// The element that listens to an event.
pub(crate) fn listener(event: &Event) -> Option<Element> {
    event.current_target()?.dyn_into().ok()
}

/// Left edge and width, in CSS pixels, of the element that listens to an event.
pub(crate) fn drag_area(event: &Event) -> Option<(f64, f64)> {
    Some(span_of(&listener(event)?))
}

/// Sends all further events of a pointer to the element that it was pressed on.
pub(crate) fn capture_pointer(event: &PointerEvent) {
    if let Some(element) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
        drop(element.set_pointer_capture(event.pointer_id()));
    }
}
