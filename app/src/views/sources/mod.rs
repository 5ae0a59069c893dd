//! Where traces are read from: the list, the form of one, and what the doctor says.

mod fields;
mod form;
mod report;

use api::{
    DataSource,
    about::SourceKind,
    data_source::{Auth, Origin},
};
use leptos::{ev, prelude::*};

use self::{form::Form, report::Report};
use crate::{
    data::{Change, SourcesData},
    pages::AboutLoad,
    platform,
    route::{Route, SourceForm},
    state::Load,
    views::failure::FailureNote,
};

/// Goes to a place.
pub(crate) type Go = Callback<Route>;

/// What all parts of the page need.
#[derive(Clone, Copy)]
struct Page {
    data: SourcesData,
    about: AboutLoad,
    route: Callback<Option<SourceForm>, Route>,
    traces: Callback<String, Route>,
    go: Go,
    on_change: Callback<()>,
}

impl Page {
    /// A link to another place of the page.
    fn link(self, route: Route, class: &'static str, text: &'static str) -> AnyView {
        let address = route.address();
        let press = move |event: ev::MouseEvent| {
            if platform::is_plain_click(&event) {
                event.prevent_default();
                self.go.run(route.clone());
            }
        };
        view! { <a class=class href=address on:click=press>{text}</a> }.into_any()
    }

    /// What the doctor says of a data source, if that was tested last.
    fn report(self, name: &str) -> AnyView {
        let name = name.to_owned();
        let tested = self.data.tested;
        let is_tested = Memo::new({
            let name = name.clone();
            move |_| tested.with(|tested| tested.as_ref().is_some_and(|tested| tested.name == name))
        });
        view! { <Show when=move || is_tested.get()><Report tested=tested title=["Test of ", &name].concat() /></Show> }
            .into_any()
    }

    fn find(self, name: &str) -> Option<DataSource> {
        let found = self.data.list.get_untracked();
        found.value()?.list.iter().find(|source| source.name == name).cloned()
    }
}

/// What stands on the page.
#[derive(Clone, PartialEq)]
enum Shown {
    List,
    /// The form of a data source, or of a new one; anew after each change.
    Form(Option<String>, u32),
    Loading,
    Nothing,
    /// Why there is no form.
    NoForm(String),
}

/// The page.
#[component]
pub(crate) fn Sources(
    data: SourcesData,
    about: AboutLoad,
    form: Memo<Option<SourceForm>>,
    /// The route of a form of this page, or of the list.
    route: Callback<Option<SourceForm>, Route>,
    /// The route of the traces of a data source.
    traces: Callback<String, Route>,
    go: Go,
    /// Called after a change.
    on_change: Callback<()>,
) -> impl IntoView {
    let page = Page { data, about, route, traces, go, on_change };
    let shown = Memo::new(move |_| {
        let made = data.made.get();
        let name = match form.get() {
            None => return Shown::List,
            Some(SourceForm::New) => return Shown::Form(None, made),
            Some(SourceForm::Edit(name)) => name,
        };
        data.list.with(|load| match load.value() {
            Some(sources) => match sources.list.iter().find(|source| source.name == name) {
                Some(DataSource { origin: Origin::Page, .. }) => Shown::Form(Some(name), made),
                Some(source) => Shown::NoForm(format!("{name} cannot be changed here: {}", origin(source))),
                None => Shown::NoForm(format!("There is no data source {name}; it may have been deleted or renamed")),
            },
            None if matches!(load, Load::Failed { .. }) => Shown::Nothing,
            None => Shown::Loading,
        })
    });
    let failed = move || match data.list.get() {
        Load::Failed { failure, .. } => Some(view! {
            <FailureNote failure=(*failure).clone() what="The list of data sources" on_retry=Some(data.reload) />
        }),
        _ => None,
    };
    let body = move || match shown.get() {
        Shown::List => view! { <List page=page /> }.into_any(),
        Shown::Form(name, _) => view! { <Form page=page name=name /> }.into_any(),
        Shown::Loading => loading().into_any(),
        Shown::Nothing => ().into_any(),
        Shown::NoForm(why) => view! {
            <div class="note note--warn" role="alert">
                <p>{why}</p>
                {page.link(untrack(|| route.run(None)), "button", "All data sources")}
            </div>
        }
        .into_any(),
    };
    view! {
        <section class="page sources" aria-label="Data sources">
            <div class="sources__inner">{failed}{body}</div>
        </section>
    }
}

fn loading() -> impl IntoView {
    view! { <div role="status" aria-label="Loading the data sources"><div class="skeleton"></div><div class="skeleton"></div></div> }
}

/// All data sources, and what is wrong with them.
#[component]
fn List(page: Page) -> impl IntoView {
    let data = page.data;
    // The one that somebody is about to delete.
    let (doomed, set_doomed) = signal(None::<String>);
    // Not drawn anew while the same list is asked for again.
    let sources =
        Memo::new(move |_| data.list.with(|load| (load.value().cloned(), matches!(load, Load::Failed { .. }))));
    let list = move || {
        let (Some(sources), _) = sources.get() else {
            return if sources.get().1 { ().into_any() } else { loading().into_any() };
        };
        let is_fixed = sources.read_only.is_some();
        let add = (!is_fixed).then(|| {
            page.link(untrack(|| page.route.run(Some(SourceForm::New))), "button button--main", "Add a data source")
        });
        let refused = (!sources.refused.is_empty()).then(|| {
            let entries = sources.refused.iter().map(|why| view! { <li>{why.clone()}</li> }).collect_view();
            view! {
                <div class="note note--warn" role="status">
                    <p class="note__title">"Provisioned, but not usable"</p>
                    <ul class="sources__problems">{entries}</ul>
                </div>
            }
        });
        let empty = sources.list.is_empty().then(|| {
            view! {
                <p class="sources__none">
                    "There is no data source yet. Add one here, or start with --region for AWS, or without --no-local for the X-Ray inside this program."
                </p>
            }
        });
        let cards = sources.list.iter().map(|source| card(page, source, is_fixed, (doomed, set_doomed)));
        view! {
            <header class="sources__head"><h1 class="sources__title">"Data sources"</h1>{add}</header>
            {sources.read_only.clone().map(|why| view! { <p class="note">"Data sources cannot be changed here: " {why}</p> })}
            {refused}
            {empty}
            <ul class="sources__list" aria-label="Data sources">{cards.collect_view()}</ul>
        }
        .into_any()
    };
    view! {
        {move || data.refused.get().map(|failure| view! { <p class="note note--bad" role="alert">{failure.message}</p> })}
        {list}
    }
}

