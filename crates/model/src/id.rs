//! Identifiers of traces and spans, in the forms that X-Ray, the W3C and HTTP headers write them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A trace's identifier: `1-` + 8 hex digits + `-` + 24 hex digits.
///
/// The first eight digits were once the epoch second of the first request; since the service accepts W3C identifiers
/// they can be anything, so no age is read from them. The digits are kept in the case they came in, and compared so,
/// as the service does. <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html>
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId([u8; 32]);

impl TraceId {
    /// The identifier with these 128 bits, in lower case.
    pub fn from_bits(bits: u128) -> Self {
        let mut digits = [0; 32];
        for (place, digit) in digits.iter_mut().enumerate() {
            *digit = HEX[(bits >> (124 - 4 * place)) as usize & 15];
        }
        Self(digits)
    }

    /// The 32 hex digits without separators: the W3C form (in the case in which they came).
    pub fn w3c(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only ASCII hex digits are ever stored")
    }

    /// Reads the W3C form: 32 hex digits, of which at least one is not zero.
    pub fn from_w3c(text: &str) -> Result<Self, IdError> {
        let digits: [u8; 32] = text.as_bytes().try_into().map_err(|_| IdError::trace(text))?;
        if !digits.iter().all(u8::is_ascii_hexdigit) || digits.iter().all(|digit| *digit == b'0') {
            return Err(IdError::trace(text));
        }
        Ok(Self(digits))
    }

    /// Finds the trace identifier in what a person pasted: either form of the id, an `X-Amzn-Trace-Id` header (with or
    /// without its name), or a `traceparent` header. `None` when the text is something else.
    pub fn find(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches(['"', '\'']);
        if let Ok(id) = text.parse().or_else(|_| Self::from_w3c(text)) {
            return Some(id);
        }
        let value = match text.split_once(':') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("x-amzn-trace-id") => value,
            Some((name, value)) if name.trim().eq_ignore_ascii_case("traceparent") => value,
            _ => text,
        };
        TraceHeader::parse(value).root.or_else(|| traceparent(value.trim()).map(|(trace, _)| trace))
    }
}

impl FromStr for TraceId {
    type Err = IdError;

    /// Reads `1-xxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx`.
    fn from_str(text: &str) -> Result<Self, IdError> {
        let bytes = text.as_bytes();
        if bytes.len() != 35 || !bytes.starts_with(b"1-") || bytes[10] != b'-' {
            return Err(IdError::trace(text));
        }
        let mut digits = [0; 32];
        digits[..8].copy_from_slice(&bytes[2..10]);
        digits[8..].copy_from_slice(&bytes[11..]);
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(IdError::trace(text));
        }
        Ok(Self(digits))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.w3c();
        write!(f, "1-{}-{}", &digits[..8], &digits[8..])
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The identifier of a segment or subsegment: 64 bits, written as 16 lower-case hex digits, unique within its trace.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(pub u64);

impl FromStr for SpanId {
    type Err = IdError;

    /// Reads exactly 16 hex digits.
    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.len() != 16 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(IdError::span(text));
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| IdError::span(text))
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An identifier that is not one, with the text that was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Neither `1-xxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx` nor 32 hex digits.
    #[error("a trace id is 1-, 8 hex digits, -, 24 hex digits (or 32 hex digits); this is not one: {0}")]
    Trace(String),
    /// Not 16 hex digits.
    #[error("a segment id is 16 hex digits; this is not one: {0}")]
    Span(String),
}

impl IdError {
    fn trace(text: &str) -> Self {
        Self::Trace(shorten(text))
    }

    fn span(text: &str) -> Self {
        Self::Span(shorten(text))
    }
}

/// The `X-Amzn-Trace-Id` header: `Root=…;Parent=…;Sampled=…`, in any order, keys in any case.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceHeader {
    /// The trace to which the request belongs.
    pub root: Option<TraceId>,
    /// The (sub)segment that made the request.
    pub parent: Option<SpanId>,
    /// `Some(true)` for `1`, `Some(false)` for `0`, `None` for `?` or nothing.
    pub sampled: Option<bool>,
    /// Every other key with its value, as it came.
    pub rest: Vec<(String, String)>,
}

