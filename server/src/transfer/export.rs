//! `roentgen export`: traces of a local X-Ray into a file.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use anyhow::Context as _;
use api::query::TimeOf;
use flate2::{Compression, write::GzEncoder};
use model::{Moment, Nanos, TraceId};

use super::{bar, local};
use crate::{
    config::{Export, ExportFormat},
    source::{Job, Summaries, TRACES_AT_ONCE},
};

/// What a clock that is ahead has dated in the future goes out too: a hundred years of it.
const AHEAD: Nanos = Nanos::seconds(100 * 365 * 24 * 3600);

/// Where it is written to, packed as its name says.
enum Out {
    Plain(Box<dyn Write>),
    Gzip(GzEncoder<Box<dyn Write>>),
    Zstd(zstd::Encoder<'static, Box<dyn Write>>),
}

impl Out {
    fn open(path: Option<&Path>) -> io::Result<Self> {
        let Some(path) = path else { return Ok(Self::Plain(Box::new(io::stdout().lock()))) };
        let file: Box<dyn Write> = Box::new(BufWriter::new(File::create(path)?));
        Ok(match path.extension().and_then(|extension| extension.to_str()) {
            Some("gz") => Self::Gzip(GzEncoder::new(file, Compression::default())),
            Some("zst") => Self::Zstd(zstd::Encoder::new(file, 3)?),
            _ => Self::Plain(file),
        })
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Plain(file) => file,
            Self::Gzip(file) => file,
            Self::Zstd(file) => file,
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut file) => file.flush(),
            Self::Gzip(file) => file.finish()?.flush(),
            Self::Zstd(file) => file.finish()?.flush(),
        }
    }
}

/// Exports the traces that began within a span of time, newest first: a segment document a line, or the spans of a trace.
pub(crate) async fn export(asked: Export) -> anyhow::Result<()> {
    let xray = local(asked.from).await?;
    let now = Moment(chrono::Utc::now().timestamp_nanos_opt().unwrap_or(i64::MAX));
    let last = Nanos(i64::try_from(asked.last.as_nanos()).unwrap_or(i64::MAX));
    let filter = asked.filter.unwrap_or_default();
    let mut out = Out::open(asked.output.as_deref()).with_context(|| match &asked.output {
        Some(path) => path.display().to_string(),
        None => "stdout".to_owned(),
    })?;
    let bar = bar(None, "traces");
    let job = Job::unrecorded();
    let asked_for = Summaries { window: (now - last, now + AHEAD), time_of: TimeOf::Start, filter };
    let (mut token, mut traces) = (None, 0_u64);
    loop {
        let page = xray.summaries(&job, &asked_for, token, 0).await?;
        let ids: Vec<TraceId> = page.summaries.iter().map(|summary| summary.id).collect();
        for ids in ids.chunks(TRACES_AT_ONCE) {
            for found in xray.traces(&job, ids).await? {
                write(out.writer(), asked.format, &found.trace)?;
                traces += 1;
            }
            bar.set_position(traces);
        }
        token = page.next;
        if token.is_none() {
            break;
        }
    }
    out.finish()?;
    bar.finish_and_clear();
    eprintln!("roentgen: {traces} traces");
    Ok(())
}

fn write(out: &mut dyn Write, format: ExportFormat, trace: &model::Trace) -> anyhow::Result<()> {
    match format {
        ExportFormat::Xray => {
            for document in &trace.documents {
                // X-Ray made it up from its caller; whoever reads the file will again.
                if !document.contains("\"inferred\":true") || !is_inferred(document) {
                    writeln!(out, "{document}")?;
                }
            }
        }
        ExportFormat::Otlp => {
            writeln!(out, "{}", otlp::export(trace).json())?;
        }
    }
    Ok(())
}

fn is_inferred(document: &str) -> bool {
    let value: Option<serde_json::Value> = serde_json::from_str(document).ok();
    value.is_some_and(|value| value["inferred"] == true)
}
