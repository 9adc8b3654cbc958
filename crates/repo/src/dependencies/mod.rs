//! A chart's dependencies brought into its `charts/` directory (Helm: downloader/manager.go).

mod charts;
mod download;
mod operation;
mod refresh;

pub use operation::{Pack, Request, build, update};
