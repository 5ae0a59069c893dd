//! Colours that the user forces on all pages, and less motion.

use serde_json::{Value, json};

use super::{open, pictures::base64};
use crate::{browser::Browser, harness::Roentgen};

/// One span of each state, and one that is found nowhere else.
const STATES: &str = "front 0..1000
  good 100..900
  mistake 100..900 error
  broken 100..900 fault
  slowed 100..900 throttle
  going 100..?
";

async fn emulate(browser: &Browser, feature: &str, value: &str) {
    browser.devtools("Emulation.setEmulatedMedia", json!({"features": [{"name": feature, "value": value}]})).await;
}

/// Of the bar of each row and of the small picture: the colours in it (the ground is one of them), the most frequent
/// first, and which share of the pixels each has in per cent.
async fn painted(browser: &Browser) -> Value {
    let png = browser.driver.screenshot_as_png().await.unwrap();
    let script = format!(
        "const image = new Image(); image.src = 'data:image/png;base64,{}'; await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext('2d');
        pen.drawImage(image, 0, 0);
        const look = element => {{
            const r = element.getBoundingClientRect(), counts = {{}};
            const data = new Uint32Array(pen.getImageData(r.x + 2, r.y + 2, r.width - 4, r.height - 4).data.buffer);
            for (const one of data) counts[one] = (counts[one] ?? 0) + 1;
            return Object.entries(counts).sort((a, b) => b[1] - a[1]).slice(0, 4).map(([c, n]) => [+c, Math.round(100 * n / data.length)]);
        }};
        const found = {{minimap: look(document.querySelector('.overview__canvas'))}};
        const grid = document.querySelector('[role=treegrid]').getBoundingClientRect();
        found.ground = new Uint32Array(pen.getImageData(grid.right - 60, grid.bottom - 40, 1, 1).data.buffer)[0];
        for (const row of document.querySelectorAll('[role=rowgroup] [role=row]:not(.waterfall__row--spare)'))
            found[row.querySelector('.waterfall__title').textContent] = look(row.querySelector('.waterfall__bar'));
        return found",
        base64(&png)
    );
    browser.script(&script).await
}

#[tokio::test]
async fn bars_and_states_are_told_apart_in_forced_colours() {
    let roentgen = Roentgen::serve(&[]);
    let browser = open(&roentgen, STATES).await;
    for scheme in ["light", "dark"] {
        let features = json!({"features": [{"name": "forced-colors", "value": "active"}, {"name": "prefers-color-scheme", "value": scheme}]});
        browser.devtools("Emulation.setEmulatedMedia", features).await;
        // The small picture is drawn anew in the next frame.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        browser.screenshot(&format!("trace-forced-{scheme}")).await;
        let found = painted(&browser).await;
        let is_seen = |one: &Value| {
            one.as_array().unwrap().iter().any(|one| one[0] != found["ground"] && one[1].as_u64() > Some(12))
        };
        for name in ["minimap", "good", "mistake", "broken", "slowed", "going"] {
            assert!(is_seen(&found[name]), "{name} is the ground's colour ({scheme}): {found}");
        }
        let states = ["good", "mistake", "broken", "slowed", "going"];
        for (place, one) in states.iter().enumerate() {
            for other in &states[place + 1..] {
                assert_ne!(found[one], found[other], "{one} and {other} look the same ({scheme}): {found}");
            }
        }
    }
    // What is pressed and what is selected can be seen.
    browser.click("[title='Repeated spans as one row ( g )']").await;
    let grounds = "const ground = css => getComputedStyle(document.querySelector(css)).backgroundColor;
        return [ground('[data-key=g]'), ground('[data-key=i]')]";
    browser.click("[data-key=i]").await;
    let pressed = browser.script(grounds).await;
    assert_ne!(pressed[0], pressed[1], "pressed and not pressed");
    browser.finish().await;
}

#[tokio::test]
async fn nothing_moves_for_those_who_want_no_motion() {
    let roentgen = Roentgen::serve(&[]);
    let browser = open(&roentgen, STATES).await;
    // Something that moves where motion is welcome, so that this can fail.
    browser
        .script("const bone = document.createElement('div'); bone.className = 'skeleton'; document.body.append(bone); return null")
        .await;
    let moving = "return [...document.querySelectorAll('*')].filter(element => {
        const style = getComputedStyle(element);
        return style.animationName !== 'none' || style.transitionDuration.split(', ').some(time => parseFloat(time) > 0)
            || style.scrollBehavior === 'smooth';
    }).map(element => element.className.toString())";
    assert!(!browser.script(moving).await.as_array().unwrap().is_empty());
    emulate(&browser, "prefers-reduced-motion", "reduce").await;
    assert_eq!(browser.script(moving).await, json!([]));
    browser.finish().await;
}
