//! A button that copies a text and says that it did.

use std::time::Duration;

use crate::prelude::*;
use leptos::ev;

use crate::platform::{self, drawn::Drawn};

/// Copies `text` when pressed.
#[component]
pub(crate) fn Copy(
    /// What the button is called.
    #[prop(into)]
    label: String,
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    copy(label, text)
}

/// The button.
pub(crate) fn copy(label: String, text: Signal<String>) -> Drawn {
    let (copied, set_copied) = signal(false);
    let button = Drawn::new("button", "button button--quiet").with(&[("type", "button")]);
    button.follow(move |button| button.say(if copied.get() { "Copied" } else { &label }));
    button.hear(&["click"], move |_: &ev::MouseEvent| {
        platform::copy(&text.get_untracked());
        set_copied.set(true);
        platform::after(Duration::from_secs(2), move || {
            set_copied.set(false);
        });
    });
    button
}
