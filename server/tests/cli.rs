//! The binary from outside: ports, refusals, and what it never says.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::{TcpListener, UdpSocket},
    process::{Command, Output, Stdio},
    sync::{Arc, Mutex},
};

fn roentgen(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roentgen"));
    command.args(args).env_remove("AWS_PROFILE").env_remove("AWS_REGION");
    command.env("ROENTGEN_EPHEMERAL", "true").env("ROENTGEN_OTLP_LISTEN", "127.0.0.1:0");
    command
}

fn fails(args: &[&str]) -> String {
    let Output { status, stderr, .. } = roentgen(args).output().unwrap();
    assert!(!status.success(), "{args:?}");
    String::from_utf8(stderr).unwrap()
}

#[test]
fn a_port_that_was_asked_for_and_is_taken_is_an_error_that_names_the_flag() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = tcp.local_addr().unwrap().to_string();
    assert!(fails(&["serve", "--no-local", "--listen", &taken]).contains("--listen"));
    assert!(fails(&["local", "--xray-listen", &taken]).contains("--xray-listen"));
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken = udp.local_addr().unwrap().to_string();
    let message = fails(&["serve", "--listen", "127.0.0.1:0", "--xray-listen", &taken]);
    assert!(message.contains("--xray-listen") && message.contains("UDP"), "{message}");
}

#[test]
fn nobody_is_let_in_from_outside_without_being_asked() {
    let message = fails(&["serve", "--no-local", "--listen", "0.0.0.0:0"]);
    assert!(message.contains("--access-token-file") && message.contains("--insecure"), "{message}");
    assert!(fails(&["local", "--xray-listen", "0.0.0.0:0"]).contains("--insecure"));
    assert!(fails(&["serve", "--access-token-file", "/does/not/exist"]).contains("--access-token-file"));
    assert!(fails(&["serve", "--region", "not a region"]).contains("--region"));
}

#[test]
fn a_folder_that_cannot_be_used_is_an_error_that_says_what_helps() {
    let file = std::env::current_exe().unwrap();
    let mut local = roentgen(&["local", "--xray-listen", "127.0.0.1:0", "--data-dir", file.to_str().unwrap()]);
    let output = local.env_remove("ROENTGEN_EPHEMERAL").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(
        said.contains("--data-dir") && said.contains("--ephemeral") && said.contains(file.to_str().unwrap()),
        "{said}"
    );
}

#[test]
fn help_explains_every_flag_and_its_variable() {
    let help = String::from_utf8(roentgen(&["serve", "--help"]).output().unwrap().stdout).unwrap();
    for flag in [
        "listen",
        "xray-listen",
        "otlp-listen",
        "no-local",
        "no-demo",
        "xray-strict",
        "data-dir",
        "ephemeral",
        "retention",
        "retention-size",
        "region",
        "profile",
        "access-token-file",
        "insecure",
        "allowed-host",
        "log",
        "log-format",
    ] {
        let variable = format!("ROENTGEN_{}", flag.to_uppercase().replace('-', "_"));
        assert!(help.contains(&format!("--{flag}")) && help.contains(&variable), "{flag}");
    }
}

#[test]
fn import_says_what_it_reads() {
    let help = String::from_utf8(roentgen(&["--help"]).output().unwrap().stdout).unwrap();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("answers of BatchGetTraces, OTLP in JSON, Jaeger's JSON"), "{help}");
}

