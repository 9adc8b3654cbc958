//! Go's text/template language: parse, check, execute.
