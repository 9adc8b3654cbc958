//! Who asks and what they may do: tokens, impersonation, RBAC, and the reviews that tell about it.

mod identity;
mod reviews;
mod rules;
mod tokens;

pub(crate) use identity::Identity;
pub(crate) use tokens::Tokens;
