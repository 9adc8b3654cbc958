//! Chart, values and capabilities to manifests and notes; Helm's template functions.
