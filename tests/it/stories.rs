//! What a person does with Roentgen, from the first address to the answer.

use std::time::{Duration, Instant};

use aws_sdk_xray::Client;
use serde_json::Value;
use thirtyfour::Key;

use crate::{
    browser::{Browser, eventually},
    fault_proxy::{Fault, FaultProxy},
    harness::Roentgen,
    segments,
};

/// Sends documents by the real AWS SDK.
pub(crate) async fn send(sdk: &Client, documents: &[Value]) {
    let documents = documents.iter().map(Value::to_string).collect();
    let answer =
        sdk.put_trace_segments().set_trace_segment_documents(Some(documents)).send().await.expect("segments are taken");
    assert!(answer.unprocessed_trace_segments().is_empty(), "{answer:?}");
}

/// Two healthy traces and a failing one; gives the failing one's id.
async fn known_traces(roentgen: &Roentgen) -> String {
    let failing = segments::trace_id(3);
    let mut documents = segments::failing_checkout(&failing);
    documents.push(segments::healthy(&segments::trace_id(1), "/", 0.05));
    documents.push(segments::healthy(&segments::trace_id(2), "/cart", 0.2));
    send(&roentgen.sdk(), &documents).await;
    failing
}

/// The rows of the trace list.
pub(crate) const LIST: &str = "[role=grid] [role=rowgroup] [role=row]:not([hidden])";
/// The rows of the waterfall.
pub(crate) const SPANS: &str = "[role=treegrid] [role=rowgroup] [role=row][aria-level]:not(.waterfall__row--spare)";

/// The texts of a grid's rows in their order.
pub(crate) async fn rows(browser: &Browser, css: &str) -> Vec<String> {
    let script = "
        const rows = [...document.querySelectorAll(arguments[0])];
        rows.sort((a, b) => a.getAttribute('aria-rowindex') - b.getAttribute('aria-rowindex'));
        return rows.map(row => row.innerText.replace(/\\s+/g, ' ').trim());";
    let rows = browser.driver.execute(script, vec![css.into()]).await.expect("the script runs");
    rows.convert().expect("a list of texts")
}

