//! Mouse and fingers on the bars.

use serde_json::{Value, json};

use super::{DRAWING, open};
use crate::{
    browser::{Browser, eventually},
    harness::Roentgen,
    stories::{SPANS, wait_rows},
};

/// Left edge and width of the bars' area, in CSS pixels, and the middle of the second row.
async fn area(browser: &Browser) -> (f64, f64, f64) {
    let script =
        "const row = document.querySelector('[role=row][aria-rowindex=\"3\"] [data-time]').getBoundingClientRect();
        return [row.left, row.width, row.top + row.height / 2]";
    let found = browser.script(script).await;
    (found[0].as_f64().unwrap(), found[1].as_f64().unwrap(), found[2].as_f64().unwrap())
}

/// The window in the address, in milliseconds, once it is another one.
async fn window_after(browser: &Browser, former: (f64, f64)) -> (f64, f64) {
    eventually("another window in the address", async || {
        let address = browser.address().await;
        let window = address.split_once("window=")?.1.split('&').next()?.to_owned();
        let (from, to) = window.split_once('-')?;
        let window = (from.parse::<f64>().ok()? / 1e6, to.parse::<f64>().ok()? / 1e6);
        (window != former).then_some(window)
    })
    .await
}

async fn mouse(browser: &Browser, kind: &str, x: f64, y: f64, clicks: u32) {
    let buttons = u32::from(kind != "mouseReleased");
    let event = json!({"type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": clicks});
    browser.devtools("Input.dispatchMouseEvent", event).await;
}

async fn touch(browser: &Browser, kind: &str, points: &[(f64, f64)]) {
    let points: Vec<Value> = points.iter().enumerate().map(|(id, (x, y))| json!({"x": x, "y": y, "id": id})).collect();
    browser.devtools("Input.dispatchTouchEvent", json!({"type": kind, "touchPoints": points})).await;
}

fn near(found: (f64, f64), wanted: (f64, f64)) -> bool {
    (found.0 - wanted.0).abs() < 3.0 && (found.1 - wanted.1).abs() < 3.0
}

#[tokio::test]
async fn a_drag_moves_the_time_and_a_click_is_still_a_click() {
    let roentgen = Roentgen::serve(&[]);
    let browser = open(&roentgen, DRAWING).await;
    let (left, width, y) = area(&browser).await;
    let drag = async |from: f64, to: f64| {
        mouse(&browser, "mousePressed", left + width * from, y, 1).await;
        for step in 1..=8 {
            let share = from + (to - from) * f64::from(step) / 8.0;
            mouse(&browser, "mouseMoved", left + width * share, y, 0).await;
        }
        mouse(&browser, "mouseReleased", left + width * to, y, 1).await;
    };
    // The whole trace cannot be moved; a short slip is still a click then.
    drag(0.5, 0.51).await;
    eventually("selected", async || browser.address().await.contains("span=").then_some(())).await;
    browser.script("document.querySelector('[role=treegrid]').focus()").await;
    browser.press(thirtyfour::Key::Escape).await;
    eventually("not selected", async || (!browser.address().await.contains("span=")).then_some(())).await;

    browser.press("+").await;
    let zoomed = window_after(&browser, (0.0, 0.0)).await;
    assert!(near(zoomed, (225.0, 675.0)), "{zoomed:?}");
    // A quarter of the width to the left: a quarter of the window later.
    let (left, width, y) = area(&browser).await;
    mouse(&browser, "mousePressed", left + width * 0.6, y, 1).await;
    for step in 1..=10 {
        mouse(&browser, "mouseMoved", left + width * (0.6 - 0.025 * f64::from(step)), y, 0).await;
    }
    mouse(&browser, "mouseReleased", left + width * 0.35, y, 1).await;
    let moved = window_after(&browser, zoomed).await;
    assert!(near(moved, (337.5, 787.5)), "{moved:?}");
    assert!(!browser.address().await.contains("span="), "a drag selects nothing");

    // A press that stays selects, and a second one fits the row. What
    // opens beside the rows after the first press moves them: it is the first press that counts.
    for clicks in [1, 2] {
        mouse(&browser, "mousePressed", left + width * 0.1, y, clicks).await;
        mouse(&browser, "mouseReleased", left + width * 0.1, y, clicks).await;
    }
    let fitted = window_after(&browser, moved).await;
    assert!(near(fitted, (4.0, 26.0)), "{fitted:?}");
    let selected = browser.wait("[role=row][aria-selected=true] .waterfall__title").await.text().await.unwrap();
    assert_eq!(selected, "auth", "the first press selects");
    browser.finish().await;
}

#[tokio::test]
async fn two_fingers_zoom_one_pans_and_rows_still_scroll() {
    let roentgen = Roentgen::serve(&[]);
    let steps = (0..60).map(|number| format!("  step-{number} {}..{}\n", number * 10, number * 10 + 20));
    let drawing: String = std::iter::once("front 0..1000\n".to_owned()).chain(steps).collect();
    let browser = open(&roentgen, &drawing).await;
    wait_rows(&browser, SPANS, "rows", |rows| rows.len() > 10).await;
    let (left, width, y) = area(&browser).await;
    let at = |share: f64| (left + width * share, y);
    // The fingers are at 400 and 600 ms and go to the places of 200 and 800.
    touch(&browser, "touchStart", &[at(0.4)]).await;
    touch(&browser, "touchStart", &[at(0.4), at(0.6)]).await;
    for step in 1..=8 {
        let by = 0.025 * f64::from(step);
        touch(&browser, "touchMove", &[at(0.4 - by), at(0.6 + by)]).await;
    }
    touch(&browser, "touchEnd", &[]).await;
    let pinched = window_after(&browser, (0.0, 0.0)).await;
    assert!(near(pinched, (333.3, 666.7)), "{pinched:?}");
    assert!(!browser.address().await.contains("span="), "a pinch selects nothing");

    // One finger, along.
    touch(&browser, "touchStart", &[at(0.5)]).await;
    for step in 1..=8 {
        touch(&browser, "touchMove", &[at(0.5 + 0.025 * f64::from(step))]).await;
    }
    touch(&browser, "touchEnd", &[]).await;
    let panned = window_after(&browser, pinched).await;
    // The browser keeps the first pixels of a touch for itself.
    assert!((panned.1 - panned.0 - 333.3).abs() < 1.0 && (250.0..285.0).contains(&panned.0), "{panned:?}");

    // One finger, up: the rows scroll, the time stays.
    touch(&browser, "touchStart", &[(left + width / 2.0, y + 250.0)]).await;
    for step in 1..=10 {
        touch(&browser, "touchMove", &[(left + width / 2.0, y + 250.0 - 25.0 * f64::from(step))]).await;
    }
    touch(&browser, "touchEnd", &[]).await;
    eventually("the rows scroll", async || {
        let top = browser.script("return document.querySelector('[role=treegrid]').scrollTop").await;
        top.as_f64().filter(|top| *top > 100.0)
    })
    .await;
    let address = browser.address().await;
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    assert_eq!(browser.address().await, address, "the time stays");
    browser.finish().await;
}
