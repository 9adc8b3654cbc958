//! `printf`: the directives of a format (Go's `fmt/print.go`, `doPrintf`).

use crate::gofmt::format::Flags;
use crate::gofmt::printer::Printer;
use crate::gofmt::quote::decode_char;
use crate::{Kind, Number, Value};

/// Largest width, precision or argument number; more is an error in the output (Go's `tooLarge`).
const MAX_NUMBER: i64 = 1_000_000;

/// Returns the values formatted as Go's `fmt.Sprintf` does, mistakes included (`%!d(string=x)`).
pub fn sprintf(format: &[u8], values: &[Value]) -> Vec<u8> {
    let mut out = Vec::with_capacity(format.len() + 8 * values.len());
    append_printf(&mut out, format, values);
    out
}

/// Appends the values formatted as Go's `fmt.Sprintf` does.
pub fn append_printf(out: &mut Vec<u8>, format: &[u8], values: &[Value]) {
    let mut directives = Directives {
        printer: Printer::new(out),
        format,
        position: 0,
        values,
        next: 0,
        is_reordered: false,
        is_good_index: true,
        follows_index: false,
    };
    directives.run();
}

struct Directives<'a> {
    printer: Printer<'a>,
    format: &'a [u8],
    position: usize,
    values: &'a [Value],
    /// The number of the next argument.
    next: usize,
    /// Whether an index was used: then arguments left over are no mistake.
    is_reordered: bool,
    is_good_index: bool,
    /// Whether the last thing read was an index.
    follows_index: bool,
}

