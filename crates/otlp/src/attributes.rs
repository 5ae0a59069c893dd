//! Attributes by name, and as JSON.

use serde_json::{Map, json};

use crate::message::{AnyValue, KeyValue, Value};

/// Attributes of a span or a resource.
#[derive(Clone, Copy)]
pub(crate) struct Attributes<'a>(pub(crate) &'a [KeyValue]);

impl<'a> Attributes<'a> {
    /// The value of the first of these keys that has one.
    pub(crate) fn get(self, keys: &[&str]) -> Option<&'a Value> {
        let of = |key: &&str| self.0.iter().find(|pair| pair.key == **key)?.value.as_ref()?.value.as_ref();
        keys.iter().find_map(of)
    }

    /// The text of the first of these keys that has one that is not empty; numbers as text.
    pub(crate) fn text(self, keys: &[&str]) -> Option<String> {
        let of = |key: &&str| match self.get(&[key])? {
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            Value::Int(number) => Some(number.to_string()),
            Value::Double(number) => Some(number.to_string()),
            Value::Bool(is) => Some(is.to_string()),
            _ => None,
        };
        keys.iter().find_map(of)
    }

    /// The whole number of the first of these keys that has one, as a number or as text.
    pub(crate) fn number(self, keys: &[&str]) -> Option<i64> {
        let of = |key: &&str| match self.get(&[key])? {
            Value::Int(number) => Some(*number),
            Value::Double(number) => Some(*number as i64),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        keys.iter().find_map(of)
    }

    /// The texts of the first of these keys that has some: several, or one.
    pub(crate) fn texts(self, keys: &[&str]) -> Vec<String> {
        match self.get(keys) {
            Some(Value::Array(array)) => {
                let text = |value: &AnyValue| match &value.value {
                    Some(Value::String(text)) => Some(text.clone()),
                    _ => None,
                };
                array.values.iter().filter_map(text).collect()
            }
            Some(Value::String(text)) => vec![text.clone()],
            _ => Vec::new(),
        }
    }
}

/// Levels of lists and maps that are kept; what is deeper is cut off. Readers bound how deep a message is.
const LEVELS: u32 = 32;

/// A value as JSON.
pub(crate) fn value(value: Option<&AnyValue>) -> serde_json::Value {
    nested(value, LEVELS)
}

fn nested(value: Option<&AnyValue>, levels: u32) -> serde_json::Value {
    match value.and_then(|value| value.value.as_ref()) {
        None => json!(null),
        Some(Value::String(text)) => json!(text),
        Some(Value::Bool(is)) => json!(is),
        Some(Value::Int(number)) => json!(number),
        Some(Value::Double(number)) if number.is_finite() => json!(number),
        Some(Value::Double(number)) => json!(number.to_string()),
        Some(Value::Bytes(bytes)) => json!(crate::json::digits(bytes)),
        Some(Value::Array(_) | Value::Map(_)) if levels == 0 => json!("…"),
        Some(Value::Array(array)) => array.values.iter().map(|value| nested(Some(value), levels - 1)).collect(),
        Some(Value::Map(map)) => {
            let pairs = map.values.iter().map(|pair| (pair.key.clone(), nested(pair.value.as_ref(), levels - 1)));
            serde_json::Value::Object(pairs.collect::<Map<_, _>>())
        }
    }
}
