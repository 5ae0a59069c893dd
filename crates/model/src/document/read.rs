//! Reading raw JSON one level at a time, forgiving of types.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::SpanId;

/// The members of an object in their order, duplicates included; `None` when it is no object.
pub fn members(raw: &RawValue) -> Option<Vec<(Cow<'_, str>, &RawValue)>> {
    if !raw.get().starts_with('{') {
        return None;
    }
    serde_json::from_str::<Members<'_>>(raw.get()).ok().map(|members| members.0)
}

/// The elements of an array; `None` when it is no array.
pub fn elements(raw: &RawValue) -> Option<Vec<&RawValue>> {
    if !raw.get().starts_with('[') {
        return None;
    }
    serde_json::from_str::<Elements<'_>>(raw.get()).ok().map(|elements| elements.0)
}

/// A string's value; `None` when it is no string.
pub fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        return serde_json::from_str::<String>(raw.get()).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

/// A boolean; `None` when it is none.
pub fn boolean(raw: &RawValue) -> Option<bool> {
    match raw.get() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A number as it is written; `None` when it is none.
pub fn number_text(raw: &RawValue) -> Option<&str> {
    raw.get().starts_with(|first: char| first == '-' || first.is_ascii_digit()).then(|| raw.get())
}

/// A number as a double.
pub fn number(raw: &RawValue) -> Option<f64> {
    float(number_text(raw)?)
}

/// A whole number; also one that some writers send as a string.
pub fn integer(raw: &RawValue) -> Option<i64> {
    let written = match number_text(raw) {
        Some(number) => Cow::Borrowed(number),
        None => text(raw)?,
    };
    written.parse().ok().or_else(|| {
        let number = float(&written)?;
        (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
    })
}

/// What a JSON value is, in words.
pub fn type_name(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// A member of an object, where there is one.
pub type Raw<'a> = Option<&'a RawValue>;

/// Collects a sentence for each member that could not be used.
#[derive(Debug, Default)]
pub struct Bad {
    /// The sentences, in the order in which the members were read.
    pub sentences: Vec<String>,
}

impl Bad {
    /// Notes that a member is not what it should be.
    pub fn say(&mut self, name: &str, wanted: &str, raw: &RawValue) {
        self.sentences.push(format!("{name} should be {wanted}; it is {} and was left out", type_name(raw)));
    }

    /// A member that some function reads; `null` counts as absent.
    pub fn typed<'a, T>(
        &mut self,
        name: &str,
        wanted: &str,
        raw: Raw<'a>,
        read: fn(&'a RawValue) -> Option<T>,
    ) -> Option<T> {
        let raw = raw.filter(|raw| raw.get() != "null")?;
        let value = read(raw);
        if value.is_none() {
            self.say(name, wanted, raw);
        }
        value
    }

    /// A string.
    pub fn text(&mut self, name: &str, raw: Raw<'_>) -> Option<String> {
        self.typed(name, "a string", raw, |raw| text(raw).map(Cow::into_owned))
    }

    /// A string; a number or boolean is taken as its text, for people will want to see it.
    pub fn loose_text(&mut self, name: &str, raw: Raw<'_>) -> Option<String> {
        match raw.map(|raw| raw.get().as_bytes()[0]) {
            Some(b'{' | b'[' | b'"' | b'n') | None => self.text(name, raw),
            Some(_) => raw.map(|raw| raw.get().to_owned()),
        }
    }

    /// A whole number.
    pub fn integer(&mut self, name: &str, raw: Raw<'_>) -> Option<i64> {
        self.typed(name, "a whole number", raw, integer)
    }

    /// A boolean.
    pub fn boolean(&mut self, name: &str, raw: Raw<'_>) -> Option<bool> {
        self.typed(name, "true or false", raw, boolean)
    }

    /// The id of a (sub)segment.
    pub fn id(&mut self, name: &str, raw: Raw<'_>) -> Option<SpanId> {
        self.typed(name, "16 hex digits", raw, |raw| text(raw)?.parse().ok())
    }

    /// An object; one without members when it is none.
    pub fn object<'a>(&mut self, name: &str, raw: Raw<'a>) -> Object<'a> {
        Object(self.typed(name, "an object", raw, members).unwrap_or_default())
    }

    /// The elements of an array; none when it is no array.
    pub fn array<'a>(&mut self, name: &str, raw: Raw<'a>) -> Vec<&'a RawValue> {
        self.typed(name, "an array", raw, elements).unwrap_or_default()
    }
}

/// An object whose members are taken out one by one; of duplicates the last one counts.
#[derive(Debug)]
pub struct Object<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// A member by its name.
    pub fn take(&mut self, name: &str) -> Raw<'a> {
        let place = self.0.iter().rposition(|(key, _)| key == name)?;
        Some(self.0.remove(place).1)
    }
}

struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(16);
                while let Some(Key(key)) = map.next_key()? {
                    members.push((key, map.next_value()?));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

struct Elements<'a>(Vec<&'a RawValue>);

impl<'de> Deserialize<'de> for Elements<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Elements<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = seq.next_element()? {
                    elements.push(element);
                }
                Ok(Elements(elements))
            }
        }

        deserializer.deserialize_seq(Reader)
    }
}

/// The nearest double of a number in JSON's notation; `None` of anything else. Not of the standard library, whose tables
/// would weigh more in the page than this code.
pub fn float(text: &str) -> Option<f64> {
    lexical_core::parse(text.as_bytes()).ok()
}
