//! A button that copies a text and says that it did.

use std::time::Duration;

use crate::platform::{self, drawn::Drawn};

/// Copies what `text` gives when pressed.
pub(crate) fn button(label: &'static str, text: impl Fn() -> String + 'static) -> Drawn {
    let button = Drawn::new("button", "button button--quiet").with(&[("type", "button")]);
    button.say(label);
    let pressed = button.clone();
    button.hear(&["click"], move |_: &leptos::ev::Event| {
        platform::copy(&text());
        pressed.say("Copied");
        let pressed = pressed.clone();
        platform::after(Duration::from_secs(2), move || pressed.say(label));
    });
    button
}
