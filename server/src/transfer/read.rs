//! What stands in a file: segment documents in any of the forms in which people have them, or OpenTelemetry's spans.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;
use indicatif::ProgressBar;
use serde_json::{Value, value::RawValue};

/// The longest line that is looked at, in bytes; a file of one JSON value may be longer.
const LINE_BYTES: u64 = 256 << 20;

/// A document of a file, or what is wrong at a place of it.
pub(super) type Item = Result<String, Wrong>;

/// Something that cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The line, from 1.
    pub(super) line: u64,
    pub(super) reason: String,
}

/// Opens a file, whatever packed it: gzip, zstd or nothing. The bar counts the bytes of the file itself.
pub(super) fn open(path: &Path, bar: &ProgressBar) -> io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::with_capacity(1 << 20, bar.wrap_read(File::open(path)?));
    let begin = file.fill_buf()?;
    Ok(if begin.starts_with(&[0x1f, 0x8b]) {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else if begin.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Box::new(BufReader::new(zstd::Decoder::with_buffer(file)?))
    } else {
        Box::new(file)
    })
}

/// Hands out every document. A file has one JSON value a line, or one in all.
pub(super) fn each(mut file: impl BufRead, mut take: impl FnMut(Item) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let (mut line, mut number) = (String::new(), 0_u64);
    loop {
        line.clear();
        number += 1;
        let read = file.by_ref().take(LINE_BYTES).read_line(&mut line)?;
        if read == 0 {
            return Ok(());
        }
        if line.trim().is_empty() {
            continue;
        }
        let value = serde_json::from_str::<&RawValue>(&line);
        if let Err(error) = &value
            && error.is_eof()
        {
            // One value over many lines.
            return whole(file, std::mem::take(&mut line), number, take);
        }
        match value {
            Ok(value) => documents(value.get(), number, &mut take)?,
            Err(error) => take(Err(Wrong { line: number, reason: format!("it is not JSON: {error}") }))?,
        }
    }
}

fn whole(
    mut file: impl BufRead,
    mut text: String,
    line: u64,
    mut take: impl FnMut(Item) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    file.read_to_string(&mut text)?;
    let mut values = serde_json::Deserializer::from_str(&text).into_iter::<&RawValue>();
    while let Some(value) = values.next() {
        let at = line + text[..values.byte_offset().min(text.len())].matches('\n').count() as u64;
        match value {
            Ok(value) => documents(value.get(), at, &mut take)?,
            Err(error) => {
                let at = line + (error.line() as u64).saturating_sub(1);
                return take(Err(Wrong { line: at, reason: format!("it is not JSON: {error}") }));
            }
        }
    }
    Ok(())
}

/// The documents of a JSON value.
fn documents(text: &str, line: u64, take: &mut impl FnMut(Item) -> anyhow::Result<()>) -> anyhow::Result<()> {
    // An array of anything below; its elements are looked at one by one.
    if text.trim_start().starts_with('[') {
        return match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(values) => values.into_iter().try_for_each(|value| one(value.get(), line, take)),
            Err(error) => take(Err(Wrong { line, reason: error.to_string() })),
        };
    }
    one(text, line, take)
}

/// The members by which a value shows what it is.
#[derive(serde::Deserialize)]
struct Shape<'a> {
    trace_id: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    inferred: Value,
    #[serde(borrow, rename = "resourceSpans")]
    resource_spans: Option<&'a RawValue>,
    #[serde(rename = "TraceSegmentDocuments")]
    put: Option<Vec<String>>,
    #[serde(rename = "Traces")]
    traces: Option<Vec<TraceOf>>,
    #[serde(rename = "Segments")]
    segments: Option<Vec<SegmentOf>>,
    #[serde(rename = "Document")]
    document: Option<String>,
}

#[derive(serde::Deserialize)]
struct TraceOf {
    #[serde(rename = "Segments", default)]
    segments: Vec<SegmentOf>,
}

#[derive(serde::Deserialize)]
struct SegmentOf {
    #[serde(rename = "Document")]
    document: String,
}

fn one(text: &str, line: u64, take: &mut impl FnMut(Item) -> anyhow::Result<()>) -> anyhow::Result<()> {
    // A document as text within JSON.
    if text.starts_with('"') {
        return match serde_json::from_str::<String>(text) {
            Ok(document) => give(document, take),
            Err(error) => take(Err(Wrong { line, reason: error.to_string() })),
        };
    }
    let shape: Shape<'_> = match serde_json::from_str(text) {
        Ok(shape) => shape,
        Err(error) => return take(Err(Wrong { line, reason: error.to_string() })),
    };
    if shape.resource_spans.is_some() {
        return spans(text, line, take);
    }
    if shape.trace_id.is_some() {
        // X-Ray made it up from its caller, and will again.
        return if shape.inferred == Value::Bool(true) { Ok(()) } else { take(Ok(text.to_owned())) };
    }
    let of_traces = shape.traces.into_iter().flatten().flat_map(|trace| trace.segments);
    let segments = of_traces.chain(shape.segments.into_iter().flatten()).map(|segment| segment.document);
    let mut found = false;
    for document in segments.chain(shape.put.into_iter().flatten()).chain(shape.document) {
        found = true;
        give(document, take)?;
    }
    if found {
        return Ok(());
    }
    let begin: String = text.chars().take(60).collect();
    let known = "a segment document, an answer of BatchGetTraces, or an OTLP request (resourceSpans)";
    take(Err(Wrong { line, reason: format!("it is neither of {known}; it begins {begin}") }))
}

