//! All that rendering may ask of the world.

use std::rc::Rc;

use value::Ambient;

/// Answers `lookup apiVersion kind namespace name`: the object, or the list when the name is empty; `None` when there is
/// no such object.
pub type Lookup = dyn Fn(&str, &str, &str, &str) -> Result<Option<serde_json::Value>, String>;

/// Finds an address of a host name.
pub type ResolveHost = dyn Fn(&str) -> Option<String>;

/// Runs a post-renderer over a stream of manifests, all files of a chart with their hooks, and returns what it made of
/// them. Each document names its file in an annotation.
pub type PostRender = dyn Fn(&[u8]) -> Result<Vec<u8>, String>;

/// The world as rendering sees it; what is absent answers nothing.
#[derive(Clone)]
pub struct Host {
    /// The clock and randomness.
    pub ambient: Rc<dyn Ambient>,
    /// The cluster behind `lookup`; without one, every lookup finds nothing.
    pub lookup: Option<Rc<Lookup>>,
    /// The resolver behind `getHostByName` (only with `--enable-dns`).
    pub resolve_host: Option<Rc<ResolveHost>>,
    /// The post-renderer that rendered manifests go through (`--post-renderer`).
    pub post_render: Option<Rc<PostRender>>,
}
