//! Data sources that were made in the page: from the database and back, and the key under which their secrets lie.

use std::sync::Arc;

use api::{
    about::SourceKind,
    data_source::{Auth, Origin, Settings},
};
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::{
    DataSources, Known,
    definition::{Definition, Secrets, problems},
    reach,
};
use crate::{
    error::Error,
    state::{Database, StoredSource, Vault},
};

/// What the page sends to make or change a data source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) is_default: bool,
    #[serde(default)]
    pub(crate) settings: Settings,
    /// What is left out stays as it is.
    #[serde(default)]
    pub(crate) secrets: Secrets,
}

/// All of the database. Those whose secrets cannot be read are marked, and nothing of theirs is touched.
pub(super) async fn read(database: &Database, vault: &Vault) -> anyhow::Result<Vec<Known>> {
    let mut all = Vec::new();
    for row in database.sources().await? {
        let (settings, mut unreadable) = match serde_json::from_str::<Settings>(&row.settings) {
            Ok(settings) => (settings, None),
            Err(error) => (Settings::default(), Some(format!("its settings are damaged: {error}"))),
        };
        let secrets = match row.sealed.as_ref().map(|sealed| vault.open(&row.id, sealed)) {
            None => Secrets::default(),
            Some(Ok(bytes)) => Secrets::from_text(std::str::from_utf8(bytes.expose_secret()).unwrap_or_default()),
            Some(Err(error)) => {
                unreadable = Some(error.to_string());
                Secrets::default()
            }
        };
        let region = reach::region_of(&settings).await.unwrap_or_default();
        let definition =
            Definition { name: row.name, origin: Origin::Page, is_default: row.is_default, settings, secrets };
        let mut known = Known::new(definition, SourceKind::Aws, region);
        (known.id, known.unreadable) = (Some(row.id), unreadable);
        all.push(known);
    }
    Ok(all)
}

/// What came of a new key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rotated {
    /// Secrets of so many data sources are sealed anew.
    pub(crate) sealed: usize,
    /// Those of so many could not be read, and stay as they are.
    pub(crate) unreadable: usize,
    /// The old keys are gone.
    pub(crate) dropped: bool,
}

/// Seals all secrets with the present key, after a new one has come before it. Old keys stay, because another data folder
/// may need them; `drop_old` says that none does. Even so they go only when all secrets that there are were sealed with the
/// new key: a folder without any is more likely the wrong one.
pub(crate) async fn rotate(database: &Database, mut vault: Vault, drop_old: bool) -> anyhow::Result<Rotated> {
    vault.add_key()?;
    let (mut anew, mut unreadable) = (Vec::new(), 0);
    for row in database.sources().await? {
        let Some(sealed) = row.sealed.filter(|sealed| !vault.is_present(sealed)) else { continue };
        match vault.open(&row.id, &sealed) {
            Ok(bytes) => anew.push((row.id.clone(), vault.seal(&row.id, bytes.expose_secret())?)),
            Err(_) => unreadable += 1,
        }
    }
    database.reseal(&anew).await?;
    let mut rotated = Rotated { sealed: anew.len(), unreadable, dropped: false };
    if drop_old && unreadable == 0 {
        // What is in the database counts, not what was meant to be written.
        let sealed: Vec<_> =
            database.sources().await?.into_iter().filter_map(|row| Some((row.id, row.sealed?))).collect();
        let is_new = |(id, sealed): &(String, _)| vault.is_present(sealed) && vault.open(id, sealed).is_ok();
        if !sealed.is_empty() && sealed.iter().all(is_new) {
            vault.drop_old_keys()?;
            rotated.dropped = true;
        }
    }
    Ok(rotated)
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("data sources: {error}"))
}

impl DataSources {
    /// Adds a data source.
    pub(crate) async fn create(&self, change: Change) -> Result<(), Error> {
        let change = Change { name: change.name.trim().to_owned(), ..change };
        self.check(&change, &change.secrets.clone().over(Secrets::default()).names(), None)?;
        self.put(uuid::Uuid::new_v4().to_string(), change, Secrets::default()).await
    }

    /// Changes one that was made in the page.
    pub(crate) async fn change(&self, name: &str, change: Change) -> Result<(), Error> {
        let known = self.changeable(name)?;
        let change = Change { name: change.name.trim().to_owned(), ..change };
        let former = known.definition.secrets.clone();
        let secrets = change.secrets.clone().over(former.clone());
        // Without keys nothing of what cannot be read is needed any more.
        let needs = |secret: &str| !secrets.names().iter().any(|name| name == secret);
        if known.unreadable.is_some()
            && change.settings.auth == Auth::Keys
            && (needs("access_key") || needs("secret_key"))
        {
            return Err(Error::BadRequest(
                "its secrets cannot be read: enter them again, choose another way to authenticate, or start with the key that sealed them".to_owned(),
            ));
        }
        self.check(&change, &secrets.names(), Some(name))?;
        self.put(known.id.clone().unwrap_or_default(), change, former).await
    }

