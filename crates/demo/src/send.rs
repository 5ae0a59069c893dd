//! The traffic is sent: first the past, then what happens while it goes on. The only place here with a clock and a
//! network.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_xray::{Client, error::DisplayErrorContext, error::SdkError, primitives::DateTime};
use futures::{StreamExt as _, stream};
use model::{Moment, Nanos};

use crate::{
    services::GATEWAY,
    shop::{Recording, Shop},
};

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The seed of the shop.
    pub seed: u64,
    /// The base moment of its incidents: usually the present one.
    pub start: Moment,
    /// How much of the past is filled before it goes on live.
    pub fill: Duration,
}

/// Nothing can be sent, now or later.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client has no region, without which no request can be addressed and signed.
    #[error("the X-Ray client has no region")]
    NoRegion,
    /// The client cannot even make a request; the SDK's words.
    #[error("no request can be made with this X-Ray client: {0}")]
    Request(String),
}

/// The X-Ray daemon sends as many documents at a time.
const BATCH: usize = 50;
/// Batches on their way at once.
const IN_FLIGHT: usize = 5;
/// The past is made and sent in pieces of this length.
const PIECE: Nanos = Nanos::seconds(30);
/// How often it looks which traces have ended.
const TICK: Duration = Duration::from_millis(500);
/// No trace takes longer.
const LONGEST_TRACE: Nanos = Nanos::seconds(180);

/// Sends the traffic of a shop until the future is dropped: the past first, from the newest trace back, then every
/// trace when it has ended. Where the service refuses or cannot be reached it waits and tries again.
///
/// # Errors
/// When the client's configuration makes every request impossible. It does not end otherwise.
pub async fn run(client: Client, options: Options) -> Result<(), Error> {
    // The SDK would tell by an error like that of a network that is down.
    if client.config().region().is_none() {
        return Err(Error::NoRegion);
    }
    let shop = Shop::new(options.seed, options.start);
    let began = now();
    let fill = Nanos(i64::try_from(options.fill.as_nanos()).unwrap_or(i64::MAX));
    fill_past(&client, shop, began - fill, began).await?;
    tracing::info!(seconds = options.fill.as_secs(), "the past is filled; going on live");
    // While the past was sent the present went on. Of a long outage no more is made up for than was asked to be filled.
    let mut from = began.max(now() - fill);
    loop {
        live(&client, shop, from).await?;
        from = now();
    }
}

/// Sends the traces that begin from `from` and have ended before `to`, newest first. What an earlier run has sent is
/// not sent again: the same request would be another trace with the same id, because incidents move.
async fn fill_past(client: &Client, shop: Shop, from: Moment, to: Moment) -> Result<(), Error> {
    let known = newest(client, from, to).await?.unwrap_or(from);
    let mut missing: Vec<(Moment, Moment)> = pieces(known + Nanos(1), to).collect();
    for (start, end) in pieces(from, known) {
        if newest(client, start, end).await?.is_none() {
            missing.push((start, end));
        }
    }
    let batches = missing.into_iter().flat_map(|(start, end)| {
        let mut piece: Vec<Recording> = shop.requests(start, end).collect();
        piece.retain(|recording| recording.end <= to);
        piece.reverse();
        batches(piece)
    });
    let mut sending = stream::iter(batches).map(|batch| put(client, batch)).buffer_unordered(IN_FLIGHT);
    while let Some(result) = sending.next().await {
        result?;
    }
    Ok(())
}

/// A span of time in pieces, the newest first.
fn pieces(from: Moment, to: Moment) -> impl Iterator<Item = (Moment, Moment)> {
    let ends = std::iter::successors(Some(to), |end| Some(*end - PIECE)).take_while(move |end| *end > from);
    ends.map(move |end| ((end - PIECE).max(from), end))
}

/// When the newest of the shop's traces began that the service has of a span of time.
async fn newest(client: &Client, from: Moment, to: Moment) -> Result<Option<Moment>, Error> {
    let time = |moment: Moment| DateTime::from_secs_f64(moment.as_seconds());
    let filter = format!("service(\"{}\")", GATEWAY.name);
    let mut token = None;
    loop {
        let answer = tried(|| {
            let request = client.get_trace_summaries().start_time(time(from)).end_time(time(to));
            request.filter_expression(&filter).set_next_token(token.clone()).send()
        })
        .await?;
        let starts = answer.trace_summaries().iter().filter_map(|trace| trace.start_time());
        let newest = starts.max().map(|start| Moment(i64::try_from(start.as_nanos()).unwrap_or(i64::MAX)));
        token = answer.next_token;
        if newest.is_some() || token.is_none() {
            return Ok(newest);
        }
    }
}

/// Sends every trace that ends after `from`, when it has ended. Returns when it has fallen far behind, by an outage or
/// because the machine slept: nobody waits for what happened meanwhile.
async fn live(client: &Client, shop: Shop, from: Moment) -> Result<(), Error> {
    let mut coming = shop.requests(from - LONGEST_TRACE, Moment(i64::MAX)).filter(|it| it.end > from).peekable();
    let mut running: Vec<Recording> = Vec::new();
    let mut reached = now();
    loop {
        while let Some(recording) = coming.next_if(|recording| recording.start <= reached) {
            running.push(recording);
        }
        let ended = running.extract_if(.., |recording| recording.end <= reached).collect();
        let mut sending = stream::iter(batches(ended)).map(|batch| put(client, batch)).buffer_unordered(IN_FLIGHT);
        while let Some(result) = sending.next().await {
            result?;
        }
        tokio::time::sleep(TICK).await;
        let present = now();
        if present - reached > LONGEST_TRACE {
            return Ok(());
        }
        reached = present;
    }
}

/// Documents in batches; a trace is not torn apart where it need not be.
fn batches(recordings: Vec<Recording>) -> Vec<Vec<String>> {
    let mut batches: Vec<Vec<String>> = Vec::new();
    for recording in recordings {
        for part in recording.documents.chunks(BATCH) {
            match batches.last_mut() {
                Some(batch) if batch.len() + part.len() <= BATCH => batch.extend_from_slice(part),
                _ => batches.push(part.to_vec()),
            }
        }
    }
    batches
}

/// Sends one batch.
async fn put(client: &Client, batch: Vec<String>) -> Result<(), Error> {
    let answer = tried(|| client.put_trace_segments().set_trace_segment_documents(Some(batch.clone())).send()).await?;
    for refused in answer.unprocessed_trace_segments() {
        let (id, code) = (refused.id().unwrap_or_default(), refused.error_code().unwrap_or_default());
        tracing::warn!(id, code, "a demo document was refused");
    }
    Ok(())
}

/// Makes a call, as often as it takes.
async fn tried<T, E, F>(call: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, SdkError<E>>>,
    E: std::error::Error + 'static,
{
    let mut pause = Duration::from_secs(1);
    loop {
        match call().await {
            Ok(answer) => return Ok(answer),
            Err(error @ SdkError::ConstructionFailure(_)) => {
                return Err(Error::Request(DisplayErrorContext(&error).to_string()));
            }
            Err(error) => {
                let error = DisplayErrorContext(&error).to_string();
                tracing::warn!(error, seconds = pause.as_secs(), "demo traffic cannot be sent; trying again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// The present moment.
fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
