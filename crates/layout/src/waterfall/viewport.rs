//! Which rows a scrolled element shows, also when there are more than an element can be tall.

/// Rows of equal height in an element that scrolls.
///
/// Browsers cap the height of an element (Firefox at about 17 million pixels). Where the rows would be taller, the
/// content has `most_px` and scrolling moves faster than the pointer: every row can still be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// How many rows there are.
    pub rows: u32,
    /// The height of a row in pixels; above 0.
    pub row_px: f64,
    /// The height of the part that can be seen at once, in pixels.
    pub view_px: f64,
    /// The greatest height that the content may have, in pixels.
    pub most_px: f64,
}

/// The rows that can be seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown {
    /// The first row of which something can be seen.
    pub first: u32,
    /// The row after the last one of which something can be seen.
    pub end: u32,
    /// What has to be added to row × height to get a row's place in the content, in pixels; 0 unless capped.
    pub shift_px: f64,
}

impl Viewport {
    /// The height of the content in pixels.
    pub fn content_px(self) -> f64 {
        self.full_px().min(self.most_px)
    }

    /// What can be seen when the content is scrolled down by that many pixels.
    pub fn shown(self, scrolled_px: f64) -> Shown {
        let scrolled_px = crate::clamp(scrolled_px, 0.0, self.deepest_px(self.content_px()));
        let top = self.top(scrolled_px);
        let first = (top / self.row_px).floor().max(0.0) as u32;
        let end = ((top + self.view_px) / self.row_px).ceil().max(0.0) as u32;
        // Whole pixels: half a pixel blurs text.
        Shown { first: first.min(self.rows), end: end.min(self.rows), shift_px: (scrolled_px - top).round() }
    }

    /// How far to scroll so that a row can be seen as a whole, with `margin_px` above or below it where there is room;
    /// `None` when it can be seen already.
    pub fn scroll_to(self, row: u32, scrolled_px: f64, margin_px: f64) -> Option<f64> {
        let top = self.top(scrolled_px);
        let row_top = f64::from(row) * self.row_px;
        let row_end = row_top + self.row_px;
        let margin_px = margin_px.min((self.view_px - self.row_px).max(0.0) / 2.0);
        let wanted = if row_top < top {
            row_top - margin_px
        } else if row_end > top + self.view_px {
            row_end - self.view_px + margin_px
        } else {
            return None;
        };
        let wanted = crate::clamp(wanted, 0.0, self.deepest_px(self.full_px()));
        Some(if self.full_px() > self.most_px { wanted / self.speed() } else { wanted })
    }

    fn full_px(self) -> f64 {
        f64::from(self.rows) * self.row_px
    }

    /// How far content of that height can be scrolled.
    fn deepest_px(self, content_px: f64) -> f64 {
        (content_px - self.view_px).max(0.0)
    }

    /// The place in the full height that is at the top of the view.
    fn top(self, scrolled_px: f64) -> f64 {
        if self.full_px() > self.most_px { scrolled_px * self.speed() } else { scrolled_px }
    }

    /// Pixels of the full height for each pixel scrolled.
    fn speed(self) -> f64 {
        self.deepest_px(self.full_px()) / self.deepest_px(self.most_px).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HUNDRED: Viewport = Viewport { rows: 100, row_px: 20.0, view_px: 100.0, most_px: 1e6 };

    #[test]
    fn rows_in_view() {
        assert!((HUNDRED.content_px() - 2_000.0).abs() < 1e-9);
        assert_eq!(HUNDRED.shown(0.0), Shown { first: 0, end: 5, shift_px: 0.0 });
        assert_eq!(HUNDRED.shown(30.0), Shown { first: 1, end: 7, shift_px: 0.0 });
        assert_eq!(HUNDRED.shown(9e9), Shown { first: 95, end: 100, shift_px: 0.0 });
        let few = Viewport { rows: 2, ..HUNDRED };
        assert_eq!(few.shown(50.0), Shown { first: 0, end: 2, shift_px: 0.0 });
        assert_eq!(Viewport { rows: 0, ..HUNDRED }.shown(0.0), Shown { first: 0, end: 0, shift_px: 0.0 });
    }

    #[test]
    fn a_row_comes_into_view() {
        assert_eq!(HUNDRED.scroll_to(2, 0.0, 20.0), None);
        assert_eq!(HUNDRED.scroll_to(5, 0.0, 0.0), Some(20.0));
        assert_eq!(HUNDRED.scroll_to(5, 0.0, 20.0), Some(40.0));
        assert_eq!(HUNDRED.scroll_to(3, 100.0, 20.0), Some(40.0));
        assert_eq!(HUNDRED.scroll_to(0, 100.0, 20.0), Some(0.0));
        assert_eq!(HUNDRED.scroll_to(99, 0.0, 20.0), Some(1_900.0));
    }

    #[test]
    fn more_rows_than_an_element_is_tall() {
        let tall = Viewport { rows: 1_000_000, row_px: 26.0, view_px: 600.0, most_px: 10e6 };
        assert!((tall.content_px() - 10e6).abs() < 1e-9);
        let last = tall.shown(10e6 - 600.0);
        assert_eq!(last.end, 1_000_000);
        let place = f64::from(last.end) * 26.0 + last.shift_px;
        assert!((place - 10e6).abs() <= 1.0, "the last row ends where the content ends: {place}");
    }

    proptest! {
        #[test]
        fn what_is_scrolled_to_is_shown(
            rows in 1..5_000_000_u32, at in any::<prop::sample::Index>(), from in 0.0..1.0_f64, view_px in 30.0..2_000.0_f64,
        ) {
            let viewport = Viewport { rows, row_px: 26.0, view_px, most_px: 1e7 };
            let row = at.index(rows as usize) as u32;
            let scrolled = from * (viewport.content_px() - view_px).max(0.0);
            let scrolled = viewport.scroll_to(row, scrolled, 52.0).unwrap_or(scrolled);
            prop_assert!(scrolled >= 0.0 && scrolled <= (viewport.content_px() - view_px).max(0.0) + 1e-6);
            let shown = viewport.shown(scrolled);
            prop_assert!((shown.first..shown.end).contains(&row), "{row} in {shown:?}");
        }
    }
}
