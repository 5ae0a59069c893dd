//! Data sources, made, tested, changed and deleted in the page; their secrets come back from nowhere.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::{
    browser::{Browser, eventually},
    harness::Roentgen,
};

/// Keys that are good for nothing, and easy to find.
const ACCESS_KEY: &str = "AKIASTORYKEY12345678";
const SECRET_KEY: &str = "story+secret/wJalrXUtnFEMI";

/// Writes into a field of the form, in the place of what was there.
async fn write(browser: &Browser, name: &str, text: &str) {
    let field = browser.wait(&format!(".source-form [name={name}]")).await;
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

/// Presses the button or link with this text.
async fn press(browser: &Browser, text: &str) {
    let path = format!("//main//*[self::button or self::a][normalize-space()='{text}']");
    eventually(&format!("{text} can be pressed"), async || {
        browser.driver.find(By::XPath(path.as_str())).await.ok()?.click().await.ok()
    })
    .await;
}

async fn data_sources(roentgen: &Roentgen) -> Value {
    let answer = reqwest::get(format!("{}/api/data-sources", roentgen.app())).await.unwrap();
    answer.json().await.unwrap()
}

/// The secrets are in nothing that the page or the server has.
async fn no_secret_anywhere(browser: &Browser, roentgen: &Roentgen) {
    let script = "
        const typed = [...document.querySelectorAll('input')].map(input => input.value);
        return [document.documentElement.outerHTML, location.href, JSON.stringify({...localStorage}),
            JSON.stringify({...sessionStorage}), document.cookie, JSON.stringify(history.state), ...typed].join('\\n')";
    let page = browser.script(script).await.to_string();
    let about = reqwest::get(format!("{}/api/about", roentgen.app())).await.unwrap().text().await.unwrap();
    for place in [page, data_sources(roentgen).await.to_string(), about] {
        for secret in [ACCESS_KEY, SECRET_KEY] {
            assert!(!place.contains(secret), "a secret is in {place}");
        }
    }
}

#[tokio::test]
async fn a_data_source_is_made_tested_changed_and_deleted_in_the_page() {
    let roentgen = Roentgen::serve(&[]);
    let browser = Browser::start().await;
    browser.open(roentgen.app()).await;
    browser.click("header a[href='/sources']").await;
    browser.wait_text(".sources__list", |text| text.contains("local") && text.contains("default")).await;
    assert!(browser.address().await.ends_with("/sources"), "{}", browser.address().await);
    browser.screenshot("sources").await;

    // What is built in can be tested, and nothing else.
    let card = browser.wait(".source").await.text().await.unwrap();
    assert!(!card.contains("Edit") && !card.contains("Delete"), "{card}");
    press(&browser, "Test").await;
    browser.wait_text(".report [role=status]", |text| text.starts_with("✓")).await;

    // A new one with keys. A region that is none is refused at the form, and what was written stays.
    press(&browser, "Add a data source").await;
    write(&browser, "name", "prod").await;
    assert!(browser.address().await.ends_with("/sources?new"), "{}", browser.address().await);
    browser.wait_gone("[name=secret_key]:not([hidden] *)").await;
    browser.click("[name=auth][value=keys]").await;
    write(&browser, "access_key", ACCESS_KEY).await;
    write(&browser, "secret_key", SECRET_KEY).await;
    write(&browser, "default_region", "Ireland").await;
    let xray = format!("http://{}", roentgen.xray());
    write(&browser, "endpoint", &xray).await;
    write(&browser, "sts_endpoint", &xray).await;
    write(&browser, "scan_budget_query", "2000000").await;
    browser.wait_text("#scan_budget_query-hint", |text| text == "At most 1.00 dollars a query").await;
    press(&browser, "Save").await;
    browser.wait_text(".source-form [role=alert]", |text| text.contains("this does not: Ireland")).await;
    browser.wait_text("#default_region-why", |text| text.contains("this does not: Ireland")).await;
    assert_eq!(browser.driver.active_element().await.unwrap().id().await.unwrap().as_deref(), Some("default_region"));
    browser.screenshot("sources-refused").await;
    assert_eq!(data_sources(&roentgen).await["list"].as_array().unwrap().len(), 1);

    // Saved and tested: X-Ray answers, and there is no STS at its address, which the report says.
    write(&browser, "default_region", "eu-west-1").await;
    press(&browser, "Save & test").await;
    browser.wait_text(".report [role=status]", |text| text.starts_with("✓")).await;
    assert!(browser.address().await.ends_with("/sources?edit=prod"), "{}", browser.address().await);
    let checks = browser.wait(".report__checks").await.text().await.unwrap();
    let lines: Vec<&str> = checks.lines().collect();
    let line = |operation: &str| lines.iter().find(|line| line.starts_with(operation)).copied().unwrap_or_default();
    assert!(line("GetCallerIdentity").contains("! failed"), "{checks}");
    for operation in ["GetTraceSummaries", "BatchGetTraces", "GetServiceGraph", "GetGroups"] {
        assert!(line(operation).contains("✓ allowed"), "{checks}");
    }
    assert!(line("CreateGroup").contains("– not probed"), "{checks}");
    let policy = "return document.querySelector('.report pre').textContent";
    assert!(browser.script(policy).await.to_string().contains("xray:GetTraceSummaries"));
    browser.screenshot("sources-tested").await;
    no_secret_anywhere(&browser, &roentgen).await;

    // Who goes to the traces is offered the new source at once.
    press(&browser, "Cancel").await;
    browser.wait_text(".sources__list", |text| text.contains("access key and secret key")).await;
    no_secret_anywhere(&browser, &roentgen).await;
    browser.click("header a[href='/explore']").await;
    browser.wait("[name=source] option[value=prod]").await;
    browser.driver.back().await.unwrap();

    // Changed without its secrets, from a link: they stay.
    browser.open(&format!("{}/sources?edit=prod", roentgen.app())).await;
    browser.wait_text("#secret_key-hint", |text| text == "Set; leave empty to keep").await;
    assert_eq!(browser.script("return document.querySelector('#secret_key').value").await, json!(""));
    write(&browser, "name", "production").await;
    browser.press(Key::Enter).await;
    browser.wait_text(".report [role=status]", |text| text.starts_with("✓")).await;
    let known = data_sources(&roentgen).await;
    let prod = known["list"].as_array().unwrap().iter().find(|source| source["name"] == "production").cloned();
    let prod = prod.unwrap_or_else(|| panic!("no production in {known}"));
    assert_eq!(prod["secrets"], json!(["access_key", "secret_key"]));
    assert_eq!(prod["settings"]["scan_budget_query"], 2_000_000);
    no_secret_anywhere(&browser, &roentgen).await;

    // Deleted, once it was asked whether that is meant.
    press(&browser, "Cancel").await;
    press(&browser, "Delete").await;
    press(&browser, "Keep it").await;
    browser.wait_gone(".sources__doomed:not([hidden])").await;
    press(&browser, "Delete").await;
    press(&browser, "Really delete it").await;
    eventually("one data source is left", async || {
        let cards = browser.driver.find_all(By::Css(".source")).await.ok()?;
        (cards.len() == 1).then_some(())
    })
    .await;
    assert_eq!(data_sources(&roentgen).await["list"].as_array().unwrap().len(), 1);

    // A link to what is gone says so, and leads back.
    browser.open(&format!("{}/sources?edit=production", roentgen.app())).await;
    browser.wait_text(".sources [role=alert]", |text| text.contains("There is no data source production")).await;
    press(&browser, "All data sources").await;
    browser.wait(".source").await;
    browser.finish().await;
}
