//! A path that is no place.

use crate::prelude::*;

use crate::platform;

/// Says so, and leads back.
#[component]
pub(super) fn NotFound(path: String) -> impl IntoView {
    platform::set_title("Not found · Roentgen");
    view! {
        <section class="empty">
            <h1 class="empty__title">"There is no such page"</h1>
            <p>"Nothing is at " <code>{path}</code> ". The link may be damaged."</p>
            <p><a class="button" href="/">"Go to the map"</a></p>
        </section>
    }
}
