//! Mouse and fingers on the bars: a drag moves the window of time, two fingers zoom it.
//!
//! Up and down is the browser's own scrolling (`touch-action: pan-y`), and a press that does not stray is a click.

use crate::prelude::*;
use layout::scale::Scale;
use leptos::ev::PointerEvent;

use super::{
    Handle,
    sheet::{News, PAD_PX, Sheet},
};
use crate::platform::{self, drawn};

/// Further than this, a press is a drag, in CSS pixels.
const DRAG_PX: f64 = 4.0;

/// The pointers that are down on the bars.
#[derive(Clone, Copy)]
pub(super) struct Pointers {
    handle: Handle,
    down: StoredValue<Vec<Down>>,
    /// The scale from before the drag or pinch, so that what is rounded off does not add up.
    scale: StoredValue<Option<Scale>>,
    strayed: StoredValue<bool>,
}

/// A pointer that is down. Places are in CSS pixels from the left edge of the bars.
#[derive(Clone, Copy)]
struct Down {
    id: i32,
    from_px: f64,
    now_px: f64,
}

impl Pointers {
    pub(super) fn new(handle: Handle) -> Self {
        Self {
            handle,
            down: StoredValue::new(Vec::new()),
            scale: StoredValue::new(None),
            strayed: StoredValue::new(false),
        }
    }

    fn x_px(self, event: &PointerEvent) -> Option<f64> {
        let (left, _) = platform::drag_area(event)?;
        let name_px = self.handle.sheet.try_with_value(Sheet::name_px)?;
        Some(f64::from(event.client_x()) - left - name_px - PAD_PX)
    }

    /// Something happened to a pointer on the rows.
    pub(super) fn hear(self, event: &PointerEvent) {
        match event.type_().as_str() {
            "pointerdown" => self.pressed(event),
            // Without a button it went up where nobody heard it.
            "pointermove" if event.buttons() != 0 => self.moved(event),
            _ => self.released(event),
        }
    }

    /// A pointer went down on the rows.
    fn pressed(self, event: &PointerEvent) {
        let x_px = self.x_px(event).filter(|_| drawn::attribute_around(event, "data-time").is_some());
        if self.down.with_value(Vec::is_empty) {
            self.strayed.set_value(false);
        }
        if let Some(x_px) = x_px.filter(|_| event.button() == 0) {
            let one = Down { id: event.pointer_id(), from_px: x_px, now_px: x_px };
            self.down.update_value(|down| {
                down.retain(|known| known.id != one.id);
                down.push(one);
            });
            self.begin();
        }
    }

    /// What follows is measured from here.
    fn begin(self) {
        self.down.update_value(|down| down.iter_mut().for_each(|one| one.from_px = one.now_px));
        self.scale.set_value(self.handle.sheet.try_with_value(Sheet::scale));
    }

    /// A pointer has moved.
    fn moved(self, event: &PointerEvent) {
        let (Some(x_px), Some(scale)) = (self.x_px(event), self.scale.get_value()) else { return };
        let mut down = self.down.get_value();
        let Some(one) = down.iter_mut().find(|one| one.id == event.pointer_id()) else { return };
        one.now_px = x_px;
        let is_far = (x_px - one.from_px).abs() > DRAG_PX;
        self.down.set_value(down.clone());
        if !self.strayed.get_value() {
            let is_zoomed = self.handle.sheet.try_with_value(Sheet::window_shares) != Some((0.0, 1.0));
            // The whole trace cannot be moved: then it stays a click.
            if !is_far || !(is_zoomed || down.len() > 1) {
                return;
            }
            self.strayed.set_value(true);
        }
        // Not before it is a drag: a captured pointer clicks on what has captured it.
        platform::capture_pointer(event);
        self.handle.change(|sheet| match down[..] {
            [one] => sheet.drag(scale, one.now_px - one.from_px),
            [one, other, ..] => sheet.pinch(scale, (one.from_px, other.from_px), (one.now_px, other.now_px)),
            [] => News::default(),
        });
    }

    /// A pointer went up, or belongs to the browser now.
    fn released(self, event: &PointerEvent) {
        if self.down.with_value(Vec::is_empty) {
            return;
        }
        self.down.update_value(|down| down.retain(|one| one.id != event.pointer_id()));
        // The finger that stays goes on from here.
        self.begin();
    }

    /// Whether what ended in a click was a drag.
    pub(super) fn has_strayed(self) -> bool {
        self.strayed.get_value()
    }
}
