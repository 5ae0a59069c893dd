//! The few things that the log does with files. A test records them, and cuts them short.

use std::{
    collections::BTreeMap,
    fmt,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// Numbered files that grow at their ends.
pub(crate) trait Disk: fmt::Debug + Send + Sync {
    /// The files that there are, with their lengths in bytes.
    fn files(&self) -> io::Result<BTreeMap<u32, u64>>;

    /// Writes at a place of a file, which is made when it is not there.
    fn write(&self, file: u32, at: u64, bytes: &[u8]) -> io::Result<()>;

    /// Returns once everything written to the file is on the disk, and the file under its name.
    fn sync(&self, file: u32) -> io::Result<()>;

    /// Reads exactly so many bytes.
    fn read(&self, file: u32, at: u64, into: &mut [u8]) -> io::Result<()>;

    /// Makes a file shorter.
    fn cut(&self, file: u32, length: u64) -> io::Result<()>;

    /// Takes a file away.
    fn remove(&self, file: u32) -> io::Result<()>;

    /// Bytes that could still be written.
    fn free(&self) -> io::Result<u64>;
}

/// So many files are kept open.
const OPEN_FILES: usize = 64;

/// A folder of the file system.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// A crash may cost everything: nothing needs to be on the disk at any time.
    is_ephemeral: bool,
    open: Mutex<BTreeMap<u32, Arc<File>>>,
}

impl Folder {
    /// The folder, made when it is not there.
    pub(crate) fn open(path: &Path, is_ephemeral: bool) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self { path: path.to_owned(), is_ephemeral, open: Mutex::default() })
    }

    fn path_of(&self, file: u32) -> PathBuf {
        self.path.join(format!("{file:010}.log"))
    }

    fn file(&self, number: u32, make: bool) -> io::Result<Arc<File>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(&number) {
            return Ok(file.clone());
        }
        let mut options = OpenOptions::new();
        let file = Arc::new(options.read(true).write(true).create(make).truncate(false).open(self.path_of(number))?);
        if open.len() >= OPEN_FILES {
            // The oldest ones are asked for least.
            open.pop_first();
        }
        open.insert(number, file.clone());
        Ok(file)
    }
}

impl Disk for Folder {
    fn files(&self) -> io::Result<BTreeMap<u32, u64>> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".log")?.parse().ok());
            if let Some(number) = number {
                files.insert(number, entry.metadata()?.len());
            }
        }
        Ok(files)
    }

    fn write(&self, file: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.file(file, true)?.write_all_at(bytes, at)
    }

    fn sync(&self, file: u32) -> io::Result<()> {
        if self.is_ephemeral {
            return Ok(());
        }
        self.file(file, true)?.sync_data()?;
        File::open(&self.path)?.sync_all()
    }

    fn read(&self, file: u32, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.file(file, false)?.read_exact_at(into, at)
    }

    fn cut(&self, file: u32, length: u64) -> io::Result<()> {
        self.file(file, false)?.set_len(length)
    }

    fn remove(&self, file: u32) -> io::Result<()> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&file);
        fs::remove_file(self.path_of(file))
    }

    fn free(&self) -> io::Result<u64> {
        let system = rustix::fs::statvfs(&self.path)?;
        Ok(system.f_bavail.saturating_mul(system.f_frsize))
    }
}
