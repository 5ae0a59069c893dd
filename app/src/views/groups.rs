//! The groups of a source: to be picked, made, changed and deleted.

use crate::prelude::*;
use api::{Group, GroupChange};
use leptos::{ev, html};

use crate::{data::GroupsData, platform, state::Load, widgets::menu::Menu};

/// The menu.
#[component]
pub(crate) fn Groups(
    data: GroupsData,
    /// The group that is shown; none for all traces.
    chosen: Signal<Option<String>>,
    /// What a new group begins with.
    query: Signal<String>,
    /// Called when somebody wants to see the groups.
    on_open: Callback<()>,
    on_pick: Callback<Option<String>>,
) -> impl IntoView {
    let form = NodeRef::<html::Div>::new();
    // The group that is being changed; none while a new one is made.
    let (edited, set_edited) = signal(None::<Group>);
    let (doomed, set_doomed) = signal(None::<String>);
    let (picked, set_picked) = signal(0_u32);
    let label = Signal::derive(move || chosen.get().unwrap_or_else(|| "Groups".to_owned()));
    let pick = move |name: Option<String>| {
        set_picked.update(|picked| *picked += 1);
        on_pick.run(name);
    };
    Effect::new(move |_| {
        data.made.track();
        set_edited.set(None);
        set_doomed.set(None);
    });
    let save = move || {
        let Some(form) = form.get_untracked() else { return };
        let [name, expression] = platform::fields(&form, ["group", "expression"]).map(|text| text.trim().to_owned());
        data.change.run(match edited.get_untracked() {
            Some(group) => GroupChange::Update { name: group.name, expression },
            None => GroupChange::Create { name, expression },
        });
    };
    let item = move |group: Group| {
        let name = group.name.clone();
        let is_chosen = chosen.get_untracked().as_deref() == Some(name.as_str());
        let expression = if group.expression.is_empty() { "all traces".to_owned() } else { group.expression.clone() };
        let (picked, deleted, shown) = (name.clone(), name.clone(), name.clone());
        let tools = (name != "Default").then(|| {
            let is_doomed = move || doomed.with(|doomed| doomed.as_ref() == Some(&shown));
            let press = move |_| {
                if doomed.get_untracked().as_ref() == Some(&deleted) {
                    data.change.run(GroupChange::Delete { name: deleted.clone() });
                } else {
                    set_doomed.set(Some(deleted.clone()));
                }
            };
            view! {
                <button type="button" class="button button--quiet" on:click=move |_| set_edited.set(Some(group.clone()))>"Change"</button>
                <button type="button" class="button button--quiet" on:click=press>
                    {move || if is_doomed() { "Really delete it" } else { "Delete" }}
                </button>
            }
        });
        view! {
            <li class="past">
                <button type="button" class="past__query" aria-pressed=is_chosen.to_string() on:click=move |_| pick(Some(picked.clone()))>
                    <b>{name}</b><br /><span class="hint">{expression}</span>
                </button>
                {tools}
            </li>
        }
        .into_any()
    };
    let list = move || {
        match data.groups.get() {
        Load::Failed { failure, .. } => view! { <p class="editor__told" role="alert">{failure.message.clone()}</p> }.into_any(),
        load => match load.value() {
            Some(groups) => view! { <ul class="past__list" aria-label="Groups">{groups.iter().cloned().map(item).collect_view()}</ul> }.into_any(),
            None => view! { <p class="hint" role="status">"Asking X-Ray for its groups…"</p> }.into_any(),
        },
    }
    };
    let title = move || match edited.get() {
        Some(group) => format!("Change {}", group.name),
        None => "New group".to_owned(),
    };
    // It stands inside the query's form, which Enter would send.
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && platform::is_typing() {
            event.prevent_default();
            save();
        }
    };
    let expression = move || edited.get().map_or_else(|| query.get(), |group| group.expression);
    view! {
        <Menu label=label name="Groups" close_on=picked on_open=on_open>
            <div class="past__panel">
                <Show when=move || chosen.with(Option::is_some)>
                    <button type="button" class="button" on:click=move |_| pick(None)>"All traces"</button>
                </Show>
                {list}
                <div class="group" role="group" aria-label=title node_ref=form on:keydown=on_key>
                    <p class="label">{title}</p>
                    <Show when=move || edited.with(Option::is_none)>
                        <input class="input" name="group" placeholder="Name" aria-label="Name of the group" autocomplete="off" maxlength="32" />
                    </Show>
                    <textarea class="input query-bar__query" name="expression" rows="1" spellcheck="false" placeholder="Filter expression"
                        aria-label="Filter expression of the group" prop:value=expression></textarea>
                    {move || data.refused.get().map(|failure| view! { <p class="editor__told" role="alert">{failure.message}</p> })}
                    <p>
                        <button type="button" class="button" on:click=move |_| save()>"Save"</button>
                        <Show when=move || edited.with(Option::is_some)>
                            " "<button type="button" class="button" on:click=move |_| set_edited.set(None)>"Cancel"</button>
                        </Show>
                    </p>
                </div>
            </div>
        </Menu>
    }
}
