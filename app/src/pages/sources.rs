//! `/sources`: where traces are read from, and the form of one of these places.

use crate::prelude::*;

use super::{AboutLoad, Place};
use crate::{
    data, platform,
    route::{Route, SourceForm},
    views::sources::Sources,
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
    let form = Signal::memo(move |before: Option<&Option<SourceForm>>| match place.route.get() {
        Route::Sources(here) => here.form,
        // On the way to another page.
        _ => before.cloned().flatten(),
    });
    let data = data::sources(about, form);
    view! { <Sources data=data about=about form=form place=place on_change=on_change /> }
}
