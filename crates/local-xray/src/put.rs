//! `PutTraceSegments`: each document is judged on its own, good ones are kept beside bad ones.
//! <https://docs.aws.amazon.com/xray/latest/api/API_PutTraceSegments.html>

use std::borrow::Cow;

use model::document::{Rejection, RejectionCode, RejectionKind};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Document;

use crate::{
    Engine,
    engine::DOCUMENT_BYTES,
    protocol::{Failure, read},
};

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow, rename = "TraceSegmentDocuments")]
    documents: Option<Vec<Text<'a>>>,
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

pub(crate) fn put_trace_segments(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request<'_> = read(body)?;
    let documents = request.documents.ok_or_else(|| Failure::missing("traceSegmentDocuments"))?;
    if documents.is_empty() {
        return Err(Failure::invalid("Segments can not be empty"));
    }
    let mut batch = Vec::with_capacity(documents.len());
    let mut unprocessed: Vec<Value> = Vec::new();
    let mut oversized = 0;
    for Text(text) in &documents {
        oversized += u64::from(text.len() > DOCUMENT_BYTES);
        match check(text, engine.strict()) {
            Ok(document) => batch.push(document),
            Err(rejection) => {
                engine.refuse(describe(text, &rejection));
                unprocessed.push(json!({
                    "Id": rejection.id, "ErrorCode": rejection.code.as_str(), "Message": rejection.message()
                }));
            }
        }
    }
    engine.take(batch, oversized)?;
    Ok(json!({ "UnprocessedTraceSegments": unprocessed }).to_string())
}

/// Checks a document; strict mode also refuses one over AWS's size.
pub(crate) fn check(text: &str, strict: bool) -> Result<Document, Rejection> {
    if strict && text.len() > DOCUMENT_BYTES {
        let reason = format!("it has {} bytes; AWS takes {DOCUMENT_BYTES}", text.len());
        return Err(Rejection {
            kind: RejectionKind::Segment,
            code: RejectionCode::DocumentTooLarge,
            id: None,
            reason,
        });
    }
    Document::read(text)
}

/// A refusal for the one who wonders where the trace is.
pub(crate) fn describe(text: &str, rejection: &Rejection) -> String {
    let id = rejection.id.as_deref().map_or(String::new(), |id| format!(" of segment {id:.20}"));
    let begin: String = text.chars().take(60).collect();
    format!("document{id} ({}): {}; it begins {begin}", rejection.code.as_str(), rejection.reason)
}
