//! What is on the screen, kept as a file.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::{DRAWING, open};
use crate::{browser::eventually, harness::Roentgen};

/// Waits for a file in a folder, whole.
async fn file(folder: &std::path::Path, name: &str) -> Vec<u8> {
    eventually(&format!("{name} arrives"), async || {
        let bytes = std::fs::read(folder.join(name)).ok()?;
        (!bytes.is_empty()).then_some(bytes)
    })
    .await
}

#[tokio::test]
async fn a_picture_of_what_is_on_the_screen_is_kept_as_svg_and_png() {
    let roentgen = Roentgen::serve(&[]);
    let evil = "  \"</text><script>alert(1)</script>\" 30..40 remote\n  \"A & B <i>\" 50..60\n";
    let browser = open(&roentgen, &[DRAWING, evil].concat()).await;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    browser.devtools("Browser.setDownloadBehavior", json!({"behavior": "allow", "downloadPath": place})).await;
    // By keyboard: the menu is a stop of the tab key, its items follow.
    browser
        .script("document.querySelector('[data-picture]').closest('details').querySelector('summary').focus()")
        .await;
    browser.press(Key::Enter).await;
    browser.press(Key::Tab).await;
    browser.press(Key::Tab).await;
    browser.press(Key::Enter).await;
    let id = fixture::trace_id().to_string();
    let svg = String::from_utf8(file(folder.path(), &format!("{id}.svg")).await).unwrap();
    // The menu has closed, and its button has the focus.
    assert_eq!(browser.script("return document.querySelectorAll('details[open]').length").await, 0);
    assert_eq!(browser.script("return document.activeElement.tagName").await, "SUMMARY");
    let read = "
        const file = new DOMParser().parseFromString(arguments[0], 'image/svg+xml');
        const texts = [...file.querySelectorAll('text')].map(text => text.textContent);
        return [file.documentElement.tagName, !!file.querySelector('parsererror'),
            file.querySelectorAll('script, style, foreignObject, image').length, texts.join('\\n'), +file.documentElement.getAttribute('width'),
            +file.documentElement.getAttribute('height'), [...file.querySelectorAll('path')].map(path => path.getAttribute('fill')).join(' ')]";
    let found = browser.driver.execute(read, vec![json!(svg)]).await.unwrap().json().clone();
    assert_eq!((&found[0], &found[1], &found[2]), (&json!("svg"), &json!(false), &json!(0)), "{svg}");
    let texts = found[3].as_str().unwrap();
    for name in [
        "front",
        "auth",
        "charge",
        "payment",
        "A & B <i>",
        "</text><script>alert(1)</script>",
        &id,
        "POST https://shop/checkout",
        "500",
        "Span",
    ] {
        assert!(texts.contains(name), "{name} is missing in {texts}");
    }
    let fills = found[6].as_str().unwrap();
    assert!(fills.contains('#') && !fills.contains("var(") && !fills.contains("--"), "{fills}");

    browser.click("[aria-label='A picture of what is on the screen']").await;
    browser.screenshot("trace-picture-menu").await;
    browser.click("[data-picture=png]").await;
    let png = file(folder.path(), &format!("{id}.png")).await;
    let pictures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/stories");
    std::fs::write(pictures.join("picture.png"), &png).unwrap();
    std::fs::write(pictures.join("picture.svg"), &svg).unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((number(16), number(20)), (size(&found[4]), size(&found[5])), "two pixels a CSS pixel");
    // What is in it: many colours, and letters that are not of the ground.
    let colours = format!(
        "const image = new Image(); image.src = 'data:image/png;base64,{}'; await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext('2d');
        pen.drawImage(image, 0, 0);
        const all = new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer);
        const counts = new Map();
        for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
        return [counts.size, Math.max(...counts.values()) / all.length]",
        base64(&png)
    );
    let counted = browser.script(&colours).await;
    assert!(counted[0].as_u64().unwrap() > 50 && counted[1].as_f64().unwrap() < 0.97, "{counted}");
    // Wherever its button stands, a panel is on the screen.
    browser.script("document.querySelector('.waterfall').style.width = '620px'; return null").await;
    for menu in ["What to fold", "Whose time the critical path is", "A picture of what is on the screen"] {
        browser.click(&format!("[aria-label='{menu}']")).await;
        let edges = "const r = document.querySelector('.waterfall__tools [open] .menu__panel').getBoundingClientRect();
            return [r.left, innerWidth - r.right]";
        let edges = browser.script(edges).await;
        assert!(edges[0].as_f64() >= Some(0.0) && edges[1].as_f64() >= Some(0.0), "{menu} is cut off: {edges}");
        browser.screenshot(&format!("trace-menu-{}", menu.len())).await;
    }
    browser.finish().await;
}

/// Twice as many device pixels as CSS pixels.
fn size(css: &Value) -> u32 {
    (css.as_f64().unwrap() * 2.0) as u32
}

/// Bytes as a script takes them.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letters = bytes.chunks(3).flat_map(|three| {
        let all = three.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        let letter = move |place: usize| char::from(LETTERS[(all >> (18 - 6 * place)) as usize & 63]);
        (0..4).map(move |place| if place <= three.len() { letter(place) } else { '=' })
    });
    letters.collect()
}
