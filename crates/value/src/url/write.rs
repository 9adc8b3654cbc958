//! A URL put together.

use super::escape::{Part, escape};
use super::parse::Url;

impl Url {
    /// Returns the URL's text: Go's `URL.String` for a URL whose parts were given decoded.
    pub fn to_text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(&self.scheme);
            out.push(b':');
        }
        if self.opaque.is_empty() {
            self.write_authority(&mut out);
            self.write_path(&mut out);
        } else {
            out.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend(escape(&self.fragment, Part::Fragment));
        }
        out
    }

    fn write_authority(&self, out: &mut Vec<u8>) {
        let has_authority = !self.host.is_empty() || self.user.is_some();
        if has_authority || !self.scheme.is_empty() && !self.path.is_empty() {
            out.extend_from_slice(b"//");
        }
        if let Some(user) = &self.user {
            out.extend(user.to_text());
            out.push(b'@');
        }
        out.extend(escape(&self.host, Part::Host));
    }

    fn write_path(&self, out: &mut Vec<u8>) {
        let path = self.escaped_path();
        if !path.is_empty() && !path.starts_with(b"/") && !self.host.is_empty() {
            out.push(b'/');
        }
        let segment_end = memchr::memchr(b'/', &path).unwrap_or(path.len());
        if out.is_empty() && path.get(..segment_end).is_some_and(|segment| segment.contains(&b':')) {
            out.extend_from_slice(b"./");
        }
        out.extend(path);
    }
}
