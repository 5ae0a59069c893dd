//! The browser. The only room that calls `web_sys`; what it starts ends with its owner.

mod bare;
pub(crate) mod canvas;
pub(crate) mod drawn;
pub(crate) mod files;
pub(crate) mod history;
pub(crate) mod http;
pub(crate) mod picture;
mod save;
pub(crate) mod sketch;
pub(crate) mod still;
mod storage;
pub(crate) mod text_area;
mod window;

pub(crate) use self::{
    save::save,
    storage::{recall, remember},
    window::{
        after, attribute_at, capture_pointer, copy, drag_area, every_frame_once, fields, focus_first, in_next_frame,
        inserts, is_column, is_hidden, is_inside, is_plain_click, is_typing, listener, now_ms, now_nanos,
        offset_minutes, on_theme, on_window, reveal_child, scroll_top, set_scroll_top, set_theme, set_title, size,
        span_down, span_of, toggle_full_screen, value_of,
    },
};
