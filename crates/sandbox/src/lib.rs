//! An API server in a struct.
