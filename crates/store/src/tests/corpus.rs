//! What the fuzz target found on its way, replayed: a line a text, as a JSON string.

use super::noise;

#[test]
fn documents() {
    let lines = include_str!("../../corpus/document.jsonl").lines();
    let texts = lines.map(|line| serde_json::from_str::<String>(line).expect("a line is a JSON string"));
    texts.for_each(|text| noise::document(&text));
}
