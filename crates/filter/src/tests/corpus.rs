//! What the fuzz targets found on their way, replayed: a line a text, as a JSON string.

use super::properties;

/// The texts of a corpus.
fn texts(lines: &str) -> impl Iterator<Item = String> {
    lines.lines().map(|line| serde_json::from_str(line).expect("a line is a JSON string"))
}

#[test]
fn parse() {
    texts(include_str!("../../corpus/parse.jsonl")).for_each(|text| properties::parse(&text));
}

#[test]
fn print() {
    texts(include_str!("../../corpus/print.jsonl")).for_each(|text| properties::print(&text));
}

#[test]
fn evaluate() {
    texts(include_str!("../../corpus/evaluate.jsonl")).for_each(|text| properties::evaluate(&text));
}
