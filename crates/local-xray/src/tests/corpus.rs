//! What the fuzz targets found on their way, replayed: a line the bytes of a case, in base 64.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::noise;

fn cases(lines: &str) -> impl Iterator<Item = Vec<u8>> {
    lines.lines().map(|line| BASE64_STANDARD.decode(line).expect("a line is base 64"))
}

#[test]
fn http() {
    cases(include_str!("../../corpus/http.txt")).for_each(|bytes| noise::http(&bytes));
}

#[test]
fn datagrams() {
    cases(include_str!("../../corpus/datagram.txt")).for_each(|bytes| noise::datagram(&bytes));
}
