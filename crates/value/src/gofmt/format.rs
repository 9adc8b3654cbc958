//! The flags of a verb, and basic values formatted under them (Go's `fmt/format.go`).

use crate::gofmt::float::{self, Notation, Size};
use crate::gofmt::quote::{self, Plain, decode_char};

/// Flags, width and precision of a verb.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%#v`: Go syntax.
    pub(super) sharp_v: bool,
    /// `%+v`: names of fields.
    pub(super) plus_v: bool,
}

/// An integer as Go's formatter takes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Integer {
    pub(super) magnitude: u64,
    pub(super) is_negative: bool,
    pub(super) is_signed: bool,
}

impl Integer {
    pub(super) fn signed(number: i64) -> Self {
        Integer { magnitude: number.unsigned_abs(), is_negative: number < 0, is_signed: true }
    }

    pub(super) fn unsigned(magnitude: u64) -> Self {
        Integer { magnitude, is_negative: false, is_signed: false }
    }

    /// The bits of the number, as `%c` and `%U` see it.
    fn bits(self) -> u64 {
        if self.is_negative { self.magnitude.wrapping_neg() } else { self.magnitude }
    }

    /// The character with this number; U+FFFD if there is none.
    pub(super) fn as_char(self) -> char {
        u32::try_from(self.bits()).ok().and_then(char::from_u32).unwrap_or('\u{fffd}')
    }
}

