//! Files of traces, read piece by piece, whatever packed them; `import` knows what stands in them.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    ops::ControlFlow,
    path::Path,
};

use flate2::read::MultiGzDecoder;
use import::{Inferred, Item};
use indicatif::ProgressBar;
use serde_json::value::RawValue;

/// The longest line that is looked at, in bytes; a file of one JSON value may be longer.
const LINE_BYTES: u64 = 256 << 20;

/// Opens a file, whatever packed it: gzip, zstd or nothing. The bar counts the bytes of the file itself.
pub(super) fn open(path: &Path, bar: &ProgressBar) -> io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::with_capacity(1 << 20, bar.wrap_read(File::open(path)?));
    let begin = file.fill_buf()?;
    Ok(if begin.starts_with(&[0x1f, 0x8b]) {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else if begin.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Box::new(BufReader::new(zstd::Decoder::with_buffer(file)?))
    } else {
        Box::new(file)
    })
}

/// Hands out every document. A file that has one JSON value a line is never in memory as a whole.
pub(super) fn each(mut file: impl BufRead, mut take: impl FnMut(Item) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut failed = None;
    let mut take = |item: Item| match take(item) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    };
    let (mut line, mut number) = (String::new(), 0_u64);
    loop {
        line.clear();
        number += 1;
        if file.by_ref().take(LINE_BYTES).read_line(&mut line)? == 0 {
            break;
        }
        let done = match serde_json::from_str::<&RawValue>(&line) {
            Ok(value) => import::value(value, number, Inferred::Dropped, &mut take),
            Err(error) if error.is_eof() && !line.trim().is_empty() => {
                // One value over many lines.
                file.read_to_string(&mut line)?;
                import::text(&line, number, Inferred::Dropped, &mut take)
            }
            Err(_) => import::text(&line, number, Inferred::Dropped, &mut take),
        };
        if done.is_break() {
            break;
        }
    }
    failed.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = r#"{"trace_id":"1-00000000-000000000000000000000001","name":"a"}"#;

    /// What a file gives: names of documents, and lines with what is wrong there.
    fn read(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let told = each(text.as_bytes(), |item| {
            found.push(match item {
                Ok(document) => document.text.split('"').nth(7).unwrap().to_owned(),
                Err(wrong) => format!("{}: {:.27}", wrong.line, wrong.reason),
            });
            Ok(())
        });
        told.unwrap();
        found
    }

    #[test]
    fn lines_and_whole_files_are_read_alike() {
        let inferred = A.replace("\"a\"", "\"a\",\"inferred\":true");
        let over_lines = A.replace(',', ",\n");
        let jaeger = r#"{"data":[{"traceID":"1","spans":[{"spanID":"2","startTime":5,"processID":"p"},{}]}]}"#;
        for (file, expected) in [
            (String::new(), vec![]),
            (format!("\u{feff}{A}\n\n{A}\r\n{inferred}\n"), vec!["a", "a"]),
            (format!("[{A},\n {A}]"), vec!["a", "a"]),
            (format!("{A}\n{over_lines}\n{A}"), vec!["a", "a", "a"]),
            (format!("{A}\nnonsense\n{A}"), vec!["a", "2: it is not JSON: expected id", "a"]),
            (format!("{A}\n{{\"trace_id\"\n{A}"), vec!["a", "3: it is not JSON: expected `:", "a"]),
            (format!("SEGMENTS\t{A}\t1\n{A} {A}"), vec!["a", "a", "a"]),
            (
                jaeger.replace(':', ":\n"),
                vec![
                    "2: span : its process p is not",
                    "2: span : it has no spanID",
                    "1-00000000-000000000000000000000001",
                ],
            ),
        ] {
            assert_eq!(read(&file), expected, "{file}");
        }
    }

    #[test]
    fn who_takes_no_more_ends_it() {
        let mut taken = 0;
        let told = each(format!("{A}\n").repeat(5).as_bytes(), |_| {
            taken += 1;
            anyhow::ensure!(taken < 3, "enough");
            Ok(())
        });
        assert_eq!((taken, told.unwrap_err().to_string()), (3, "enough".to_owned()));
    }

    #[test]
    fn packed_files_are_unpacked() {
        use std::io::Write as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(A.as_bytes()).unwrap();
        for bytes in [A.as_bytes().to_vec(), gzip.finish().unwrap(), zstd::encode_all(A.as_bytes(), 1).unwrap()] {
            std::fs::write(&path, bytes).unwrap();
            let mut text = String::new();
            open(&path, &ProgressBar::hidden()).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, A);
        }
    }
}
