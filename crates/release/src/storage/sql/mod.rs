//! Records in a PostgreSQL database, in the tables of Helm's SQL driver (`pkg/storage/driver/sql.go`).

mod connect;
mod dsn;
mod failure;
mod passfile;
mod rows;
mod schema;
mod tls;

pub use self::connect::Database;
pub use self::failure::SqlError;
pub(crate) use self::rows::Rows;
