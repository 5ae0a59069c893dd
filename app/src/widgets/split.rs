//! Two panes with a bar between them that can be dragged or moved with the keys.

use leptos::{ev, html, prelude::*};

use crate::platform;

/// The first pane's share of the width, in percent.
const START: f64 = 42.0;
const BOUNDS: (f64, f64) = (15.0, 85.0);

/// Two panes side by side. On narrow screens the second one covers the first.
#[component]
pub(crate) fn Split<F, S, FV, SV>(
    /// Under which name the share is remembered.
    name: &'static str,
    /// Whether the second pane is there.
    second_shown: Signal<bool>,
    /// The first pane's share of the width where none is remembered, in percent.
    #[prop(default = START)]
    start: f64,
    first: F,
    second: S,
) -> impl IntoView
where
    F: Fn() -> FV + Send + Sync + 'static,
    S: Fn() -> SV + Send + Sync + 'static,
    FV: IntoView + 'static,
    SV: IntoView + 'static,
{
    let key = format!("roentgen.split.{name}");
    let known = platform::recall(&key).and_then(|text| text.parse::<f64>().ok()).filter(|share| share.is_finite());
    let (share, set_share) = signal(known.unwrap_or(start).clamp(BOUNDS.0, BOUNDS.1));
    let key = StoredValue::new(key);
    let (dragging, set_dragging) = signal(false);
    let root = NodeRef::<html::Div>::new();
    let keep = move || platform::remember(&key.get_value(), Some(&format!("{}", share.get_untracked() as i32)));
    let on_move = move |event: ev::PointerEvent| {
        if !dragging.get_untracked() {
            return;
        }
        if let Some(root) = root.get_untracked() {
            let (left, width) = platform::span_of(&root);
            if width > 0.0 {
                set_share.set(((f64::from(event.client_x()) - left) * 100.0 / width).clamp(BOUNDS.0, BOUNDS.1));
            }
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowLeft" => -2.0,
            "ArrowRight" => 2.0,
            "Home" => -100.0,
            "End" => 100.0,
            _ => return,
        };
        event.prevent_default();
        set_share.update(|share| *share = (*share + step).clamp(BOUNDS.0, BOUNDS.1));
        keep();
    };
    let width = move || if second_shown.get() { format!("{}%", share.get() as i32) } else { "100%".to_owned() };
    view! {
        <div class="split" class:split--open=second_shown class:split--dragging=dragging node_ref=root>
            <div class="split__first" style:width=width>{first()}</div>
            <Show when=move || second_shown.get()>
                <div
                    class="split__bar"
                    role="separator"
                    tabindex="0"
                    aria-orientation="vertical"
                    aria-label="Width of the panes"
                    aria-valuenow=move || share.get() as i32
                    aria-valuemin=BOUNDS.0 as i32
                    aria-valuemax=BOUNDS.1 as i32
                    on:pointerdown=move |event| {
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
                <div class="split__second">{second()}</div>
            </Show>
        </div>
    }
}
