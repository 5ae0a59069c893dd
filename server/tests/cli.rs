//! The binary from outside: ports, refusals, and what it never says.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::{TcpListener, UdpSocket},
    process::{Command, Output, Stdio},
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
