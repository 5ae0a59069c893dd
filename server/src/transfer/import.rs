//! `roentgen import`: files of traces into a local X-Ray.

use std::{fs, path::Path};

use anyhow::Context as _;
use import::Wrong;

use super::{bar, local, read};
use crate::{config::Import, source::XRay};

/// Documents of one request, and their bytes at most.
const BATCH: usize = 50;
const BATCH_BYTES: usize = 4 << 20;
/// So many of the things that are wrong are told one by one.
const TOLD: u64 = 20;

#[derive(Default)]
struct Counts {
    taken: u64,
    wrong: u64,
}

/// Imports the files; good documents are kept beside bad ones, and the end tells how many of each there were.
pub(crate) async fn import(asked: Import) -> anyhow::Result<()> {
    let xray = local(asked.to).await?;
    let mut counts = Counts::default();
    for path in &asked.files {
        let total = fs::metadata(path).with_context(|| path.display().to_string())?.len();
        let bar = bar(Some(total), &path.file_name().unwrap_or_default().to_string_lossy());
        let before = (counts.taken, counts.wrong);
        let done = file(&xray, path, &bar, &mut counts).await;
        bar.finish_and_clear();
        done.with_context(|| path.display().to_string())?;
        let (taken, wrong) = (counts.taken - before.0, counts.wrong - before.1);
        let left_out = if wrong > 0 { format!(", {wrong} left out") } else { String::new() };
        println!("{}: {taken} documents{left_out}", path.display());
    }
    anyhow::ensure!(counts.wrong == 0, "{} documents were left out; what was good is imported", counts.wrong);
    Ok(())
}

async fn file(xray: &XRay, path: &Path, bar: &indicatif::ProgressBar, counts: &mut Counts) -> anyhow::Result<()> {
    let (sender, mut batches) = tokio::sync::mpsc::channel::<(Vec<String>, Vec<Wrong>)>(4);
    let (of_path, of_bar) = (path.to_owned(), bar.clone());
    let reading = tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
        let file = read::open(&of_path, &of_bar)?;
        let (mut batch, mut bytes, mut wrong) = (Vec::new(), 0, Vec::new());
        read::each(file, |item| {
            match item {
                Ok(document) => {
                    bytes += document.text.len();
                    batch.push(document.text);
                }
                Err(found) => wrong.push(found),
            }
            if batch.len() >= BATCH || bytes >= BATCH_BYTES || wrong.len() >= BATCH {
                bytes = 0;
                sender.blocking_send((std::mem::take(&mut batch), std::mem::take(&mut wrong)))?;
            }
            Ok(())
        })?;
        Ok(sender.blocking_send((batch, wrong))?)
    });
    let mut failed = None;
    while let Some((batch, wrong)) = batches.recv().await {
        for Wrong { line, reason } in wrong {
            tell(bar, counts, &format!("line {line}: {reason}"));
        }
        if batch.is_empty() {
            continue;
        }
        let sent = batch.len() as u64;
        match xray.put(batch).await {
            Ok(refused) => {
                counts.taken += sent - refused.len() as u64;
                for reason in refused {
                    tell(bar, counts, &reason);
                }
            }
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    drop(batches);
    let read = reading.await?;
    match failed {
        Some(error) => Err(anyhow::anyhow!("{error}; does a local X-Ray run there? `roentgen local` starts one")),
        None => read,
    }
}

fn tell(bar: &indicatif::ProgressBar, counts: &mut Counts, what: &str) {
    counts.wrong += 1;
    if counts.wrong <= TOLD {
        bar.suspend(|| eprintln!("roentgen: {what}"));
    } else if counts.wrong == TOLD + 1 {
        bar.suspend(|| eprintln!("roentgen: and more"));
    }
}
