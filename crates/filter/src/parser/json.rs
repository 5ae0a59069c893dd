//! The JSON of `rootcause.json`, read straight into its shapes; it is as deep as they are and no deeper.

use crate::{
    lexer,
    problem::{Problems, Span},
    shape::{CauseShape, EntityShape, ExceptionShape, ServiceShape},
};

/// The shapes of `#[…]`, which is known to be closed. `None`, and a problem at its place, where they are wrong.
pub(super) fn shapes(text: &str, span: Span, problems: &mut Problems) -> Option<Vec<CauseShape>> {
    let mut json = Json { text: &text[..span.end], at: span.start + 1, problems };
    let shapes = json.list(Json::cause)?;
    if shapes.is_empty() {
        json.problems.add(span, "rootcause.json needs at least one root cause");
        return None;
    }
    Some(shapes)
}

struct Json<'a> {
    text: &'a str,
    at: usize,
    problems: &'a mut Problems,
}

impl Json<'_> {
    fn cause(&mut self) -> Option<CauseShape> {
        let mut shape = CauseShape::default();
        self.object(&["Services", "ClientImpacting"], |json, member| {
            match member {
                "Services" => json.perhaps(&mut shape.services, |json| json.list(Self::service))?,
                _ => json.perhaps(&mut shape.client_impacting, Self::boolean)?,
            }
            Some(())
        })?;
        Some(shape)
    }

    fn service(&mut self) -> Option<ServiceShape> {
        let mut shape = ServiceShape::default();
        let members = ["Name", "Names", "Type", "AccountId", "Inferred", "EntityPath"];
        self.object(&members, |json, member| {
            match member {
                "Name" => json.perhaps(&mut shape.name, Self::string)?,
                "Names" => json.perhaps(&mut shape.names, |json| json.list(Self::string))?,
                "Type" => json.perhaps(&mut shape.kind, Self::string)?,
                "AccountId" => json.perhaps(&mut shape.account_id, Self::string)?,
                "Inferred" => json.perhaps(&mut shape.inferred, Self::boolean)?,
                _ => json.perhaps(&mut shape.entity_path, |json| json.list(Self::entity))?,
            }
            Some(())
        })?;
        Some(shape)
    }

    fn entity(&mut self) -> Option<EntityShape> {
        let mut shape = EntityShape::default();
        self.object(&["Name", "Remote", "Coverage", "Exceptions"], |json, member| {
            match member {
                "Name" => json.perhaps(&mut shape.name, Self::string)?,
                "Remote" => json.perhaps(&mut shape.remote, Self::boolean)?,
                "Coverage" => json.perhaps(&mut shape.coverage, Self::number)?,
                _ => json.perhaps(&mut shape.exceptions, |json| json.list(Self::exception))?,
            }
            Some(())
        })?;
        Some(shape)
    }

    fn exception(&mut self) -> Option<ExceptionShape> {
        let mut shape = ExceptionShape::default();
        self.object(&["Name", "Message"], |json, member| {
            let slot = if member == "Name" { &mut shape.name } else { &mut shape.message };
            json.perhaps(slot, Self::string)
        })?;
        Some(shape)
    }

    fn list<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.expect('[', "a list in square brackets")?;
        let mut items = Vec::new();
        if self.eat(']') {
            return Some(items);
        }
        loop {
            items.push(item(self)?);
            if self.eat(']') {
                return Some(items);
            }
            self.expect(',', ", or ]")?;
        }
    }

    /// An object whose members are all of these; each one's value is read by `read`.
    fn object(&mut self, members: &[&str], mut read: impl FnMut(&mut Self, &str) -> Option<()>) -> Option<()> {
        self.expect('{', "an object in braces")?;
        if self.eat('}') {
            return Some(());
        }
        loop {
            self.blanks();
            let start = self.at;
            let name = self.string()?;
            if !members.contains(&name.as_str()) {
                let message = format!("the members here are {}", members.join(", "));
                self.problems.add(start..self.at, message);
                return None;
            }
            self.expect(':', "a colon")?;
            read(self, &name)?;
            if self.eat('}') {
                return Some(());
            }
            self.expect(',', ", or }")?;
        }
    }

    /// A value for a slot, or `null`, which is the same as leaving it out.
    fn perhaps<T>(&mut self, slot: &mut Option<T>, value: impl FnOnce(&mut Self) -> Option<T>) -> Option<()> {
        self.blanks();
        if self.rest().starts_with("null") {
            self.at += "null".len();
            *slot = None;
        } else {
            *slot = Some(value(self)?);
        }
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        self.blanks();
        if !self.rest().starts_with('"') {
            return self.wrong("a string");
        }
        let (string, end) = lexer::string_at(self.text, self.at, self.problems);
        self.at = end;
        Some(string)
    }

    fn boolean(&mut self) -> Option<bool> {
        self.blanks();
        for (word, value) in [("true", true), ("false", false)] {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Some(value);
            }
        }
        self.wrong("true or false")
    }

    fn number(&mut self) -> Option<f64> {
        self.blanks();
        let rest = self.rest();
        let end = rest.find(|next: char| !next.is_ascii_alphanumeric() && !"+-.".contains(next)).unwrap_or(rest.len());
        let Some(number) = lexer::number(&rest[..end]) else { return self.wrong("a number") };
        self.at += end;
        Some(number)
    }

    fn expect(&mut self, sign: char, what: &str) -> Option<()> {
        if self.eat(sign) { Some(()) } else { self.wrong(what) }
    }

    /// Notes that something else was expected here.
    fn wrong<T>(&mut self, what: &str) -> Option<T> {
        let end = self.at + self.rest().chars().next().map_or(0, char::len_utf8);
        self.problems.add(self.at..end, format!("the JSON of root causes needs {what} here"));
        None
    }

    fn eat(&mut self, sign: char) -> bool {
        self.blanks();
        let is_next = self.rest().starts_with(sign);
        self.at += if is_next { sign.len_utf8() } else { 0 };
        is_next
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }
}
