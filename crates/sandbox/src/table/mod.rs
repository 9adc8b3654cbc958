//! Other forms of a response: metadata only, and the tables that kubectl prints.

mod age;
mod cells;
mod columns;
mod custom;
mod form;
mod network;
mod pods;
mod reading;
mod settings;
mod storage;
mod workloads;

pub(crate) use form::{Asked, Include, list_metadata, partial, table, table_of};
