//! A real Chromium behind chromedriver, used as a person would: by what is on the screen.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

/// How long a story waits for something to appear.
const PATIENCE: Duration = Duration::from_secs(15);

/// A browser with a fresh profile; it ends when this is dropped.
pub(crate) struct Browser {
    pub(crate) driver: WebDriver,
    port: u16,
    chromedriver: Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// A window of 1400 × 900 pixels.
    pub(crate) async fn start() -> Self {
        let mut chromedriver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts; `cargo xtask test --install` installs it");
        let stdout = chromedriver.stdout.take().expect("stdout is piped");
        let port = BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("successfully on port ").and_then(|(_, port)| port.trim_end_matches('.').parse().ok())
            })
            .expect("chromedriver says its port");
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let mut capabilities = DesiredCapabilities::chrome();
        let user_data = format!("--user-data-dir={}", profile.path().display());
        for argument in [
            "--headless=new",
            // Chromium refuses its sandbox to root, and containers have a small /dev/shm.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1400,900",
            &user_data,
        ] {
            capabilities.add_arg(argument).expect("a chromium argument");
        }
        capabilities.set("goog:loggingPrefs", json!({ "browser": "ALL" })).expect("a capability");
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await.expect("a browser window");
        Self { driver, port, chromedriver, _profile: profile }
    }

    /// Opens an address.
    pub(crate) async fn open(&self, address: &str) {
        self.driver.goto(address).await.expect("the page answers");
    }

    /// Waits for an element.
    pub(crate) async fn wait(&self, css: &str) -> WebElement {
        eventually(&format!("`{css}` appears"), async || self.driver.find(By::Css(css)).await.ok()).await
    }

    /// Waits until no element matches.
    pub(crate) async fn wait_gone(&self, css: &str) {
        eventually(&format!("`{css}` goes away"), async || {
            self.driver.find_all(By::Css(css)).await.ok().filter(Vec::is_empty).map(drop)
        })
        .await;
    }

    /// Waits until an element's text satisfies a test; returns the text.
    pub(crate) async fn wait_text(&self, css: &str, test: impl Fn(&str) -> bool) -> String {
        let last = std::cell::RefCell::new(String::new());
        let found = eventually_or(async || {
            let found = self.driver.find(By::Css(css)).await.ok()?.text().await.ok()?;
            last.replace(found.clone());
            test(&found).then_some(found)
        })
        .await;
        found.unwrap_or_else(|| panic!("the text of `{css}` never was as expected; it is: {}", last.borrow()))
    }

    /// Clicks an element once it is there.
    pub(crate) async fn click(&self, css: &str) {
        eventually(&format!("`{css}` can be clicked"), async || {
            self.driver.find(By::Css(css)).await.ok()?.click().await.ok()
        })
        .await;
    }

    /// Presses a key on whatever has the focus.
    pub(crate) async fn press(&self, key: impl Into<TypingData>) {
        let focused = self.driver.active_element().await.expect("something has the focus");
        focused.send_keys(key).await.expect("it takes keys");
    }

    /// Runs a script in the page and gives what it returns.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.expect("the script runs").json().clone()
    }

    /// The address in the address bar, which follows what is looked at within a quarter of a second.
    pub(crate) async fn address(&self) -> String {
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.driver.current_url().await.expect("an address").to_string()
    }

    /// Sends a command of the DevTools protocol.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(command, parameters).await.expect("the browser takes the command")
    }

    /// A picture of the window, for a person to look at: `target/stories/<name>.png`.
    pub(crate) async fn screenshot(&self, name: &str) {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/stories");
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        self.driver.screenshot(&folder.join(format!("{name}.png"))).await.expect("a picture");
    }

    /// Ends the story: nothing may have been logged as an error, no policy violated.
    pub(crate) async fn finish(self) {
        let errors = self.console_errors().await;
        assert!(errors.is_empty(), "the browser's console has errors: {errors:#?}");
        self.driver.clone().quit().await.expect("the browser ends");
    }

    /// What the console logged as severe; failed requests are left out, because the page shows those itself.
    pub(crate) async fn console_errors(&self) -> Vec<String> {
        let session = self.driver.session_id().to_string();
        let address = format!("http://127.0.0.1:{}/session/{session}/se/log", self.port);
        let answer = reqwest::Client::new().post(address).body(r#"{"type":"browser"}"#).send().await;
        let log: Value = answer.expect("chromedriver answers").json().await.expect("a log");
        let entries = log["value"].as_array().cloned().unwrap_or_default();
        let severe = entries.iter().filter(|entry| entry["level"] == "SEVERE" && entry["source"] != "network");
        severe.map(|entry| entry["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A story that failed did not end its session. Chromedriver ends them all on this request, where killed it would
        // leave the browser behind.
        drop(self.driver.clone().leak());
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let request =
                format!("GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n", self.port);
            let asked = stream
                .set_read_timeout(Some(Duration::from_secs(5)))
                .and_then(|()| stream.write_all(request.as_bytes()));
            drop(asked.and_then(|()| stream.read_to_end(&mut Vec::new())));
        }
        drop(self.chromedriver.kill());
        drop(self.chromedriver.wait());
    }
}

/// Asks again and again until there is an answer.
pub(crate) async fn eventually<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    eventually_or(ask).await.unwrap_or_else(|| panic!("not within {PATIENCE:?}: {what}"))
}

async fn eventually_or<T>(ask: impl AsyncFn() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(answer) = ask().await {
            return Some(answer);
        }
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    None
}