#[test]
fn secrets_are_never_said_and_credentials_that_lie_about_call_nobody() {
    let mut child = roentgen(&["serve", "--listen", "127.0.0.1:0", "--xray-listen", "127.0.0.1:0", "--log", "debug"])
        .env("AWS_ACCESS_KEY_ID", "AKIDONOTSAYTHIS")
        .env("AWS_SECRET_ACCESS_KEY", "wJalrDONOTSAYTHIS")
        .env("AWS_SESSION_TOKEN", "sessionDONOTSAYTHIS")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A log that nobody reads stops the one who writes it.
    let mut stderr = child.stderr.take().unwrap();
    let log = std::thread::spawn(move || {
        let mut log = String::new();
        stderr.read_to_string(&mut log).map(|_| log)
    });
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let page = lines.next().unwrap().unwrap();
    let page = page.strip_prefix("roentgen: app ").unwrap();
    assert!(lines.next().unwrap().unwrap().ends_with("(TCP and UDP)"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let said = runtime.block_on(async {
        let client = reqwest::Client::new();
        let about = client.get(format!("{page}/api/about")).send().await.unwrap().text().await.unwrap();
        let query = client.post(format!("{page}/api/query")).header("content-type", "application/json");
        about + &query.body(r#"{"type":"trace_list"}"#).send().await.unwrap().text().await.unwrap()
    });
    assert!(said.contains(r#""kind":"local""#) && !said.contains(r#""kind":"aws""#), "{said}");
    assert!(said.contains(r#"{"done":{"#));
    child.kill().unwrap();
    child.wait().unwrap();
    let log = log.join().unwrap().unwrap();
    assert!(!log.is_empty());
    assert!(!log.contains("DONOTSAYTHIS") && !said.contains("DONOTSAYTHIS"), "a credential was said");
}

/// Addresses, signers and bodies of requests.
type Asked = Arc<Mutex<Vec<String>>>;

/// An AWS that notes who asked for what, and gives nobody anything but a role.
async fn aws(asked: Asked) -> String {
    let answer = move |request: axum::extract::Request| {
        let asked = asked.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
            let by = head.headers.get("authorization").map(|it| it.to_str().unwrap_or_default().to_owned());
            let body = String::from_utf8_lossy(&body);
            let is_role = body.contains("Action=AssumeRole&");
            asked.lock().unwrap().push(format!("{} {} {body}", head.uri, by.unwrap_or_default()));
            if is_role { ROLE.to_owned() } else { "{}".to_owned() }
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    format!("http://{address}")
}

const ROLE: &str = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>planted</SecretAccessKey><SessionToken>planted</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";

#[test]
fn what_a_data_source_says_goes_before_the_environment() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (asked, strayed) = (Asked::default(), Asked::default());
    let (right, wrong) = runtime.block_on(async { (aws(asked.clone()).await, aws(strayed.clone()).await) });
    let folder = tempfile::tempdir().unwrap();
    let credentials = folder.path().join("credentials");
    std::fs::write(&credentials, "[prod]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = planted\n").unwrap();
    let at = format!("endpoint: {right}, stsEndpoint: {right}");
    let entry = |name: &str, more: &str| {
        format!(
            "  - name: {name}\n    type: x-ray\n    jsonData: {{authType: default, profile: prod, defaultRegion: xx-nowhere-1, {more}}}\n"
        )
    };
    let file = format!(
        "datasources:\n{}{}{}",
        entry("plain", &at),
        entry("role", &format!("{at}, assumeRoleArn: 'arn:aws:iam::222222222222:role/reader'")),
        // No address at all: this region has none, so nobody is asked.
        entry("open", "")
    );
    std::fs::create_dir(folder.path().join("files")).unwrap();
    std::fs::write(folder.path().join("files/aws.yaml"), file).unwrap();
    let files = folder.path().join("files");
    let args = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--no-local",
        "--call-timeout",
        "1s",
        "--provisioning",
        files.to_str().unwrap(),
    ];
    let mut child = roentgen(&args)
        .env("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT")
        .env("AWS_SECRET_ACCESS_KEY", "planted")
        .env("AWS_SHARED_CREDENTIALS_FILE", &credentials)
        .env("AWS_CONFIG_FILE", folder.path().join("none"))
        .env("AWS_ENDPOINT_URL", &wrong)
        .env("AWS_ENDPOINT_URL_STS", &wrong)
        .env("AWS_ENDPOINT_URL_XRAY", &wrong)
        .env("AWS_USE_FIPS_ENDPOINT", "true")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let page = lines.next().unwrap().unwrap();
    let page = page.strip_prefix("roentgen: app ").unwrap();
    let told = runtime.block_on(async {
        let client = reqwest::Client::new();
        let mut told = Vec::new();
        for name in ["plain", "role", "open"] {
            let request = client.post(format!("{page}/api/data-sources/{name}/test"));
            told.push(request.send().await.unwrap().text().await.unwrap());
        }
        told
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let (asked, strayed) = (asked.lock().unwrap().join("\n"), strayed.lock().unwrap().clone());
    assert!(strayed.is_empty(), "{strayed:#?}");
    assert!(asked.contains("/TraceSummaries AWS4-HMAC-SHA256 Credential=AKIDPROFILE/"), "{asked} {told:#?}");
    assert!(asked.contains("/TraceSummaries AWS4-HMAC-SHA256 Credential=ASIAROLE/"), "{asked} {told:#?}");
    assert!(!asked.contains("AKIDENVIRONMENT"), "{asked}");
}
