//! A picture without a page: its texts by row, and how many shapes of each colour there are.

use api::{TraceColumns, TraceRow, trace::Header};
use expect_test::{Expect, expect};

use super::{
    super::{super::reading::Reading, sheet::Sheet},
    *,
};
use crate::{route::TraceView, state::Shared};

const DRAWING: &str = "
front 0..900 POST https://shop/checkout 500 fault
  auth 5..25 error
  DynamoDB 30..31 aws op=GetItem table=carts throttle
  wait 100..?
  charge 400..880 remote fault
    > payment 402..878 fault
      bank 410..420 inferred
";

fn sheet(drawing: &str, view: &TraceView) -> Sheet {
    let trace = fixture::trace(drawing);
    let summary = TraceRow::from(analysis::summary::summarize(&trace, 0));
    let (source, region) = (String::new(), String::new());
    let header = Header { source, region, summary, limit_exceeded: false, retrieved: false, cached: None };
    let reading = Shared::new(Reading::new(Shared::new(TraceColumns::new(&trace, header))));
    let mut sheet = Sheet::new(reading, None);
    sheet.resize(800.0, 28.0 + 26.0 * 7.0);
    sheet.set_view(view);
    sheet
}

/// Every letter is 7 pixels wide; tokens stay as they are.
fn picture(sheet: &Sheet) -> Picture {
    let look = Look {
        ink: &|token| token.to_owned(),
        measure: &|text, _| text.chars().count() as f64 * 7.0,
        family: "sans-serif",
    };
    sheet.picture(&look).expect("there is room")
}

/// The texts, those of one height in one line, and the colours of what is not text.
fn check(picture: &Picture, expected: &Expect) {
    let mut lines: Vec<(i64, String)> = Vec::new();
    let mut colours: Vec<(String, u32)> = Vec::new();
    for item in &picture.items {
        assert!(item.x >= -0.01 && item.x <= picture.width && item.y >= 0.0 && item.y <= picture.height);
        if let Kind::Text { text, .. } = &item.kind {
            // Names and times of a row differ by half a pixel.
            let y = item.y.floor() as i64;
            let (x, mark) = (item.x.round(), if item.alpha < 1.0 { " (dim)" } else { "" });
            match lines.iter_mut().find(|(known, _)| *known == y) {
                Some((_, line)) => line.push_str(&format!(" | {x} {text}{mark}")),
                None => lines.push((y, format!("{x} {text}{mark}"))),
            }
        } else {
            match colours.iter_mut().find(|(known, _)| *known == item.colour) {
                Some((_, count)) => *count += 1,
                None => colours.push((item.colour.clone(), 1)),
            }
        }
    }
    lines.sort_by_key(|(y, _)| *y);
    let mut found: String = lines.into_iter().map(|(y, line)| format!("{y:>4}: {line}\n")).collect();
    for (colour, count) in colours {
        found.push_str(&format!("{colour} {count}\n"));
    }
    expected.assert_eq(&found);
}

