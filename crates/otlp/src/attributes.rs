//! Attributes by name.

use crate::{
    message::{AnyValue, KeyValue, Value},
    write,
};

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
            Value::Double(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some((*number as i64).to_string()),
            Value::Double(number) => Some(write::number(*number).unwrap_or_else(str::to_owned)),
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
