//! JSON as it is written: text from the start, because a tree of values in between would weigh in the page, and numbers
//! would lose digits in it.

use model::index::Texts;

use crate::message::{AnyValue, KeyValue, Value};

/// The members of an object as JSON text, in alphabetical order; of duplicates the last one counts.
#[derive(Default)]
pub(crate) struct Object {
    keys: Texts,
    values: Vec<String>,
}

impl Object {
    pub(crate) fn set(&mut self, key: &str, json: String) {
        let place = self.keys.number(key) as usize;
        match self.values.get_mut(place) {
            Some(value) => *value = json,
            None => self.values.push(json),
        }
    }

    /// A text, where there is one.
    pub(crate) fn text(&mut self, key: &str, text: Option<String>) {
        if let Some(text) = text {
            self.set(key, quoted(&text));
        }
    }

    /// Whatever is JSON already, where there is some.
    pub(crate) fn some(&mut self, key: &str, json: Option<String>) {
        if let Some(json) = json {
            self.set(key, json);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.keys.get(key).is_some()
    }

    pub(crate) fn json(&self) -> String {
        object(self.keys.in_order().map(|(key, place)| (key, self.values[place as usize].as_str())))
    }

    /// Nothing where there is no member.
    pub(crate) fn unless_empty(&self) -> Option<String> {
        (self.len() > 0).then(|| self.json())
    }
}

/// An object of these members, in their order.
pub(crate) fn object<'a>(members: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut all = String::from("{");
    for (key, json) in members {
        if all.len() > 1 {
            all.push(',');
        }
        all.push_str(&quoted(key));
        all.push(':');
        all.push_str(json);
    }
    all.push('}');
    all
}

/// An array of these elements.
pub(crate) fn array(elements: &[String]) -> String {
    format!("[{}]", elements.join(","))
}

/// Nothing where there is no element.
pub(crate) fn unless_empty(elements: &[String]) -> Option<String> {
    (!elements.is_empty()).then(|| array(elements))
}

/// A text in quotes.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A number as JSON writes it; what JSON has no number for, in words.
pub(crate) fn number(number: f64) -> Result<String, &'static str> {
    match number {
        number if number.is_nan() => Err("NaN"),
        f64::INFINITY => Err("Infinity"),
        f64::NEG_INFINITY => Err("-Infinity"),
        // serde_json's printer, which the page has anyhow.
        number => Ok(serde_json::to_string(&number).unwrap_or_default()),
    }
}

/// Levels of lists and maps that are kept; what is deeper is cut off.
pub(crate) const LEVELS: u32 = 32;

/// A value as JSON.
pub(crate) fn value(value: Option<&AnyValue>) -> String {
    nested(value, LEVELS)
}

fn nested(value: Option<&AnyValue>, levels: u32) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        None => "null".to_owned(),
        Some(Value::String(text)) => quoted(text),
        Some(Value::Bool(is)) => is.to_string(),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Double(double)) => number(*double).unwrap_or_else(quoted),
        Some(Value::Bytes(bytes)) => quoted(&crate::json::digits(bytes)),
        Some(Value::Array(_) | Value::Map(_)) if levels == 0 => quoted("…"),
        Some(Value::Array(list)) => {
            let elements: Vec<String> = list.values.iter().map(|value| nested(Some(value), levels - 1)).collect();
            array(&elements)
        }
        Some(Value::Map(map)) => pairs(&map.values, levels - 1).json(),
    }
}

/// Keys with their values.
pub(crate) fn pairs(list: &[KeyValue], levels: u32) -> Object {
    let mut object = Object::default();
    for pair in list {
        object.set(&pair.key, nested(pair.value.as_ref(), levels));
    }
    object
}
