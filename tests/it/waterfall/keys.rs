//! The keyboard's grammar: a tree grid's, as the W3C describes it, and Jaeger's.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::{DRAWING, open};
use crate::{
    browser::{Browser, eventually},
    harness::Roentgen,
    stories::{SPANS, wait_rows},
};

/// What assistive software hears of the active row: its level, place among its siblings, their number, its row, whether it
/// is open and whether it is selected.
async fn hears(browser: &Browser, expected: Value) {
    let last = std::cell::RefCell::new(Value::Null);
    let begun = std::time::Instant::now();
    while *last.borrow() != expected {
        let script = "
            const grid = document.querySelector('[role=treegrid]');
            if (document.activeElement !== grid) return 'the grid has lost the focus';
            const row = document.getElementById(grid.getAttribute('aria-activedescendant'));
            const says = name => row.getAttribute('aria-' + name);
            return [row.querySelector('.waterfall__title').textContent, says('level'), says('posinset'), says('setsize'),
                says('rowindex'), says('expanded'), says('selected')]";
        last.replace(browser.script(script).await);
        assert!(begun.elapsed().as_secs() < 10, "expected {expected}, heard {}", last.borrow());
    }
}

#[tokio::test]
async fn a_tree_grid_says_where_one_is() {
    let roentgen = Roentgen::serve(&[]);
    let browser = open(&roentgen, DRAWING).await;
    browser.script("document.querySelector('[role=treegrid]').focus()").await;
    browser.press(Key::Home).await;
    hears(&browser, json!(["front", "1", "1", "1", "2", "true", "false"])).await;
    browser.press(Key::Right).await;
    hears(&browser, json!(["auth", "2", "1", "3", "3", null, "false"])).await;
    // Ctrl is the tree grid's; Home and End alone do the same.
    let held = |key: Key| format!("{}{}", Key::Control.value(), key.value());
    browser.press(held(Key::End).as_str()).await;
    hears(&browser, json!(["payment", "3", "1", "1", "7", null, "false"])).await;
    browser.press(Key::Left).await;
    browser.press(Key::Left).await;
    hears(&browser, json!(["charge", "2", "3", "3", "6", "false", "false"])).await;
    browser.press(Key::Enter).await;
    hears(&browser, json!(["charge", "2", "3", "3", "6", "false", "true"])).await;
    browser.press(Key::Escape).await;
    browser.press(Key::Right).await;
    hears(&browser, json!(["charge", "2", "3", "3", "6", "true", "false"])).await;
    browser.press(Key::Right).await;
    hears(&browser, json!(["payment", "3", "1", "1", "7", null, "false"])).await;

    // What hides the active row gets its place; the grid keeps the focus, and says how much is left.
    browser.press("[").await;
    hears(&browser, json!(["front", "1", "1", "1", "2", "false", "false"])).await;
    let script = "const grid = document.querySelector('[role=treegrid]');
        return [grid.getAttribute('aria-rowcount'), document.querySelector('.waterfall__info').getAttribute('role')]";
    assert_eq!(browser.script(script).await, json!(["2", "status"]));
    browser.wait_text(".waterfall__info", |text| text == "1 row of 6 spans").await;
    browser.press("]").await;
    browser.press(held(Key::Home).as_str()).await;
    hears(&browser, json!(["front", "1", "1", "1", "2", "true", "false"])).await;

    // Jaeger's pages and zoom.
    browser.press("s").await;
    hears(&browser, json!(["payment", "3", "1", "1", "7", null, "false"])).await;
    browser.press("w").await;
    hears(&browser, json!(["front", "1", "1", "1", "2", "true", "false"])).await;
    browser.press(format!("{}{}", Key::Shift.value(), Key::Up.value()).as_str()).await;
    eventually("zoomed in", async || browser.address().await.contains("window=").then_some(())).await;
    hears(&browser, json!(["front", "1", "1", "1", "2", "true", "false"])).await;
    browser.press(format!("{}{}", Key::Shift.value(), Key::Down.value()).as_str()).await;
    eventually("zoomed out", async || (!browser.address().await.contains("window=")).then_some(())).await;

    // The edge between names and times is a separator with a value.
    let edge = "const edge = document.querySelector('[role=separator]'); edge.focus();
        return ['valuemin', 'valuenow', 'valuemax'].map(name => +edge.getAttribute('aria-' + name))";
    let before = browser.script(edge).await;
    assert!(before[0].as_f64() < before[1].as_f64() && before[1].as_f64() < before[2].as_f64(), "{before}");
    browser.press(Key::Right).await;
    eventually("a wider column", async || (browser.script(edge).await[1].as_f64() > before[1].as_f64()).then_some(()))
        .await;
    wait_rows(&browser, SPANS, "all rows", |rows| rows.len() == 6).await;
    browser.finish().await;
}
