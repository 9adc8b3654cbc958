//! Scanning what stands before or around nodes: anchors, aliases, tags and directives.

use std::borrow::Cow;

use super::chars::{BLANK, at, is, is_blank_or_end, is_line_end, is_word, width};
use super::problem::Step;
use super::scan::Scanner;
use super::token::{Kind, Token};

impl<'a> Scanner<'a> {
    fn read_word(&mut self) -> &'a [u8] {
        let start = self.offset;
        while is_word(at(self.text, self.offset)) {
            self.offset += 1;
        }
        self.text.get(start..self.offset).unwrap_or_default()
    }

    /// Scans `&name` or `*name`.
    pub(super) fn scan_anchor(&mut self, kind: Kind) -> Step<Token<'a>> {
        let (line, start) = (self.line, self.offset);
        self.offset += 1;
        let name = self.read_word();
        let next = at(self.text, self.offset);
        let ends_well = is_blank_or_end(self.text, self.offset)
            || matches!(next, b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends_well {
            return Err(self.problem("did not find expected alphabetic or numeric character"));
        }
        Ok(self.text_token(kind, line, start, Cow::Borrowed(name)))
    }

    /// Scans `!<uri>`, `!suffix` or `!handle!suffix`.
    pub(super) fn scan_tag(&mut self) -> Step<Token<'a>> {
        let (line, start) = (self.line, self.offset);
        let mut handle: &[u8] = b"";
        let suffix;
        if at(self.text, self.offset + 1) == b'<' {
            self.offset += 2;
            suffix = self.read_uri(b"")?;
            if at(self.text, self.offset) != b'>' {
                return Err(self.problem("did not find the expected '>'"));
            }
            self.offset += 1;
        } else {
            let head = self.read_tag_handle(false)?;
            if head.len() > 1 && head.ends_with(b"!") {
                handle = head;
                suffix = self.read_uri(b"")?;
            } else {
                let rest = self.read_uri(head)?;
                // A lone `!` has no handle, it is the tag.
                handle = if rest.is_empty() { b"" } else { b"!" };
                suffix = if rest.is_empty() { b"!".to_vec() } else { rest };
            }
        }
        if !is_blank_or_end(self.text, self.offset) {
            return Err(self.problem("did not find expected whitespace or line break"));
        }
        let mut token = self.text_token(Kind::Tag, line, start, Cow::Borrowed(handle));
        token.suffix = suffix;
        Ok(token)
    }

    fn read_tag_handle(&mut self, in_directive: bool) -> Step<&'a [u8]> {
        let start = self.offset;
        if at(self.text, start) != b'!' {
            return Err(self.problem("did not find expected '!'"));
        }
        self.offset += 1;
        let name = self.read_word();
        if at(self.text, self.offset) == b'!' {
            self.offset += 1;
        } else if in_directive && !name.is_empty() {
            return Err(self.problem("did not find expected '!'"));
        }
        Ok(self.text.get(start..self.offset).unwrap_or_default())
    }

    /// Reads the characters of a URI behind what has already been read of it (whose first character is `!`).
    fn read_uri(&mut self, head: &[u8]) -> Step<Vec<u8>> {
        let mut uri = head.get(1..).unwrap_or_default().to_vec();
        let mut found = !head.is_empty();
        loop {
            match at(self.text, self.offset) {
                b'%' => self.read_uri_escape(&mut uri)?,
                byte if is_word(byte) || b";/?:@&=+$,.!~*'()[]".contains(&byte) => {
                    uri.push(byte);
                    self.offset += 1;
                }
                _ => break,
            }
            found = true;
        }
        if !found {
            return Err(self.problem("did not find expected tag URI"));
        }
        Ok(uri)
    }

    /// Reads one character that is written as `%XX` for each of its bytes.
    fn read_uri_escape(&mut self, uri: &mut Vec<u8>) -> Step<()> {
        let mut missing = None;
        while missing != Some(0) {
            let digit = |offset: usize| char::from(at(self.text, offset)).to_digit(16);
            let (b'%', Some(high), Some(low)) =
                (at(self.text, self.offset), digit(self.offset + 1), digit(self.offset + 2))
            else {
                return Err(self.problem("did not find URI escaped octet"));
            };
            let octet = (high * 16 + low) as u8;
            missing = match missing {
                None if width(octet) == 0 => {
                    return Err(self.problem("found an incorrect leading UTF-8 octet"));
                }
                None => Some(width(octet) - 1),
                Some(_) if octet & 0xC0 != 0x80 => {
                    return Err(self.problem("found an incorrect trailing UTF-8 octet"));
                }
                Some(n) => Some(n - 1),
            };
            uri.push(octet);
            self.offset += 3;
        }
        Ok(())
    }

    /// Scans `%YAML major.minor` or `%TAG handle prefix`.
    pub(super) fn scan_directive(&mut self) -> Step<Token<'a>> {
        let (line, start) = (self.line, self.offset);
        self.offset += 1;
        let name = self.read_word();
        if name.is_empty() {
            return Err(self.problem("could not find expected directive name"));
        }
        if !is_blank_or_end(self.text, self.offset) {
            return Err(self.problem("found unexpected non-alphabetical character"));
        }
        let token = match name {
            b"YAML" => self.scan_version(line, start)?,
            b"TAG" => self.scan_tag_directive(line, start)?,
            _ => return Err(self.problem("found unknown directive name")),
        };
        self.skip_blanks();
        if at(self.text, self.offset) == b'#' {
            self.skip_comment();
        }
        if !is_line_end(self.text, self.offset) {
            return Err(self.problem("did not find expected comment or line break"));
        }
        self.skip_break();
        Ok(token)
    }

    /// Scans the version; the token's text is it, in decimal and without leading zeros.
    fn scan_version(&mut self, line: u32, start: usize) -> Step<Token<'a>> {
        self.skip_blanks();
        let major = self.read_version_number()?;
        if at(self.text, self.offset) != b'.' {
            return Err(self.problem("did not find expected digit or '.' character"));
        }
        self.offset += 1;
        let minor = self.read_version_number()?;
        let version = format!("{major}.{minor}").into_bytes();
        Ok(self.text_token(Kind::VersionDirective, line, start, Cow::Owned(version)))
    }

    fn read_version_number(&mut self) -> Step<u32> {
        let (mut value, mut length) = (0, 0);
        while let digit @ b'0'..=b'9' = at(self.text, self.offset) {
            length += 1;
            if length > 2 {
                return Err(self.problem("found extremely long version number"));
            }
            value = value * 10 + u32::from(digit - b'0');
            self.offset += 1;
        }
        if length == 0 {
            return Err(self.problem("did not find expected version number"));
        }
        Ok(value)
    }

    fn scan_tag_directive(&mut self, line: u32, start: usize) -> Step<Token<'a>> {
        self.skip_blanks();
        let handle = self.read_tag_handle(true)?;
        if !is(at(self.text, self.offset), BLANK) {
            return Err(self.problem("did not find expected whitespace"));
        }
        self.skip_blanks();
        let prefix = self.read_uri(b"")?;
        if !is_blank_or_end(self.text, self.offset) {
            return Err(self.problem("did not find expected whitespace or line break"));
        }
        let mut token = self.text_token(Kind::TagDirective, line, start, Cow::Borrowed(handle));
        token.suffix = prefix;
        Ok(token)
    }
}
