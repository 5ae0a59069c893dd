//! The language on one sheet: each word with its meaning and an example, which a press puts into the query.

use filter::assist::docs;
use leptos::prelude::*;

use super::Editor;
use crate::widgets::menu::Menu;

/// The menu.
#[component]
pub(crate) fn CheatSheet(editor: Editor) -> impl IntoView {
    let (picked, set_picked) = signal(0_u32);
    // The same example need not stand there twice.
    let mut last = "";
    let rows: Vec<AnyView> = docs::ALL
        .iter()
        .map(|doc| {
            let example = (doc.example != last).then(|| {
                let pick = move |_| {
                    editor.insert_condition(doc.example);
                    set_picked.update(|picked| *picked += 1);
                };
                view! { <button type="button" class="past__query" title="Put it into the query" on:click=pick>{doc.example}</button> }
            });
            last = doc.example;
            view! {
                <tr>
                    <th scope="row">{doc.name}<br /><span class="hint">{doc.kind}</span></th>
                    <td>{doc.text}{example}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <Menu label=Signal::stored("Language".to_owned()) name="The language of queries" close_on=Signal::from(picked)>
            <table class="sheet">{rows}</table>
        </Menu>
    }
}
