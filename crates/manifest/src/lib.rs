//! Kubernetes objects as data: identity, splitting, order, hooks, patches, readiness.
