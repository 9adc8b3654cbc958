//! `lint`: rules on a chart's files, each in its own file (Helm: pkg/chart/v2/lint).

mod chart_file;
mod crds;
mod dependencies;
mod deprecation;
mod maintainer;
mod message;
mod object;
mod object_name;
mod run;
mod templates;
mod values;

pub use message::{Message, Severity};
pub use run::{Place, Report, Request, Source, Told, run};
