//! Where traces are read from: the list, the form of one, and what the doctor says.
//!
//! All of it is drawn on bare elements when it changes, and heard in one place: as views the same page was twice the bytes.

mod cards;
mod fields;
mod form;
mod report;

use crate::prelude::*;
use api::{DataSource, DataSources, data_source::Origin};
use leptos::{ev, html};

use crate::{
    data::{Request, SourcesData, SourcesState},
    pages::{AboutLoad, Place},
    platform::{
        self,
        drawn::{self, Drawn},
    },
    route::{Route, SourceForm},
    state::Shared,
    views::failure,
};

/// The attribute that says what a button does.
const DOES: &str = "data-does";
/// The attribute that says which data source of the list a card is of.
const AT: &str = "data-at";

fn button(place: &Drawn, class: &str, text: &str, does: &str) -> Drawn {
    let button = place.says("button", class, text);
    button.attribute("type", "button");
    button.attribute(DOES, does);
    button
}

fn link(place: &Drawn, class: &str, text: &str, route: &Route) {
    place.says("a", class, text).attribute("href", &route.address());
}

fn items(place: &Drawn, texts: &[impl AsRef<str>]) {
    let list = place.child("ul", "sources__problems");
    for text in texts {
        list.says("li", "", text.as_ref());
    }
}

/// What stands on the page, besides reports and refusals.
#[derive(Clone, PartialEq)]
enum Shown {
    List(Shared<DataSources>),
    /// The form of a data source, or of a new one; anew after each change.
    Form(Option<String>, u32),
    Loading,
    Nothing,
    /// Why there is no form.
    NoForm(String),
}

impl Shown {
    fn of(state: &SourcesState, form: Option<SourceForm>) -> Self {
        let name = match form {
            Some(SourceForm::New) => return Self::Form(None, state.made),
            Some(SourceForm::Edit(name)) => Some(name),
            None => None,
        };
        match (&state.list, name) {
            (None, _) if state.failure.is_some() => Self::Nothing,
            (None, _) => Self::Loading,
            (Some(list), None) => Self::List(list.clone()),
            (Some(list), Some(name)) => match find(list, &name) {
                Some(DataSource { origin: Origin::Page, .. }) => Self::Form(Some(name), state.made),
                Some(source) => {
                    Self::NoForm([&name, " cannot be changed here: it comes from ", &cards::origin(source)].concat())
                }
                None => {
                    Self::NoForm(["There is no data source ", &name, "; it may have been deleted or renamed"].concat())
                }
            },
        }
    }
}

fn find<'a>(sources: &'a DataSources, name: &str) -> Option<&'a DataSource> {
    sources.list.iter().find(|source| source.name == name)
}

