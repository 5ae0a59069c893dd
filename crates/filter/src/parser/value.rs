//! What stands behind a comparison.

use super::Parser;
use crate::{
    Mode,
    keyword::{Field, Number},
    lexer::{self, TokenKind},
    problem::Span,
};

/// A value as it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Value {
    pub(super) kind: ValueKind,
    pub(super) span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum ValueKind {
    Number(f64),
    /// A string in quotes.
    Text(String),
    /// A word without quotes.
    Word,
    /// Several words and signs that touch, such as an address without quotes.
    Words,
    Json(bool),
}

impl Parser<'_> {
    /// The value after a comparison that ends here; a problem where there is none.
    pub(super) fn value(&mut self, comparison: &Span) -> Option<Value> {
        let value = self.skip_value();
        if value.is_none() {
            let sign = &self.text[comparison.clone()];
            self.problems.add(comparison.clone(), format!("{sign} needs a value after it"));
        }
        value
    }

    /// The next value, if there is one.
    pub(super) fn skip_value(&mut self) -> Option<Value> {
        let token = self.peek()?;
        let mut span = token.span.clone();
        let mut kind = match &token.kind {
            TokenKind::Number(number) => ValueKind::Number(*number),
            TokenKind::Text(text) => ValueKind::Text(text.clone()),
            TokenKind::Word => ValueKind::Word,
            TokenKind::Json(is_closed) => ValueKind::Json(*is_closed),
            TokenKind::Noise => ValueKind::Words,
            _ => return None,
        };
        self.at += 1;
        if matches!(kind, ValueKind::Text(_) | ValueKind::Json(_)) {
            return Some(Value { kind, span });
        }
        while let Some(token) = self.peek() {
            let is_bracket = matches!(
                token.kind,
                TokenKind::Open
                    | TokenKind::Close
                    | TokenKind::OpenBrace
                    | TokenKind::CloseBrace
                    | TokenKind::Comma
                    | TokenKind::Text(_)
                    | TokenKind::Key(_)
                    | TokenKind::Json(_)
            );
            // `duration<3&&ok` is two conditions, `http://host?a=1&b=2` one address.
            let is_joint =
                matches!(token.kind, TokenKind::And | TokenKind::Or | TokenKind::Not) && kind != ValueKind::Words;
            if token.span.start != span.end || is_bracket || is_joint {
                break;
            }
            (span.end, kind) = (token.span.end, ValueKind::Words);
            self.at += 1;
        }
        Some(Value { kind, span })
    }

    /// The boolean that a value says, in quotes or not.
    pub(super) fn boolean(&self, value: &Value) -> Option<bool> {
        let text = match &value.kind {
            ValueKind::Text(text) => text,
            ValueKind::Word => &self.text[value.span.clone()],
            _ => return None,
        };
        [("true", true), ("false", false)].into_iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|it| it.1)
    }

    /// The text that a value says; a problem where that needs quotes.
    pub(super) fn text_value(&mut self, value: Value) -> Option<String> {
        let raw = &self.text[value.span.clone()];
        match value.kind {
            ValueKind::Text(text) => return Some(text),
            ValueKind::Word | ValueKind::Number(_) if self.mode == Mode::Lenient => return Some(raw.to_owned()),
            ValueKind::Json(_) => self.problems.add(value.span, "JSON compares with rootcause.json alone"),
            _ => self.problems.replace(value.span, "strings stand in double quotes", lexer::quoted(raw)),
        }
        None
    }

    /// The number that a value says for a field; a problem where it says none.
    pub(super) fn number_value(&mut self, name: &str, field: Option<Field>, value: Value) -> Option<f64> {
        let raw = match &value.kind {
            ValueKind::Number(number) => return self.with_unit(name, field, *number, &value.span),
            ValueKind::Text(text) => text.as_str(),
            _ => &self.text[value.span.clone()],
        };
        if let Some((number, unit)) = meant(field, raw.trim()) {
            let message = format!("{name} compares with a number{unit}");
            self.problems.replace(value.span, message, crate::print::number(number));
            return None;
        }
        let example = if field == Some(Field::Number(Number::HttpStatus)) { "404" } else { "0.5" };
        self.problems.add(value.span, format!("{name} compares with a number, such as {example}"));
        None
    }

    /// A number, unless a word with a unit comes after it.
    fn with_unit(&mut self, name: &str, field: Option<Field>, number: f64, span: &Span) -> Option<f64> {
        let Some(next) = self.peek().filter(|next| next.kind == TokenKind::Word) else { return Some(number) };
        let whole = span.start..next.span.end;
        let unit = &self.text[next.span.clone()];
        let Some((number, unit)) = meant(field, &format!("{}{unit}", &self.text[span.clone()])) else {
            return Some(number);
        };
        self.at += 1;
        let message = format!("{name} compares with a number{unit}");
        self.problems.replace(whole, message, crate::print::number(number));
        None
    }
}

/// The number that a text like `200ms` means for a field, and what to say of its unit.
fn meant(field: Option<Field>, text: &str) -> Option<(f64, &'static str)> {
    let split = text.find(|next: char| next.is_alphabetic() || next == '%').unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    // `.5` and `5.` are numbers elsewhere.
    let digits = digits.trim_end().trim_end_matches('.');
    let number = lexer::number(&if digits.starts_with('.') { format!("0{digits}") } else { digits.to_owned() })?;
    let is_time = matches!(field, Some(Field::Number(Number::ResponseTime | Number::Duration)));
    let divisor = match unit.to_ascii_lowercase().as_str() {
        "" => return Some((number, "")),
        "ns" if is_time => 1e9,
        "us" | "µs" | "μs" if is_time => 1e6,
        "ms" if is_time => 1e3,
        "s" | "sec" if is_time => 1.0,
        "m" | "min" if is_time => 1.0 / 60.0,
        "h" if is_time => 1.0 / 3600.0,
        "%" if field == Some(Field::Number(Number::Coverage)) => return Some((number / 100.0, " from 0 to 1")),
        _ => return None,
    };
    Some((number / divisor, " of seconds"))
}