impl Directives<'_> {
    fn run(&mut self) {
        loop {
            let rest = self.format.get(self.position..).unwrap_or_default();
            let percent = rest.iter().position(|byte| *byte == b'%');
            self.write(rest.get(..percent.unwrap_or(rest.len())).unwrap_or_default());
            let Some(offset) = percent else { break };
            self.position += offset + 1;
            if !self.directive() {
                break;
            }
        }
        if !self.is_reordered && self.next < self.values.len() {
            self.extra();
        }
    }

    fn write(&mut self, text: &[u8]) {
        self.printer.out.extend_from_slice(text);
    }

    fn peek(&self) -> Option<u8> {
        self.format.get(self.position).copied()
    }

    /// Formats one directive; false if the format ends before its verb.
    fn directive(&mut self) -> bool {
        self.is_good_index = true;
        self.read_flags();
        self.read_index();
        self.read_width();
        self.read_precision();
        if !self.follows_index {
            self.read_index();
        }
        let Some(byte) = self.peek() else {
            self.write(b"%!(NOVERB)");
            return false;
        };
        let (verb, size) = decode_char(self.format.get(self.position..).unwrap_or(&[byte]));
        self.position += size;
        let value = self.values.get(self.next);
        match value {
            _ if verb == '%' => self.write(b"%"),
            _ if !self.is_good_index => self.mistake(verb, "(BADINDEX)"),
            None => self.mistake(verb, "(MISSING)"),
            Some(value) => {
                if matches!(verb, 'v' | 'w') {
                    let flags = &mut self.printer.flags;
                    flags.sharp_v = std::mem::take(&mut flags.sharp);
                    flags.plus_v = std::mem::take(&mut flags.plus);
                }
                self.printer.argument(value, verb);
                self.next += 1;
            }
        }
        true
    }

    fn mistake(&mut self, verb: char, text: &str) {
        self.write(format!("%!{verb}{text}").as_bytes());
    }

    fn read_flags(&mut self) {
        let mut flags = Flags::default();
        while let Some(byte) = self.peek() {
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            self.position += 1;
        }
        self.printer.flags = flags;
    }

    /// Reads `[n]`, which chooses the next argument.
    fn read_index(&mut self) {
        self.follows_index = false;
        if self.peek() != Some(b'[') {
            return;
        }
        self.is_reordered = true;
        let rest = self.format.get(self.position..).unwrap_or_default();
        let close = rest.iter().position(|byte| *byte == b']');
        // The shortest index has three bytes; Go looks at no more when there are fewer.
        let Some(close) = close.filter(|_| rest.len() >= 3) else {
            self.is_good_index = false;
            self.position += 1;
            return;
        };
        self.position += close + 1;
        let digits = rest.get(1..close).unwrap_or_default();
        let number = match parse_number(digits) {
            (Some(number), length) if length == digits.len() => number,
            _ => {
                self.is_good_index = false;
                return;
            }
        };
        self.follows_index = true;
        match usize::try_from(number - 1) {
            Ok(index) if index < self.values.len() => self.next = index,
            _ => self.is_good_index = false,
        }
    }

    fn read_width(&mut self) {
        if self.peek() == Some(b'*') {
            self.position += 1;
            let width = self.argument_number();
            if width.is_none() {
                self.write(b"%!(BADWIDTH)");
            }
            let flags = &mut self.printer.flags;
            if width.is_some_and(|width| width < 0) {
                flags.minus = true;
                flags.zero = false;
            }
            flags.width = width.map(|width| width.unsigned_abs() as usize);
            self.follows_index = false;
            return;
        }
        let width = self.read_number();
        self.printer.flags.width = width;
        if self.follows_index && width.is_some() {
            self.is_good_index = false;
        }
    }

    fn read_precision(&mut self) {
        // A point at the very end is no precision.
        if self.peek() != Some(b'.') || self.position + 1 >= self.format.len() {
            return;
        }
        self.position += 1;
        if self.follows_index {
            self.is_good_index = false;
        }
        self.read_index();
        if self.peek() == Some(b'*') {
            self.position += 1;
            let precision = self.argument_number().and_then(|number| usize::try_from(number).ok());
            if precision.is_none() {
                self.write(b"%!(BADPREC)");
            }
            self.printer.flags.precision = precision;
            self.follows_index = false;
            return;
        }
        self.printer.flags.precision = Some(self.read_number().unwrap_or(0));
    }

    fn read_number(&mut self) -> Option<usize> {
        let rest = self.format.get(self.position..).unwrap_or_default();
        let (number, length) = parse_number(rest);
        self.position += length;
        number.and_then(|number| usize::try_from(number).ok())
    }

    /// Takes the next argument as the number for a `*`.
    fn argument_number(&mut self) -> Option<i64> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        let plain;
        let value = match value {
            // A number of a named type counts as one.
            Value::Object(object) if matches!(object.object_type().kind(), Kind::Int | Kind::Int64) => {
                plain = object.as_plain();
                &plain
            }
            value => value,
        };
        let number = match value {
            Value::Int(number) | Value::Int64(number) => *number,
            Value::Number(number) => match number {
                Number::Int8(n) => i64::from(*n),
                Number::Int16(n) => i64::from(*n),
                Number::Int32(n) => i64::from(*n),
                Number::Uint(n) | Number::Uint64(n) => i64::try_from(*n).ok()?,
                Number::Uint8(n) => i64::from(*n),
                Number::Uint16(n) => i64::from(*n),
                Number::Uint32(n) => i64::from(*n),
                Number::Float32(_) | Number::Complex128(_) => return None,
            },
            _ => return None,
        };
        (-MAX_NUMBER..=MAX_NUMBER).contains(&number).then_some(number)
    }

    fn extra(&mut self) {
        self.printer.flags = Flags::default();
        self.write(b"%!(EXTRA ");
        let values = self.values.get(self.next..).unwrap_or_default();
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.write(b", ");
            }
            if value.is_nil() {
                self.write(b"<nil>");
                continue;
            }
            self.write(value.type_name().as_bytes());
            self.write(b"=");
            self.printer.argument(value, 'v');
        }
        self.write(b")");
    }
}

/// Reads decimal digits and returns how many bytes that took. A number that is too large takes all of the text, so
/// that no verb is found.
fn parse_number(text: &[u8]) -> (Option<i64>, usize) {
    let mut number = None;
    for (index, byte) in text.iter().enumerate() {
        if !byte.is_ascii_digit() {
            return (number, index);
        }
        let so_far = number.unwrap_or(0);
        if so_far > MAX_NUMBER {
            return (None, text.len());
        }
        number = Some(so_far * 10 + i64::from(byte - b'0'));
    }
    (number, text.len())
}
