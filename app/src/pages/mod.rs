//! One page a route: each wires route, data and views, and draws nothing itself.

mod explore;
mod file;
mod map;
mod not_found;
mod sources;
mod trace;

use std::time::Duration;

use crate::prelude::*;
use api::About;

use crate::{
    data,
    platform::{self, history},
    route::Route,
    state::{Load, Shared},
    views::header::{Header, Notices},
};

/// Where the user is, and the way to another place.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// The present route.
    pub(crate) route: Signal<Route>,
    set_route: RwSignal<Route>,
}

impl Place {
    fn new() -> Self {
        let (route, set_route) = signal(Route::read(&history::location()));
        history::on_travel(move |address| set_route.set(Route::read(&address)));
        Self { route, set_route }
    }

    /// Goes to a place that can be come back from.
    pub(crate) fn go(self, route: Route) {
        self.change(route, false);
    }

    /// Refines the present place.
    pub(crate) fn refine(self, route: Route) {
        self.change(route, true);
    }

    fn change(self, route: Route, replace: bool) {
        if self.route.with_untracked(|now| *now != route) {
            history::go(&route.address(), replace);
            self.set_route.set(route);
        }
    }
}

/// What the server has to offer, asked again now and then.
pub(crate) type AboutLoad = Signal<Load<Shared<About>>>;

/// How often the notices are looked after.
const ABOUT_EVERY: Duration = Duration::from_secs(15);

/// The whole page.
#[component]
pub(crate) fn Root() -> impl IntoView {
    let place = Place::new();
    let files = data::FilesData::new();
    let (round, set_round) = signal(0_u32);
    let about: AboutLoad = data::latest(move || Some((data::about(), round.get())));
    Effect::new(move |_| {
        // Follows each answer, so that a slow server is not asked twice at once.
        if matches!(about.get(), Load::Ready(_) | Load::Failed { .. }) {
            platform::after(ABOUT_EVERY, move || {
                set_round.try_update(|round| *round += 1);
            });
        }
    });
    let retry = Callback::new(move |()| set_round.update(|round| *round += 1));
    let kind = Signal::memo(move |_| place.route.with(std::mem::discriminant));
    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <Header place=place />
        <Notices about=about on_retry=retry />
        <main id="main" class="main">
            {move || {
                // Read, not only tracked: a memo that was never computed tells nobody of its changes.
                kind.with(|_| ());
                match place.route.get_untracked() {
                    Route::Explore(_) => still(view! { <explore::ExplorePage place=place about=about /> }),
                    Route::Trace(_) => still(view! { <trace::TracePage place=place about=about /> }),
                    Route::Map(_) => still(view! { <map::MapPage place=place about=about /> }),
                    Route::Sources(_) => still(view! { <sources::SourcesPage place=place about=about on_change=retry /> }),
                    Route::File(_) => still(view! { <file::FilePage place=place files=files /> }),
                    Route::Unknown(path) => still(view! { <not_found::NotFound path=path /> }),
                }
            }}
        </main>
    }
}
