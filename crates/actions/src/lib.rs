//! Requests to plans to outcomes, with events.
//!
//! Every operation decides on a [`plan::Plan`] and hands it to [`execute::run`]; what went wrong is answered by
//! another plan.

mod batches;
mod connections;
mod detail;
pub mod diagnose;
mod error;
mod event;
pub mod execute;
pub mod get;
mod guard;
pub mod history;
pub mod install;
pub mod list;
mod live;
mod name;
pub mod plan;
mod records;
mod render;
pub mod rollback;
mod search;
mod start;
pub mod status;
pub mod test;
pub mod uninstall;
pub mod upgrade;

pub use crate::connections::Connections;
pub use crate::detail::{Access, Detail, Stage};
pub use crate::error::{Error, ErrorKind};
pub use crate::event::{Event, Interest, Reporter};
pub use crate::name::{NameError, check_release_name};
pub use crate::render::{ChartRenderer, RenderError, RenderInput, Rendered, ValuesMode};
pub use crate::start::{DryRun, ServerSide};