/// The page.
#[component]
pub(crate) fn Sources(
    data: SourcesData,
    about: AboutLoad,
    form: Signal<Option<SourceForm>>,
    place: Place,
    /// Called after a change.
    on_change: Callback<()>,
) -> impl IntoView {
    let sheet = NodeRef::<html::Div>::new();
    let drawn_sheet = move || {
        let sheet = sheet.get_untracked()?;
        Drawn::of(&sheet)
    };
    let draw = move |root: &Drawn, shown: &Shown, state: &SourcesState| {
        let here = place.route.get_untracked();
        root.clear();
        match shown {
            Shown::List(sources) => {
                let region_of = |name: &str| {
                    let found = about.with_untracked(|about| {
                        let known = about.value()?.sources.iter().find(|source| source.name == name)?;
                        Some(known.default_region.clone())
                    });
                    found.unwrap_or_default()
                };
                cards::draw(root, sources, &here, &region_of);
                root.child("div", "sources__refused").attribute("role", "alert");
            }
            Shown::Form(name, _) => {
                let blank = form::blank();
                let list = state.list.as_deref();
                let source = name.as_ref().and_then(|name| find(list?, name)).unwrap_or(&blank);
                let title =
                    if name.is_some() { ["Edit ", &source.name].concat() } else { "Add a data source".to_owned() };
                let regions = list.map_or(&[][..], |list| &list.regions);
                form::draw(root, &title, source, regions, &here.sources(None));
                root.child("section", "report");
            }
            Shown::Loading => {
                let loading = root.child("div", "skeleton");
                loading.attribute("role", "status");
                loading.attribute("aria-label", "Loading the data sources");
            }
            Shown::Nothing => {}
            Shown::NoForm(why) => {
                let note = root.child("div", "note note--warn");
                note.attribute("role", "alert");
                note.says("p", "", why);
                link(&note, "button", "All data sources", &here.sources(None));
            }
        }
    };
    // The last test, where its data source is to be seen.
    let report = move |root: &Drawn, shown: &Shown, state: &SourcesState| -> Option<()> {
        let reports = root.all(".report");
        for report in &reports {
            report.clear();
        }
        let tested = state.tested.as_ref()?;
        let at = match shown {
            Shown::List(sources) => sources.list.iter().position(|source| source.name == tested.name)?,
            Shown::Form(Some(name), _) if *name == tested.name => 0,
            _ => return None,
        };
        let place = reports.get(at)?;
        report::draw(place, tested);
        if matches!(shown, Shown::Form(..)) {
            // It stands below a long form.
            place.reveal();
        }
        Some(())
    };
    Effect::new(move |before: Option<Option<(Shown, SourcesState)>>| {
        let div = sheet.get()?;
        let root = Drawn::of(&div)?;
        let before = before.flatten();
        let state = data.state.get();
        let shown = Shown::of(&state, form.get());
        let is_new = before.as_ref().is_none_or(|(former, _)| *former != shown);
        if is_new {
            draw(&root, &shown, &state);
        }
        if is_new || before.as_ref().is_none_or(|(_, former)| former.tested != state.tested) {
            report(&root, &shown, &state);
        }
        if is_new || before.as_ref().is_none_or(|(_, former)| former.refused != state.refused) {
            let refused = state.refused.as_deref();
            if let Shown::Form(..) = shown {
                form::tell(&root, refused);
            } else if let Some(place) = root.within(".sources__refused") {
                place.say(refused.map_or("", |failure| &failure.message));
            }
            // To what is wrong, or on from what was saved.
            if let (Shown::Form(..), Some(sheet)) = (&shown, sheet.get_untracked()) {
                let goes_on = refused.is_some() || state.tested.is_some();
                platform::focus_first(&sheet, if goes_on { "[aria-invalid],[type=submit]" } else { "input" });
            }
        }
        Some((shown, state))
    });
    let is_tested = StoredValue::new(false);
    let on_click = move |event: ev::MouseEvent| -> Option<()> {
        if let Some(address) = drawn::attribute_around(&event, "href") {
            if platform::is_plain_click(&event) {
                event.prevent_default();
                place.go(Route::read(&address));
            }
            return None;
        }
        let does = drawn::attribute_around(&event, DOES)?;
        is_tested.set_value(does == "save-test");
        let state = data.state.get_untracked();
        if does == "copy" {
            let tested = state.tested?.found?;
            platform::copy(&tested.as_ref().ok()?.policy);
            drawn_sheet()?.within("[data-does=copy]")?.say("Copied");
            return None;
        }
        let at = drawn::attribute_around(&event, AT)?;
        let name = state.list?.list.get(at.parse::<usize>().ok()?)?.name.clone();
        match does.as_str() {
            "test" => data.ask(Request::Test(name), Box::new(|| ())),
            "delete" if !state.busy => data.ask(Request::Delete(name), Box::new(move || on_change.run(()))),
            "ask" | "keep" => {
                let card = drawn_sheet()?.within(&["[data-at='", &at, "']"].concat())?;
                let (button, doomed) = (card.within("[data-does=ask]")?, card.within(".sources__doomed")?);
                let opens = does == "ask" && doomed.has("hidden");
                doomed.attribute_if("hidden", (!opens).then_some(""));
                button.attribute("aria-expanded", if opens { "true" } else { "false" });
                button.focus();
            }
            _ => {}
        }
        None
    };
    let on_input = move |event: ev::Event| -> Option<()> {
        let root = drawn_sheet()?;
        let name = drawn::attribute_around(&event, "name")?;
        if name == "auth" {
            form::show_auth(&root, form::auth(&root));
        }
        let per = drawn::attribute_around(&event, fields::PER)?;
        root.within(&["#", &name, "-hint"].concat())?.say(&fields::cost(&platform::value_of(&event), &per));
        None
    };
    let on_submit = move |event: ev::SubmitEvent| -> Option<()> {
        event.prevent_default();
        let root = drawn_sheet()?;
        if data.state.with_untracked(|state| state.busy) {
            return None;
        }
        let former = match form.get_untracked()? {
            SourceForm::New => None,
            SourceForm::Edit(name) => Some(name),
        };
        let draft = form::read(&root);
        let (name, is_tested) = (draft.name.trim().to_owned(), is_tested.get_value());
        let done = move || {
            on_change.run(());
            let next = is_tested.then(|| SourceForm::Edit(name.clone()));
            if is_tested {
                data.ask(Request::Test(name), Box::new(|| ()));
            }
            place.go(place.route.with_untracked(|route| route.sources(next)));
        };
        data.ask(Request::Save(former, draft), Box::new(done));
        None
    };
    let failed = move || {
        let failure = data.state.with(|state| state.failure.clone())?;
        let retry = Callback::new(move |()| data.ask(Request::List, Box::new(|| ())));
        Some(failure::note(&failure, "The list of data sources", retry))
    };
    view! {
        <section class="page sources" aria-label="Data sources">
            {failed}
            <div class="sources__inner" node_ref=sheet on:click=move |event| { on_click(event); }
                on:input=move |event| { on_input(event); } on:submit=move |event| { on_submit(event); }></div>
        </section>
    }
}
