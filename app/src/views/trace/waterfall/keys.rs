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
    /// Fold what is not on the critical path.
    FoldOffPath,
    /// Show only what hangs under the active span.
    Focus,
    /// Show everything again.
    Unfocus,
    /// Repeated siblings as one row, or each.
    Group,
    /// Idle gaps as they are, or shortened.
    Gaps,
    /// Only what is found, or everything.
    Only,
    /// To the next span that is found, or to the one before.
    Match(bool),
    /// To the next piece of the critical path, or to the one before.
    Path(bool),
    /// To the span with the next shorter self time, or with the next longer one.
    Longest(bool),
}

/// What the keys do: those of Jaeger and of the W3C's tree grid, and what neither has.
pub(crate) const HELP: [(&str, &str); 20] = [
    ("↑ ↓ Page↑ Page↓ w s Home End", "Move through the rows"),
    ("→ ←", "Open or fold a row, go to its child or parent"),
    ("Enter Space", "Select the span, open the group"),
    ("[ ]", "Fold or open all"),
    ("{ } p o", "One level less or more"),
    ("\\", "Fold what is not on the critical path"),
    (". ,", "Next or former piece of the critical path"),
    ("x X", "Next longest self time, and back"),
    ("Ctrl+B", "Search in the trace"),
    ("n N f b", "Next or former match"),
    ("m", "Matches alone, or all spans"),
    ("e", "Only the active span and what hangs under it"),
    ("Backspace", "All spans again"),
    ("g", "Repeated spans as one row, or each"),
    ("i", "Shorten idle gaps, or show them as they are"),
    ("+ − 0 Shift+↑ Shift+↓", "Zoom in and out, show the whole trace"),
    ("z", "Zoom to the active row"),
    ("a d Shift+← Shift+→", "Earlier or later"),
    ("Wheel with Shift or Ctrl", "Earlier and later, zoom; so do a drag and two fingers on the bars"),
    ("Esc", "Take back selection, search and focus, then close"),
];

/// What a key asks for; `None` for keys that are not ours.
pub(super) fn read(event: &KeyboardEvent) -> Option<Command> {
    let key = event.key();
    // A tree grid's keys to its ends work with Ctrl too.
    let is_held = event.alt_key() || event.meta_key() || (event.ctrl_key() && key != "Home" && key != "End");
    if is_held { None } else { named(&key, event.shift_key()) }
}

/// What a key asks for by its name; `None` for keys that are not ours.
pub(super) fn named(key: &str, shift: bool) -> Option<Command> {
    Some(match key {
        "ArrowDown" if shift => Command::ZoomOut,
        "ArrowUp" if shift => Command::ZoomIn,
        "ArrowDown" => Command::Rows(1),
        "ArrowUp" => Command::Rows(-1),
        "PageDown" | "s" => Command::Pages(1),
        "PageUp" | "w" => Command::Pages(-1),
        "Home" => Command::First,
        "End" => Command::Last,
        "ArrowRight" if shift => Command::Pan(2),
        "ArrowLeft" if shift => Command::Pan(-2),
        "d" => Command::Pan(2),
        "a" => Command::Pan(-2),
        "D" => Command::Pan(8),
        "A" => Command::Pan(-8),
        "ArrowRight" => Command::Into,
        "ArrowLeft" => Command::Out,
        "Enter" | " " => Command::Select,
        "[" => Command::CollapseAll,
        "]" => Command::ExpandAll,
        "{" | "p" => Command::FewerLevels,
        "}" | "o" => Command::MoreLevels,
        "\\" => Command::FoldOffPath,
        "." => Command::Path(true),
        "," => Command::Path(false),
        "x" => Command::Longest(true),
        "X" => Command::Longest(false),
        "n" | "f" => Command::Match(true),
        "N" | "b" => Command::Match(false),
        "m" => Command::Only,
        "e" => Command::Focus,
        "Backspace" => Command::Unfocus,
        "g" => Command::Group,
        "i" => Command::Gaps,
        "Escape" => Command::Close,
        "+" | "=" => Command::ZoomIn,
        "-" | "_" => Command::ZoomOut,
        "0" => Command::Fit,
        "z" => Command::FitSpan,
        _ => return None,
    })
}
