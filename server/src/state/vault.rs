//! Secrets at rest: XChaCha20-Poly1305 with a random nonce each time, bound to the data source that they belong to.
//!
//! The keys come from the environment, or from a file that only its owner can read and that does not lie beside the
//! database. The first key seals; all of them open, so that a new key can come before the old one goes.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Generate as _, KeyInit as _, Payload},
};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use sha2::{Digest as _, Sha256};

/// Bytes of a nonce.
const NONCE: usize = 24;

/// Something sealed: base64 of nonce and ciphertext, and which key it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub(crate) text: String,
    pub(crate) key_id: String,
}

/// The keys.
pub(crate) struct Vault {
    keys: Vec<OneKey>,
    /// Where they are kept, unless they come from the environment or are not kept.
    file: Option<PathBuf>,
}

struct OneKey {
    id: String,
    bytes: SecretSlice<u8>,
}

impl OneKey {
    fn new(bytes: Vec<u8>) -> Self {
        // Tells keys apart and says nothing about them.
        let digest = Sha256::new().chain_update(b"roentgen key id\0").chain_update(&bytes).finalize();
        let id = digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
        let id = format!("{id:016x}");
        Self { id, bytes: bytes.into() }
    }

    fn random() -> Self {
        Self::new(Key::generate().to_vec())
    }

    fn cipher(&self) -> anyhow::Result<XChaCha20Poly1305> {
        XChaCha20Poly1305::new_from_slice(self.bytes.expose_secret()).map_err(|_| anyhow::anyhow!("a key has 32 bytes"))
    }

    fn text(&self) -> String {
        BASE64.encode(self.bytes.expose_secret())
    }
}

impl Vault {
    /// Keys that are gone with the process.
    pub(crate) fn ephemeral() -> Self {
        Self { keys: vec![OneKey::random()], file: None }
    }

    /// Keys in base64, those of the past after the present one, with commas or white space between.
    pub(crate) fn from_text(text: &SecretString) -> anyhow::Result<Self> {
        Ok(Self { keys: read(text.expose_secret())?, file: None })
    }

    /// The keys of a file. Where there is none it is made, with a new key.
    pub(crate) fn from_file(path: &Path) -> anyhow::Result<Self> {
        if path.try_exists().is_ok_and(|is_there| !is_there) {
            let keys = vec![OneKey::random()];
            write(path, &keys).with_context(|| format!("cannot make the file of keys {}", path.display()))?;
            return Ok(Self { keys, file: Some(path.to_owned()) });
        }
        Self::from_existing_file(path)
    }

    /// The keys of a file that must be there: a new one could open nothing.
    pub(crate) fn from_existing_file(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let keys = read(SecretString::from(text).expose_secret())
            .with_context(|| format!("{} is no file of keys", path.display()))?;
        Ok(Self { keys, file: Some(path.to_owned()) })
    }

    /// What is unwise about where the keys are kept, each in a sentence. `data` is the folder of the database.
    pub(crate) fn warnings(&self, data: Option<&Path>) -> Vec<String> {
        let Some(file) = &self.file else { return Vec::new() };
        let mut warnings = Vec::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(file).map_or(0, |it| it.permissions().mode() & 0o777);
            if mode & 0o077 != 0 {
                warnings.push(format!(
                    "The key file {} can be read by others than its owner (mode {mode:o}); `chmod 600` keeps them out.",
                    file.display()
                ));
            }
        }
        let real = |path: &Path| std::fs::canonicalize(path).ok();
        if let (Some(data), Some(folder)) = (data.and_then(real), file.parent().and_then(real))
            && data == folder
        {
            warnings.push(format!(
                "The key file {} lies beside the database: who gets hold of one has the other too. Move it, and name its place with --secret-key-file.",
                file.display()
            ));
        }
        warnings
    }

    /// Seals a secret of a data source with the present key.
    pub(crate) fn seal(&self, id: &str, secret: &[u8]) -> anyhow::Result<Sealed> {
        let key = self.keys.first().context("there is no key")?;
        let nonce = XNonce::generate();
        let payload = Payload { msg: secret, aad: id.as_bytes() };
        let sealed = key.cipher()?.encrypt(&nonce, payload).map_err(|_| anyhow::anyhow!("cannot seal a secret"))?;
        Ok(Sealed { text: BASE64.encode([nonce.as_slice(), &sealed].concat()), key_id: key.id.clone() })
    }

    /// Opens what was sealed for a data source.
    pub(crate) fn open(&self, id: &str, sealed: &Sealed) -> anyhow::Result<SecretSlice<u8>> {
        let key = self.keys.iter().find(|key| key.id == sealed.key_id);
        let key = key.context("it was sealed with a key that is not here")?;
        let bytes = BASE64.decode(&sealed.text).context("it is damaged")?;
        let (nonce, text) = bytes.split_at_checked(NONCE).context("it is damaged")?;
        let nonce = XNonce::try_from(nonce).context("it is damaged")?;
        let payload = Payload { msg: text, aad: id.as_bytes() };
        let opened = key.cipher()?.decrypt(&nonce, payload);
        opened.map(SecretSlice::from).map_err(|_| anyhow::anyhow!("it is damaged, or belongs to another data source"))
    }

    /// Whether this was sealed with the present key.
    pub(crate) fn is_present(&self, sealed: &Sealed) -> bool {
        self.keys.first().is_some_and(|key| key.id == sealed.key_id)
    }

    /// Puts a new key before the others, in the file first. Keys of the environment are changed there.
    pub(crate) fn add_key(&mut self) -> anyhow::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        self.keys.insert(0, OneKey::random());
        write(file, &self.keys).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Forgets all keys but the present one.
    pub(crate) fn drop_old_keys(&mut self) -> anyhow::Result<()> {
        self.keys.truncate(1);
        let Some(file) = &self.file else { return Ok(()) };
        write(file, &self.keys).with_context(|| format!("cannot write {}", file.display()))
    }
}

