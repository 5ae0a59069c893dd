//! What stands above the rows: search, folding, colours, the critical path.

use crate::prelude::*;
use leptos::ev;

use super::{Handle, keys::Command, label};
use crate::{
    platform,
    route::{Colour, Fold, TraceView},
    state::Shared,
    views::trace::{reading::Reading, search},
    widgets::menu::Menu,
};

/// Contributors that the menu names.
const CONTRIBUTORS: usize = 12;

/// Puts the cursor into the field of the search.
pub(super) fn focus_search(event: &ev::KeyboardEvent) {
    if let Some(grid) = platform::listener(event).and_then(|grid| grid.parent_element()) {
        platform::focus_first(&grid, "[name=find]");
    }
}

/// The buttons above the rows.
#[component]
pub(super) fn Tools(handle: Handle, reading: Signal<Shared<Reading>>, view: Signal<TraceView>) -> impl IntoView {
    // All of them have keys: whoever uses these does not want to step through two dozen buttons.
    let button = move |text: &'static str, name: &'static str, command: Command| {
        view! {
            <button type="button" class="button button--quiet waterfall__tool" title=name aria-label=name tabindex="-1"
                on:click=move |_| handle.command(command)>{text}</button>
        }
    };
    // One closure for all toggles: each would be a kind of its own in the page.
    let toggle = move |text: &'static str, name: &'static str, command: Command, is_on: fn(&TraceView) -> bool| {
        view! {
            <button type="button" class="button button--quiet waterfall__tool" title=name tabindex="-1"
                aria-pressed=move || view.with(is_on).to_string() on:click=move |_| handle.command(command)>{text}</button>
        }
    };
    // Nobody sees the list before the menu is opened.
    let (asked, set_asked) = signal(false);
    let fold = move |text: &str| {
        let nanos = search::duration(text.trim().trim_start_matches('<')).filter(|nanos| *nanos > 0);
        handle.change(|sheet| sheet.fold_by(nanos.map_or(Fold::None, Fold::Shorter)));
    };
    let colours = Colour::ALL.map(|(colour, name, text)| {
        view! { <option value=name selected=move || view.with(|view| view.colour == colour)>{text}</option> }
    });
    let on_colour = move |event: ev::Event| {
        let name = platform::value_of(&event);
        let colour = Colour::ALL.into_iter().find(|(_, known, _)| *known == name).map(|(colour, ..)| colour);
        handle.change(|sheet| sheet.change(|view| view.colour = colour.unwrap_or_default()));
    };
    view! {
        <div class="waterfall__tools" role="toolbar" aria-label="Rows and time">
            <input class="input waterfall__find" name="find" type="search" autocomplete="off" spellcheck="false"
                aria-label="Search in the trace" placeholder="word, key=value, >100ms, state=fault (Ctrl+B)"
                prop:value=move || view.with(|view| view.find.clone())
                on:input=move |event| {
                    let text = platform::value_of(&event);
                    handle.change(|sheet| sheet.change_now(|view| view.find = text));
                }
                on:keydown=move |event| match event.key().as_str() {
                    "Enter" => {
                        event.prevent_default();
                        handle.command(Command::Match(!event.shift_key()));
                    }
                    "Escape" => {
                        event.stop_propagation();
                        handle.change(|sheet| sheet.change(|view| view.find.clear()));
                    }
                    _ => {}
                } />
            <span class="waterfall__found" role="status"></span>
            {button("↑", "Former match ( N )", Command::Match(false))}
            {button("↓", "Next match ( n )", Command::Match(true))}
            {toggle("Only", "Matches alone ( m )", Command::Only, |view| view.only)}
            <span class="waterfall__gap"></span>
            {button("⊟", "Fold all ( [ )", Command::CollapseAll)}
            {button("⊞", "Open all ( ] )", Command::ExpandAll)}
            {button("−1", "One level less ( { )", Command::FewerLevels)}
            {button("+1", "One level more ( } )", Command::MoreLevels)}
            <Menu label="Fold…" name="What to fold">
                <div class="waterfall__menu">
                    <button type="button" class="button" on:click=move |_| handle.command(Command::FoldOffPath)>
                        "What is not on the critical path ( \\ )"</button>
                    <label>"What takes less than "
                        <input class="input" name="shorter" size="8" placeholder="10ms"
                            on:change=move |event| fold(&platform::value_of(&event)) /></label>
                    <button type="button" class="button" on:click=move |_| handle.command(Command::Focus)>
                        "All but the active span and what hangs under it ( e )"</button>
                </div>
            </Menu>
            {toggle("Group", "Repeated spans as one row ( g )", Command::Group, |view| !view.ungrouped)}
            {toggle("Gaps", "Shorten idle gaps ( i )", Command::Gaps, |view| view.gaps)}
            <Show when=move || view.with(|view| view.focus.is_some())>
                {button("Show all", "All spans again ( Backspace )", Command::Unfocus)}
            </Show>
            <span class="waterfall__info" role="status"></span>
            {button("‹", "Former piece of the critical path ( , )", Command::Path(false))}
            <Menu label="Critical path" name="Whose time the critical path is"
                on_open=Callback::new(move |()| set_asked.set(true))>
                {move || asked.get().then(|| contributors(handle, &reading.get()))}
            </Menu>
            {button("›", "Next piece of the critical path ( . )", Command::Path(true))}
            {button("Longest", "Next longest self time ( x )", Command::Longest(true))}
            <select class="select" aria-label="What colours tell" title="What colours tell" on:change=on_colour>
                {Vec::from(colours)}
            </select>
            {button("−", "Zoom out ( - )", Command::ZoomOut)}
            {button("+", "Zoom in ( + )", Command::ZoomIn)}
            {button("Fit", "Show the whole trace ( 0 )", Command::Fit)}
        </div>
    }
}

/// The services and operations that the critical path's time belongs to, the most first.
fn contributors(handle: Handle, reading: &Shared<Reading>) -> AnyView {
    let trace = &reading.trace;
    let rows = reading.contributors().iter().take(CONTRIBUTORS).map(|one| {
        let span = one.longest;
        let id = trace.span_id(span as usize);
        let name = label::named(trace, span);
        let share = [&(one.share / 10).to_string(), ".", &(one.share % 10).to_string(), "%"].concat();
        let time = format::duration::short(one.time);
        view! {
            <li>
                <button type="button" class="waterfall__contributor"
                    on:click=move |_| handle.change(|sheet| sheet.change(|view| view.span = id))>
                    <span class="waterfall__share" style:width=share.clone()></span>
                    <b>{share.clone()}</b> " " {time} " · " {name}
                </button>
            </li>
        }
    });
    view! { <ol class="waterfall__contributors">{rows.collect_view()}</ol> }.into_any()
}
