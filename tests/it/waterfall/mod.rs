//! The waterfall's own ways: what is told late; in files of their own pictures, fingers, forced colours, keys.

mod colours;
mod keys;
mod pictures;
mod pointers;

use std::time::Duration;

use thirtyfour::prelude::*;

use crate::{
    browser::{Browser, eventually},
    harness::Roentgen,
    stories::{SPANS, wait_rows},
};

/// A shop front, what it calls, and a payment that fails; with an idle gap.
const DRAWING: &str = "front 0..900 POST https://shop/checkout 500 fault
  auth 5..25
  DynamoDB 30..60 aws op=GetItem table=carts
  charge 400..880 remote fault
    > payment 402..878 fault !TimeoutError=\"no answer\"
";

/// Sends a drawn trace and opens it.
async fn open(roentgen: &Roentgen, drawing: &str) -> Browser {
    let documents = fixture::documents(drawing);
    let put = roentgen.sdk().put_trace_segments().set_trace_segment_documents(Some(documents));
    let answer = put.send().await.expect("the local X-Ray takes segments");
    assert!(answer.unprocessed_trace_segments().is_empty(), "{answer:?}");
    let browser = Browser::start().await;
    browser.open(&format!("{}/trace/{}", roentgen.app(), fixture::trace_id())).await;
    wait_rows(&browser, SPANS, "rows", |rows| rows.len() >= 3).await;
    browser
}

/// Writes into the search and does something else in the same breath, by the page's own events.
async fn search_and(browser: &Browser, text: &str, then: &str) {
    let script = format!(
        "const field = document.querySelector('[name=find]');
        field.focus();
        field.value = '{text}';
        field.dispatchEvent(new InputEvent('input', {{bubbles: true}}));
        {then}"
    );
    browser.script(&script).await;
}

async fn searched(browser: &Browser) -> String {
    browser.script("return document.querySelector('[name=find]').value").await.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_is_told_late_is_not_lost() {
    let roentgen = Roentgen::serve(&[]);
    let browser = open(&roentgen, DRAWING).await;
    let address = async |parts: &[&str]| {
        eventually(&format!("{parts:?} in the address"), async || {
            let address = browser.address().await;
            parts.iter().all(|part| address.contains(part)).then_some(())
        })
        .await;
    };
    let timeline = ".trace__tab:nth-child(1)";

    // Another tab takes the waterfall away before the search was told. A click by script moves no focus and no pointer.
    search_and(&browser, "auth", "document.querySelector('.trace__tab:nth-child(2)').click()").await;
    browser.wait(".statistics").await;
    address(&["tab=statistics", "find=auth"]).await;
    browser.click(timeline).await;
    browser.wait_text(".waterfall__found", |text| text == "1 found").await;
    assert_eq!(searched(&browser).await, "auth");

    // A button in the head chooses a span meanwhile: both hold.
    search_and(&browser, "charge", "document.querySelector('.verdict--bad').click()").await;
    address(&["find=charge", "span="]).await;
    assert_eq!(searched(&browser).await, "charge");

    // Zoomed and folded by keys, and pressed with a real pointer at once.
    browser.script("document.querySelector('[role=treegrid]').focus()").await;
    for key in [Key::Home.value().to_string(), "+".into(), Key::Left.value().to_string()] {
        browser.press(key.as_str()).await;
    }
    browser.click(".trace__tab:nth-child(2)").await;
    browser.wait(".statistics").await;
    address(&["window=", "collapsed=", "find=charge"]).await;
    let link = browser.address().await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(browser.address().await, link, "nothing comes after it");
    browser.finish().await;
}
