//! Looking for spans inside a trace: words, `key=value`, durations, states, services.
//!
//! `timeout service=payment state=fault >100ms -cache tier=gold` finds the spans for which all of that holds. A word is
//! looked for in names, operations, services, annotations, exceptions and ids; `-` before a term turns it around; a text
//! with blanks stands in quotation marks. It never fails: what cannot be read as anything else is a word.

use api::{TraceColumns, trace::bit};
use model::Outcome;

/// Terms that must all hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Search {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq)]
struct Term {
    not: bool,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    /// Small letters.
    Word(String),
    Service(String),
    State(State),
    Status(String),
    /// An annotation's key and value, in small letters; an empty value stands for any.
    Annotation(String, String),
    /// The duration is between these nanoseconds, both included.
    Duration(i64, i64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Outcome(Outcome),
    /// Anything but ok.
    Failed,
    Bit(u32),
}

/// Words for states.
const STATES: [(&str, State); 9] = [
    ("ok", State::Outcome(Outcome::Ok)),
    ("error", State::Outcome(Outcome::Error)),
    ("fault", State::Outcome(Outcome::Fault)),
    ("throttle", State::Outcome(Outcome::Throttle)),
    ("failed", State::Failed),
    ("progress", State::Bit(bit::IN_PROGRESS)),
    ("async", State::Bit(bit::ASYNCHRONOUS)),
    ("skewed", State::Bit(bit::SKEWED)),
    ("exception", State::Bit(bit::EXCEPTION)),
];

impl Search {
    /// Reads what somebody wrote.
    pub(super) fn read(text: &str) -> Self {
        let terms = words(text).into_iter().filter_map(|word| {
            let rest = word.strip_prefix('-').filter(|rest| !rest.is_empty());
            let what = what(rest.unwrap_or(&word))?;
            Some(Term { not: rest.is_some(), what })
        });
        Self { terms: terms.collect() }
    }

    /// Nothing is looked for.
    pub(super) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// For each span whether all terms hold. Each distinct text is looked at once for each term, each span once.
    pub(super) fn find(&self, trace: &TraceColumns) -> Vec<bool> {
        let mut found = vec![true; trace.span.len()];
        for term in &self.terms {
            let holds = term.what.holds(trace);
            for (found, holds) in found.iter_mut().zip(holds) {
                *found &= holds != term.not;
            }
        }
        found
    }
}

impl What {
    fn holds(&self, trace: &TraceColumns) -> Vec<bool> {
        let bits = || trace.bits.iter();
        match self {
            Self::Word(word) => {
                let has: Vec<bool> = trace.texts.iter().map(|text| contains(text, word)).collect();
                let of = |number: &u32| has.get(*number as usize).copied().unwrap_or(false);
                let services: Vec<bool> = trace.services.iter().map(|service| of(&service.name)).collect();
                let columns = trace.name.iter().zip(&trace.operation).zip(&trace.service);
                let mut holds: Vec<bool> = columns
                    .map(|((name, operation), service)| {
                        of(name) || of(operation) || services.get(*service as usize) == Some(&true)
                    })
                    .collect();
                let mut also = |span: u32| {
                    if let Some(holds) = holds.get_mut(span as usize) {
                        *holds = true;
                    }
                };
                trace.annotations.iter().filter(|it| of(&it.key) || of(&it.value)).for_each(|it| also(it.span));
                trace.exceptions.iter().filter(|it| of(&it.text)).for_each(|it| also(it.span));
                if let Ok(id) = word.parse::<model::SpanId>() {
                    trace.span.iter().zip(0..).filter(|(span, _)| **span == id.0).for_each(|(_, place)| also(place));
                }
                holds
            }
            Self::Service(name) => {
                let services: Vec<bool> =
                    trace.services.iter().map(|service| contains(trace.text(service.name), name)).collect();
                trace.service.iter().map(|service| services.get(*service as usize) == Some(&true)).collect()
            }
            Self::State(State::Outcome(outcome)) => bits().map(|bits| bit::outcome(*bits) == *outcome).collect(),
            Self::State(State::Failed) => bits().map(|bits| bit::outcome(*bits) != Outcome::Ok).collect(),
            Self::State(State::Bit(mark)) => bits().map(|bits| bits & mark != 0).collect(),
            Self::Status(start) => {
                trace.status.iter().map(|status| *status != 0 && status.to_string().starts_with(start)).collect()
            }
            Self::Annotation(key, value) => {
                let is_key: Vec<bool> = trace.texts.iter().map(|text| equals(text, key)).collect();
                let has: Vec<bool> = trace.texts.iter().map(|text| value.is_empty() || equals(text, value)).collect();
                let mut holds = vec![false; trace.span.len()];
                let is = |list: &[bool], number: u32| list.get(number as usize) == Some(&true);
                for it in trace.annotations.iter().filter(|it| is(&is_key, it.key) && is(&has, it.value)) {
                    if let Some(holds) = holds.get_mut(it.span as usize) {
                        *holds = true;
                    }
                }
                holds
            }
            Self::Duration(least, most) => {
                let columns = trace.duration.iter().zip(&trace.offset).zip(&trace.bits);
                columns
                    .map(|((duration, start), bits)| {
                        let known = if bits & bit::IN_PROGRESS != 0 { trace.length.0 - start } else { *duration };
                        (*least..=*most).contains(&known)
                    })
                    .collect()
            }
        }
    }
}

/// Words between blanks; what stands in quotation marks is one, with what touches it.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut any) = (Vec::new(), String::new(), false, false);
    for letter in text.chars() {
        match letter {
            '"' => (quoted, any) = (!quoted, true),
            letter if letter.is_whitespace() && !quoted => {
                if any {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            letter => {
                word.push(letter);
                any = true;
            }
        }
    }
    if any {
        words.push(word);
    }
    words
}

fn what(word: &str) -> Option<What> {
    let small = format::text::small(word);
    if let Some(bounds) = bounds(small.strip_prefix("duration").unwrap_or(&small)) {
        return Some(What::Duration(bounds.0, bounds.1));
    }
    let Some((key, value)) = small.split_once('=') else {
        return (!small.is_empty()).then_some(What::Word(small));
    };
    Some(match (key, value) {
        ("service", name) => What::Service(name.to_owned()),
        ("status", status) => What::Status(status.trim_end_matches('x').to_owned()),
        ("state", name) => match STATES.into_iter().find(|(known, _)| *known == name) {
            Some((_, state)) => What::State(state),
            None => What::Word(small.clone()),
        },
        (key, value) => What::Annotation(key.to_owned(), value.to_owned()),
    })
}

/// The bounds of `>100ms`, `<=2s`, `>1.5s`, in nanoseconds.
fn bounds(text: &str) -> Option<(i64, i64)> {
    let (is_more, rest) = match text.strip_prefix('>') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('<')?),
    };
    let (is_equal, rest) = rest.strip_prefix('=').map_or((false, rest), |rest| (true, rest));
    let time = duration(rest)?;
    let step = i64::from(!is_equal);
    Some(if is_more { (time.saturating_add(step), i64::MAX) } else { (i64::MIN, time.saturating_sub(step)) })
}