impl TraceHeader {
    /// Reads the header's value; parts that cannot be read are left out.
    pub fn parse(value: &str) -> Self {
        let mut header = Self::default();
        for (key, value) in value.split(';').filter_map(|part| part.trim().split_once('=')) {
            match key.to_ascii_lowercase().as_str() {
                "root" => header.root = value.parse().ok(),
                "parent" => header.parent = value.parse().ok(),
                "sampled" => header.sampled = (value != "?").then(|| value == "1"),
                _ => header.rest.push((key.to_owned(), value.to_owned())),
            }
        }
        header
    }
}

/// Reads a `traceparent` header: `00-<32 hex>-<16 hex>-<2 hex>`. <https://www.w3.org/TR/trace-context/>
pub fn traceparent(value: &str) -> Option<(TraceId, SpanId)> {
    let mut parts = value.split('-');
    let version = parts.next().filter(|part| part.len() == 2 && *part != "ff")?;
    let trace = TraceId::from_w3c(parts.next()?).ok()?;
    let span = parts.next()?.parse().ok()?;
    let flags = parts.next().filter(|part| part.len() == 2)?;
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hex(version) && is_hex(flags)).then_some((trace, span))
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Enough of a wrong text to recognise it by, not enough to flood a log.
fn shorten(text: &str) -> String {
    text.chars().take(80).collect()
}

macro_rules! serde_as_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    };
}
serde_as_text!(TraceId);
serde_as_text!(SpanId);

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1-581cf771-a006649127e371903a2de979";

    #[test]
    fn a_trace_id_is_read_from_whatever_people_paste() {
        let id = Some(ID.parse().unwrap());
        for text in [
            ID,
            "  1-581cf771-a006649127e371903a2de979\n",
            "\"1-581cf771-a006649127e371903a2de979\"",
            "581cf771a006649127e371903a2de979",
            "Root=1-581cf771-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=1",
            "X-Amzn-Trace-Id: sampled=?; root=1-581cf771-a006649127e371903a2de979",
            "00-581cf771a006649127e371903a2de979-53995c3f42cd8ad8-01",
            "traceparent: 00-581cf771a006649127e371903a2de979-53995c3f42cd8ad8-01",
        ] {
            assert_eq!(TraceId::find(text), id, "{text}");
        }
        for text in
            ["", "fault", "1-581cf771", "00000000000000000000000000000000", "service(\"a\")", "ü".repeat(35).as_str()]
        {
            assert_eq!(TraceId::find(text), None, "{text}");
        }
    }

    #[test]
    fn digits_keep_their_case() {
        let upper: TraceId = "1-581CF771-A006649127E371903A2DE979".parse().unwrap();
        assert_eq!(upper.to_string(), "1-581CF771-A006649127E371903A2DE979");
        assert_ne!(upper, ID.parse().unwrap());
    }

    #[test]
    fn bits_and_text_agree() {
        let id = TraceId::from_bits(0x581c_f771_a006_6491_27e3_7190_3a2d_e979);
        assert_eq!(id.to_string(), ID);
        assert_eq!(SpanId(0xab).to_string().parse(), Ok(SpanId(0xab)));
    }

    #[test]
    fn a_wrong_id_says_what_is_wrong() {
        assert!("xyz".parse::<SpanId>().unwrap_err().to_string().ends_with("this is not one: xyz"));
        assert!("1-5".parse::<TraceId>().unwrap_err().to_string().contains("8 hex digits"));
        assert!("+123456789abcdef".parse::<SpanId>().is_err());
    }

    #[test]
    fn a_header_keeps_what_it_does_not_know() {
        let header =
            TraceHeader::parse("Self=1-x;Root=1-581cf771-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=0");
        assert_eq!(header.parent, Some(SpanId(0x5399_5c3f_42cd_8ad8)));
        assert_eq!(header.sampled, Some(false));
        assert_eq!(header.rest, [("Self".to_owned(), "1-x".to_owned())]);
    }
}