/// Waits until a grid's rows satisfy a test.
pub(crate) async fn wait_rows(
    browser: &Browser,
    css: &str,
    what: &str,
    test: impl Fn(&[String]) -> bool,
) -> Vec<String> {
    let last = std::cell::RefCell::new(Vec::new());
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(15) {
        let found = rows(browser, css).await;
        if test(&found) {
            return found;
        }
        last.replace(found);
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    browser.screenshot("failed").await;
    panic!("not in time: {what}; the rows are {:#?}", last.borrow())
}

/// Clicks the first row that contains a text.
pub(crate) async fn click_row(browser: &Browser, css: &str, text: &str) {
    let script = "
        const row = [...document.querySelectorAll(arguments[0])].find(row => row.innerText.includes(arguments[1]));
        if (row) row.dataset.story = arguments[1];
        return !!row;";
    eventually(&format!("a row with {text}"), async || {
        let found = browser.driver.execute(script, vec![css.into(), text.into()]).await.ok()?;
        found.json().as_bool().filter(|found| *found)
    })
    .await;
    browser.click(&format!("[data-story='{text}']")).await;
    browser.script("document.querySelectorAll('[data-story]').forEach(row => delete row.dataset.story)").await;
}

#[tokio::test]
async fn the_slow_request_is_found_by_mouse() {
    let roentgen = Roentgen::serve(&[]);
    known_traces(&roentgen).await;
    let browser = Browser::start().await;
    browser.open(&roentgen.explore()).await;
    wait_rows(&browser, LIST, "three traces", |rows| rows.len() == 3).await;

    // Query: another range, run at once.
    browser.click("summary[aria-label='Time range']").await;
    browser.click(".range__preset:nth-child(2)").await;
    eventually("the range is in the address", async || browser.address().await.contains("from=now-15m").then_some(()))
        .await;
    wait_rows(&browser, LIST, "three traces", |rows| rows.len() == 3).await;

    // Sort: the slowest first.
    browser.click("[role=columnheader]:nth-child(6) button").await;
    let found = wait_rows(&browser, LIST, "the slowest first", |rows| {
        rows.first().is_some_and(|row| row.contains("/checkout"))
    })
    .await;
    assert!(found[0].contains("fault") && found[0].contains("502"), "{}", found[0]);
    assert_eq!(browser.wait("[aria-sort=descending]").await.text().await.unwrap().trim(), "Response time ↓");

    // Open, collapse, expand.
    click_row(&browser, LIST, "/checkout").await;
    let all = wait_rows(&browser, SPANS, "the spans", |rows| rows.len() >= 6).await;
    assert!(all[0].starts_with("shop") || all[0].contains("shop"), "{all:#?}");
    assert!(
        all.iter().any(|row| row.contains("charge card")) && all.iter().any(|row| row.contains("GetItem carts")),
        "{all:#?}"
    );
    browser.click("[role=treegrid] [role=row][aria-expanded=true] [data-twisty]").await;
    wait_rows(&browser, SPANS, "the root alone", |rows| rows.len() == 1).await;
    eventually("what is collapsed is in the address", async || {
        browser.address().await.contains("collapsed=").then_some(())
    })
    .await;
    browser.click("[role=treegrid] [role=row][aria-expanded=false] [data-twisty]").await;
    wait_rows(&browser, SPANS, "all spans again", |rows| rows.len() == all.len()).await;

    // Read the detail.
    click_row(&browser, SPANS, "charge card").await;
    let detail =
        browser.wait_text("[aria-label='Details of the selected span']", |text| text.contains("CardDeclined")).await;
    for expected in ["issuer said no: code 51", "payment/charge.py", "42"] {
        assert!(detail.contains(expected), "{expected} is missing in:\n{detail}");
    }
    click_row(&browser, SPANS, "shop").await;
    let detail = browser.wait_text("[aria-label='Details of the selected span']", |text| text.contains("gold")).await;
    for expected in ["bob", "/checkout?cart=7", "beta", "false", "coupon", "502"] {
        assert!(detail.contains(expected), "{expected} is missing in:\n{detail}");
    }

    // The link opens the same view elsewhere.
    click_row(&browser, SPANS, "charge card").await;
    eventually("the span is in the address", async || {
        browser.address().await.contains("span=00000000000000c2").then_some(())
    })
    .await;
    let address = browser.address().await;
    browser.screenshot("main-job").await;
    browser.driver.new_window().await.expect("a window");
    let windows = browser.driver.windows().await.expect("windows");
    browser.driver.switch_to_window(windows[windows.len() - 1].clone()).await.expect("the new window");
    browser.open(&address).await;
    browser.wait_text("[aria-label='Details of the selected span']", |text| text.contains("CardDeclined")).await;
    browser.wait("[aria-sort=descending]").await;
    wait_rows(&browser, LIST, "the slowest first", |rows| rows.first().is_some_and(|row| row.contains("/checkout")))
        .await;
    assert_eq!(browser.address().await, address, "opening a link changes nothing");

    // Back and forward.
    browser.open(&format!("{}/?sort=url", roentgen.app())).await;
    wait_rows(&browser, LIST, "three traces", |rows| rows.len() == 3).await;
    click_row(&browser, LIST, "/cart").await;
    browser.wait("[role=treegrid]").await;
    browser.driver.back().await.expect("back");
    browser.wait_gone("[role=treegrid]").await;
    browser.driver.forward().await.expect("forward");
    browser.wait("[role=treegrid]").await;
    browser.finish().await;
}

#[tokio::test]
async fn the_slow_request_is_found_by_keyboard_alone() {
    let roentgen = Roentgen::serve(&[]);
    known_traces(&roentgen).await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/?sort=-response", roentgen.app())).await;
    wait_rows(&browser, LIST, "three traces", |rows| rows.len() == 3).await;
    // From the top of the page into the list by Tab.
    for _ in 0..40 {
        browser.press(Key::Tab).await;
        if browser.script("return document.activeElement.getAttribute('role')").await == "grid" {
            break;
        }
    }
    browser.press(Key::End).await;
    browser.press(Key::Home).await;
    browser.press(Key::Enter).await;
    wait_rows(&browser, SPANS, "the spans", |rows| rows.len() >= 6).await;
    for _ in 0..40 {
        browser.press(Key::Tab).await;
        if browser.script("return !!document.activeElement.closest('[role=treegrid]')").await == true {
            break;
        }
    }
    browser.press(Key::Home).await;
    browser.press(Key::Left).await;
    wait_rows(&browser, SPANS, "the root alone", |rows| rows.len() == 1).await;
    browser.press(Key::Right).await;
    wait_rows(&browser, SPANS, "all spans", |rows| rows.len() >= 6).await;
    browser.press(Key::End).await;
    browser.press(Key::Enter).await;
    browser.wait_text("[aria-label='Details of the selected span']", |text| text.contains("CardDeclined")).await;
    browser.finish().await;
}

#[tokio::test]
async fn an_x_ray_that_fails_is_named_and_rows_stay() {
    let local = Roentgen::local(&[]);
    let id = segments::trace_id(5);
    send(&local.sdk(), &segments::failing_checkout(&id)).await;
    let proxy = FaultProxy::start(local.xray()).await;
    let served = Roentgen::serve_aws_at(&proxy.endpoint());
    let browser = Browser::start().await;
    browser.open(&served.explore()).await;
    wait_rows(&browser, LIST, "the trace", |rows| rows.len() == 1).await;
    let console = browser.wait(".result__link").await.attr("href").await.unwrap().unwrap();
    assert!(console.starts_with("https://eu-west-1.console.aws.amazon.com/cloudwatch/"), "{console}");

    proxy.set(
        "/TraceSummaries",
        Fault::Error(403, "AccessDeniedException", "not authorized to perform: xray:GetTraceSummaries"),
    );
    browser.click("button[type=submit]").await;
    let alert = browser.wait_text("[role=alert]", |text| text.contains("AccessDeniedException")).await;
    for expected in
        ["GetTraceSummaries", "not authorized to perform", "5f2b1c3a-0000-4000-8000-000000000001", "Try again"]
    {
        assert!(alert.contains(expected), "{expected} is missing in: {alert}");
    }
    assert_eq!(rows(&browser, LIST).await.len(), 1, "what was shown is still shown");
    browser.screenshot("failed-call").await;
    proxy.heal();
    browser.click("[role=alert] button").await;
    browser.wait_gone("[role=alert]").await;

    proxy.set("/Traces", Fault::Error(500, "InternalFailure", "oops"));
    click_row(&browser, LIST, "/checkout").await;
    browser.wait_text("[role=alert]", |text| text.contains("BatchGetTraces") && text.contains("InternalFailure")).await;
    browser.finish().await;
}

#[tokio::test]
async fn first_rows_come_before_the_last_page() {
    let local = Roentgen::local(&[]);
    let traces: Vec<Value> =
        (1..=450).map(|number| segments::healthy(&segments::trace_id(number), "/many", 0.01)).collect();
    send(&local.sdk(), &traces).await;
    let proxy = FaultProxy::start(local.xray()).await;
    proxy.set("/TraceSummaries", Fault::Delay(Duration::from_millis(400)));
    let served = Roentgen::serve_aws_at(&proxy.endpoint());
    let browser = Browser::start().await;
    browser.open(&served.explore()).await;
    wait_rows(&browser, LIST, "the first page", |rows| rows.len() > 10).await;
    assert!(proxy.calls().len() < 5, "{} pages were asked for by then", proxy.calls().len());
    browser.wait_text(".result__line", |text| text.starts_with("450 traces")).await;
    browser.finish().await;
}

#[tokio::test]
async fn an_id_opens_its_trace_in_every_form() {
    let roentgen = Roentgen::serve(&[]);
    let id = known_traces(&roentgen).await;
    let w3c = id[2..].replace('-', "");
    let browser = Browser::start().await;
    for query in [id.clone(), w3c.clone(), format!("X-Amzn-Trace-Id: Root={id};Sampled=1")] {
        browser.open(&roentgen.explore()).await;
        let input = browser.wait("[name=query]").await;
        input.send_keys(query.as_str() + Key::Enter).await.expect("it takes keys");
        wait_rows(&browser, SPANS, "the spans", |rows| rows.iter().any(|row| row.contains("charge card"))).await;
    }
    for address in [
        format!("/trace/{id}"),
        format!("/trace/{w3c}?source=local&region=local&at=2026-01-01T00:00:00Z"),
        format!("/trace/{id}?region=&at=never"),
    ] {
        browser.open(&format!("{}{address}", roentgen.app())).await;
        wait_rows(&browser, SPANS, "the spans", |rows| rows.iter().any(|row| row.contains("charge card"))).await;
    }
    for (address, expected) in [
        ("/trace/nonsense", "8 hex digits"),
        ("/trace/1-00000000-0000000000000000000000ff", "has no trace"),
        (&format!("/trace/{id}?source=mars"), "there is no source mars"),
        ("/nowhere", "There is no such page"),
    ] {
        browser.open(&format!("{}{address}", roentgen.app())).await;
        browser.wait_text("main", |text| text.contains(expected)).await;
    }
    browser.finish().await;
}

#[tokio::test]
async fn columns_and_annotations_are_chosen_and_stay_in_the_link() {
    let roentgen = Roentgen::serve(&[]);
    known_traces(&roentgen).await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/?columns=url~@tier~@items&sort=@items&tz=utc", roentgen.app())).await;
    let found = wait_rows(&browser, LIST, "three traces", |rows| rows.len() == 3).await;
    assert!(found[2].contains("gold") && found[2].ends_with('3') && found[0].ends_with('0'), "{found:#?}");
    browser.click("summary[aria-label=Columns]").await;
    browser.click(".choices__item:nth-of-type(2) input").await;
    eventually("the column is in the address", async || browser.address().await.contains("flags").then_some(())).await;
    wait_rows(&browser, LIST, "the state", |rows| rows.iter().any(|row| row.contains("fault"))).await;
    browser.finish().await;
}

#[tokio::test]
async fn every_page_leads_to_every_other_from_its_first_moment() {
    let roentgen = Roentgen::serve(&[]);
    let failing = known_traces(&roentgen).await;
    let browser = Browser::start().await;
    for from in [format!("/trace/{failing}"), "/map".to_owned(), "/explore".to_owned(), "/nowhere".to_owned()] {
        for (link, page) in [("/map", ".page--map"), ("/explore", ".page--explore")] {
            if from == link {
                continue;
            }
            browser.open(&format!("{}{from}", roentgen.app())).await;
            browser.wait("main > *").await;
            let page_now = "return document.querySelector('main').firstElementChild.className";
            let first = browser.script(page_now).await;
            browser.click(&format!(".header__nav [href='{link}']")).await;
            browser.wait(page).await;
            browser.driver.back().await.unwrap();
            eventually(&format!("{link} leads back to {from}"), async || {
                (browser.script(page_now).await == first).then_some(())
            })
            .await;
        }
    }
    browser.finish().await;
}

#[tokio::test]
async fn a_taken_port_is_said_and_the_page_goes_on() {
    // Where something else holds the port already, so much the better.
    let _taken = std::net::TcpListener::bind("127.0.0.1:2000");
    let roentgen = Roentgen::serve_as_by_default();
    let browser = Browser::start().await;
    browser.open(&roentgen.explore()).await;
    let notice = browser.wait_text(".note--warn", |text| text.contains("2000")).await;
    assert!(notice.contains("--xray-listen"), "what to do is missing in: {notice}");
    browser.wait("button[type=submit]").await;
    browser.finish().await;
}

#[tokio::test]
async fn a_wrong_filter_and_a_wrong_range_are_said() {
    let roentgen = Roentgen::serve(&[]);
    let browser = Browser::start().await;
    browser.open(&format!("{}/?q=service(", roentgen.app())).await;
    browser
        .wait_text("[role=alert]", |text| text.contains("Invalid filter expression") && text.contains("at position"))
        .await;
    browser.open(&format!("{}/?from=now-1h&to=now-2h", roentgen.app())).await;
    browser.wait_text("[role=alert]", |text| text.contains("ends before it starts")).await;
    browser.finish().await;
}

#[tokio::test]
async fn a_narrow_dark_screen_shows_everything() {
    let roentgen = Roentgen::serve(&[]);
    let id = known_traces(&roentgen).await;
    let browser = Browser::start().await;
    let phone = serde_json::json!({"width": 480, "height": 900, "deviceScaleFactor": 1, "mobile": false});
    browser.devtools("Emulation.setDeviceMetricsOverride", phone).await;
    let dark = serde_json::json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
    browser.devtools("Emulation.setEmulatedMedia", dark).await;
    for address in ["/explore".to_owned(), format!("/?trace={id}"), format!("/trace/{id}?span=00000000000000c2")] {
        browser.open(&format!("{}{address}", roentgen.app())).await;
        browser.wait("[role=grid] [role=row], [role=treegrid] [role=row]").await;
        let overflow = browser.script("return document.documentElement.scrollWidth - innerWidth").await;
        assert!(overflow.as_f64().unwrap() <= 0.0, "{address} is {overflow} pixels too wide");
    }
    browser.screenshot("narrow-dark").await;
    browser.finish().await;
}
