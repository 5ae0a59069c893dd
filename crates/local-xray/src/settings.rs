//! What people set and the service keeps: groups, sampling rules, the encryption's configuration, tags. One small file,
//! written anew as a whole at each change.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use store::StoreError;
use tempfile::NamedTempFile;

use crate::{control::Encryption, groups, protocol::Failure, rules};

/// Everything that is set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    pub(crate) groups: Vec<groups::Kept>,
    pub(crate) default_group: groups::Insights,
    pub(crate) rules: Vec<rules::Record>,
    /// The default rule, if somebody has changed it.
    pub(crate) default_rule: Option<rules::Record>,
    /// When a rule was changed or deleted last, in seconds since 1970.
    pub(crate) rules_changed: f64,
    pub(crate) encryption: Encryption,
    /// Tags by ARN and key.
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
}

/// The settings and their file.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    file: Option<PathBuf>,
    settings: Mutex<Settings>,
}

impl Kept {
    /// Reads the settings of a folder; without a folder they last as long as the process. A file that cannot be read is
    /// an error: somebody may still mend it.
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self, StoreError> {
        let Some(file) = folder.map(|folder| folder.join("settings.json")) else { return Ok(Self::default()) };
        let cannot = |error: &dyn std::fmt::Display| {
            StoreError::Disk(format!("{} cannot be read: {error}; mend it or move it away", file.display()))
        };
        let settings = match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| cannot(&error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Settings::default(),
            Err(error) => return Err(cannot(&error)),
        };
        Ok(Self { settings: Mutex::new(settings), file: Some(file) })
    }

    /// Looks at the settings.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Settings) -> T) -> T {
        look(&self.settings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the settings: as a whole, on the disk as in memory, or not at all.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Settings) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = settings.clone();
        let answer = change(&mut changed)?;
        if let Some(file) = self.file.as_deref().filter(|_| changed != *settings) {
            write(file, &changed).map_err(|error| Failure::store(&error.into()))?;
        }
        *settings = changed;
        Ok(answer)
    }
}

/// Replaces the file by one that is on the disk before it has the name.
fn write(file: &Path, settings: &Settings) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut new = NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut new, settings)?;
    new.as_file().sync_all()?;
    new.persist(file)?;
    fs::File::open(folder)?.sync_all()
}
