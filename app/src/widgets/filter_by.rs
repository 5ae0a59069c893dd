//! "Filter for this" and "filter out" beside any value that says which condition it is: `data-filter` has that.
//!
//! One pair of buttons for the whole page follows the pointer and the focus, so that rows in their thousands need none
//! of their own. On a value that has the focus, `+` and `-` do the same.

use crate::prelude::*;
use leptos::ev;

use crate::platform::{
    self,
    drawn::{self, Drawn},
};

/// The attribute.
const NAME: &str = "data-filter";
/// The attribute of the buttons: whether the value is to be left out.
const OUT: &str = "data-out";

/// The width of the buttons, in CSS pixels.
const WIDTH: f64 = 50.0;
/// Of a value that is less wide the buttons would hide too much.
const SHORT: f64 = 2.5 * WIDTH;

/// The buttons.
#[component]
pub(crate) fn FilterBy(
    /// Called with a condition, and whether it is to be left out.
    on_filter: Callback<(String, bool)>,
) -> impl IntoView {
    // The condition, and where its value stands: right and top in the window, in CSS pixels.
    let (shown, set_shown) = signal(None::<(String, i32, i32)>);
    let show = move |event: &ev::Event| {
        if drawn::attribute_around(event, "data-filter-by").is_some() {
            return;
        }
        let found = drawn::around(event, NAME).map(|(condition, place)| {
            // Over the end of a long value, behind a short one.
            let beside = if place.width() < SHORT { WIDTH } else { 0.0 };
            (condition, (place.right() + beside) as i32, place.top() as i32)
        });
        if shown.with_untracked(|shown| *shown != found) {
            set_shown.set(found);
        }
    };
    platform::on_window(ev::pointerover, move |event| show(&event));
    platform::on_window(ev::focusin, move |event| show(&event));
    // What scrolls leaves the buttons behind.
    platform::on_window(ev::wheel, move |_| set_shown.set(None));
    platform::on_window(ev::keydown, move |event| {
        let out = match event.key().as_str() {
            "+" => false,
            "-" => true,
            _ => return,
        };
        if let Some((condition, _)) = drawn::own(&event, NAME).filter(|_| !platform::is_typing()) {
            event.prevent_default();
            on_filter.run((condition, out));
        }
    });
    move || {
        shown.get().map(|(condition, right, top)| {
            let root = Drawn::new("div", "filter-by").with(&[("data-filter-by", "")]);
            for (side, place) in [("left", right), ("top", top)] {
                root.style(side, &[&place.to_string(), "px"].concat());
            }
            for (text, name, out) in
                [("+", "Filter for this value ( + )", ""), ("−", "Filter out this value ( - )", "out")]
            {
                let button = root.button("filter-by__button", text);
                button.with(&[("tabindex", "-1"), ("aria-label", name), ("title", name), (OUT, out)]);
            }
            root.hear(&["click"], move |event: &ev::MouseEvent| {
                if let Some(out) = drawn::attribute_around(event, OUT) {
                    set_shown.set(None);
                    on_filter.run((condition.clone(), !out.is_empty()));
                }
            });
            root
        })
    }
}
