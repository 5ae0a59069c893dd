//! Two panes with a bar between them that can be dragged or moved with the keys.

use crate::prelude::*;
use leptos::{ev, html};

use crate::platform;

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
    let key = format!("roentgen.split.{name}");
    let known = platform::recall(&key).and_then(|text| text.parse::<i32>().ok()).map(f64::from);
    let (share, set_share) = signal(layout::clamp(known.unwrap_or(start), BOUNDS.0, BOUNDS.1));
    let key = StoredValue::new(key);
    let (dragging, set_dragging) = signal(false);
    // Which way the bar runs is the stylesheet's decision, so it is read off the screen.
    let (stacked, set_stacked) = signal(false);
    let root = NodeRef::<html::Div>::new();
    let look = move || {
        if let Some(root) = root.get_untracked() {
            set_stacked.set(platform::is_column(&root));
        }
    };
    let keep = move || platform::remember(&key.get_value(), Some(&format!("{}", share.get_untracked() as i32)));
    let on_move = move |event: ev::PointerEvent| {
        if !dragging.get_untracked() {
            return;
        }
        if let Some(root) = root.get_untracked() {
            let (start, length, at) = if stacked.get_untracked() {
                let (top, height) = platform::span_down(&root);
                (top, height, event.client_y())
            } else {
                let (left, width) = platform::span_of(&root);
                (left, width, event.client_x())
            };
            if length > 0.0 {
                set_share.set(layout::clamp((f64::from(at) - start) * 100.0 / length, BOUNDS.0, BOUNDS.1));
            }
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
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
    };
    let share_css = move || format!("{}%", share.get() as i32);
    view! {
        <div class="split" class:split--open=move || second_shown.get() class:split--dragging=move || dragging.get()
            class:split--column=move || is_column.is_some_and(|is_column| is_column.get()) class:split--stack=narrow == Narrow::Stack style:--share=share_css node_ref=root>
            <div class="split__first">{first}</div>
            <Show when=move || second_shown.get()>
                <div
                    class="split__bar"
                    role="separator"
                    tabindex="0"
                    aria-orientation=move || if stacked.get() { "horizontal" } else { "vertical" }
                    aria-label="Share of the panes"
                    aria-valuenow=move || share.get() as i32
                    aria-valuemin=BOUNDS.0 as i32
                    aria-valuemax=BOUNDS.1 as i32
                    on:focus=move |_| look()
                    on:pointerdown=move |event| {
                        look();
                        platform::capture_pointer(&event);
                        set_dragging.set(true);
                    }
                    on:pointermove=on_move
                    on:pointerup=move |_| {
                        set_dragging.set(false);
                        keep();
                    }
                    on:pointercancel=move |_| set_dragging.set(false)
                    on:dblclick=move |_| {
                        set_share.set(start);
                        keep();
                    }
                    on:keydown=on_key
                ></div>
                <div class="split__second">{second.view()}</div>
            </Show>
        </div>
    }
}
