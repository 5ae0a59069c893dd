//! Which part of a text is what, for its colours.

use super::context::annotation_key;
use crate::{
    keyword,
    lexer::{self, TokenKind},
    problem::{Problems, Span},
};

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// A keyword, or an annotation.
    Keyword,
    /// `service`, `edge`, `id`, a root cause, a group.
    Function,
    /// A comparison, AND, OR, NOT.
    Operator,
    /// A string, or a key in brackets.
    Text,
    /// A number, `true` or `false`.
    Number,
    /// Brackets, commas, colons.
    Sign,
    /// Nothing that the language has.
    Unknown,
}

/// A piece of the text and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Painted {
    /// The piece.
    pub span: Span,
    /// What it is.
    pub paint: Paint,
}

/// The pieces of a text in order; what lies between them is white space.
pub fn paint(text: &str) -> Vec<Painted> {
    let tokens = lexer::tokens(text, &mut Problems::default());
    let paint = |kind: &TokenKind, word: &str| match kind {
        TokenKind::Word => of_word(&word.to_ascii_lowercase()),
        TokenKind::Number(_) => Paint::Number,
        TokenKind::Text(_) | TokenKind::Key(_) | TokenKind::Json(_) => Paint::Text,
        TokenKind::Compare(_) | TokenKind::And | TokenKind::Or | TokenKind::Not => Paint::Operator,
        TokenKind::Noise => Paint::Unknown,
        _ => Paint::Sign,
    };
    tokens
        .into_iter()
        .map(|token| Painted { paint: paint(&token.kind, &text[token.span.clone()]), span: token.span })
        .collect()
}

fn of_word(word: &str) -> Paint {
    match word {
        "service" | "edge" | "id" | "json" | "group.name" | "group.arn" | "groupname" => Paint::Function,
        "true" | "false" => Paint::Number,
        _ if word.starts_with("rootcause.") => Paint::Function,
        _ if annotation_key(word).is_some() || keyword::find(word).is_some() => Paint::Keyword,
        _ => Paint::Unknown,
    }
}