#[test]
fn everything_on_the_screen_is_in_it() {
    let picture = picture(&sheet(DRAWING, &TraceView::default()));
    assert!((picture.height - (48.0 + 28.0 + 7.0 * 26.0 + 1.0)).abs() < 0.01);
    check(
        &picture,
        &expect![[r#"
          20: 10 POST https://shop/checkout 500 fault
          39: 10 1-6b49d200-000000000000000000000001 · 2027-01-15T08:00:00Z · 900 ms
          66: 335 0 | 437 200 ms | 539 400 ms | 642 600 ms | 744 800 ms | 12 Span
          93: 291 500 | 50 front | 90 POST /checkout | 339 900 ms
         119: 62 auth | 349 20 ms
         145: 62 DynamoDB | 123 GetItem carts | 353 1 ms
         171: 62 wait | 390 in progress
         197: 62 charge | 486 480 ms
         223: 74 payment | 487 476 ms
         249: 86 bank | 551 10 ms
        --surface 5
        --raised 1
        --line-strong 5
        --line 17
        --ink-soft 3
        --service-0 7
        --ink-faint 7
        --fault 6
        --bar-fault 3
        --path 4
        --error 1
        --bar-error 1
        --throttle 1
        --bar-throttle 1
        --service-1 3
    "#]],
    );
}

#[test]
fn a_search_dims_and_a_window_cuts() {
    let view = TraceView { find: "auth".to_owned(), window: Some((0, 20_000_000)), ..TraceView::default() };
    check(
        &picture(&sheet(DRAWING, &view)),
        &expect![[r#"
          20: 10 POST https://shop/checkout 500 fault
          39: 10 1-6b49d200-000000000000000000000001 · 2027-01-15T08:00:00Z · 900 ms · 0 to 20 ms · 1 found
          66: 335 0 | 450 5 ms | 565 10 ms | 680 15 ms | 12 Span
          93: 291 500 (dim) | 50 front (dim) | 90 POST /checkout (dim) | 339 900 ms (dim)
         119: 62 auth | 404 20 ms
         145: 62 DynamoDB (dim) | 123 GetItem carts (dim) | 748 1 ms › (dim)
         171: 62 wait (dim) | 699 in progress › (dim)
         197: 62 charge (dim) | 734 480 ms › (dim)
         223: 74 payment (dim) | 734 476 ms › (dim)
         249: 86 bank (dim) | 741 10 ms › (dim)
        --surface 3
        --raised 1
        --line-strong 5
        --line 17
        --ink-soft 3
        --service-0 5
        --ink-faint 7
        --fault 4
        --bar-fault 1
        --path 2
        --error 1
        --bar-error 2
        --throttle 1
        --service-1 2
    "#]],
    );
}

#[test]
fn gaps_are_hatched_and_groups_are_one_row() {
    let mut drawing = String::from("front 0..100\n");
    for call in 0..60 {
        drawing.push_str(&format!("  DynamoDB {}..{} aws op=GetItem table=carts\n", call, call + 1));
    }
    drawing.push_str("late 3600000..3600050\n");
    let view = TraceView { gaps: true, ..TraceView::default() };
    check(
        &picture(&sheet(&drawing, &view)),
        &expect![[r#"
          20: 10 front
          39: 10 1-6b49d200-000000000000000000000001 · 2027-01-15T08:00:00Z · 1 h 00 m · 3 rows of 62 spans
          66: 335 0 | 485 50 ms | 636 100 ms | 12 Span
          93: 50 front | 637 100 ms
         119: 62 ×60 DynamoDB | 151 N+1? one after the oth… | 516 60 ms
         145: 50 late | 599 50 ms
        --surface 1
        --raised 1
        --line-strong 6
        --line 8
        --ink-soft 2
        --service-0 5
        --ink-faint 3
        --path 1
        --service-1 2
    "#]],
    );
}

#[test]
fn without_room_there_is_no_picture() {
    let mut sheet = sheet(DRAWING, &TraceView::default());
    sheet.resize(0.0, 0.0);
    let look = Look { ink: &|token| token.to_owned(), measure: &|_, _| 0.0, family: "" };
    assert!(sheet.picture(&look).is_none());
}

#[test]
fn hatching_stays_in_its_area() {
    let drawn = sheet(DRAWING, &TraceView::default());
    for item in picture(&drawn).items {
        if let Kind::Line { path, .. } = item.kind {
            assert!(!path.contains("NaN") && !path.contains("inf"), "{path}");
        }
    }
}

#[test]
fn a_path_of_many_pieces_is_drawn_to_its_end() {
    let mut drawing = String::from("front 0..3000\n");
    for call in 0..300 {
        // Three bursts with a pause after each.
        let start = call / 100 * 1000 + call % 100 * 6;
        drawing.push_str(&format!("  call-{call} {start}..{}\n", start + 3));
    }
    let mut sheet = sheet(&drawing, &TraceView { ungrouped: true, ..TraceView::default() });
    sheet.resize(4000.0, 28.0 + 26.0);
    let picture = picture(&sheet);
    let path = picture.items.iter().find(|item| item.colour == "--path").map(|item| &item.kind);
    let Some(Kind::Filled { path, .. }) = path else { panic!("no path is drawn") };
    // `M<from> 0h<width>v…` for each piece.
    let pieces: Vec<&str> = path.split('M').skip(1).collect();
    let last = pieces.last().and_then(|piece| piece.split_once(" 0h")).expect("a piece");
    let number = |text: &str| text.split('v').next().and_then(|text| text.parse::<f64>().ok()).expect("a number");
    let end = number(last.0) + number(last.1);
    assert!(pieces.len() < 80 && end > 3600.0, "{} pieces, the last ends at {end}", pieces.len());
}
