//! JSURL, the console's way to write an object into an address.

use std::fmt;

/// The values that addresses of ours carry.
pub(crate) enum Value {
    /// A string.
    Text(String),
    /// A number.
    Number(i64),
    /// An array of strings.
    Texts(Vec<String>),
    /// An object, its members in order.
    Object(Vec<(&'static str, Value)>),
}

impl Value {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => {
                f.write_str("~'")?;
                escape(f, text)
            }
            Self::Number(number) => write!(f, "~{number}"),
            Self::Texts(texts) => {
                f.write_str(if texts.is_empty() { "~(~" } else { "~(" })?;
                for text in texts {
                    f.write_str("~'")?;
                    escape(f, text)?;
                }
                f.write_str(")")
            }
            Self::Object(members) => {
                f.write_str("~(")?;
                for (index, (key, value)) in members.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { "~" })?;
                    escape(f, key)?;
                    write!(f, "{value}")?;
                }
                f.write_str(")")
            }
        }
    }
}

/// Letters, digits and `_.-` stay; `$` is `!`; others are `*` and two hex digits, or `**` and four, by UTF-16 unit.
fn escape(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.encode_utf16().try_for_each(|unit| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii_alphanumeric() || b"_.-".contains(&byte) => write!(f, "{}", char::from(byte)),
        Ok(b'$') => f.write_str("!"),
        Ok(byte) => write!(f, "*{byte:02x}"),
        Err(_) => write!(f, "**{unit:04x}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_the_console_does() {
        let object = Value::Object(vec![
            ("end", Value::Number(0)),
            ("start", Value::Number(-3600)),
            ("editorString", Value::text("fields @timestamp, @message")),
            ("odd", Value::text("é$£€")),
            ("c", Value::Object(Vec::new())),
        ]);
        let expected =
            "~(end~0~start~-3600~editorString~'fields*20*40timestamp*2c*20*40message~odd~'*e9!*a3**20ac~c~())";
        assert_eq!(object.to_string(), expected);
        let node = Value::Object(vec![("filter", Value::Object(vec![("node", Value::text("a~b"))]))]);
        assert_eq!(node.to_string(), "~(filter~(node~'a*7eb))");
    }
}
