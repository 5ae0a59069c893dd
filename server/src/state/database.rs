//! The database of settings. The statements are those that `SQLite` and `PostgreSQL` share; the driver is chosen by the
//! address.

use std::path::Path;

use anyhow::Context as _;
use sqlx::{AnyPool, Row as _, any::AnyPoolOptions};

use super::Sealed;

/// The database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Database {
    pool: AnyPool,
    is_kept: bool,
}

/// A data source as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredSource {
    /// Never changes, unlike the name; secrets are bound to it.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) is_default: bool,
    /// JSON of [`api::data_source::Settings`].
    pub(crate) settings: String,
    /// The names of the secrets, readable without the key.
    pub(crate) secret_names: Vec<String>,
    pub(crate) sealed: Option<Sealed>,
}

/// The database's file in the data folder.
const FILE: &str = "state.db";

impl Database {
    /// Opens the database that a folder has. Where it has none, the folder is a mistyped one: nothing is made.
    pub(crate) async fn open_existing(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(FILE);
        anyhow::ensure!(file.is_file(), "there is no {FILE} in {}; is it the server's data folder?", folder.display());
        Self::open(Some(folder)).await
    }

    /// Opens the database in a folder, which is made if need be; without a folder nothing is kept. Brings its tables to
    /// the present version.
    pub(crate) async fn open(folder: Option<&Path>) -> anyhow::Result<Self> {
        sqlx::any::install_default_drivers();
        // A database in memory is one connection's own, and goes with it.
        let options = AnyPoolOptions::new().max_connections(if folder.is_some() { 4 } else { 1 });
        let options = if folder.is_some() { options } else { options.idle_timeout(None).max_lifetime(None) };
        let pool = match folder {
            None => options.connect("sqlite::memory:").await.context("cannot open a database in memory")?,
            Some(folder) => {
                let file = folder.join(FILE);
                let place = || format!("cannot open the database {}", file.display());
                std::fs::create_dir_all(folder).with_context(place)?;
                let path = file.to_str().with_context(place)?;
                let path: String =
                    percent_encoding::utf8_percent_encode(path, percent_encoding::NON_ALPHANUMERIC).collect();
                let pool = options.connect(&format!("sqlite:{path}?mode=rwc")).await.with_context(place)?;
                sqlx::query("PRAGMA journal_mode = WAL").execute(&pool).await.with_context(place)?;
                pool
            }
        };
        sqlx::migrate!().run(&pool).await.context("cannot bring the database to this version")?;
        Ok(Self { pool, is_kept: folder.is_some() })
    }

    /// Whether it outlives the process.
    pub(crate) fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// All data sources, by name.
    pub(crate) async fn sources(&self) -> sqlx::Result<Vec<StoredSource>> {
        let rows = sqlx::query(
            "SELECT id, name, is_default, settings, secret_names, sealed, key_id FROM data_sources ORDER BY name",
        );
        let rows = rows.fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                let (sealed, key_id): (String, String) = (row.try_get("sealed")?, row.try_get("key_id")?);
                let names: String = row.try_get("secret_names")?;
                Ok(StoredSource {
                    id: row.try_get("id")?,
                    name: row.try_get("name")?,
                    is_default: row.try_get::<i64, _>("is_default")? != 0,
                    settings: row.try_get("settings")?,
                    secret_names: names.split_whitespace().map(str::to_owned).collect(),
                    sealed: (!sealed.is_empty()).then_some(Sealed { text: sealed, key_id }),
                })
            })
            .collect()
    }

    /// Adds a data source, or replaces the one with the same id. One that is the default takes that from all others.
    pub(crate) async fn put_source(&self, source: &StoredSource) -> sqlx::Result<()> {
        let mut transaction = self.pool.begin().await?;
        if source.is_default {
            sqlx::query("UPDATE data_sources SET is_default = 0").execute(&mut *transaction).await?;
        }
        let (sealed, key_id) = source.sealed.as_ref().map_or(("", ""), |sealed| (&sealed.text, &sealed.key_id));
        sqlx::query(
            "INSERT INTO data_sources (id, name, is_default, settings, secret_names, sealed, key_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, is_default = excluded.is_default,
                 settings = excluded.settings, secret_names = excluded.secret_names,
                 sealed = excluded.sealed, key_id = excluded.key_id",
        )
        .bind(&source.id)
        .bind(&source.name)
        .bind(i64::from(source.is_default))
        .bind(&source.settings)
        .bind(source.secret_names.join(" "))
        .bind(sealed)
        .bind(key_id)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }

    /// Takes a data source away, with its secrets.
    pub(crate) async fn delete_source(&self, id: &str) -> sqlx::Result<()> {
        sqlx::query("DELETE FROM data_sources WHERE id = $1").bind(id).execute(&self.pool).await.map(drop)
    }

    /// Replaces what is sealed of several data sources, all or none.
    pub(crate) async fn reseal(&self, all: &[(String, Sealed)]) -> sqlx::Result<()> {
        let mut transaction = self.pool.begin().await?;
        for (id, sealed) in all {
            sqlx::query("UPDATE data_sources SET sealed = $1, key_id = $2 WHERE id = $3")
                .bind(&sealed.text)
                .bind(&sealed.key_id)
                .bind(id)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }

    /// Traces scanned for a data source on a day, as `2026-01-31`.
    pub(crate) async fn scanned(&self, source: &str, day: &str) -> sqlx::Result<u64> {
        let row = sqlx::query("SELECT traces FROM scans WHERE source = $1 AND day = $2")
            .bind(source)
            .bind(day)
            .fetch_optional(&self.pool)
            .await?;
        row.map_or(Ok(0), |row| row.try_get::<i64, _>("traces").map(|traces| u64::try_from(traces).unwrap_or(0)))
    }

    /// Adds to the traces scanned for a data source on a day.
    pub(crate) async fn add_scanned(&self, source: &str, day: &str, traces: u64) -> sqlx::Result<()> {
        sqlx::query(
            "INSERT INTO scans (source, day, traces) VALUES ($1, $2, $3)
             ON CONFLICT (source, day) DO UPDATE SET traces = scans.traces + excluded.traces",
        )
        .bind(source)
        .bind(day)
        .bind(i64::try_from(traces).unwrap_or(i64::MAX))
        .execute(&self.pool)
        .await
        .map(drop)
    }
}
