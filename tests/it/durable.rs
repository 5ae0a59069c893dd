//! What outlives the process, and what goes from one to another in a file.

use std::{net::UdpSocket, time::Duration};

use aws_sdk_xray::{Client, primitives::DateTime};

use crate::harness::Roentgen;

fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    (folder, path)
}

fn time(second: f64) -> DateTime {
    DateTime::from_secs_f64(second)
}

/// The documents of the drawing's trace, in order.
async fn documents(client: &Client, id: &str) -> Vec<String> {
    let answer = client.batch_get_traces().trace_ids(id).send().await.unwrap();
    let segments = answer.traces().iter().flat_map(aws_sdk_xray::types::Trace::segments);
    let mut documents: Vec<String> = segments.filter_map(|segment| segment.document()).map(str::to_owned).collect();
    documents.sort();
    documents
}

const DRAWING: &str = "
front 0..90 GET /cart 200 @tier=gold user=alice
  back 20..60 remote fault
    > back 21..59 fault !Timeout=slow
      inner 30..40
";

fn drawn() -> (String, Vec<String>) {
    let documents = fixture::documents(DRAWING);
    let first: serde_json::Value = serde_json::from_str(&documents[0]).unwrap();
    (first["trace_id"].as_str().unwrap().to_owned(), documents)
}

#[tokio::test]
async fn what_was_sent_is_there_after_a_restart_and_a_folder_has_one_process() {
    let (_folder, path) = folder();
    let (id, sent) = drawn();
    let before = {
        let roentgen = Roentgen::local(&["--data-dir", &path]);
        let client = roentgen.sdk();
        client.put_trace_segments().set_trace_segment_documents(Some(sent)).send().await.unwrap();
        client.create_group().group_name("slow").filter_expression("responsetime > 1").send().await.unwrap();
        let second = Roentgen::run(&[
            "local",
            "--xray-listen",
            "127.0.0.1:0",
            "--otlp-listen",
            "127.0.0.1:0",
            "--data-dir",
            &path,
        ]);
        let said = String::from_utf8_lossy(&second.stderr).into_owned();
        assert!(!second.status.success() && said.contains("another process uses the folder"), "{said}");
        documents(&client, &id).await
    };
    assert!(before.len() >= 2);
    let roentgen = Roentgen::local(&["--data-dir", &path]);
    let client = roentgen.sdk();
    assert_eq!(documents(&client, &id).await, before);
    assert_eq!(client.get_group().group_name("slow").send().await.unwrap().group().unwrap().group_name(), Some("slow"));
}

#[tokio::test]
async fn datagrams_are_on_the_disk_within_a_second() {
    let (_folder, path) = folder();
    let (id, sent) = drawn();
    {
        let roentgen = Roentgen::local(&["--data-dir", &path]);
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        for text in &sent {
            let datagram = format!("{{\"format\":\"json\",\"version\":1}}\n{text}");
            socket.send_to(datagram.as_bytes(), roentgen.xray()).unwrap();
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        // Ends it without any warning.
    }
    let roentgen = Roentgen::local(&["--data-dir", &path]);
    assert!(documents(&roentgen.sdk(), &id).await.len() >= 2);
}

#[tokio::test]
async fn the_demo_goes_on_where_it_was() {
    let (_folder, path) = folder();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    let listed = async |client: &Client| {
        let pages = client.get_trace_summaries().start_time(time(now - 1_200.0)).end_time(time(now - 600.0));
        let pages = pages.into_paginator().send().try_collect().await.unwrap();
        let mut all: Vec<String> = pages
            .iter()
            .flat_map(aws_sdk_xray::operation::get_trace_summaries::GetTraceSummariesOutput::trace_summaries)
            .map(|trace| format!("{} {:?} {:?}", trace.id().unwrap(), trace.response_time(), trace.revision()))
            .collect();
        all.sort();
        all
    };
    let before = {
        let roentgen = Roentgen::serve_demo_in(&path);
        let client = roentgen.sdk();
        let mut count = 0;
        // Until nothing comes any more into that part of the past.
        for _ in 0..60 {
            tokio::time::sleep(Duration::from_millis(700)).await;
            let found = listed(&client).await.len();
            if found > 300 && found == count {
                break;
            }
            count = found;
        }
        listed(&client).await
    };
    assert!(before.len() > 300, "{}", before.len());
    let roentgen = Roentgen::serve_demo_in(&path);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(listed(&roentgen.sdk()).await, before, "nothing is lost, nothing came twice");
}

#[tokio::test]
async fn traces_go_from_one_to_another_in_files() {
    let (_folder, path) = folder();
    let (id, sent) = drawn();
    let source = Roentgen::local(&[]);
    let documents_in = format!("{path}/in.json");
    std::fs::write(&documents_in, sent.join("\n") + "\nnonsense\n").unwrap();
    let to = |roentgen: &Roentgen| roentgen.xray().to_string();
    let import = Roentgen::run(&["import", "--to", &to(&source), &documents_in]);
    let said = [import.stdout, import.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(!import.status.success(), "a bad line is not silent");
    assert!(said[0].contains(&format!("{} documents, 1 left out", sent.len())), "{said:?}");
    assert!(said[1].contains(&format!("line {}: it is not JSON", sent.len() + 1)), "{said:?}");
    let before = documents(&source.sdk(), &id).await;
    assert!(before.len() >= 2);
    // Drawings are of one day in 2027.
    let all = "18250d";
    for (name, format) in
        [("out.json", "xray"), ("out.json.gz", "xray"), ("out.json.zst", "xray"), ("spans.json", "otlp")]
    {
        let file = format!("{path}/{name}");
        let export =
            Roentgen::run(&["export", "--from", &to(&source), "--last", all, "--format", format, "--output", &file]);
        let said = String::from_utf8_lossy(&export.stderr).into_owned();
        assert!(export.status.success() && said.contains("1 traces"), "{said}");
        let target = Roentgen::local(&[]);
        let import = Roentgen::run(&["import", "--to", &to(&target), &file]);
        assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
        let after = documents(&target.sdk(), &id).await;
        if format == "xray" {
            assert_eq!(after, before, "{name}");
        } else {
            assert_eq!(after.len(), before.len(), "{name}");
        }
    }
    // Another tool's file, and what is bad in it.
    let jaeger = format!("{path}/jaeger.json");
    let trace = r#"{"data":[{"traceID":"ab","spans":[
        {"spanID":"1","operationName":"GET /","startTime":1800000000000000,"duration":5,"processID":"p"},
        {"spanID":"2","operationName":"work","references":[{"refType":"CHILD_OF","traceID":"ab","spanID":"1"}],"startTime":1800000000000001,"duration":2,"processID":"p"},
        {"operationName":"bad"}],"processes":{"p":{"serviceName":"shop"}}}]}"#;
    std::fs::write(&jaeger, trace).unwrap();
    let import = Roentgen::run(&["import", "--to", &to(&source), &jaeger]);
    let said = [import.stdout, import.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(said[0].contains("2 documents, 1 left out") && said[1].contains("span bad: it has no spanID"), "{said:?}");
    let kept = documents(&source.sdk(), "1-00000000-0000000000000000000000ab").await;
    assert!(kept.len() == 1 && kept[0].contains("\"work\""), "{kept:?}");
    let nobody = Roentgen::run(&["import", "--to", "127.0.0.1:1", &documents_in]);
    let said = String::from_utf8_lossy(&nobody.stderr).into_owned();
    assert!(!nobody.status.success() && said.contains("does a local X-Ray run there?"), "{said}");
}
