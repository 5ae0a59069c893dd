//! The details of spans: side by side, on the right and below, and everything in them that can be read and copied.

use serde_json::json;
use thirtyfour::prelude::*;

use crate::{
    browser::{Browser, eventually},
    harness::Roentgen,
    segments,
    stories::{SPANS, click_row, send, wait_rows},
};

const SELECTED: &str = "[aria-label='Details of the selected span']";
const PINNED: &str = "[aria-label='Details of a pinned span']";

/// A shop whose payment fails in its database, in a trace of its own; gives the trace's address.
async fn shop(roentgen: &Roentgen) -> String {
    let trace = segments::trace_id(7);
    let start = segments::now() - 30.0;
    let frame = |path: &str, label: &str| json!({"path": path, "line": 12, "label": label});
    let document = json!({
        "trace_id": trace, "id": "00000000000000a1", "name": "shop", "start_time": start, "end_time": start + 1.0, "fault": true,
        "origin": "AWS::Lambda::Function",
        "annotations": {"zero": 0, "off": false, "empty": ""},
        "metadata": {"default": {"cart": {"items": [1, 2, 3]}, "none": null}},
        "subsegments": [
            {"id": "00000000000000b1", "name": "first", "start_time": start + 0.1, "end_time": start + 0.2},
            {"id": "00000000000000b2", "name": "orders@db", "start_time": start + 0.3, "end_time": start + 0.9, "fault": true,
             "namespace": "remote", "precursor_ids": ["00000000000000b1"],
             "sql": {"database_type": "PostgreSQL", "sanitized_query": "select id, total from orders left join carts on carts.id = orders.cart where total > ? and open = true order by id"},
             "cause": {"working_directory": "/srv/shop", "exceptions": [{"id": "00000000000000e1", "type": "OperationalError", "message": "no connection",
                 "stack": [frame("/srv/shop/.venv/lib/python3.12/site-packages/psycopg/connection.py", "connect"), frame("/srv/shop/orders.py", "load_orders")]}]}},
            {"id": "00000000000000b3", "name": "carts", "namespace": "aws", "start_time": start + 0.9, "end_time": start + 0.95,
             "aws": {"operation": "GetItem", "region": "eu-west-1", "table_name": "carts", "request_id": "R1"}},
        ],
    });
    send(&roentgen.sdk(), &[document]).await;
    format!("{}/trace/{trace}", roentgen.app())
}

async fn address_has(browser: &Browser, part: &str) {
    eventually(&format!("{part} in the address"), async || browser.address().await.contains(part).then_some(())).await;
}

