//! A whole trace in a small picture: lanes of pixels, each with the worst of what happened there.

use crate::scale::Window;

/// How many outcome classes there are; a greater one is worse.
pub const CLASSES: usize = 4;

/// More pixels than a screen has do not help anybody.
const MOST_PX: u32 = 16_384;

/// A span as the picture needs it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// Its start, in nanoseconds of the time that the picture's window is of.
    pub start: i64,
    /// Its end, in the same nanoseconds.
    pub end: i64,
    /// Its outcome's class, 0 to 3; of two in the same place the greater one is seen. Greater ones count as 3.
    pub class: u8,
}

/// A stretch of a lane with one class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rectangle {
    /// The first pixel, from the left.
    pub x: u32,
    /// How many pixels it is wide: at least one.
    pub width: u32,
    /// Its lane, from the top.
    pub lane: u32,
    /// The worst class of the spans in it.
    pub class: u8,
}

/// The picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Minimap {
    /// How many lanes share the height: one for each pixel, or for each row where there are fewer.
    pub lanes: u32,
    /// Lane by lane and from left to right, none upon another: at most width × lanes of them.
    pub rectangles: Vec<Rectangle>,
}

impl Minimap {
    /// The picture of so many rows, at most `width` by `height` pixels large; `mark` says which span is in a row, and is
    /// asked once for each, in their order. Rows without a span and spans outside `window` leave no trace.
    ///
    /// Each span gets at least one pixel, so that a fault is hidden by nothing but what is as bad or worse. O(rows + width ×
    /// height): a span is noted at its first pixel and after its last one, and a lane is looked through once.
    pub fn new(
        rows: u32,
        mark: &mut dyn FnMut(u32) -> Option<Mark>,
        window: Window,
        (width, height): (u32, u32),
    ) -> Self {
        let width = width.min(MOST_PX);
        let lanes = height.min(MOST_PX).min(rows);
        let mut map = Self { lanes, rectangles: Vec::new() };
        if width == 0 {
            return map;
        }
        let mut columns = Columns { window, width, changes: vec![[0; CLASSES]; width as usize + 1] };
        for lane in 0..lanes {
            // Rows are shared out evenly; 64 bits, for the product may be large.
            let first_row = |lane: u32| (u64::from(lane) * u64::from(rows)).div_ceil(u64::from(lanes)) as u32;
            for row in first_row(lane)..first_row(lane + 1) {
                if let Some(mark) = mark(row) {
                    columns.note(mark);
                }
            }
            columns.drain_into(lane, &mut map.rectangles);
        }
        map
    }

    /// The lane in which a row is, of so many rows.
    pub fn lane(&self, row: u32, rows: u32) -> u32 {
        (u64::from(row) * u64::from(self.lanes)).checked_div(u64::from(rows)).unwrap_or(0) as u32
    }

    /// The row that is shown at a share of the height, from 0 to 1, of so many rows.
    pub fn row(share: f64, rows: u32) -> u32 {
        ((crate::clamp(share, 0.0, 1.0) * f64::from(rows)) as u32).min(rows.saturating_sub(1))
    }
}

/// The pixels of the lane at hand.
struct Columns {
    window: Window,
    width: u32,
    /// For each pixel and class how many more spans than before it; afterwards all are 0 again.
    changes: Vec<[i32; CLASSES]>,
}

impl Columns {
    fn note(&mut self, mark: Mark) {
        let Mark { start, end, class } = mark;
        if start > self.window.end() || end.max(start) < self.window.start() {
            return;
        }
        let class = usize::from(class).min(CLASSES - 1);
        let from = (self.x(start).floor().max(0.0) as u32).min(self.width - 1);
        // A span that ends where a pixel begins is not in it.
        let to = (self.x(end).ceil().max(0.0) as u32).min(self.width).max(from + 1);
        self.changes[from as usize][class] += 1;
        self.changes[to as usize][class] -= 1;
    }

    fn x(&self, time: i64) -> f64 {
        time.saturating_sub(self.window.start()) as f64 * f64::from(self.width) / self.window.length() as f64
    }

