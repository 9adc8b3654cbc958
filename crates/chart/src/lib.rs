//! Files to charts: metadata, values, dependencies, schema, --set.

pub mod schema;
