//! Two panes with a bar between them that can be dragged or moved with the keys.

use crate::prelude::*;
use leptos::ev;

use crate::platform::{self, drawn::Drawn};

/// Bounds of the first pane's share, in percent.
const BOUNDS: (f64, f64) = (15.0, 85.0);

/// What becomes of the panes where there is no room for both beside each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Narrow {
    /// The second covers the first.
    Cover,
    /// The second goes below the first.
    Stack,
}

/// Two panes side by side.
#[component]
pub(crate) fn Split(
    /// Under which name the share is remembered.
    name: &'static str,
    /// Whether the second pane is there.
    second_shown: Signal<bool>,
    /// The first pane's share where none is remembered, in percent.
    start: f64,
    narrow: Narrow,
    /// Whether the second pane is below the first, however much room there is.
    #[prop(optional_no_strip)]
    is_column: Option<Signal<bool>>,
    first: AnyView,
    #[prop(into)] second: Inside,
) -> impl IntoView {
    let key = ["roentgen.split.", name].concat();
    let known = platform::recall(&key).and_then(|text| text.parse::<i32>().ok()).map(f64::from);
    let (share, set_share) = signal(layout::clamp(known.unwrap_or(start), BOUNDS.0, BOUNDS.1));
    let key = StoredValue::new(key);
    let (dragging, set_dragging) = signal(false);
    // Which way the bar runs is the stylesheet's decision, so it is read off the screen.
    let (stacked, set_stacked) = signal(false);
    let root = Drawn::new("div", "");
    let keep = move || platform::remember(&key.get_value(), Some(&(share.get_untracked() as i32).to_string()));
    root.follow(move |root| {
        let mut class = String::from("split");
        for (is_so, name) in [
            (second_shown.get(), " split--open"),
            (dragging.get(), " split--dragging"),
            (is_column.is_some_and(|is_column| is_column.get()), " split--column"),
            (narrow == Narrow::Stack, " split--stack"),
        ] {
            class.push_str(if is_so { name } else { "" });
        }
        root.class(&class);
        root.style("--share", &[&(share.get() as i32).to_string(), "%"].concat());
    });
    root.child("div", "split__first").hold(first);
    let is_shown = Signal::memo(move |_| second_shown.get());
    let area = root.clone();
    let both = move || {
        is_shown.get().then(|| {
            let bar = Drawn::new("div", "split__bar").with(&[
                ("role", "separator"),
                ("tabindex", "0"),
                ("aria-label", "Share of the panes"),
                ("aria-valuemin", &(BOUNDS.0 as i32).to_string()),
                ("aria-valuemax", &(BOUNDS.1 as i32).to_string()),
            ]);
            bar.follow(move |bar| {
                bar.attribute("aria-orientation", if stacked.get() { "horizontal" } else { "vertical" });
                bar.attribute("aria-valuenow", &(share.get() as i32).to_string());
            });
            let look = area.clone();
            let look = move || set_stacked.set(platform::is_column(look.element()));
            let area = area.clone();
            let on_move = move |event: &ev::PointerEvent| {
                let (start, length, at) = if stacked.get_untracked() {
                    let (top, height) = platform::span_down(area.element());
                    (top, height, event.client_y())
                } else {
                    let (left, width) = platform::span_of(area.element());
                    (left, width, event.client_x())
                };
                if length > 0.0 {
                    set_share.set(layout::clamp((f64::from(at) - start) * 100.0 / length, BOUNDS.0, BOUNDS.1));
                }
            };
            let kinds = &["focus", "pointerdown", "pointermove", "pointerup", "pointercancel", "dblclick"];
            bar.hear(kinds, move |event: &ev::PointerEvent| match &*event.type_() {
                "focus" => look(),
                "pointerdown" => {
                    look();
                    platform::capture_pointer(event);
                    set_dragging.set(true);
                }
                "pointermove" if dragging.get_untracked() => on_move(event),
                "pointerup" => {
                    set_dragging.set(false);
                    keep();
                }
                "pointercancel" => set_dragging.set(false),
                "dblclick" => {
                    set_share.set(start);
                    keep();
                }
                _ => {}
            });
            bar.hear(&["keydown"], move |event: &ev::KeyboardEvent| {
                let step = match event.key().as_str() {
                    "ArrowLeft" | "ArrowUp" => -2.0,
                    "ArrowRight" | "ArrowDown" => 2.0,
                    "Home" => -100.0,
                    "End" => 100.0,
                    _ => return,
                };
                event.prevent_default();
                set_share.update(|share| *share = layout::clamp(*share + step, BOUNDS.0, BOUNDS.1));
                keep();
            });
            let pane = Drawn::new("div", "split__second");
            pane.hold(second.view());
            [bar, pane]
        })
    };
    root.hold(still(both));
    root
}
