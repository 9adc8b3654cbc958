//! A Kubernetes cluster: connect, discover, apply, delete, watch, wait, logs.
