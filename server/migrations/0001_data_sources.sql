-- Types and statements here are those that SQLite and PostgreSQL share.
CREATE TABLE data_sources (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    is_default BIGINT NOT NULL,
    -- JSON.
    settings TEXT NOT NULL,
    -- The names of the secrets that are sealed, with spaces between.
    secret_names TEXT NOT NULL,
    -- Base64; empty where there are no secrets.
    sealed TEXT NOT NULL,
    -- Which key sealed them.
    key_id TEXT NOT NULL
);

-- Traces that X-Ray scanned for a data source on a day (UTC): what AWS charges for.
CREATE TABLE scans (
    source TEXT NOT NULL,
    day TEXT NOT NULL,
    traces BIGINT NOT NULL,
    PRIMARY KEY (source, day)
);
