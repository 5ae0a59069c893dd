//! The traffic on its way to a real local X-Ray.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use aws_sdk_xray::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region},
    primitives::DateTime,
};
use model::{Moment, Nanos};

use super::{BATCH, Error, Options, batches, now, run};
use crate::Shop;

fn config() -> aws_sdk_xray::config::Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(Credentials::new("a", "b", None, None, "test"))
}

fn client(address: SocketAddr) -> Client {
    Client::from_conf(config().region(Region::new("local")).endpoint_url(format!("http://{address}")).build())
}

/// Starts a local X-Ray; port 0 takes a free one.
async fn serve(port: u16) -> SocketAddr {
    let listen = SocketAddr::from(([127, 0, 0, 1], port));
    let bound = local_xray::bind(local_xray::Config { listen, ..local_xray::Config::default() }).await.unwrap();
    let address = bound.address();
    tokio::spawn(bound.run(std::future::pending()));
    address
}

/// The ids of the traces that began in a span of time, as the service lists them.
async fn listed(client: &Client, from: Moment, to: Moment) -> BTreeSet<String> {
    let time = |moment: Moment| DateTime::from_secs_f64(moment.as_seconds());
    let pages = client.get_trace_summaries().start_time(time(from)).end_time(time(to)).into_paginator().send();
    let pages = pages.try_collect().await.unwrap();
    pages
        .iter()
        .flat_map(aws_sdk_xray::operation::get_trace_summaries::GetTraceSummariesOutput::trace_summaries)
        .filter_map(|it| it.id())
        .map(str::to_owned)
        .collect()
}

/// Waits until all of these are listed.
async fn wait_for(client: &Client, wanted: &BTreeSet<String>, from: Moment) {
    let mut missing = wanted.len();
    for _ in 0..200 {
        let found = listed(client, from - Nanos::seconds(10), now() + Nanos::seconds(10)).await;
        missing = wanted.difference(&found).count();
        if missing == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{missing} of {} traces are missing", wanted.len());
}

/// The traces of a shop that began from `from` and had ended before `to`.
fn ended(options: &Options, from: Moment, to: Moment) -> BTreeSet<String> {
    let shop = Shop::new(options.seed, options.start);
    shop.requests(from, to).filter(|it| it.end < to).map(|it| it.id.to_string()).collect()
}

#[tokio::test]
async fn the_past_is_filled_and_the_present_follows() {
    let client = client(serve(0).await);
    let start = now();
    let options = Options { seed: 3, start, fill: Duration::from_mins(2) };
    let running = tokio::spawn(run(client.clone(), options));
    let from = start - Nanos::seconds(119);
    let past = ended(&options, from, start);
    assert!(past.len() > 60, "{}", past.len());
    wait_for(&client, &past, from).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let both = ended(&options, from, start + Nanos::seconds(4));
    assert!(both.len() > past.len());
    wait_for(&client, &both, from).await;
    assert!(!running.is_finished());
    running.abort();
}

#[tokio::test]
async fn a_second_run_sends_only_what_the_first_one_has_not() {
    let client = client(serve(0).await);
    let options = Options { seed: 6, start: now(), fill: Duration::from_secs(40) };
    let running = tokio::spawn(run(client.clone(), options));
    let from = options.start - Nanos::seconds(39);
    wait_for(&client, &ended(&options, from, options.start), from).await;
    running.abort();
    let graph = async || {
        let (from, to) = (options.start - Nanos::seconds(40), options.start - Nanos::seconds(5));
        let time = |moment: Moment| DateTime::from_secs_f64(moment.as_seconds());
        let graph = client.get_service_graph().start_time(time(from)).end_time(time(to)).send().await.unwrap();
        format!("{:?}", graph.services())
    };
    let before = graph().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let again = Options { start: now(), fill: Duration::from_secs(90), ..options };
    let running = tokio::spawn(run(client.clone(), again));
    let longer = again.start - Nanos::seconds(89);
    // A piece of which something is there counts as sent.
    wait_for(&client, &ended(&again, longer, longer + Nanos::seconds(20)), longer).await;
    // What happened between the two runs is there as well.
    let gap = ended(&again, options.start + Nanos::seconds(1), again.start);
    wait_for(&client, &gap, from).await;
    assert_eq!(graph().await, before, "nothing came twice");
    running.abort();
}

#[tokio::test]
async fn a_service_that_comes_late_gets_everything() {
    let address = local_xray::bind(local_xray::Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        ..local_xray::Config::default()
    });
    // The port is free again when this is over.
    let address = address.await.unwrap().address();
    let client = client(address);
    let options = Options { seed: 4, start: now(), fill: Duration::from_secs(20) };
    let running = tokio::spawn(run(client.clone(), options));
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(!running.is_finished());
    serve(address.port()).await;
    let from = options.start - Nanos::seconds(19);
    wait_for(&client, &ended(&options, from, options.start), from).await;
    running.abort();
}

#[tokio::test]
async fn a_client_without_a_region_is_an_error() {
    let client = Client::from_conf(config().build());
    let options = Options { seed: 5, start: now(), fill: Duration::from_mins(1) };
    assert!(matches!(run(client, options).await, Err(Error::NoRegion)));
}

#[test]
fn batches_are_full_and_keep_traces_together() {
    let start = Moment(1_800_000_000 * model::time::SECOND);
    let recordings: Vec<_> = Shop::new(1, start).requests(start, start + Nanos::seconds(60)).collect();
    let batches = batches(recordings.clone());
    assert!(batches.iter().all(|batch| (1..=BATCH).contains(&batch.len())));
    let documents = recordings.iter().flat_map(|recording| &recording.documents);
    assert!(batches.iter().flatten().eq(documents));
    let torn = recordings.iter().filter(|it| {
        let holders = batches.iter().filter(|batch| batch.iter().any(|text| it.documents.contains(text)));
        holders.count() > 1
    });
    assert_eq!(torn.count(), 0);
}
