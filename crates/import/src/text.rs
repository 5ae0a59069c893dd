//! A file as text: one JSON value a line, one in all, or whatever lies between.

use std::{borrow::Cow, ops::ControlFlow};

use serde_json::value::RawValue;

use crate::{Inferred, Take, Wrong, lines::Lines, value};

/// What is no JSON may have been read so many times over; then the rest is not looked at. What breaks off is read to the
/// end, so that without a limit a text of nothing but brackets would be read once for each of its lines.
const MOST_TIMES: usize = 20;

/// The bytes of a file as text: UTF-8, or UTF-16 where a byte order mark says so, as PowerShell writes it. Letters that
/// are none become `U+FFFD`.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes).into(),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes).into(),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(bytes),
    }
}

/// Hands out what a text holds, in its order; `line` is the number of its first line. Values may lie side by side or
/// over many lines, and in a list. After something that is no JSON it goes on with the next line that begins a value.
pub fn text(text: &str, line: u64, inferred: Inferred, take: Take<'_>) -> ControlFlow<()> {
    let mut reading = Reading { text, at: 0, lines: Lines::new(text, line), inferred, in_vain: 0, take };
    if text.starts_with('\u{feff}') {
        reading.at = '\u{feff}'.len_utf8();
    }
    while let Some(start) = reading.next() {
        let rest = &text[start..];
        // What the AWS command line prints as text: a line for each trace and for each of its segments.
        if rest.starts_with("TRACES\t") {
            reading.skip_line();
            continue;
        }
        let is_row = rest.starts_with("SEGMENTS\t");
        if is_row {
            reading.at += "SEGMENTS\t".len();
        }
        let known = if rest.starts_with('[') { reading.list()? } else { reading.value()? };
        if !known {
            reading.find_on()?;
        } else if is_row {
            reading.skip_line();
        }
    }
    ControlFlow::Continue(())
}

struct Reading<'a, 't> {
    text: &'a str,
    /// The byte where it goes on.
    at: usize,
    lines: Lines<'a>,
    inferred: Inferred,
    /// Bytes beyond its first line that were read of what is no JSON.
    in_vain: usize,
    take: Take<'t>,
}

impl Reading<'_, '_> {
    /// Where the next thing begins that is no white space.
    fn next(&mut self) -> Option<usize> {
        let rest = self.text.get(self.at..)?;
        self.at += rest.len() - rest.trim_ascii_start().len();
        (self.at < self.text.len()).then_some(self.at)
    }

    fn wrong(&mut self, line: u64, reason: String) -> ControlFlow<()> {
        (self.take)(Err(Wrong { line, reason }))
    }

    /// Reads a value; whether there was one.
    fn value(&mut self) -> ControlFlow<(), bool> {
        let start = self.at;
        let line = self.lines.at(start);
        let mut values = serde_json::Deserializer::from_str(&self.text[start..]).into_iter::<&RawValue>();
        match values.next() {
            Some(Ok(raw)) => {
                self.at = start + values.byte_offset();
                value(raw, line, self.inferred, self.take)?;
                ControlFlow::Continue(true)
            }
            Some(Err(error)) => {
                let lines = self.text[start..].split_inclusive('\n').take(error.line()).skip(1);
                self.in_vain += lines.map(str::len).sum::<usize>();
                // The place in it counts from where the value began.
                let said = error.to_string();
                let said = said.split_once(" at line ").map_or(said.as_str(), |(said, _)| said);
                let line = line + (error.line() as u64).saturating_sub(1);
                self.wrong(line, format!("it is not JSON: {said}"))?;
                ControlFlow::Continue(false)
            }
            None => ControlFlow::Continue(true),
        }
    }

    /// Reads a list element by element, so that those before a place where it breaks off are kept; whether it has an end.
    fn list(&mut self) -> ControlFlow<(), bool> {
        self.at += 1;
        while let Some(at) = self.next() {
            match self.text.as_bytes()[at] {
                b']' => {
                    self.at += 1;
                    return ControlFlow::Continue(true);
                }
                b',' => self.at += 1,
                _ if !self.value()? => return ControlFlow::Continue(false),
                _ => {}
            }
        }
        let line = self.lines.at(self.text.len());
        self.wrong(line, "it is not JSON: the text ends within a list".to_owned())?;
        ControlFlow::Continue(true)
    }

    fn skip_line(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.find('\n').unwrap_or(rest.len());
    }

    /// Finds the first line that may begin a value, after the one on which something begins that is none.
    fn find_on(&mut self) -> ControlFlow<()> {
        if self.in_vain > self.text.len().saturating_mul(MOST_TIMES) {
            let line = self.lines.at(self.at);
            self.at = self.text.len();
            return self.wrong(line, "too much of it breaks off; the rest was not looked at".to_owned());
        }
        // A quote alone may well be a member's name.
        let begins = |line: &str| ["{", "[", "\"{", "SEGMENTS\t"].iter().any(|begin| line.starts_with(begin));
        loop {
            self.skip_line();
            let Some(rest) = self.text.get(self.at + 1..) else {
                self.at = self.text.len();
                return ControlFlow::Continue(());
            };
            self.at += 1;
            if begins(rest) {
                return ControlFlow::Continue(());
            }
        }
    }
}
