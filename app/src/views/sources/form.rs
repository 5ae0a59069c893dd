//! The form of a data source. Secrets go from its inputs into the request, and nowhere else.

use api::{
    DataSource,
    about::SourceKind,
    data_source::{Origin, Settings},
};
use leptos::{ev, html, prelude::*};

use super::{
    Page,
    fields::{self, AUTHS, OF_AUTH, REGIONS, SECTIONS},
};
use crate::{
    data::{Change, Draft},
    platform,
    route::SourceForm,
};

/// The form of the data source of this name, or of a new one.
#[component]
pub(super) fn Form(page: Page, name: Option<String>) -> impl IntoView {
    let data = page.data;
    let form = NodeRef::<html::Form>::new();
    let source = name.as_ref().and_then(|name| page.find(name)).unwrap_or_else(|| DataSource {
        name: String::new(),
        kind: SourceKind::Aws,
        origin: Origin::Page,
        is_default: false,
        settings: Settings::default(),
        secrets: Vec::new(),
        problem: None,
    });
    let (auth, set_auth) = signal(source.settings.auth);
    let (testing, set_testing) = signal(false);
    let was_tested =
        data.tested.with_untracked(|tested| tested.as_ref().is_some_and(|tested| tested.name == source.name));
    Effect::new(move |_| {
        if let Some(form) = form.get() {
            platform::focus_first(&form, if was_tested { "[type=submit]" } else { "input" });
        }
    });
    // What the server says of each field, as `name: …; role ARN, external id: …`.
    let problems = Memo::new(move |_| {
        let refused = data.refused.get();
        refused.map_or_else(Vec::new, |failure| match failure.code.as_str() {
            "bad_request" => failure.message.split("; ").map(str::to_owned).collect(),
            _ => vec![failure.message],
        })
    });
    let wrong = Memo::new(move |_| {
        let mut wrong = Vec::new();
        for problem in problems.get() {
            let fields = problem.split_once(": ").map_or("", |(fields, _)| fields);
            wrong.extend(fields.split(", ").map(str::to_owned));
        }
        wrong
    });
    let title = name.as_ref().map_or_else(|| "Add a data source".to_owned(), |name| ["Edit ", name].concat());
    let report = name.as_ref().map(|name| page.report(name));
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(form) = form.get_untracked() else { return };
        let [written] = platform::fields(&form, ["name"]);
        let mut draft = Draft {
            name: written.trim().to_owned(),
            is_default: platform::has(&form, "[name=is_default]:checked"),
            settings: Settings { auth: auth.get_untracked(), ..Settings::default() },
            secrets: Vec::new(),
        };
        for field in OF_AUTH.iter().chain(SECTIONS.iter().flat_map(|(.., fields)| *fields)) {
            let [written] = platform::fields(&form, [field.name]);
            let is_ticked = platform::has(&form, &["[name=", field.name, "]:checked"].concat());
            field.read(written.trim(), is_ticked, &mut draft);
        }
        let is_tested = testing.get_untracked();
        let saved = draft.name.clone();
        let done = Box::new(move || {
            page.on_change.run(());
            let next = if is_tested {
                data.test.run(saved.clone());
                Some(SourceForm::Edit(saved))
            } else {
                None
            };
            page.go.run(untrack(|| page.route.run(next)));
        });
        data.change.run((Change::Save(name.clone(), draft), done));
    };
    let ways = AUTHS.map(|(way, value, label, hint)| {
        view! {
            <label class="source-form__way">
                <input type="radio" name="auth" value=value checked=source.settings.auth == way on:change=move |_| set_auth.set(way) />
                <span>{label}<br /><span class="hint">{hint}</span></span>
            </label>
        }
        .into_any()
    });
    let of_auth = OF_AUTH.iter().map(|field| field.draw(&source, auth, wrong)).collect_view();
    let sections = SECTIONS.iter().map(|(title, hint, all)| {
        let all = all.iter().map(|field| field.draw(&source, auth, wrong)).collect_view();
        view! {
            <fieldset class="source-form__section">
                <legend>{*title}</legend>
                {(!hint.is_empty()).then(|| view! { <p class="hint">{*hint}</p> })}
                {all}
            </fieldset>
        }
        .into_any()
    });
    let sections = sections.collect_view();
    let regions = move || {
        let regions = data.list.with(|list| list.value().map(|sources| sources.regions.clone()).unwrap_or_default());
        regions.into_iter().map(|region| view! { <option value=region></option> }).collect_view()
    };
    let name_input = view! {
        <input class="input" id="name" name="name" value=source.name.clone() required=true maxlength="100" autocomplete="off"
            spellcheck="false" aria-describedby="name-hint"
            aria-invalid=move || wrong.with(|wrong| wrong.iter().any(|wrong| wrong == "name")).then_some("true") />
    };
    let is_name_wrong = Signal::derive(move || wrong.with(|wrong| wrong.iter().any(|wrong| wrong == "name")));
    view! {
        <header class="sources__head"><h1 class="sources__title">{title}</h1></header>
        {source.problem.clone().map(|problem| view! { <p class="source__problem">"⚠ " {problem}</p> })}
        <form class="source-form" node_ref=form autocomplete="off" on:submit=on_submit>
            {fields::line("name", "Name", "In queries and links".into_any(), is_name_wrong, name_input.into_any())}
            <fieldset class="source-form__section">
                <legend>"Authentication"</legend>
                {Vec::from(ways)}
                {of_auth}
            </fieldset>
            {sections}
            <datalist id=REGIONS>{regions}</datalist>
            {fields::tick("is_default", "Use by default", source.is_default)}
            {move || (!problems.with(Vec::is_empty)).then(|| view! {
                <div class="note note--bad source-form__refused" role="alert">
                    <p class="note__title">"Not saved"</p>
                    <ul class="sources__problems">
                        {problems.get().into_iter().map(|problem| view! { <li>{problem}</li> }).collect_view()}
                    </ul>
                </div>
            })}
            <div class="source-form__actions">
                <button type="submit" class="button button--main" disabled=move || data.busy.get()
                    on:click=move |_| set_testing.set(true)>"Save & test"</button>
                <button type="submit" class="button" disabled=move || data.busy.get()
                    on:click=move |_| set_testing.set(false)>"Save"</button>
                {page.link(untrack(|| page.route.run(None)), "button button--quiet", "Cancel")}
            </div>
        </form>
        {report}
    }
}
