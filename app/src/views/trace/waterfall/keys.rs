//! The keyboard of the waterfall: a tree grid's keys as the W3C describes them, and some for the time axis.
//! <https://www.w3.org/WAI/ARIA/apg/patterns/treegrid/>

use leptos::ev::KeyboardEvent;

/// What a key asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    /// That many rows down, or up when negative.
    Rows(i32),
    /// That many pages down, or up when negative.
    Pages(i32),
    /// The first row.
    First,
    /// The last row.
    Last,
    /// Expand, or go to the first child.
    Into,
    /// Collapse, or go to the parent.
    Out,
    /// Select, or take the selection back.
    Select,
    /// Collapse everything.
    CollapseAll,
    /// Expand everything.
    ExpandAll,
    /// Collapse the deepest level.
    FewerLevels,
    /// Expand one level more.
    MoreLevels,
    /// Close what is open.
    Close,
    /// A shorter window of time.
    ZoomIn,
    /// A longer window of time.
    ZoomOut,
    /// The whole trace.
    Fit,
    /// The window of the active span.
    FitSpan,
    /// That many tenths of the window later, or earlier when negative.
    Pan(i32),
}

/// What a key asks for; `None` for keys that are not ours.
pub(super) fn read(event: &KeyboardEvent) -> Option<Command> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return None;
    }
    Some(match event.key().as_str() {
        "ArrowDown" => Command::Rows(1),
        "ArrowUp" => Command::Rows(-1),
        "PageDown" => Command::Pages(1),
        "PageUp" => Command::Pages(-1),
        "Home" => Command::First,
        "End" => Command::Last,
        "ArrowRight" if event.shift_key() => Command::Pan(2),
        "ArrowLeft" if event.shift_key() => Command::Pan(-2),
        "ArrowRight" => Command::Into,
        "ArrowLeft" => Command::Out,
        "Enter" | " " => Command::Select,
        "[" => Command::CollapseAll,
        "]" => Command::ExpandAll,
        "{" => Command::FewerLevels,
        "}" => Command::MoreLevels,
        "Escape" => Command::Close,
        "+" | "=" => Command::ZoomIn,
        "-" | "_" => Command::ZoomOut,
        "0" => Command::Fit,
        "f" => Command::FitSpan,
        _ => return None,
    })
}
