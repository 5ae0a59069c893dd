//! The X-Ray daemon's protocol: a datagram is a header line, a newline, and one segment document.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon>

use std::io;

use serde::Deserialize;
use store::Document;
use tokio::net::UdpSocket;

use crate::{Engine, put};

/// The largest datagram there is, and one byte more.
const DATAGRAM_BYTES: usize = 65_536;
/// Documents stored under one lock; the socket is drained up to this many at a time.
const BATCH: usize = 64;

/// Receives datagrams for ever; returns only when the socket fails.
pub(crate) async fn receive(socket: &UdpSocket, engine: &Engine) -> io::Result<()> {
    let mut buffer = vec![0; DATAGRAM_BYTES];
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        match socket.recv(&mut buffer).await {
            Ok(length) => batch.extend(read(&buffer[..length], engine)),
            // An ICMP answer to somebody else's datagram; the socket lives on.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => continue,
            Err(error) => return Err(error),
        }
        for _ in 1..BATCH {
            match socket.try_recv(&mut buffer) {
                Ok(length) => batch.extend(read(&buffer[..length], engine)),
                Err(_) => break,
            }
        }
        let batch = std::mem::take(&mut batch);
        let engine = engine.clone();
        // It waits only when the disk is far behind; meanwhile the kernel's buffer holds a second of datagrams.
        let stored = tokio::task::spawn_blocking(move || engine.take_later(batch)).await;
        stored.map_err(io::Error::other)?;
    }
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    format: std::borrow::Cow<'a, str>,
    version: u32,
}

impl Engine {
    /// Takes one datagram, as the port does; whether it was accepted.
    pub fn take_datagram(&self, datagram: &[u8]) -> bool {
        let document = read(datagram, self);
        let is_accepted = document.is_some();
        self.take_later(document.into_iter().collect());
        is_accepted
    }
}

/// The document of a datagram; what cannot be used is counted with its reason.
fn read(datagram: &[u8], engine: &Engine) -> Option<Document> {
    document(datagram)
        .and_then(|text| put::check(text, engine.strict()).map_err(|rejection| put::describe(text, &rejection)))
        .map_err(|reason| engine.refuse(format!("datagram of {} bytes: {reason}", datagram.len())))
        .ok()
}

fn document(datagram: &[u8]) -> Result<&str, String> {
    let text =
        std::str::from_utf8(datagram).map_err(|error| format!("it is not UTF-8 at byte {}", error.valid_up_to()))?;
    let (header, document) = text.split_once('\n').ok_or("it has no newline after the header")?;
    let header: Header<'_> = serde_json::from_str(header)
        .map_err(|error| format!(r#"its header is not {{"format":"json","version":1}}: {error}"#))?;
    if !header.format.eq_ignore_ascii_case("json") || header.version != 1 {
        return Err(format!(
            "its header asks for format {:.20} version {}; json 1 is known",
            header.format, header.version
        ));
    }
    if document.trim().is_empty() {
        return Err("nothing follows its header".to_owned());
    }
    Ok(document)
}

/// Datagrams that the kernel dropped at this port because they came faster than they were read. Linux tells; elsewhere 0.
pub(crate) fn kernel_drops(port: u16) -> u64 {
    let tables = ["/proc/net/udp", "/proc/net/udp6"].into_iter().filter_map(|path| std::fs::read_to_string(path).ok());
    tables.map(|table| drops_of(&table, port)).sum()
}

fn drops_of(table: &str, port: u16) -> u64 {
    let suffix = format!(":{port:04X}");
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.get(1).is_some_and(|local| local.ends_with(&suffix)))
        .filter_map(|row| row.last()?.parse::<u64>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_says_what_is_wrong_with_it() {
        for (datagram, expected) in [
            (&b"{\"format\":\"json\",\"version\":1}\n{}"[..], Ok("{}")),
            (b"{\"format\": \"JSON\", \"version\": 1}\n{}\n", Ok("{}\n")),
            (b"{\"version\":1,\"format\":\"json\",\"more\":0}\n{}", Ok("{}")),
            (b"", Err("no newline")),
            (b"{\"format\":\"json\",\"version\":1}", Err("no newline")),
            (b"{\"format\":\"json\",\"version\":1}\n \n", Err("nothing follows")),
            (b"{\"format\":\"json\",\"version\":2}\n{}", Err("json 1 is known")),
            (b"{\"format\":\"xml\",\"version\":1}\n{}", Err("format xml")),
            (b"hello\n{}", Err("its header is not")),
            (b"\xff\xfe\n{}", Err("not UTF-8 at byte 0")),
        ] {
            match (document(datagram), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
                (found, expected) => panic!("{found:?} is not {expected:?}"),
            }
        }
    }

    #[test]
    fn the_kernels_table_is_read() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n \
             101: 0100007F:07D0 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 17\n \
             102: 0100007F:07D1 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 5\n";
        assert_eq!(drops_of(table, 2000), 17);
        assert_eq!(drops_of(table, 2002), 0);
        assert_eq!(drops_of("", 2000), 0);
    }
}