fn read(text: &str) -> anyhow::Result<Vec<OneKey>> {
    let words = text.split(|letter: char| letter == ',' || letter.is_whitespace()).filter(|word| !word.is_empty());
    let keys: Vec<OneKey> = words
        .map(|word| {
            let bytes = BASE64.decode(word).ok().filter(|bytes| bytes.len() == 32);
            // The text itself must not be told.
            bytes.map(OneKey::new).context("a key is 32 bytes in base64, as `openssl rand -base64 32` makes them")
        })
        .collect::<anyhow::Result<_>>()?;
    anyhow::ensure!(!keys.is_empty(), "there is no key in it; a key is 32 bytes in base64");
    Ok(keys)
}

/// Writes the file as a whole or not at all, for its owner alone.
fn write(path: &Path, keys: &[OneKey]) -> anyhow::Result<()> {
    let folder = path.parent().context("it has no folder")?;
    std::fs::create_dir_all(folder)?;
    // tempfile makes files with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    for key in keys {
        writeln!(file, "{}", key.text())?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened_for_its_owner_alone() {
        let vault = Vault::ephemeral();
        let sealed = vault.seal("one", b"secret").unwrap();
        assert_eq!(vault.open("one", &sealed).unwrap().expose_secret(), b"secret");
        assert!(!sealed.text.contains("secret"));
        assert!(vault.open("two", &sealed).is_err());
        assert!(Vault::ephemeral().open("one", &sealed).is_err());
        assert_ne!(vault.seal("one", b"secret").unwrap(), sealed, "the nonce is new each time");
        let mut bytes = BASE64.decode(&sealed.text).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        for text in [BASE64.encode(bytes), String::new(), "AAAA".to_owned(), "no base64".to_owned()] {
            assert!(vault.open("one", &Sealed { text, ..sealed.clone() }).is_err());
        }
    }

    #[test]
    fn the_file_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/down/secret.key");
        let sealed = Vault::from_file(&path).unwrap().seal("id", b"x").unwrap();
        assert!(Vault::from_file(&path).unwrap().open("id", &sealed).is_ok());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(&path, "not a key").unwrap();
        let error = format!("{:#}", Vault::from_file(&path).err().unwrap());
        assert!(error.contains("secret.key is no file of keys: a key is 32 bytes in base64"), "{error}");
        assert!(!error.contains("not a key"));
    }

    #[test]
    fn a_key_file_that_others_reach_is_warned_of() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/secret.key");
        let vault = Vault::from_file(&path).unwrap();
        assert_eq!(vault.warnings(Some(folder.path())), Vec::<String>::new());
        let beside = vault.warnings(path.parent());
        assert!(beside.len() == 1 && beside[0].contains("beside the database"), "{beside:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
            let warnings = vault.warnings(Some(folder.path()));
            assert!(warnings.len() == 1 && warnings[0].contains("(mode 640)"), "{warnings:?}");
        }
    }

    #[test]
    fn old_keys_open_until_they_are_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let mut vault = Vault::from_file(&path).unwrap();
        let old = vault.seal("id", b"x").unwrap();
        vault.add_key().unwrap();
        assert!(!vault.is_present(&old));
        assert!(vault.open("id", &old).is_ok() && Vault::from_file(&path).unwrap().open("id", &old).is_ok());
        let new = vault.seal("id", b"x").unwrap();
        assert!(vault.is_present(&new));
        vault.drop_old_keys().unwrap();
        let reread = Vault::from_file(&path).unwrap();
        assert!(reread.open("id", &new).is_ok() && reread.open("id", &old).is_err());
    }
}
