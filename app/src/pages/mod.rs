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
use leptos::ev;

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
    /// A number for the last refinement that the address bar does not show yet.
    late: StoredValue<Option<u32>>,
}

/// After so long without another one, the address bar shows a refinement. Browsers refuse changes that come in quick
/// succession, as from a key that is held down, and would be left with a former one.
const SETTLED: Duration = Duration::from_millis(250);

impl Place {
    fn new() -> Self {
        let (route, set_route) = signal(Route::read(&history::location()));
        let late = StoredValue::new(None);
        history::on_travel(move |address| {
            late.set_value(None);
            set_route.set(Route::read(&address));
        });
        let place = Self { route, set_route, late };
        // To the address bar, to another window, to another page.
        for event in ["blur", "pagehide"] {
            platform::on_window(ev::Custom::<ev::Event>::new(event), move |_| place.settle());
        }
        place
    }

    /// Goes to a place that can be come back from.
    pub(crate) fn go(self, route: Route) {
        if self.is_other(&route) {
            self.settle();
            history::go(&route.address(), false);
            self.set_route.set(route);
        }
    }

    /// Refines the present place.
    pub(crate) fn refine(self, route: Route) {
        if self.is_other(&route) {
            self.set_route.set(route);
            let number = self.late.get_value().map_or(0, |number: u32| number.wrapping_add(1));
            self.late.set_value(Some(number));
            platform::after(SETTLED, move || {
                if self.late.try_get_value() == Some(Some(number)) {
                    self.settle();
                }
            });
        }
    }

    fn is_other(self, route: &Route) -> bool {
        self.route.with_untracked(|now| now != route)
    }

    /// The address bar shows what it does not show yet.
    fn settle(self) {
        if self.late.get_value().is_some() {
            self.late.set_value(None);
            history::go(&self.route.with_untracked(Route::address), true);
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