/// Clears what was copied, presses, and gives what is copied then.
async fn copied(browser: &Browser, css: &str) -> String {
    let script = "
        window.copied = null;
        navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); };
        document.querySelector(arguments[0]).click();
        return window.copied;";
    let copied = browser.driver.execute(script, vec![css.into()]).await.expect("the script runs");
    copied.json().as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_span_is_read_and_copied() {
    let roentgen = Roentgen::serve(&[]);
    let address = shop(&roentgen).await;
    let browser = Browser::start().await;
    browser.open(&address).await;
    wait_rows(&browser, SPANS, "the spans", |rows| rows.len() == 6).await;

    // The map of that time is one press away.
    let map = browser.wait(".trace__id a[href^='/map']").await.attr("href").await.unwrap().unwrap_or_default();
    assert!(map.contains("from=") && map.contains("to="), "{map}");

    // What went wrong comes first, the program's own frame before the library's; the query is laid out.
    click_row(&browser, SPANS, "orders@db").await;
    let text = browser.wait_text(SELECTED, |text| text.contains("no connection")).await;
    let own = browser.wait(&format!("{SELECTED} .exception > .stack")).await.text().await.unwrap();
    assert!(own.contains("load_orders") && !own.contains("connect "), "{own}");
    assert!(text.contains("2 frames in all, libraries' too"), "{text}");
    let query = browser.wait(&format!("{SELECTED} .inspector__code")).await.text().await.unwrap();
    assert!(query.contains("\nfrom orders\nleft join carts\n  on carts.id = orders.cart\nwhere"), "{query}");
    let whole = copied(&browser, &format!("{SELECTED} [aria-label='Copy the query']")).await;
    assert!(whole.starts_with("select id, total from orders left join"), "the query is copied as it was: {whole}");
    let exception = copied(&browser, &format!("{SELECTED} [aria-label='Copy the exception']")).await;
    assert!(exception.starts_with("OperationalError: no connection\n    at connect ("), "{exception}");
    let document = copied(&browser, &format!("{SELECTED} [aria-label='Copy the document']")).await;
    assert!(document.contains("\"sanitized_query\""), "{document}");
    browser.screenshot("details-exception").await;

    // What finished before leads there.
    browser.click(&format!("{SELECTED} [data-go='00000000000000b1']")).await;
    browser.wait_text(SELECTED, |text| text.starts_with("first")).await;

    // Values that are nothing are shown; the metadata is a tree, each value of which can be copied.
    click_row(&browser, SPANS, "shop").await;
    let text = browser.wait_text(SELECTED, |text| text.contains("Metadata")).await;
    for part in ["zero\n0", "off\nfalse", "empty\n\"\"", "null"] {
        assert!(text.contains(part), "{part:?} is missing in {text}");
    }
    let cart = copied(&browser, &format!("{SELECTED} [aria-label='Copy cart']")).await;
    assert_eq!(cart.replace(' ', ""), r#"{"items":[1,2,3]}"#);
    // The local X-Ray is not AWS: nothing leads to its console.
    click_row(&browser, SPANS, "GetItem carts").await;
    browser.wait_text(SELECTED, |text| text.contains("Request id")).await;
    assert!(browser.driver.find_all(By::Css(".fact__console")).await.unwrap().is_empty());
    browser.finish().await;
}

#[tokio::test]
async fn spans_are_pinned_beside_each_other_by_mouse_and_by_keys() {
    let roentgen = Roentgen::serve(&[]);
    let address = shop(&roentgen).await;
    let browser = Browser::start().await;
    browser.open(&address).await;
    wait_rows(&browser, SPANS, "the spans", |rows| rows.len() == 6).await;
    click_row(&browser, SPANS, "orders@db").await;
    browser.wait_text(SELECTED, |text| text.contains("no connection")).await;
    browser.click(&format!("{SELECTED} [data-does=pin]")).await;
    address_has(&browser, "pins=00000000000000b2").await;
    click_row(&browser, SPANS, "GetItem carts").await;
    browser.wait_text(SELECTED, |text| text.contains("GetItem")).await;
    browser.wait_text(PINNED, |text| text.contains("no connection")).await;
    browser.screenshot("details-pinned").await;

    // The link has both; a pinned one can be selected again, and let go.
    let link = browser.address().await;
    browser.open(&link).await;
    browser.wait_text(PINNED, |text| text.contains("no connection")).await;
    browser.wait_text(SELECTED, |text| text.contains("GetItem")).await;
    // By keys alone: on to the button, and Enter.
    browser.script(&format!("document.querySelector(\"{PINNED} [data-does=select]\").focus()")).await;
    browser.press(Key::Enter).await;
    browser.wait_text(SELECTED, |text| text.contains("no connection")).await;
    browser.wait_gone(PINNED).await;
    browser.script(&format!("document.querySelector(\"{SELECTED} [data-does=pin]\").focus()")).await;
    browser.press(Key::Enter).await;
    eventually("nothing is pinned", async || (!browser.address().await.contains("pins=")).then_some(())).await;

    // Below, or on the right; that is remembered.
    let place = "
        const [first, second] = ['.split__first', '.split__second'].map(css => document.querySelector('.trace ' + css).getBoundingClientRect());
        return second.top >= first.bottom - 1 ? 'below' : 'right';";
    let before = browser.script(place).await;
    assert_eq!(before, "right");
    browser.click(&format!("{SELECTED} [data-does=turn]")).await;
    eventually("it is below", async || (browser.script(place).await == "below").then_some(())).await;
    browser.screenshot("details-below").await;
    browser.open(&link).await;
    browser.wait_text(SELECTED, |text| text.contains("GetItem")).await;
    assert_eq!(browser.script(place).await, "below");
    browser.finish().await;
}

#[tokio::test]
async fn the_details_follow_a_quick_walk_and_a_failure_is_asked_again() {
    let roentgen = Roentgen::serve(&[]);
    let address = shop(&roentgen).await;
    let browser = Browser::start().await;
    // What does not come ahead is asked for when it is selected.
    let nothing_ahead = "
        const fetches = window.fetch;
        window.fetch = (...all) => String(all[0]).includes('/documents?') ? Promise.reject(new TypeError('no network')) : fetches(...all);";
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": nothing_ahead })).await;
    browser.open(&address).await;
    wait_rows(&browser, SPANS, "the spans", |rows| rows.len() == 6).await;
    click_row(&browser, SPANS, "shop").await;
    browser.wait_text(SELECTED, |text| text.contains("Metadata")).await;
    browser.script("document.querySelector('[role=treegrid]').focus()").await;
    for _ in 0..4 {
        browser.press(Key::Down).await;
        browser.press(Key::Enter).await;
    }
    browser.wait_text(SELECTED, |text| text.contains("GetItem") && text.contains("Request id")).await;

    // The server goes: what could not be had is said, and can be asked again.
    browser
        .script("window.known = window.fetch; window.fetch = () => Promise.reject(new TypeError('no network'))")
        .await;
    click_row(&browser, SPANS, "first").await;
    browser.wait_text(SELECTED, |text| text.contains("could not be loaded") && text.contains("Duration")).await;
    browser.script("window.fetch = window.known").await;
    browser.click(&format!("{SELECTED} [data-does=retry]")).await;
    browser.wait_text(SELECTED, |text| !text.contains("could not be loaded") && text.contains("Raw JSON")).await;
    browser.finish().await;
}

#[tokio::test]
async fn the_documents_of_the_rows_in_view_are_there_before_one_is_selected() {
    let roentgen = Roentgen::serve(&[]);
    let address = shop(&roentgen).await;
    let browser = Browser::start().await;
    browser.open(&address).await;
    wait_rows(&browser, SPANS, "the spans", |rows| rows.len() == 6).await;
    let asked = async |part: &str| {
        let script = format!(
            "return performance.getEntriesByType('resource').filter(e => e.name.includes('{part}') && e.responseEnd > 0).length"
        );
        browser.script(&script).await.as_u64().expect("a number")
    };
    eventually("the documents have come", async || (asked("/documents?").await == 1).then_some(())).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    browser.script("document.querySelector('[role=treegrid]').focus()").await;
    for (key, part) in [(Key::Home, "Annotations"), (Key::Down, "first"), (Key::Down, "no connection")] {
        browser.press(key).await;
        browser.press(Key::Enter).await;
        browser.wait_text(SELECTED, |text| text.contains(part) && text.contains("Raw JSON")).await;
    }
    assert_eq!(asked("/spans/").await, 0, "nothing is asked again");
    browser.finish().await;
}

#[tokio::test]
async fn the_address_has_the_last_of_many_quick_steps() {
    let roentgen = Roentgen::serve(&[]);
    let address = shop(&roentgen).await;
    let browser = Browser::start().await;
    browser.open(&address).await;
    wait_rows(&browser, SPANS, "the spans", |rows| rows.len() == 6).await;
    // More than Chromium lets a page change its address within half a minute.
    let script = "
        const grid = document.querySelector('[role=treegrid]');
        grid.focus();
        for (let step = 0; step < 300; step++) {
            for (const key of [step % 2 ? 'ArrowUp' : 'ArrowDown', 'Enter']) {
                grid.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
            }
        }
        for (const key of ['End', 'ArrowUp', 'Enter']) grid.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
        return location.search;";
    let before = browser.script(script).await;
    assert!(!before.as_str().expect("a text").contains("span="), "the address waits for a pause: {before}");
    let last = browser.address().await;
    assert!(last.contains("span=00000000000000b3"), "{last}");

    // Who leaves the page for its address bar finds it up to date.
    let script = "
        const grid = document.querySelector('[role=treegrid]');
        for (const key of ['Home', 'Enter']) grid.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
        window.dispatchEvent(new Event('blur'));
        return location.search;";
    let now = browser.script(script).await;
    assert!(now.as_str().expect("a text").contains("span=00000000000000a1"), "{now}");
    browser.finish().await;
}
