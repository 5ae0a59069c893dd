//! Data sources and questions to them, before an X-Ray that misbehaves: what arrives, what is said of the rest, and how
//! many calls it takes.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    fault_proxy::{Fault, FaultProxy},
    harness::Roentgen,
    stories,
    sts::Sts,
};

/// A server with provisioned data sources, in a folder of its own.
struct Provisioned {
    roentgen: Roentgen,
    folder: tempfile::TempDir,
}

/// Secrets that must be found nowhere.
const SECRETS: [&str; 5] =
    ["AKIDPLANTED00001", "planted-secret-key", "planted-session-token", "token-of-the-role", "of-the-role"];

impl Provisioned {
    fn start(file: &str, args: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = |name: &str| folder.path().join(name);
        std::fs::create_dir(place("provisioning")).expect("a folder");
        std::fs::write(place("provisioning/aws.yaml"), file).expect("a file");
        std::fs::write(
            place("credentials"),
            "[base]\naws_access_key_id = AKIDPLANTED00001\naws_secret_access_key = planted-secret-key\n",
        )
        .expect("a file");
        let [provisioning, data, key] = ["provisioning", "data", "key"].map(|name| text(&place(name)));
        let mut all = vec!["--provisioning", &provisioning, "--data-dir", &data, "--secret-key-file", &key];
        all.extend(args);
        let credentials = text(&place("credentials"));
        let variables = [
            ("PLANTED_KEY", "AKIDPLANTED00001"),
            ("PLANTED_SECRET", "planted-secret-key"),
            ("AWS_SHARED_CREDENTIALS_FILE", &credentials),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        let roentgen = Roentgen::serve_with(&all, &variables, &place("log"));
        Self { roentgen, folder }
    }

    /// One data source, `prod`, with keys, at an address.
    fn one(endpoint: &str, more: &str) -> Self {
        Self::start(&one(endpoint, more), &["--call-timeout", "1s"])
    }

    async fn get(&self, path: &str) -> Value {
        let answer = reqwest::get(format!("{}{path}", self.roentgen.app())).await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: Value) -> (u16, Value) {
        let client = reqwest::Client::new();
        let request = client.request(method, format!("{}{path}", self.roentgen.app())).json(&body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    async fn ask(&self, query: Value) -> Answer {
        ask(self.roentgen.app(), query).await
    }

    async fn doctor(&self, name: &str) -> Value {
        self.send(reqwest::Method::POST, &format!("/api/data-sources/{name}/test"), json!({})).await.1
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).expect("a log")
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("a plain path").to_owned()
}

fn one(endpoint: &str, more: &str) -> String {
    format!(
        "apiVersion: 1\ndatasources:\n  - name: prod\n    type: grafana-x-ray-datasource\n    jsonData:\n      authType: keys\n      defaultRegion: eu-west-1\n      endpoint: {endpoint}\n{more}\n    secureJsonData:\n      accessKey: $PLANTED_KEY\n      secretKey: ${{PLANTED_SECRET}}\n"
    )
}

/// The events of an answer.
struct Answer(Vec<Value>);

async fn ask(app: &str, query: Value) -> Answer {
    let answer = reqwest::Client::new().post(format!("{app}/api/query")).json(&query).send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{query}");
    let lines = answer.text().await.expect("text");
    Answer(lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
}

impl Answer {
    fn all(&self, kind: &str) -> Vec<&Value> {
        self.0.iter().filter_map(|event| event.get(kind)).collect()
    }

    fn rows(&self) -> usize {
        self.all("rows").iter().map(|rows| rows.as_array().map_or(0, Vec::len)).sum()
    }

    fn done(&self) -> &Value {
        self.0.last().and_then(|event| event.get("done")).unwrap_or_else(|| panic!("no end: {:?}", self.0.last()))
    }

    /// What is said of the parts that are missing.
    fn failures(&self) -> Vec<String> {
        let message = |failed: &&Value| failed["failure"]["message"].as_str().unwrap_or_default().to_owned();
        self.all("failed").iter().map(message).collect()
    }
}

fn now() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs_f64()
}

/// Traces that began so many seconds ago.
async fn fill(xray: &Roentgen, ago: impl IntoIterator<Item = f64>) {
    let now = now();
    let documents: Vec<Value> = ago
        .into_iter()
        .enumerate()
        .map(|(number, ago)| {
            let start = now - ago;
            let id = format!("1-{:08x}-{:024x}", start as u64, number + 1);
            json!({"trace_id": id, "id": format!("{:016x}", number + 1), "name": "shop", "start_time": start, "end_time": start + 0.1})
        })
        .collect();
    for batch in documents.chunks(500) {
        stories::send(&xray.sdk(), batch).await;
    }
}

fn last(range: &str) -> Value {
    json!({"type": "trace_list", "source": "prod", "range": {"from": format!("now-{range}"), "to": "now"}})
}

/// A moment of an answer as a question writes it.
fn moment(nanoseconds: &Value) -> String {
    let moment = chrono::DateTime::from_timestamp_nanos(nanoseconds.as_i64().expect("a moment"));
    moment.to_rfc3339_opts(chrono::SecondsFormat::Nanos, true)
}

const DAY: f64 = 86_400.0;

fn spread(count: usize, seconds: f64) -> impl Iterator<Item = f64> {
    (0..count).map(move |place| (place as f64 + 0.5) * seconds / count as f64)
}

#[tokio::test]
async fn a_file_of_grafanas_starts_both_and_nothing_tells_a_secret() {
    let local = Roentgen::local(&[]);
    fill(&local, spread(20, 3_600.0)).await;
    let proxy = FaultProxy::start(local.xray()).await;
    let sts = Sts::start("shared-word", Duration::from_hours(1)).await;
    let (xray, sts_at) = (proxy.endpoint(), sts.endpoint());
    let file = format!(
        "{}  - name: by role\n    type: grafana-x-ray-datasource\n    isDefault: true\n    jsonData:\n      authType: credentials\n      profile: base\n      defaultRegion: us-east-2\n      assumeRoleARN: arn:aws:iam::222222222222:role/reader\n      externalId: shared-word\n      endpoint: {xray}\n      stsEndpoint: {sts_at}\n  - name: broken\n    type: grafana-x-ray-datasource\n    jsonData:\n      authType: keys\n      defaultRegion: eu-west-1\n",
        one(&xray, "")
    );
    let server = Provisioned::start(&file, &[]);
    let told = server.get("/api/data-sources").await;
    let names: Vec<&str> = told["list"].as_array().unwrap().iter().filter_map(|it| it["name"].as_str()).collect();
    assert_eq!(names, ["by role", "prod"], "{told}");
    let refused = told["refused"][0].as_str().unwrap();
    assert!(refused.starts_with("aws.yaml:24: access key: it is needed"), "{refused}");
    assert!(server.log().contains("aws.yaml:24"), "said at the start");
    let about = server.get("/api/about").await;
    assert!(about["notices"].to_string().contains("aws.yaml:24"), "{about}");

    // The default one is the role's; STS is asked once, for both regions.
    let mut by_role = last("1h");
    by_role["source"] = Value::Null;
    for region in ["us-east-2", "eu-central-1", "us-east-2"] {
        by_role["region"] = region.into();
        let answer = server.ask(by_role.clone()).await;
        assert_eq!((answer.rows(), answer.failures()), (20, Vec::new()));
    }
    let asked = sts.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    let said = |name: &str| asked[0].get(name).map(String::as_str);
    assert_eq!(said("RoleArn"), Some("arn:aws:iam::222222222222:role/reader"));
    assert_eq!((said("ExternalId"), said("RoleSessionName")), (Some("shared-word"), Some("roentgen")));
    assert!(proxy.take_calls().iter().all(|call| call.access_key == "ASIAROLE1"));
    assert_eq!(server.ask(last("1h")).await.rows(), 20);
    assert!(proxy.take_calls().iter().all(|call| call.access_key == "AKIDPLANTED00001"));
    let diagnosis = server.doctor("by%20role").await;
    assert_eq!(diagnosis["is_well"], true, "{diagnosis:#}");
    assert!(diagnosis["identity"].as_str().unwrap().contains("assumed-role/reader"));

    // One made in the page, with secrets of its own.
    let made = json!({"name": "made here", "settings": {"auth": "keys", "default_region": "eu-west-1", "endpoint": xray},
        "secrets": {"access_key": SECRETS[0], "secret_key": SECRETS[1], "session_token": SECRETS[2]}});
    let (status, answer) = server.send(reqwest::Method::POST, "/api/data-sources", made.clone()).await;
    assert_eq!(status, 200, "{answer}");
    let (status, answer) = server.send(reqwest::Method::POST, "/api/data-sources", made).await;
    assert_eq!(status, 400);
    assert!(answer["message"].as_str().unwrap().contains("there is a data source made here already"), "{answer}");
    let mut query = last("1h");
    query["source"] = "made here".into();
    assert_eq!(server.ask(query.clone()).await.rows(), 20);

    let mut texts = vec![server.log()];
    for path in ["/api/data-sources", "/api/about", "/", "/api/groups?source=made%20here"] {
        texts.push(reqwest::get(format!("{}{path}", server.roentgen.app())).await.unwrap().text().await.unwrap());
    }
    let events = server.ask(query).await;
    let answer = events.0[0]["started"]["answer"].as_str().unwrap().to_owned();
    texts.push(server.get(&format!("/api/answers/{answer}/calls/0")).await.to_string());
    texts.push(server.doctor("made%20here").await.to_string());
    let mut files = vec![server.folder.path().join("data")];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            texts.push(String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned());
        }
    }
    for text in &texts {
        for secret in SECRETS.iter().chain(&["ASIAROLE1"]) {
            assert!(!text.contains(secret), "{secret} is told in: {}", around(text, secret));
        }
    }
}

fn around(text: &str, word: &str) -> String {
    let place = text.find(word).unwrap_or(0);
    text.chars().skip(place.saturating_sub(300)).take(600).collect()
}

#[tokio::test]
async fn files_are_read_again_when_they_change() {
    let server = Provisioned::one("http://127.0.0.1:9", "");
    let file: PathBuf = server.folder.path().join("provisioning/second.yaml");
    std::fs::write(&file, one("http://127.0.0.1:9", "").replace("prod", "second")).unwrap();
    let begun = Instant::now();
    while server.get("/api/data-sources").await["list"].as_array().unwrap().len() < 2 {
        assert!(begun.elapsed() < Duration::from_secs(10), "the new file goes unnoticed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn what_was_made_here_outlives_a_restart_but_not_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| text(&folder.path().join(name));
    let (data, key, log) = (place("data"), place("key"), folder.path().join("log"));
    let args = ["--data-dir", &data, "--secret-key-file", &key];
    let start = || Roentgen::serve_with(&args, &[], &log);
    let client = reqwest::Client::new();
    let list = async |server: &Roentgen| -> Value {
        reqwest::get(format!("{}/api/data-sources", server.app())).await.unwrap().json().await.unwrap()
    };
    let server = start();
    let made = json!({"name": "kept", "is_default": true, "settings": {"auth": "keys", "default_region": "eu-west-1"},
        "secrets": {"access_key": SECRETS[0], "secret_key": SECRETS[1]}});
    let address = format!("{}/api/data-sources", server.app());
    assert_eq!(client.post(&address).json(&made).send().await.unwrap().status(), 200);
    drop(server);
    let server = start();
    let told = list(&server).await;
    assert_eq!(told["list"][0]["secrets"], json!(["access_key", "secret_key"]), "{told}");
    assert_eq!(told["list"][0]["problem"], Value::Null);
    drop(server);

    // Rotated, it is read with the new key.
    let old = std::fs::read_to_string(&key).unwrap();
    let rotated = Roentgen::run(&["rotate-key", "--data-dir", &data, "--secret-key-file", &key]);
    assert!(rotated.status.success(), "{rotated:?}");
    assert_ne!(std::fs::read_to_string(&key).unwrap(), old);
    let server = start();
    assert_eq!(list(&server).await["list"][0]["problem"], Value::Null);
    drop(server);

    // With another key it starts, says so, and overwrites nothing.
    let right = std::fs::read_to_string(&key).unwrap();
    std::fs::write(&key, old).unwrap();
    let server = start();
    let told = list(&server).await;
    assert!(told["list"][0]["problem"].as_str().unwrap().starts_with("secret unreadable"), "{told}");
    let query = json!({"type": "trace_list", "source": "kept"});
    let refused = client.post(format!("{}/api/query", server.app())).json(&query).send().await.unwrap();
    assert!(refused.text().await.unwrap().contains("secret unreadable"));
    drop(server);
    std::fs::write(&key, right).unwrap();
    let server = start();
    assert_eq!(list(&server).await["list"][0]["problem"], Value::Null);
    let gone = client.delete(format!("{}/api/data-sources/kept", server.app())).send().await.unwrap();
    assert_eq!(gone.json::<Value>().await.unwrap()["list"], json!([]));
}

#[tokio::test]
async fn the_doctor_names_exactly_what_is_missing() {
    let local = Roentgen::local(&[]);
    let proxy = FaultProxy::start(local.xray()).await;
    let server = Provisioned::one(&proxy.endpoint(), &format!("      stsEndpoint: {}", proxy.endpoint()));
    let denied = || Fault::Error(403, "AccessDeniedException", "User is not authorized to perform this");
    proxy.set("/ServiceGraph", denied());
    proxy.set("/Groups", denied());
    let told = server.doctor("prod").await;
    let outcome = |outcome: &str| -> Vec<&str> {
        let checks = told["checks"].as_array().unwrap().iter().filter(|check| check["outcome"] == outcome);
        checks.filter_map(|check| check["action"].as_str()).collect()
    };
    assert_eq!(outcome("denied"), ["xray:GetServiceGraph", "xray:GetGroups"], "{told:#}");
    assert_eq!(outcome("allowed"), ["xray:GetTraceSummaries", "xray:BatchGetTraces", "xray:ListRetrievedTraces"]);
    assert_eq!(
        outcome("not_probed"),
        ["xray:StartTraceRetrieval", "xray:CreateGroup", "xray:UpdateGroup", "xray:DeleteGroup"]
    );
    let verdict = told["verdict"].as_str().unwrap();
    assert!(verdict.contains("missing: xray:GetServiceGraph, xray:GetGroups."), "{verdict}");
    proxy.heal();

    for (code, message, trouble) in [
        ("ExpiredTokenException", "The security token included in the request is expired", "expired_token"),
        ("InvalidSignatureException", "Signature expired: 20200101T000000Z is now earlier than", "clock_skew"),
        ("UnrecognizedClientException", "The security token included in the request is invalid.", "bad_credentials"),
    ] {
        for path in ["/TraceSummaries", "/Traces", "/ServiceGraph", "/Groups", "/ListRetrievedTraces"] {
            proxy.set(path, Fault::Error(403, code, message));
        }
        let told = server.doctor("prod").await;
        assert_eq!((&told["trouble"], &told["is_well"]), (&json!(trouble), &json!(false)), "{told:#}");
        assert!(told["verdict"].as_str().unwrap().contains(message), "{told:#}");
    }
}

#[tokio::test]
async fn the_doctor_tells_refused_roles_and_unreachable_addresses_apart() {
    let local = Roentgen::local(&[]);
    let sts = Sts::start("right", Duration::from_hours(1)).await;
    let xray = format!("http://{}", local.xray());
    let role = |external_id: &str, sts: &str| {
        format!(
            "      assumeRoleArn: arn:aws:iam::222222222222:role/reader\n      externalId: {external_id}\n      stsEndpoint: {sts}"
        )
    };
    for (file, trouble, word) in [
        (one(&xray, &role("wrong", &sts.endpoint())), "refused_role", "trust policy"),
        (one(&xray, &role("right", "http://127.0.0.1:9")), "unreachable", "Nobody answers"),
        (one("http://127.0.0.1:9", ""), "unreachable", "Nobody answers"),
        (
            one(&xray, "").replace("authType: keys", "authType: credentials\n      profile: nobody"),
            "no_credentials",
            "credentials",
        ),
    ] {
        let server = Provisioned::start(&file, &["--call-timeout", "1s"]);
        let told = server.doctor("prod").await;
        assert_eq!(told["trouble"], trouble, "{told:#}");
        assert!(told["verdict"].as_str().unwrap().contains(word), "{told:#}");
    }
    assert_eq!(sts.asked()[0].get("ExternalId").map(String::as_str), Some("wrong"));
}

#[tokio::test]
async fn credentials_that_expire_are_fetched_again() {
    let local = Roentgen::local(&[]);
    fill(&local, spread(300, 3_600.0)).await;
    let proxy = FaultProxy::start(local.xray()).await;
    let sts = Sts::start("word", Duration::from_hours(1)).await;
    let role = format!(
        "      assumeRoleArn: arn:aws:iam::222222222222:role/reader\n      externalId: word\n      sessionName: on-call\n      stsEndpoint: {}",
        sts.endpoint()
    );
    let server = Provisioned::one(&proxy.endpoint(), &role);
    let expired = Fault::Error(403, "ExpiredTokenException", "expired");
    proxy.set("/TraceSummaries", Fault::SignedWith("ASIAROLE1".to_owned(), expired.into()));
    let answer = server.ask(last("1h")).await;
    assert_eq!((answer.rows(), answer.failures()), (300, Vec::new()));
    assert!((2..=3).contains(&sts.asked().len()), "{:?}", sts.asked());
    assert!(sts.asked().iter().all(|asked| asked.get("RoleSessionName").is_some_and(|name| name == "on-call")));
    // Those that will never do are given up after one renewal.
    proxy.set("/TraceSummaries", Fault::Error(403, "ExpiredTokenException", "expired"));
    let mut query = last("1h");
    query["fresh"] = true.into();
    let before = proxy.take_calls().len();
    let answer = server.ask(query).await;
    assert!(answer.failures()[0].contains("ExpiredTokenException"), "{:?} after {before}", answer.failures());
    assert_eq!(proxy.take_calls().len(), 2);
}

#[tokio::test]
async fn a_week_is_listed_and_mapped_within_the_limits_of_a_strict_x_ray() {
    let local = Roentgen::local(&["--xray-strict"]);
    fill(&local, spread(700, 7.0 * DAY)).await;
    let server = Provisioned::one(&format!("http://{}", local.xray()), "");
    let answer = server.ask(last("7d")).await;
    assert_eq!((answer.rows(), answer.failures()), (700, Vec::new()));
    assert_eq!(answer.done()["scanned"], 700);
    assert_eq!(answer.done()["cost_nanodollars"], 700 * 500);
    let map = json!({"type": "service_map", "source": "prod", "range": {"from": "now-7d", "to": "now"}});
    let answer = server.ask(map.clone()).await;
    assert_eq!(answer.failures(), Vec::<String>::new());
    let graph = answer.all("map").last().copied().unwrap();
    let shop =
        graph["nodes"].as_array().unwrap().iter().find(|node| node["id"]["name"] == "shop" && node["is_root"] == true);
    assert_eq!(shop.unwrap()["load"]["ok"], 700, "{graph:#}");
    // What is over is not asked again.
    let (first, mut again) = (answer.done()["calls"].as_u64().unwrap(), map);
    again["range"]["from"] = "now-6d".into();
    let second = server.ask(again).await;
    assert!(second.done()["calls"].as_u64().unwrap() <= 3, "{} after {first}", second.done());
    assert!(!second.all("cached").is_empty());
}

#[tokio::test]
async fn the_limit_cuts_and_the_rest_follows() {
    let local = Roentgen::local(&[]);
    fill(&local, spread(1_000, 6.0 * 3_600.0)).await;
    let server = Provisioned::one(&format!("http://{}", local.xray()), "");
    let mut query = last("6h");
    query["limit"] = 300.into();
    let (mut seen, mut calls) = (0, 0);
    for round in 0.. {
        let answer = server.ask(query.clone()).await;
        let done = answer.done();
        seen += done["traces"].as_u64().unwrap();
        calls += done["calls"].as_u64().unwrap();
        let Some(before) = done["more_before"].as_i64() else { break };
        assert!(round < 5, "it never ends");
        assert_eq!(done["traces"], 300);
        query["range"] = json!({"from": moment(&answer.0[0]["started"]["from"]), "to": moment(&json!(before))});
    }
    assert_eq!(seen, 1_000);
    assert!(calls <= 24, "{calls}");
}

#[tokio::test]
async fn many_who_ask_the_same_are_one_to_x_ray() {
    let local = Roentgen::local(&[]);
    fill(&local, spread(150, 3_600.0)).await;
    let proxy = FaultProxy::start(local.xray()).await;
    proxy.set("/TraceSummaries", Fault::Delay(Duration::from_millis(50)));
    let server = Provisioned::one(&proxy.endpoint(), "");
    let alone = server.ask(last("1h")).await.done()["calls"].as_u64().unwrap() as usize;
    proxy.take_calls();
    let app = server.roentgen.app().to_owned();
    let mut query = last("1h");
    query["filter"] = "service(\"shop\")".into();
    let clients = (0..40).map(|client| {
        let (app, query) = (app.clone(), query.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(25 * client)).await;
            ask(&app, query).await.rows()
        })
    });
    for client in clients.collect::<Vec<_>>() {
        assert_eq!(client.await.unwrap(), 150);
    }
    let calls = proxy.take_calls().len();
    assert!(calls <= alone + 2, "{calls} calls for 40 clients, {alone} for one");
}

#[tokio::test]
async fn a_scan_budget_stops_with_a_word() {
    let local = Roentgen::local(&[]);
    fill(&local, spread(1_000, 3_600.0)).await;
    let server = Provisioned::one(
        &format!("http://{}", local.xray()),
        "      scanBudgetPerQuery: 250\n      scanBudgetPerDay: 100000",
    );
    let answer = server.ask(last("1h")).await;
    let said = answer.failures();
    assert!(said[0].contains("scan budget of this query is used up"), "{said:?}");
    assert!(answer.rows() >= 200 && answer.rows() < 1_000, "{}", answer.rows());
    assert!(answer.done()["scanned"].as_u64().unwrap() <= 900);
}

/// Each way to misbehave: what comes, what is said, and at most how many calls of the operation it takes.
#[tokio::test]
async fn each_fault_leaves_the_right_part_and_the_right_word() {
    let local = Roentgen::local(&[]);
    fill(&local, spread(900, 24.0 * 3_600.0)).await;
    let proxy = FaultProxy::start(local.xray()).await;
    let server = Provisioned::one(&proxy.endpoint(), "");
    let throttled = || Box::new(Fault::Error(429, "ThrottledException", "Rate exceeded"));
    let internal = || Box::new(Fault::Error(500, "InternalFailure", "oops"));
    let whole = 900..=900;
    let mut number = 0;
    let mut run = async |fault: Fault,
                         rows: std::ops::RangeInclusive<usize>,
                         word: &str,
                         calls: std::ops::RangeInclusive<usize>| {
        number += 1;
        proxy.take_calls();
        proxy.set("/TraceSummaries", fault);
        let mut query = last("24h");
        // Another question each time, so that nothing of the one before serves it.
        query["filter"] = format!("duration < {}", 1_000 + number).into();
        let begun = Instant::now();
        let answer = server.ask(query).await;
        let (said, made) = (answer.failures().join(" | "), proxy.take_calls().len());
        let told = format!("case {number}: {} rows, {made} calls, {:?}, {said:?}", answer.rows(), begun.elapsed());
        println!("{told}");
        assert!(rows.contains(&answer.rows()), "{told}");
        assert!(if word.is_empty() { said.is_empty() } else { said.contains(word) }, "{told}");
        assert!(calls.contains(&made), "{told}");
        assert!(begun.elapsed() < Duration::from_secs(30), "{told}");
        answer
    };
    run(Fault::Delay(Duration::ZERO), whole.clone(), "", 9..=14).await;
    run(Fault::Percent(50, throttled()), whole.clone(), "", 18..=40).await;
    run(Fault::Percent(30, internal()), whole.clone(), "", 12..=30).await;
    run(Fault::Percent(30, Fault::Reset.into()), whole.clone(), "", 12..=30).await;
    run(Fault::Percent(30, Fault::Truncate.into()), whole.clone(), "", 12..=30).await;
    run(Fault::Percent(10, Fault::Stall.into()), whole.clone(), "", 9..=20).await;
    // Nothing goes well: one window is tried, and the rest is not.
    run(Fault::Error(500, "InternalFailure", "oops"), 0..=0, "InternalFailure: oops", 4..=60).await;
    run(
        Fault::Error(403, "AccessDeniedException", "not authorized"),
        0..=0,
        "AccessDeniedException: not authorized",
        1..=1,
    )
    .await;
    run(Fault::Html(404), 0..=0, "HTTP 404", 1..=1).await;
    run(Fault::Body("{\"TraceSummaries\": \"none\"}"), 0..=0, "not one of X-Ray's", 4..=60).await;
    run(Fault::Body("{\"TraceSummaries\": []"), 0..=0, "cut short", 4..=60).await;
    run(Fault::Stall, 0..=0, "no answer in time", 1..=4).await;
    run(Fault::Error(429, "ThrottledException", "Rate exceeded"), 0..=0, "ThrottledException", 2..=40).await;
    // A token that is refused: the rest of the window is asked for anew.
    let refused = Fault::Error(400, "InvalidRequestException", "Invalid token 1");
    run(Fault::WithToken(refused.into()), 890..=1_000, "", 9..=30).await;
}

#[tokio::test]
async fn a_window_that_keeps_failing_leaves_the_others() {
    let local = Roentgen::local(&[]);
    fill(&local, spread(240, DAY)).await;
    let proxy = FaultProxy::start(local.xray()).await;
    let server = Provisioned::one(&proxy.endpoint(), "");
    // The graph's windows begin at multiples of six hours.
    let six = 6.0 * 3_600.0;
    let broken = ((now() / six).floor() - 1.0) * six;
    let failing =
        Fault::Containing(format!("\"StartTime\":{broken}"), Fault::Error(500, "InternalFailure", "oops").into());
    proxy.set("/ServiceGraph", failing);
    let map = json!({"type": "service_map", "source": "prod", "range": {"from": "now-24h", "to": "now"}});
    let answer = server.ask(map).await;
    let failed = answer.all("failed");
    assert_eq!(failed.len(), 1, "{:?}", answer.failures());
    let seen = |answer: &Answer| {
        let graph = answer.all("map").last().copied().unwrap().clone();
        let nodes = graph["nodes"].as_array().unwrap().clone();
        nodes.iter().filter(|node| node["is_root"] == true).filter_map(|node| node["load"]["ok"].as_u64()).sum::<u64>()
    };
    assert!((170..=190).contains(&seen(&answer)), "{}", seen(&answer));
    // Asked again for the same range, only what is missing and what is not over yet is asked for.
    proxy.heal();
    proxy.take_calls();
    let started = &answer.0[0]["started"];
    let again = json!({"type": "service_map", "source": "prod", "range": {"from": moment(&started["from"]), "to": moment(&started["to"])}});
    let whole = server.ask(again).await;
    assert_eq!((seen(&whole), whole.failures()), (240, Vec::new()));
    assert!(proxy.take_calls().len() <= 2);
}

#[tokio::test]
async fn a_role_of_motos_sts_is_taken_on() {
    let local = Roentgen::local(&[]);
    fill(&local, spread(10, 600.0)).await;
    let proxy = FaultProxy::start(local.xray()).await;
    let moto = crate::python::Moto::start();
    let role = format!(
        "      assumeRoleArn: arn:aws:iam::222222222222:role/reader\n      externalId: word\n      stsEndpoint: {}",
        moto.endpoint()
    );
    let server = Provisioned::one(&proxy.endpoint(), &role);
    let answer = server.ask(last("1h")).await;
    assert_eq!((answer.rows(), answer.failures()), (10, Vec::new()));
    // moto makes keys of its own for the role.
    let keys: Vec<String> = proxy.take_calls().into_iter().map(|call| call.access_key).collect();
    assert!(keys.iter().all(|key| key.starts_with("ASIA") && key != SECRETS[0]), "{keys:?}");
    let told = server.doctor("prod").await;
    assert_eq!(told["is_well"], true, "{told:#}");
    assert!(told["identity"].as_str().unwrap().contains("role/reader/roentgen"), "{told:#}");
}
