//! `/sources`: where traces are read from, and the form of one of these places.

use leptos::prelude::*;

use super::{AboutLoad, Place};
use crate::{
    data, platform,
    route::{Route, SourceForm},
    views::sources::{Go, Sources},
};

/// The page of data sources.
#[component]
pub(super) fn SourcesPage(
    place: Place,
    about: AboutLoad,
    /// Called when the server has other sources than before.
    on_change: Callback<()>,
) -> impl IntoView {
    platform::set_title("Data sources · Roentgen");
    let form = Memo::new(move |before: Option<&Option<SourceForm>>| match place.route.get() {
        Route::Sources(here) => here.form,
        // On the way to another page.
        _ => before.cloned().flatten(),
    });
    let data = data::sources(about, form);
    let go = Go::new(move |route: Route| place.go(route));
    let route = move |form| place.route.with(|route| route.sources(form));
    let traces = move |source: String| {
        let explore = place.route.with(Route::explore);
        Route::Explore(crate::route::Explore { source: Some(source), ..explore })
    };
    view! {
        <Sources data=data about=about form=form route=Callback::new(route) traces=Callback::new(traces) go=go
            on_change=on_change />
    }
}
