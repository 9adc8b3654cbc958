//! Which plugins are installed, and post-renderers among them at work.

mod command;
mod find;
mod glob;
mod metadata;
mod post_renderer;

pub(crate) use find::{find, look_around, look_for_getters};
pub(crate) use metadata::{POST_RENDERER, Plugin};
pub(crate) use post_renderer::{check_post_renderer, post_renderer};