    /// Takes one away that was made in the page.
    pub(crate) async fn delete(&self, name: &str) -> Result<(), Error> {
        let known = self.changeable(name)?;
        self.database.delete_source(known.id.as_deref().unwrap_or_default()).await.map_err(internal)?;
        self.reload().await.map_err(internal)
    }

    fn changeable(&self, name: &str) -> Result<Arc<Known>, Error> {
        let known = self.named(name)?;
        let why = match &known.definition.origin {
            Origin::Page => return Ok(known),
            Origin::BuiltIn => "is built in".to_owned(),
            Origin::Flags => "comes from --region and --profile".to_owned(),
            Origin::File(file) => format!("comes from {file}; change it there"),
        };
        Err(Error::BadRequest(format!("{name} {why}")))
    }

    fn check(&self, change: &Change, secrets: &[String], own_name: Option<&str>) -> Result<(), Error> {
        let mut wrong = problems(&change.name, &change.settings, secrets);
        if own_name != Some(&change.name) && self.find(Some(&change.name)).is_ok() {
            wrong.push(format!("name: there is a data source {} already", change.name));
        }
        if wrong.is_empty() { Ok(()) } else { Err(Error::BadRequest(wrong.join("; "))) }
    }

    async fn put(&self, id: String, change: Change, former: Secrets) -> Result<(), Error> {
        let keeps_secrets = change.settings.auth == Auth::Keys;
        let secrets = if keeps_secrets { change.secrets.over(former) } else { Secrets::default() };
        let secret_names = secrets.names();
        let text = secrets.to_text();
        let sealed = (!secret_names.is_empty()).then(|| self.vault.seal(&id, text.expose_secret().as_bytes()));
        let row = StoredSource {
            name: change.name,
            is_default: change.is_default,
            settings: serde_json::to_string(&change.settings).map_err(internal)?,
            secret_names,
            sealed: sealed.transpose().map_err(internal)?,
            id,
        };
        self.database.put_source(&row).await.map_err(internal)?;
        self.reload().await.map_err(internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database in a folder, with a data source whose secrets the vault has sealed.
    async fn holding(folder: &std::path::Path, vault: &Vault) -> Database {
        let database = Database::open(Some(folder)).await.unwrap();
        let row = StoredSource {
            id: "id".to_owned(),
            name: "prod".to_owned(),
            is_default: false,
            settings: "{}".to_owned(),
            secret_names: vec!["access_key".to_owned()],
            sealed: Some(vault.seal("id", b"AKID").unwrap()),
        };
        database.put_source(&row).await.unwrap();
        database
    }

    #[tokio::test]
    async fn a_new_key_loses_nobody_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("secret.key");
        let vault = || Vault::from_existing_file(&key).unwrap();
        let first = Vault::from_file(&key).unwrap();
        let [one, two, empty] = ["one", "two", "empty"].map(|name| folder.path().join(name));
        let (one, two) = (holding(&one, &first).await, holding(&two, &first).await);
        let empty = Database::open(Some(&empty)).await.unwrap();
        let opens = async |database: &Database| {
            let row = database.sources().await.unwrap().remove(0);
            vault().open(&row.id, &row.sealed.unwrap()).is_ok()
        };
        // A folder without secrets takes no key away, whatever was asked for.
        let nothing = Rotated { sealed: 0, unreadable: 0, dropped: false };
        assert_eq!(rotate(&empty, vault(), true).await.unwrap(), nothing);
        assert!(opens(&one).await && opens(&two).await);
        // Two folders with one file: the other one's key stays.
        assert_eq!(rotate(&one, vault(), false).await.unwrap(), Rotated { sealed: 1, ..nothing });
        assert!(opens(&one).await && opens(&two).await);
        // What cannot be read keeps all keys.
        let foreign = holding(&folder.path().join("foreign"), &Vault::ephemeral()).await;
        assert_eq!(rotate(&foreign, vault(), true).await.unwrap(), Rotated { unreadable: 1, ..nothing });
        assert!(opens(&one).await && opens(&two).await);
        assert_eq!(
            rotate(&one, vault(), true).await.unwrap(),
            Rotated { sealed: 1, dropped: true, ..nothing },
            "who says that nobody else has the file gets rid of old keys"
        );
        assert_eq!(std::fs::read_to_string(&key).unwrap().lines().count(), 1);
        assert!(opens(&one).await);
    }

    #[tokio::test]
    async fn a_folder_without_a_database_is_a_mistyped_one() {
        let folder = tempfile::tempdir().unwrap();
        let mistyped = folder.path().join("mistyped");
        let error = Database::open_existing(&mistyped).await.err().unwrap().to_string();
        assert!(error.contains("no state.db in") && error.contains("mistyped"), "{error}");
        assert!(!mistyped.exists(), "nothing is made");
        let key = folder.path().join("secret.key");
        assert!(Vault::from_existing_file(&key).is_err() && !key.exists());
    }
}
