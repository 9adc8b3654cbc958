//! The tables, made by the migrations of Helm's driver under the same names, so that either program finds done what
//! the other has done (`ensureDBSetup`; the table of migrations is that of sql-migrate).

use super::connect::Database;
use super::failure::SqlError;

/// A migration: its name and its statements.
struct Migration {
    id: &'static str,
    up: &'static str,
}

/// In the order of their names, in which they are applied.
const MIGRATIONS: [Migration; 2] = [
    Migration {
        id: "custom_labels",
        up: "CREATE TABLE custom_labels_v1 (
                releaseKey VARCHAR(64), releaseNamespace VARCHAR(67), key VARCHAR(317), value VARCHAR(63)
            );
            CREATE INDEX ON custom_labels_v1 (releaseKey, releaseNamespace);
            GRANT ALL ON custom_labels_v1 TO PUBLIC;
            ALTER TABLE custom_labels_v1 ENABLE ROW LEVEL SECURITY;",
    },
    Migration {
        id: "init",
        up: "CREATE TABLE releases_v1 (
                key VARCHAR(90), type VARCHAR(64) NOT NULL, body TEXT NOT NULL, name VARCHAR(64) NOT NULL,
                namespace VARCHAR(64) NOT NULL, version INTEGER NOT NULL, status TEXT NOT NULL, owner TEXT NOT NULL,
                createdAt INTEGER NOT NULL, modifiedAt INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(key, namespace)
            );
            CREATE INDEX ON releases_v1 (key, namespace);
            CREATE INDEX ON releases_v1 (version);
            CREATE INDEX ON releases_v1 (status);
            CREATE INDEX ON releases_v1 (owner);
            CREATE INDEX ON releases_v1 (createdAt);
            CREATE INDEX ON releases_v1 (modifiedAt);
            GRANT ALL ON releases_v1 TO PUBLIC;
            ALTER TABLE releases_v1 ENABLE ROW LEVEL SECURITY;",
    },
];

/// Makes what is missing.
///
/// # Errors
/// When the user may not, or there is no schema to make tables in.
pub(super) fn ensure(database: &Database) -> Result<(), SqlError> {
    let missing = missing(database);
    if missing.is_empty() {
        return Ok(());
    }
    let table = "create table if not exists \"gorp_migrations\" (\"id\" text not null primary key, \"applied_at\" timestamp with time zone)";
    let made = database.batch(table).and_then(|()| missing.iter().try_for_each(|own| apply(database, own)));
    match made {
        // Another program may have been at it at the same time.
        Err(_) if self::missing(database).is_empty() => Ok(()),
        outcome => outcome,
    }
}

/// A table that is not there or may not be read counts as empty, as in Helm.
fn missing(database: &Database) -> Vec<&'static Migration> {
    let rows = database.query("SELECT id FROM gorp_migrations", &[]).unwrap_or_default();
    let applied: Vec<String> = rows.iter().filter_map(|row| row.try_get(0).ok()).collect();
    MIGRATIONS.iter().filter(|own| !applied.iter().any(|id| id == own.id)).collect()
}

fn apply(database: &Database, migration: &Migration) -> Result<(), SqlError> {
    let Migration { id, up } = migration;
    let note = format!("INSERT INTO gorp_migrations (id, applied_at) VALUES ('{id}', now());");
    database.transaction(|| database.batch(&format!("{up}\n{note}")))
}