fn give(document: String, take: &mut impl FnMut(Item) -> anyhow::Result<()>) -> anyhow::Result<()> {
    #[derive(serde::Deserialize)]
    struct Inferred {
        #[serde(default)]
        inferred: Value,
    }
    let is_inferred =
        serde_json::from_str::<Inferred>(&document).is_ok_and(|shape| shape.inferred == Value::Bool(true));
    if is_inferred { Ok(()) } else { take(Ok(document)) }
}

fn spans(text: &str, line: u64, take: &mut impl FnMut(Item) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let request = match otlp::Request::from_json(text.as_bytes()) {
        Ok(request) => request,
        Err(error) => return take(Err(Wrong { line, reason: error.to_string() })),
    };
    for mapped in request.documents() {
        match mapped {
            Ok(mapped) => mapped.documents.into_iter().try_for_each(|document| take(Ok(document)))?,
            Err(rejected) => {
                take(Err(Wrong { line, reason: format!("span {}: {}", rejected.name, rejected.reason) }))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file gives: names of documents, and lines with what is wrong there.
    fn read(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let told = each(text.as_bytes(), |item| {
            found.push(match item {
                Ok(document) => serde_json::from_str::<Value>(&document).unwrap()["name"].as_str().unwrap().to_owned(),
                Err(wrong) => format!("{}: {:.40}", wrong.line, wrong.reason),
            });
            Ok(())
        });
        told.unwrap();
        found
    }

    const A: &str = r#"{"trace_id":"1-0-0","name":"a"}"#;
    const INFERRED: &str = r#"{"trace_id":"1-0-0","name":"i","inferred":true}"#;

    #[test]
    fn documents_are_found_in_every_form() {
        let text = serde_json::to_string(A).unwrap();
        let span = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"s","startTimeUnixNano":"5"},{"name":"bad"}]}]}]}"#;
        for (file, expected) in [
            (String::new(), vec![]),
            (A.to_owned(), vec!["a"]),
            (format!("{A}\n\n{A}\r\n{INFERRED}\n"), vec!["a", "a"]),
            (format!("[{A},\n {A}]"), vec!["a", "a"]),
            (format!("[{text}]"), vec!["a"]),
            (format!("{{\n\"TraceSegmentDocuments\":[{text}]}}"), vec!["a"]),
            (format!(r#"{{"Traces":[{{"Id":"x","Segments":[{{"Id":"y","Document":{text}}}]}}]}}"#), vec!["a"]),
            (format!(r#"{{"Id":"y","Document":{text}}}"#), vec!["a"]),
            (A.replace(',', ",\n"), vec!["a"]),
            (format!("{}\n{}", A.replace(',', ",\n"), A.replace(',', ",\n")), vec!["a", "a"]),
            (span.to_owned(), vec!["s", "1: span bad: it has no startTimeUnixNano"]),
            (format!("{span}\n{A}"), vec!["s", "1: span bad: it has no startTimeUnixNano", "a"]),
        ] {
            assert_eq!(read(&file), expected, "{file}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_told_with_its_line_and_the_rest_is_kept() {
        for (file, expected) in [
            (format!("{A}\nnonsense\n{A}"), vec!["a", "2: it is not JSON: expected ident at line 1", "a"]),
            (format!("{A}\n{{\"x\":1}}\n{A}"), vec!["a", "2: it is neither of a segment document, an ", "a"]),
            ("{\n\n\"trace_id\": nonsense }".to_owned(), vec!["3: it is not JSON: expected ident at line 3"]),
            (format!("{A}\n{{\"trace_id\""), vec!["a", "2: it is not JSON: EOF while parsing an obj"]),
            (
                "[1, {\"Traces\":3}]".to_owned(),
                vec!["1: invalid type: integer `1`, expected stru", "1: invalid type: integer `3`, expected a se"],
            ),
        ] {
            assert_eq!(read(&file), expected, "{file}");
        }
    }

    #[test]
    fn packed_files_are_unpacked() {
        use std::io::Write as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(A.as_bytes()).unwrap();
        for bytes in [A.as_bytes().to_vec(), gzip.finish().unwrap(), zstd::encode_all(A.as_bytes(), 1).unwrap()] {
            std::fs::write(&path, bytes).unwrap();
            let mut text = String::new();
            open(&path, &ProgressBar::hidden()).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, A);
        }
    }
}
