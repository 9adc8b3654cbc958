//! Release records, their encoding and their storage.
