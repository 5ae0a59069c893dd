//! Provisioning files are read again when they change.

use std::{path::Path, time::Duration};

use anyhow::Context as _;
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

/// An editor writes a file in several steps.
const SETTLE: Duration = Duration::from_millis(200);

/// The changes of a folder.
pub(crate) struct Changes {
    told: mpsc::Receiver<()>,
    /// Watches as long as it lives.
    _watcher: RecommendedWatcher,
}

impl Changes {
    /// Watches a folder from now on.
    pub(crate) fn of(folder: &Path) -> anyhow::Result<Self> {
        let (tell, told) = mpsc::channel::<()>(1);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading the files is no change of them. A full channel says already that something changed.
            if event.is_ok_and(|event| !event.kind.is_access()) {
                let _already_told = tell.try_send(());
            }
        })
        .context("cannot watch files")?;
        let place = || format!("cannot watch {}", folder.display());
        watcher.watch(folder, RecursiveMode::NonRecursive).with_context(place)?;
        Ok(Self { told, _watcher: watcher })
    }

    /// Waits for a change.
    pub(crate) async fn next(&mut self) -> Option<()> {
        self.told.recv().await?;
        tokio::time::sleep(SETTLE).await;
        while self.told.try_recv().is_ok() {}
        Some(())
    }
}
