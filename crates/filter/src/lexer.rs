//! From text to words, strings, numbers and signs; any text has some, and what has no meaning is a token too.

use crate::problem::{Problems, Span};

/// A piece of the expression and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
    /// What to write for it, where it is a sign of another language.
    pub(crate) ours: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// Letters, digits, `_`, `-` and dots; also what begins like a number and is none.
    Word,
    /// A finite number.
    Number(f64),
    /// A string, its escapes resolved.
    Text(String),
    /// The key of an annotation, in square brackets.
    Key(String),
    /// `#[ … ]`, and whether it is closed. The span includes the `#`.
    Json(bool),
    /// A comparison: a sign or a word.
    Compare(Op),
    And,
    Or,
    Not,
    Open,
    Close,
    OpenBrace,
    CloseBrace,
    Comma,
    Colon,
    /// Characters that mean nothing outside a string.
    Noise,
}

/// Comparisons of any type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Contains,
    BeginsWith,
    EndsWith,
}

/// Signs, longest first, with what to write instead where they are those of other languages.
const SIGNS: [(&str, TokenKind, Option<&str>); 22] = [
    ("!==", TokenKind::Compare(Op::NotEqual), Some("!=")),
    ("===", TokenKind::Compare(Op::Equal), Some("=")),
    ("!=", TokenKind::Compare(Op::NotEqual), None),
    ("<>", TokenKind::Compare(Op::NotEqual), Some("!=")),
    ("==", TokenKind::Compare(Op::Equal), Some("=")),
    ("<=", TokenKind::Compare(Op::AtMost), None),
    ("=<", TokenKind::Compare(Op::AtMost), Some("<=")),
    (">=", TokenKind::Compare(Op::AtLeast), None),
    ("=>", TokenKind::Compare(Op::AtLeast), Some(">=")),
    ("&&", TokenKind::And, Some("AND")),
    ("||", TokenKind::Or, Some("OR")),
    ("&", TokenKind::And, Some("AND")),
    ("|", TokenKind::Or, Some("OR")),
    ("=", TokenKind::Compare(Op::Equal), None),
    ("<", TokenKind::Compare(Op::Less), None),
    (">", TokenKind::Compare(Op::Greater), None),
    ("!", TokenKind::Not, None),
    ("(", TokenKind::Open, None),
    (")", TokenKind::Close, None),
    ("{", TokenKind::OpenBrace, None),
    ("}", TokenKind::CloseBrace, None),
    (",", TokenKind::Comma, None),
];

/// Words that are signs, in any case.
const SIGN_WORDS: [(&str, TokenKind); 6] = [
    ("AND", TokenKind::And),
    ("OR", TokenKind::Or),
    ("NOT", TokenKind::Not),
    ("CONTAINS", TokenKind::Compare(Op::Contains)),
    ("BEGINSWITH", TokenKind::Compare(Op::BeginsWith)),
    ("ENDSWITH", TokenKind::Compare(Op::EndsWith)),
];

/// What closes strings of other languages: single quotes and double ones.
const SINGLES: &[char] = &['\'', '‘', '’'];
const DOUBLES: &[char] = &['“', '”', '"'];

/// Where signs stand last that close something, so that nobody looks for them in vain again and again.
struct Ends {
    keys: usize,
    singles: usize,
    doubles: usize,
}

