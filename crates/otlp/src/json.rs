//! How the protocol's JSON differs from what one would expect: ids in hex, large numbers as text, words for numbers.
//! <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

/// A number or its text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Loose {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
}

/// Bytes as hexadecimal digits.
pub(crate) fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        text.extend([byte >> 4, byte & 0xf].map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0')));
        text
    })
}

/// Ids in hex.
pub(crate) mod hex {
    use super::{Deserialize as _, Deserializer, Serializer};
    use serde::de::Error as _;

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::digits(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        let wrong = || D::Error::custom(format!("{text:.80} are no hexadecimal digits"));
        if text.len() % 2 != 0 || !text.is_ascii() {
            return Err(wrong());
        }
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong())).collect()
    }
}

/// Bytes in base 64.
pub(crate) mod base64 {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        BASE64_STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// A number of nanoseconds, which JavaScript could not hold.
pub(crate) mod number {
    use super::{Deserialize as _, Deserializer, Loose, Serializer};
    use serde::de::Error as _;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
    pub(crate) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        match Option::<Loose>::deserialize(deserializer)? {
            None => Ok(0),
            Some(Loose::Unsigned(number)) => Ok(number),
            // Some exporters write large numbers as 1.7e18.
            Some(Loose::Float(number)) if (0.0..1.8e19).contains(&number) => Ok(number as u64),
            Some(Loose::Text(text)) if text.is_empty() => Ok(0),
            Some(Loose::Text(text)) => text.parse().map_err(|_| D::Error::custom(format!("{text:.40} is no number"))),
            Some(Loose::Signed(_) | Loose::Float(_)) => Err(D::Error::custom("a time is negative or too large")),
        }
    }
}

/// A whole number, as text where it is large.
pub(crate) mod signed {
    use super::{Deserialize as _, Deserializer, Loose, Serializer};
    use serde::de::Error as _;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
    pub(crate) fn serialize<S: Serializer>(number: &i64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        match Loose::deserialize(deserializer)? {
            Loose::Signed(number) => Ok(number),
            Loose::Unsigned(number) => i64::try_from(number).map_err(D::Error::custom),
            Loose::Float(number) if number.fract() == 0.0 && number.abs() < 9.2e18 => Ok(number as i64),
            Loose::Text(text) => text.parse().map_err(|_| D::Error::custom(format!("{text:.40} is no whole number"))),
            Loose::Float(number) => Err(D::Error::custom(format!("{number} is no whole number"))),
        }
    }
}

/// A number of a list, or the name that stands for it.
fn listed<'de, D: Deserializer<'de>>(deserializer: D, prefix: &str, names: &[&str]) -> Result<i32, D::Error> {
    match Option::<Loose>::deserialize(deserializer)? {
        None => Ok(0),
        Some(Loose::Unsigned(number)) => i32::try_from(number).map_err(D::Error::custom),
        Some(Loose::Text(text)) => {
            let word = text.strip_prefix(prefix).unwrap_or(&text);
            let place = names.iter().position(|name| *name == word);
            place.map(|place| place as i32).ok_or_else(|| D::Error::custom(format!("{text:.40} is not known")))
        }
        Some(_) => Err(D::Error::custom("a number of a list is expected")),
    }
}

/// The kind of a span.
pub(crate) mod kind {
    use super::{Deserializer, Serializer, listed};

    const NAMES: [&str; 6] = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
    pub(crate) fn serialize<S: Serializer>(kind: &i32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(*kind)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
        listed(deserializer, "SPAN_KIND_", &NAMES)
    }
}

/// The code of a status.
pub(crate) mod code {
    use super::{Deserializer, Serializer, listed};

    const NAMES: [&str; 3] = ["UNSET", "OK", "ERROR"];

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
    pub(crate) fn serialize<S: Serializer>(code: &i32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(*code)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
        listed(deserializer, "STATUS_CODE_", &NAMES)
    }
}