impl Flags {
    /// Returns whether the verb stands alone.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        let has_flag = self.minus || self.plus || self.sharp || self.space || self.zero || self.sharp_v;
        self.width.is_none() && self.precision.is_none() && !has_flag
    }

    fn pad_byte(&self) -> u8 {
        // Zeros are put only to the left.
        if self.zero && !self.minus { b'0' } else { b' ' }
    }

    /// Appends a text, filled up to the width.
    pub(super) fn pad(&self, out: &mut Vec<u8>, text: &[u8]) {
        let Some(width) = self.width else {
            out.extend_from_slice(text);
            return;
        };
        let fill = width.saturating_sub(count_chars(text));
        if self.minus {
            out.extend_from_slice(text);
            out.resize(out.len() + fill, self.pad_byte());
        } else {
            out.resize(out.len() + fill, self.pad_byte());
            out.extend_from_slice(text);
        }
    }

    fn pad_with_spaces(&self, out: &mut Vec<u8>, text: &[u8]) {
        Flags { zero: false, ..*self }.pad(out, text);
    }

    /// Cuts a text to the precision, which counts characters.
    fn truncate<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let Some(precision) = self.precision.filter(|precision| *precision < text.len()) else { return text };
        let mut end = 0;
        for _ in 0..precision {
            let (_, size) = decode_char(text.get(end..).unwrap_or_default());
            end += size;
        }
        text.get(..end).unwrap_or(text)
    }

    /// `%s`
    pub(super) fn string(&self, out: &mut Vec<u8>, text: &[u8]) {
        self.pad(out, self.truncate(text));
    }

    /// `%q` of a string
    pub(super) fn quoted(&self, out: &mut Vec<u8>, text: &[u8]) {
        let text = self.truncate(text);
        let mut quoted = Vec::with_capacity(text.len() + 2);
        if self.sharp && quote::can_backquote(text) {
            quoted.push(b'`');
            quoted.extend_from_slice(text);
            quoted.push(b'`');
        } else {
            quote::append_quoted(&mut quoted, text, self.plain());
        }
        self.pad(out, &quoted);
    }

    fn plain(&self) -> Plain {
        if self.plus { Plain::Ascii } else { Plain::Printable }
    }

    /// `%x` and `%X` of a string
    pub(super) fn hex(&self, out: &mut Vec<u8>, text: &[u8], is_upper: bool) {
        let text = self.precision.and_then(|precision| text.get(..precision)).unwrap_or(text);
        let digits = hex_digits(is_upper);
        let prefix: &[u8] = if is_upper { b"0X" } else { b"0x" };
        let mut hex = Vec::with_capacity(2 * text.len() + 2);
        for (index, byte) in text.iter().enumerate() {
            if self.space && index > 0 {
                hex.push(b' ');
            }
            if self.sharp && (self.space || index == 0) {
                hex.extend_from_slice(prefix);
            }
            hex.extend_from_slice(&[digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
        }
        self.pad(out, &hex);
    }

    /// `%t`
    pub(super) fn boolean(&self, out: &mut Vec<u8>, flag: bool) {
        self.pad(out, if flag { b"true" } else { b"false" });
    }

    /// `%c`
    pub(super) fn character(&self, out: &mut Vec<u8>, integer: Integer) {
        self.pad(out, integer.as_char().encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// `%q` of an integer
    pub(super) fn quoted_character(&self, out: &mut Vec<u8>, integer: Integer) {
        let mut quoted = Vec::with_capacity(12);
        quote::append_quoted_char(&mut quoted, integer.as_char(), self.plain());
        self.pad(out, &quoted);
    }

    /// `%U`
    pub(super) fn unicode(&self, out: &mut Vec<u8>, integer: Integer) {
        let digits = self.precision.unwrap_or(4).max(4);
        let mut text = b"U+".to_vec();
        append_digits(&mut text, integer.bits(), 16, true, digits);
        if self.sharp {
            let c = u32::try_from(integer.bits()).ok().and_then(char::from_u32);
            if let Some(c) = c.filter(|c| quote::is_printable(*c)) {
                text.extend_from_slice(format!(" '{c}'").as_bytes());
            }
        }
        self.pad_with_spaces(out, &text);
    }

    /// `%d`, `%b`, `%o`, `%O`, `%x`, `%X`
    pub(super) fn integer(&self, out: &mut Vec<u8>, integer: Integer, verb: char) {
        let base = match verb {
            'b' => 2,
            'o' | 'O' => 8,
            'x' | 'X' => 16,
            _ => 10,
        };
        if self.precision == Some(0) && integer.magnitude == 0 {
            return self.pad_with_spaces(out, b"");
        }
        let has_sign = integer.is_negative || self.plus || self.space;
        let digits = match (self.precision, self.width) {
            (Some(precision), _) => precision,
            (None, Some(width)) if self.zero && !self.minus => width.saturating_sub(usize::from(has_sign)),
            _ => 0,
        };
        let mut number = Vec::with_capacity(24);
        append_digits(&mut number, integer.magnitude, base, verb == 'X', digits);
        let mut text = Vec::with_capacity(number.len() + 3);
        if integer.is_negative {
            text.push(b'-');
        } else if self.plus {
            text.push(b'+');
        } else if self.space {
            text.push(b' ');
        }
        if verb == 'O' {
            text.extend_from_slice(b"0o");
        }
        if self.sharp {
            match verb {
                'b' => text.extend_from_slice(b"0b"),
                'o' | 'O' if number.first() != Some(&b'0') => text.push(b'0'),
                'x' => text.extend_from_slice(b"0x"),
                'X' => text.extend_from_slice(b"0X"),
                _ => {}
            }
        }
        text.extend_from_slice(&number);
        self.pad_with_spaces(out, &text);
    }

    /// `%e`, `%f`, `%g`, `%b`, `%x` and their capitals, `%v`
    pub(super) fn float(&self, out: &mut Vec<u8>, number: f64, size: Size, verb: char) {
        let (notation, default_precision) = match verb {
            'b' => (Notation::Binary, None),
            'x' | 'X' => (Notation::Hex, None),
            'e' | 'E' => (Notation::Exponent, Some(6)),
            'f' | 'F' => (Notation::Decimal, Some(6)),
            _ => (Notation::General, None),
        };
        let precision = self.precision.or(default_precision);
        let mut digits = Vec::with_capacity(24);
        float::append_float(&mut digits, number, notation, precision, size);
        let sign = match digits.first() {
            Some(sign @ (b'-' | b'+')) => {
                let sign = *sign;
                digits.remove(0);
                sign
            }
            _ => b'+',
        };
        if !number.is_finite() {
            return self.not_finite(out, sign, &digits, number.is_nan());
        }
        if self.sharp && verb != 'b' {
            self.keep_point_and_zeros(&mut digits, verb, precision);
        }
        if matches!(verb, 'E' | 'G' | 'X') {
            digits.make_ascii_uppercase();
        }
        let sign = match sign {
            b'-' => Some(b'-'),
            _ if self.plus => Some(b'+'),
            _ if self.space => Some(b' '),
            _ => None,
        };
        let length = digits.len() + 1;
        match sign {
            // The sign goes before the zeros.
            Some(sign) if self.zero && !self.minus && self.width.is_some_and(|width| width > length) => {
                out.push(sign);
                let width = self.width.map(|width| width - 1);
                Flags { width, ..*self }.pad(out, &digits);
            }
            Some(sign) => {
                digits.insert(0, sign);
                self.pad(out, &digits);
            }
            None => self.pad(out, &digits),
        }
    }

    fn not_finite(&self, out: &mut Vec<u8>, sign: u8, name: &[u8], is_nan: bool) {
        let mut text = Vec::with_capacity(4);
        match sign {
            b'-' => text.push(b'-'),
            _ if self.plus => text.push(b'+'),
            _ if self.space => text.push(b' '),
            // Infinity always has a sign when padded, and shows it.
            _ if !is_nan => text.push(b'+'),
            _ => {}
        }
        text.extend_from_slice(name);
        self.pad_with_spaces(out, &text);
    }

    /// `#`: always a decimal point, and for `%g` all digits of the precision.
    fn keep_point_and_zeros(&self, digits: &mut Vec<u8>, verb: char, precision: Option<usize>) {
        let exponent: &[u8] = if matches!(verb, 'x' | 'X') { b"p" } else { b"e" };
        let tail_at = digits.iter().position(|byte| exponent.contains(byte)).unwrap_or(digits.len());
        let tail = digits.split_off(tail_at);
        let mut missing = match verb {
            'v' | 'g' | 'G' | 'x' => precision.unwrap_or(6),
            _ => 0,
        };
        let has_point = digits.contains(&b'.');
        let significant =
            digits.iter().filter(|byte| **byte != b'.').skip_while(|byte| **byte == b'0').count();
        missing = missing.saturating_sub(significant);
        if !has_point {
            if digits.as_slice() == b"0" {
                missing = missing.saturating_sub(1);
            }
            digits.push(b'.');
        }
        digits.resize(digits.len() + missing, b'0');
        digits.extend_from_slice(&tail);
    }
}

fn hex_digits(is_upper: bool) -> &'static [u8; 16] {
    if is_upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" }
}

/// Appends a number in a base, with zeros up to a number of digits.
fn append_digits(out: &mut Vec<u8>, mut number: u64, base: u64, is_upper: bool, count: usize) {
    let digits = hex_digits(is_upper);
    let mut buffer = [0; 64];
    let mut start = buffer.len();
    loop {
        start -= 1;
        buffer[start] = digits[(number % base) as usize];
        number /= base;
        if number == 0 {
            break;
        }
    }
    let written = &buffer[start..];
    out.resize(out.len() + count.saturating_sub(written.len()), b'0');
    out.extend_from_slice(written);
}

/// Counts characters as `utf8.RuneCount` does, each invalid byte being one.
fn count_chars(text: &[u8]) -> usize {
    text.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}