/// The tokens of a text in order. Their spans do not overlap.
pub(crate) fn tokens(text: &str, problems: &mut Problems) -> Vec<Token> {
    let last = |signs: &[char]| text.rfind(signs).unwrap_or(0);
    let ends = Ends { keys: last(&[']']), singles: last(SINGLES), doubles: last(DOUBLES) };
    let mut lexer = Lexer { text, at: 0, ends, problems };
    let mut tokens = Vec::new();
    loop {
        lexer.skip(char::is_whitespace);
        let start = lexer.at;
        let Some((kind, ours)) = lexer.token() else { return tokens };
        tokens.push(Token { kind, span: start..lexer.at, ours });
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    ends: Ends,
    problems: &'a mut Problems,
}

impl Lexer<'_> {
    /// The next token, and what to write for it where it is of another language.
    fn token(&mut self) -> Option<(TokenKind, Option<&'static str>)> {
        let first = self.peek()?;
        let second = self.rest().chars().nth(1);
        let begins_number = match first {
            '-' | '.' => second.is_some_and(|second| second.is_ascii_digit()),
            first => first.is_ascii_digit(),
        };
        let kind = match first {
            _ if begins_number => self.number(),
            first if is_word(first) && first != '-' && first != '.' => self.word(),
            '"' => self.string(),
            '\'' | '‘' | '’' | '“' | '”' | '„' => self.foreign_string(first),
            '[' => self.key(),
            '#' if self.rest()[1..].trim_start().starts_with('[') => self.json(),
            ':' => {
                self.at += 1;
                TokenKind::Colon
            }
            _ => return Some(self.sign()),
        };
        Some((kind, None))
    }

    fn word(&mut self) -> TokenKind {
        let start = self.at;
        self.skip(is_word);
        let word = &self.text[start..self.at];
        let sign = SIGN_WORDS.into_iter().find(|(sign, _)| sign.eq_ignore_ascii_case(word));
        sign.map_or(TokenKind::Word, |(_, kind)| kind)
    }

    /// `-1.5e3`. What goes on differently, like `200ms` or `1.2.3.4`, is a word.
    fn number(&mut self) -> TokenKind {
        let start = self.at;
        let mut last = ' ';
        while let Some(next) = self.peek() {
            let sign = matches!(next, '+' | '-') && (self.at == start || matches!(last, 'e' | 'E'));
            if !sign && (!is_word(next) || next == '-') {
                break;
            }
            last = next;
            self.at += next.len_utf8();
        }
        let run = &self.text[start..self.at];
        number(run).map_or(TokenKind::Word, TokenKind::Number)
    }

    fn string(&mut self) -> TokenKind {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(next) = self.peek() {
            self.at += next.len_utf8();
            match next {
                '"' => return TokenKind::Text(text),
                '\\' => text.extend(self.escape()),
                next => text.push(next),
            }
        }
        self.problems.insert(start..self.at, "this string is not closed", self.at, "\"");
        TokenKind::Text(text)
    }

    /// What stands for the characters after a backslash: JSON's escapes, and any other character for itself.
    fn escape(&mut self) -> Option<char> {
        let start = self.at - 1;
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(match next {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let character = self.unicode();
                if character.is_none() {
                    self.problems.add(start..self.at, "\\u needs four hex digits of a character");
                }
                return character;
            }
            other => other,
        })
    }

    /// Four hex digits, or a pair of surrogates; nothing is consumed of what is neither.
    fn unicode(&mut self) -> Option<char> {
        let unit = |text: &str| {
            let digits = text.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
            u16::from_str_radix(digits, 16).ok()
        };
        let first = unit(self.rest())?;
        let second = self.rest()[4..].strip_prefix("\\u").and_then(unit);
        let mut decoded = char::decode_utf16([first].into_iter().chain(second));
        let character = decoded.next()?.ok()?;
        self.at += if character.len_utf16() == 2 { 10 } else { 4 };
        Some(character)
    }

    /// A string in quotes of another kind, where it is closed.
    fn foreign_string(&mut self, first: char) -> TokenKind {
        let (closing, last) =
            if SINGLES.contains(&first) { (SINGLES, self.ends.singles) } else { (DOUBLES, self.ends.doubles) };
        if last <= self.at {
            return self.noise();
        }
        let inner = &self.rest()[first.len_utf8()..];
        let Some(end) = inner.find(closing) else { return self.noise() };
        let (start, text) = (self.at, inner[..end].to_owned());
        let closing = inner[end..].chars().next().map_or(0, char::len_utf8);
        self.at += first.len_utf8() + end + closing;
        self.problems.replace(start..self.at, "strings stand in straight double quotes", quoted(&text));
        TokenKind::Text(text)
    }

    fn key(&mut self) -> TokenKind {
        let start = self.at;
        self.at += 1;
        self.skip(char::is_whitespace);
        let key = if self.peek() == Some('"') {
            match self.string() {
                TokenKind::Text(text) => text,
                _ => String::new(),
            }
        } else {
            let from = self.at;
            let closed = self.ends.keys >= from;
            self.skip(|next| next != ']' && (closed || is_word(next)));
            self.text[from..self.at].trim_end().to_owned()
        };
        let end = self.at;
        self.skip(char::is_whitespace);
        if self.peek() == Some(']') {
            self.at += 1;
        } else {
            self.at = end;
            self.problems.insert(start..end, "missing ] after the annotation's key", end, "]");
        }
        TokenKind::Key(key)
    }

    /// Up to the bracket that closes the first one. What is inside is read later.
    fn json(&mut self) -> TokenKind {
        let start = self.at;
        let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
        while let Some(next) = self.peek() {
            self.at += next.len_utf8();
            match next {
                _ if escaped => escaped = false,
                '\\' if in_string => escaped = true,
                '"' => in_string = !in_string,
                '[' | '{' if !in_string => depth += 1,
                ']' | '}' if !in_string => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && !in_string && matches!(next, ']' | '}') {
                return TokenKind::Json(true);
            }
        }
        self.problems.add(start..self.at, "this JSON is not closed");
        TokenKind::Json(false)
    }

    fn sign(&mut self) -> (TokenKind, Option<&'static str>) {
        let Some((sign, kind, ours)) = SIGNS.into_iter().find(|(sign, ..)| self.rest().starts_with(sign)) else {
            return (self.noise(), None);
        };
        self.at += sign.len();
        (kind, ours)
    }

    fn noise(&mut self) -> TokenKind {
        self.at += self.peek().map_or(0, char::len_utf8);
        self.skip(|next| !next.is_whitespace() && !is_word(next) && !"\"'‘’“”„[](){},:=!<>&|#".contains(next));
        TokenKind::Noise
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, is: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|next| !is(next)).unwrap_or(rest.len());
    }
}

/// Whether a character can stand in a word.
pub(crate) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.')
}

/// Whether a text has the form of a number: `-1`, `2.5`, `1e3`.
fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) =
        unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
    digits(whole) && digits(fraction) && exponent
}

/// The number of a text in that form; `None` if it is none, or too large.
pub(crate) fn number(text: &str) -> Option<f64> {
    let number = model::document::read::float(text).filter(|_| is_number(text))?;
    number.is_finite().then_some(number)
}

/// The string that begins with the quote at a place, and where it ends.
pub(crate) fn string_at(text: &str, at: usize, problems: &mut Problems) -> (String, usize) {
    let mut lexer = Lexer { text, at, ends: Ends { keys: 0, singles: 0, doubles: 0 }, problems };
    match lexer.string() {
        TokenKind::Text(string) => (string, lexer.at),
        _ => (String::new(), lexer.at),
    }
}

/// A text as a string of the language, which is JSON's.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            letter if letter < ' ' => quoted.extend(["\\u", &format!("{:04x}", u32::from(letter))]),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
