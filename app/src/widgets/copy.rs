//! A button that copies a text and says that it did.

use std::time::Duration;

use crate::prelude::*;

use crate::platform;

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
    let (copied, set_copied) = signal(false);
    let press = move |_| {
        platform::copy(&text.get_untracked());
        set_copied.set(true);
        platform::after(Duration::from_secs(2), move || {
            set_copied.set(false);
        });
    };
    view! {
        <button type="button" class="button button--quiet" on:click=press>
            {move || if copied.get() { "Copied".to_owned() } else { label.clone() }}
        </button>
    }
}