    fn drain_into(&mut self, lane: u32, rectangles: &mut Vec<Rectangle>) {
        let mut running = [0; CLASSES];
        let mut open: Option<Rectangle> = None;
        for (x, changes) in (0..).zip(&mut self.changes) {
            for (running, change) in running.iter_mut().zip(changes) {
                *running += std::mem::take(change);
            }
            let class = running.iter().rposition(|running| *running > 0).map(|class| class as u8);
            if open.map(|open| open.class) != class {
                rectangles.extend(open.map(|open| Rectangle { width: x - open.x, ..open }));
                open = class.map(|class| Rectangle { x, width: 0, lane, class });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    fn map(marks: &[Option<Mark>], window: Window, size: (u32, u32)) -> Minimap {
        Minimap::new(marks.len() as u32, &mut |row| marks[row as usize], window, size)
    }

    fn draw(map: &Minimap, width: u32) -> String {
        let mut lanes = vec![vec!['·'; width as usize]; map.lanes as usize];
        for rectangle in &map.rectangles {
            let cells = &mut lanes[rectangle.lane as usize][rectangle.x as usize..][..rectangle.width as usize];
            assert!(cells.iter().all(|cell| *cell == '·'), "rectangles lie beside each other");
            cells.fill(char::from(b'0' + rectangle.class));
        }
        lanes.into_iter().map(|lane| lane.into_iter().collect::<String>() + "\n").collect()
    }

    /// Draws lines of `start..end class` over 0 to 100, twenty pixels wide.
    fn check(spans: &str, height: u32, expected: &Expect) {
        let read = |line: &str| {
            let (range, class) = line.trim().split_once(' ')?;
            let (start, end) = range.split_once("..")?;
            Some(Mark { start: start.parse().unwrap(), end: end.parse().unwrap(), class: class.parse().unwrap() })
        };
        let marks: Vec<Option<Mark>> = spans.trim().lines().map(read).collect();
        expected.assert_eq(&draw(&map(&marks, Window::new(0, 100), (20, height)), 20));
    }

    const SPANS: &str = "
        0..100 0
        10..30 0
        12..12 2
        -
        30..80 1
        79..79 3
        100..100 2
        150..170 3
    ";

    #[test]
    fn a_lane_for_each_row() {
        check(
            SPANS,
            50,
            &expect![[r#"
            00000000000000000000
            ··0000··············
            ··2·················
            ····················
            ······1111111111····
            ···············3····
            ···················2
            ····················
        "#]],
        );
    }

    #[test]
    fn rows_share_lanes() {
        check(
            SPANS,
            3,
            &expect![[r#"
            00200000000000000000
            ······1111111113····
            ···················2
        "#]],
        );
    }

    #[test]
    fn nothing_and_no_room() {
        let mark = Some(Mark { start: 0, end: 5, class: 9 });
        let window = Window::new(0, 10);
        for (marks, size) in [(vec![], (10, 10)), (vec![mark], (0, 10)), (vec![mark], (10, 0))] {
            assert_eq!(map(&marks, window, size).rectangles, []);
        }
        assert_eq!(map(&[mark], window, (10, 10)).rectangles, [Rectangle { x: 0, width: 5, lane: 0, class: 3 }]);
        assert_eq!([0.0, 0.55, 1.0, f64::NAN].map(|share| Minimap::row(share, 10)), [0, 5, 9, 0]);
        assert_eq!(Minimap::row(0.5, 0), 0);
    }

    #[test]
    fn a_million_long_spans() {
        let mut mark =
            |row: u32| Some(Mark { start: i64::from(row), end: 2_000_000, class: u8::from(row == 777_777) * 2 });
        let map = Minimap::new(1_000_000, &mut mark, Window::new(0, 2_000_000), (1_000, 60));
        assert!(map.rectangles.len() < 200);
        let faults: Vec<&Rectangle> = map.rectangles.iter().filter(|rectangle| rectangle.class == 2).collect();
        assert!(faults.len() == 1 && faults[0].lane == map.lane(777_777, 1_000_000), "{faults:?}");
    }

    proptest! {
        #[test]
        fn a_picture_agrees_with_painting_every_pixel(
            marks in prop::collection::vec((any::<bool>(), -20..220_i64, 0..150_i64, 0..4_u8), 0..80),
            width in 1..40_u32, height in 1..30_u32,
        ) {
            let window = Window::new(0, 200);
            let marks: Vec<Option<Mark>> = marks
                .into_iter()
                .map(|(is, start, length, class)| is.then_some(Mark { start, end: start + length, class }))
                .collect();
            let map = map(&marks, window, (width, height));
            prop_assert!(map.rectangles.len() as u32 <= width * map.lanes);
            prop_assert!(map.lanes <= height);
            let mut painted = vec![vec![None; width as usize]; map.lanes as usize];
            for (row, mark) in marks.iter().enumerate() {
                let Some(mark) = mark.filter(|mark| mark.start <= 200 && mark.end >= 0) else { continue };
                let lane = map.lane(row as u32, marks.len() as u32) as usize;
                let pixel = |x: i64| (i64::from(width) * mark.start.max(0), i64::from(width) * mark.end, x * 200);
                for x in 0..i64::from(width) {
                    let (start, end, left) = pixel(x);
                    let begins_here = start >= left && (start < left + 200 || x == i64::from(width) - 1);
                    if begins_here || (start < left + 200 && end > left) {
                        let cell: &mut Option<u8> = &mut painted[lane][x as usize];
                        *cell = (*cell).max(Some(mark.class));
                    }
                }
            }
            let painted: String = painted
                .into_iter()
                .map(|lane| lane.into_iter().map(|cell| cell.map_or('·', |class| char::from(b'0' + class))).collect::<String>() + "\n")
                .collect();
            prop_assert_eq!(draw(&map, width), painted);
        }
    }
}