/// Nanoseconds of `100ms`, `1.5s`, `250us`, `2m`, `1h`; a bare number is of milliseconds.
pub(super) fn duration(text: &str) -> Option<i64> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit: i64 = match unit {
        "ns" => 1,
        "us" | "µs" => 1_000,
        "ms" | "" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if part.len() > 9 || number.is_empty() {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut nanos = whole.checked_mul(unit)?;
    if !part.is_empty() {
        let scale = 10_i64.pow(part.len() as u32);
        nanos =
            nanos.checked_add((i128::from(part.parse::<i64>().ok()?) * i128::from(unit) / i128::from(scale)) as i64)?;
    }
    Some(nanos)
}

/// Whether a text has these small letters in it. ASCII letters are compared as they stand; others in small letters.
fn contains(text: &str, small: &str) -> bool {
    if small.is_empty() {
        return true;
    }
    if text.is_ascii() {
        let (text, small) = (text.as_bytes(), small.as_bytes());
        let first = small[0];
        let fits = |at: usize| text[at..at + small.len()].eq_ignore_ascii_case(small);
        let last = text.len().checked_sub(small.len());
        return last.is_some_and(|last| (0..=last).any(|at| text[at].to_ascii_lowercase() == first && fits(at)));
    }
    format::text::small(text).contains(small)
}

fn equals(text: &str, small: &str) -> bool {
    text.len() == small.len() && text.eq_ignore_ascii_case(small)
        || !text.is_ascii() && format::text::small(text) == small
}

#[cfg(test)]
mod tests {
    use api::{TraceRow, trace::Header};
    use model::Outcome;

    use super::*;

    fn columns() -> TraceColumns {
        let trace = fixture::trace(
            "
front 0..900 GET https://shop/cart 502 fault @tier=\"gold\" @items=0 @beta=false
  DynamoDB 10..20 aws op=GetItem table=carts 429
  pay 100..800 remote fault
    > Payment 110..790 fault !TimeoutError=\"no answer in 3 s\"
      Überprüfung 120..130
  wait 800..?
",
        );
        let summary = TraceRow::from(analysis::summary::summarize(&trace, 0));
        let header = Header {
            source: String::new(),
            region: String::new(),
            summary,
            limit_exceeded: false,
            retrieved: false,
            cached: None,
        };
        TraceColumns::new(&trace, header)
    }

    #[test]
    fn what_is_found() {
        let columns = columns();
        for (text, expected) in [
            ("", "0 1 2 3 4 5"),
            ("cart", "0 1"),
            ("CARTS", "1"),
            ("getitem", "1"),
            ("payment", "3 4"),
            ("-payment", "0 1 2 5"),
            ("\"no answer\"", "3"),
            ("über", "4"),
            ("service=payment", "3 4"),
            ("state=fault", "0 2 3"),
            ("state=failed -state=fault", "1"),
            ("state=progress", "5"),
            ("state=exception", "3"),
            ("state=nonsense", ""),
            ("status=5xx", "0"),
            ("status=429", "1"),
            ("tier=gold", "0"),
            ("items=0", "0"),
            ("beta=", "0"),
            ("tier=silver", ""),
            (">100ms", "0 2 3"),
            (">=100ms", "0 2 3 5"),
            ("<0.02s", "1 4"),
            ("duration<=10ms", "1 4"),
            ("service=front >500ms -get", "2"),
            ("0000000000000003", "1"),
            ("> <", ""),
        ] {
            let found = Search::read(text).find(&columns);
            let places: Vec<String> =
                (0..found.len()).filter(|place| found[*place]).map(|place| place.to_string()).collect();
            assert_eq!(places.join(" "), expected, "{text}");
        }
        assert_eq!(bit::outcome(columns.bits[0]), Outcome::Fault);
    }

    #[test]
    fn durations_are_read_without_floats() {
        for (text, expected) in [
            ("100ms", Some(100_000_000)),
            ("1.5s", Some(1_500_000_000)),
            (".5us", Some(500)),
            ("7", Some(7_000_000)),
            ("2h", Some(7_200_000_000_000)),
            ("", None),
            ("x", None),
            ("1.2.3s", None),
            ("99999999999h", None),
        ] {
            assert_eq!(duration(text), expected, "{text}");
        }
    }
}