type Doomed = (ReadSignal<Option<String>>, WriteSignal<Option<String>>);

fn card(page: Page, source: &DataSource, is_fixed: bool, (doomed, set_doomed): Doomed) -> AnyView {
    let data = page.data;
    let name = source.name.clone();
    let fact = |what: &'static str, value: String| {
        (!value.is_empty()).then(|| view! { <div class="facts__row"><dt>{what}</dt><dd>{value}</dd></div> })
    };
    let settings = &source.settings;
    let budget = |most: u64| (most > 0).then(|| format!("{} traces", format::number::integer(most as i64)));
    let budgets = [(budget(settings.scan_budget_query), " a query"), (budget(settings.scan_budget_day), " a day")];
    let budgets: Vec<String> = budgets.into_iter().filter_map(|(most, per)| Some(most? + per)).collect();
    let region = Memo::new({
        let (name, region) = (name.clone(), settings.default_region.clone());
        // Where the data source names none, the server found it in the profile or the environment.
        move |_| {
            Some(region.clone()).filter(|region| !region.is_empty()).or_else(|| {
                page.about.with(|about| {
                    let known = about.value()?.sources.iter().find(|source| source.name == name)?;
                    Some(known.default_region.clone())
                })
            })
        }
    });
    let tools = (source.origin == Origin::Page && !is_fixed).then(|| {
        let (own, asked, gone) = (name.clone(), name.clone(), name.clone());
        let is_doomed = Memo::new(move |_| doomed.with(|doomed| doomed.as_ref() == Some(&own)));
        let ask = move |_| set_doomed.set(Some(asked.clone()).filter(|_| !is_doomed.get_untracked()));
        let delete = Callback::new(move |()| {
            data.change.run((Change::Delete(gone.clone()), Box::new(move || page.on_change.run(()))));
        });
        let form = untrack(|| page.route.run(Some(SourceForm::Edit(name.clone()))));
        view! {
            {page.link(form, "button button--quiet", "Edit")}
            <button type="button" class="button button--quiet" aria-expanded=move || is_doomed.get().to_string() on:click=ask>"Delete"</button>
            <Show when=move || is_doomed.get()>
                <span class="sources__doomed" role="group" aria-label="Delete it?">
                    <span>"Links that name it will find nothing."</span>
                    <button type="button" class="button sources__delete" disabled=move || data.busy.get()
                        on:click=move |_| delete.run(())>"Really delete it"</button>
                    <button type="button" class="button" on:click=move |_| set_doomed.set(None)>"Keep it"</button>
                </span>
            </Show>
        }
    });
    let tested = name.clone();
    let report = page.report(&name);
    view! {
        <li class="source">
            <div class="source__top">
                <h2 class="source__name">{name.clone()}</h2>
                <span class="badge">{if source.kind == SourceKind::Local { "local" } else { "AWS" }}</span>
                {source.is_default.then(|| view! { <span class="badge badge--default">"default"</span> })}
                <div class="source__tools">
                    {page.link(untrack(|| page.traces.run(name.clone())), "button button--quiet", "Traces")}
                    <button type="button" class="button button--quiet" on:click=move |_| data.test.run(tested.clone())>"Test"</button>
                    {tools}
                </div>
            </div>
            {source.problem.clone().map(|problem| view! { <p class="source__problem">"⚠ " {problem}</p> })}
            <dl class="facts source__facts">
                {fact("Credentials", credentials(source))}
                <div class="facts__row"><dt>"Region"</dt><dd>{move || region.get().unwrap_or_else(|| "none".to_owned())}</dd></div>
                {fact("Role", settings.assume_role_arn.clone())}
                {fact("Endpoint", settings.endpoint.clone())}
                {fact("Scan budget", budgets.join(", "))}
                {fact("Comes from", origin(source))}
            </dl>
            {report}
        </li>
    }
    .into_any()
}

/// How we authenticate, in words.
fn credentials(source: &DataSource) -> String {
    let settings = &source.settings;
    if source.kind == SourceKind::Local {
        return "none: it takes any".to_owned();
    }
    let mut words = match settings.auth {
        Auth::Default => "the AWS SDK's default chain",
        Auth::Keys if source.secrets.len() > 2 => "access key, secret key and session token",
        Auth::Keys => "access key and secret key",
        Auth::Credentials => "credentials file",
        Auth::Role => "the machine's role",
    }
    .to_owned();
    for (what, text) in [(", ", &settings.credentials_file), (", profile ", &settings.profile)] {
        if !text.is_empty() {
            words = words + what + text;
        }
    }
    words
}

/// Where a data source comes from, in words.
fn origin(source: &DataSource) -> String {
    match &source.origin {
        Origin::BuiltIn => "built in".to_owned(),
        Origin::Flags => "the flags --region and --profile".to_owned(),
        Origin::File(file) => format!("the file {file}; change it there"),
        Origin::Page => "made in this page".to_owned(),
    }
}
