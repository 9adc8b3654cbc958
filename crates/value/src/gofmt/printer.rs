//! Printing of values: `print`, `println`, and one value under a verb (Go's `fmt/print.go`).

use std::io::Write;
use std::rc::Rc;

use crate::gofmt::float::{self, Notation, Size};
use crate::gofmt::format::{Flags, Integer};
use crate::{Kind, List, Map, Number, Object, Str, Type, Value, is_exported};

/// Deepest nesting that is printed; what lies deeper is `…`.
const MAX_DEPTH: usize = 100_000;

/// Appends a value as `%v` prints it.
#[inline]
pub fn print(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::String(text) => out.extend_from_slice(text),
        Value::Bool(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
        Value::Int(number) | Value::Int64(number) => append_int(out, *number),
        Value::Float64(number) => append_general(out, *number),
        other => Printer::new(out).argument(other, 'v'),
    }
}

/// Returns the text that `%v` prints. Large parts that never change, such as a chart's files, are printed when the text
/// is read, which rarely happens: charts use whole contexts as keys by mistake.
pub fn printed(value: &Value) -> Str {
    let mut out = Vec::new();
    let Value::Map(_) = value else {
        print(value, &mut out);
        return Str::from(out);
    };
    let mut printer = Printer::new(&mut out);
    printer.postponed = Some(Vec::new());
    printer.argument(value, 'v');
    let postponed = printer.postponed.unwrap_or_default();
    Str::postponed(out, postponed)
}

/// Appends an integer in decimal.
fn append_int(out: &mut Vec<u8>, number: i64) {
    if let Ok(small @ 0..10) = u8::try_from(number) {
        out.push(b'0' + small);
        return;
    }
    write!(out, "{number}").expect("a Vec takes everything");
}

fn append_general(out: &mut Vec<u8>, number: f64) {
    // Most numbers in values files are small whole numbers.
    if number.fract() == 0.0 && number.abs() < 1e6 && (number != 0.0 || number.is_sign_positive()) {
        return append_int(out, number as i64);
    }
    float::append_float(out, number, Notation::General, None, Size::Bits64);
}

/// Returns the values as Go's `fmt.Sprint` does: a space between two that are both no strings.
pub fn sprint(values: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    append_print(&mut out, values);
    out
}

/// Appends the values as Go's `fmt.Sprint` does.
pub fn append_print(out: &mut Vec<u8>, values: &[Value]) {
    let mut follows_string = true;
    for value in values {
        let is_string = value.kind() == Kind::String;
        if !is_string && !follows_string {
            out.push(b' ');
        }
        Printer::new(out).argument(value, 'v');
        follows_string = is_string;
    }
}

/// Returns the values as Go's `fmt.Sprintln` does: always a space between two, and a newline.
pub fn sprintln(values: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    append_println(&mut out, values);
    out
}

/// Appends the values as Go's `fmt.Sprintln` does.
pub fn append_println(out: &mut Vec<u8>, values: &[Value]) {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        Printer::new(out).argument(value, 'v');
    }
    out.push(b'\n');
}

/// Writes values under a verb's flags.
pub(super) struct Printer<'o> {
    pub(super) out: &'o mut Vec<u8>,
    pub(super) flags: Flags,
    /// Addresses of the maps that are being printed.
    path: Vec<usize>,
    depth: usize,
    /// Whether methods of objects are left alone.
    is_bare: bool,
    /// Objects that are left out for now, and where their text goes; `None` where all is printed at once.
    postponed: Option<Vec<(usize, Rc<dyn Object>)>>,
}

impl<'o> Printer<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>) -> Self {
        Printer { out, flags: Flags::default(), path: Vec::new(), depth: 0, is_bare: false, postponed: None }
    }

    /// Prints an argument of a call.
    pub(super) fn argument(&mut self, value: &Value, verb: char) {
        match (value, verb) {
            (Value::Nil, 'T' | 'v') => self.flags.pad(self.out, b"<nil>"),
            (Value::Nil, _) => self.bad_verb(value, verb),
            (_, 'T') => self.flags.string(self.out, value.type_name().as_bytes()),
            (_, 'p') => self.pointer(value),
            (Value::List(list), 'v' | 'd') if list.list_type() == Type::Bytes && self.flags.sharp_v => {
                self.go_syntax_bytes(list);
            }
            _ => self.value(value, verb),
        }
    }

    fn value(&mut self, value: &Value, verb: char) {
        match value {
            Value::Nil => self.nested_nil(),
            Value::Bool(flag) => match verb {
                'v' | 't' => self.flags.boolean(self.out, *flag),
                _ => self.bad_verb(value, verb),
            },
            Value::Int(number) | Value::Int64(number) if verb == 'v' && self.flags.is_plain() => {
                append_int(self.out, *number);
            }
            Value::Float64(number) if verb == 'v' && self.flags.is_plain() => {
                append_general(self.out, *number)
            }
            Value::Int(number) | Value::Int64(number) => self.integer(value, Integer::signed(*number), verb),
            Value::Float64(number) => self.float(value, *number, Size::Bits64, verb),
            Value::Number(number) => self.number(value, number, verb),
            Value::String(text) => self.string(value, text, verb),
            Value::List(list) => self.list(value, list, verb),
            Value::Map(map) => self.map(value, map, verb),
            Value::Object(object) => self.object(value, object, verb),
        }
    }

    fn nested_nil(&mut self) {
        let text: &[u8] = if self.flags.sharp_v { b"interface {}(nil)" } else { b"<nil>" };
        self.out.extend_from_slice(text);
    }

    fn integer(&mut self, value: &Value, integer: Integer, verb: char) {
        match verb {
            'v' if self.flags.sharp_v && !integer.is_signed => {
                Flags { sharp: true, ..self.flags }.integer(self.out, integer, 'x');
            }
            'v' | 'd' | 'b' | 'o' | 'O' | 'x' | 'X' => self.flags.integer(self.out, integer, verb),
            'c' => self.flags.character(self.out, integer),
            'q' => self.flags.quoted_character(self.out, integer),
            'U' => self.flags.unicode(self.out, integer),
            _ => self.bad_verb(value, verb),
        }
    }

    fn float(&mut self, value: &Value, number: f64, size: Size, verb: char) {
        match verb {
            'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E' => {
                self.flags.float(self.out, number, size, verb);
            }
            _ => self.bad_verb(value, verb),
        }
    }

    fn number(&mut self, value: &Value, number: &Number, verb: char) {
        let integer = match number {
            Number::Int8(n) => Integer::signed(i64::from(*n)),
            Number::Int16(n) => Integer::signed(i64::from(*n)),
            Number::Int32(n) => Integer::signed(i64::from(*n)),
            Number::Uint(n) | Number::Uint64(n) => Integer::unsigned(*n),
            Number::Uint8(n) => Integer::unsigned(u64::from(*n)),
            Number::Uint16(n) => Integer::unsigned(u64::from(*n)),
            Number::Uint32(n) => Integer::unsigned(u64::from(*n)),
            Number::Float32(n) => return self.float(value, f64::from(*n), Size::Bits32, verb),
            Number::Complex128(pair) => return self.complex(value, **pair, verb),
        };
        self.integer(value, integer, verb);
    }

    fn complex(&mut self, value: &Value, (real, imaginary): (f64, f64), verb: char) {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            return self.bad_verb(value, verb);
        }
        self.out.push(b'(');
        self.flags.float(self.out, real, Size::Bits64, verb);
        Flags { plus: true, ..self.flags }.float(self.out, imaginary, Size::Bits64, verb);
        self.out.extend_from_slice(b"i)");
    }

    fn string(&mut self, value: &Value, text: &[u8], verb: char) {
        match verb {
            'v' if self.flags.sharp_v => self.flags.quoted(self.out, text),
            'v' | 's' => self.flags.string(self.out, text),
            'x' | 'X' => self.flags.hex(self.out, text, verb == 'X'),
            'q' => self.flags.quoted(self.out, text),
            _ => self.bad_verb(value, verb),
        }
    }

    fn list(&mut self, value: &Value, list: &List, verb: char) {
        if verb == 'w' && self.depth == 0 && list.list_type() != Type::Bytes {
            return self.bad_verb(value, verb);
        }
        if list.list_type().element() == Type::Uint8 && matches!(verb, 's' | 'q' | 'x' | 'X') {
            let bytes = bytes_of(list);
            return self.string(value, &bytes, verb);
        }
        self.list_of(list, list.list_type(), verb);
    }

    /// Prints the elements of a list of this type.
    fn list_of(&mut self, list: &List, list_type: Type, verb: char) {
        if self.flags.sharp_v {
            self.out.extend_from_slice(list_type.name().as_bytes());
            if list.is_nil() {
                self.out.extend_from_slice(b"(nil)");
                return;
            }
        }
        let (open, between, close) = self.brackets(b"[", b"]");
        self.out.extend_from_slice(open);
        self.nested(|printer| {
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    printer.out.extend_from_slice(between);
                }
                printer.value(item, verb);
            }
        });
        self.out.extend_from_slice(close);
    }

    fn map(&mut self, value: &Value, map: &Map, verb: char) {
        if verb == 'w' && self.depth == 0 {
            return self.bad_verb(value, verb);
        }
        if self.flags.sharp_v {
            self.out.extend_from_slice(map.map_type().name().as_bytes());
            if map.is_nil() {
                self.out.extend_from_slice(b"(nil)");
                return;
            }
        }
        if self.path.contains(&map.address()) {
            self.out.extend_from_slice(b"<cycle>");
            return;
        }
        let (open, between, close) = self.brackets(b"map[", b"]");
        self.out.extend_from_slice(open);
        self.path.push(map.address());
        self.nested(|printer| {
            for (index, (key, item)) in map.borrow().iter().enumerate() {
                if index > 0 {
                    printer.out.extend_from_slice(between);
                }
                printer.key(key, verb);
                printer.out.push(b':');
                printer.value(item, verb);
            }
        });
        self.path.pop();
        self.out.extend_from_slice(close);
    }

    fn key(&mut self, key: &Str, verb: char) {
        match verb {
            'v' if !self.flags.sharp_v => self.flags.string(self.out, key),
            _ => self.string(&Value::String(key.clone()), key, verb),
        }
    }

    fn brackets(
        &self,
        open: &'static [u8],
        close: &'static [u8],
    ) -> (&'static [u8], &'static [u8], &'static [u8]) {
        if self.flags.sharp_v { (b"{", b", ", b"}") } else { (open, b" ", close) }
    }

    fn nested(&mut self, print: impl FnOnce(&mut Self)) {
        if self.depth >= MAX_DEPTH {
            self.out.extend_from_slice("…".as_bytes());
            return;
        }
        self.depth += 1;
        print(self);
        self.depth -= 1;
    }

    fn object(&mut self, value: &Value, object: &Rc<dyn Object>, verb: char) {
        if verb == 'v' && self.flags.is_plain() && !self.flags.plus_v && !self.is_bare {
            match &mut self.postponed {
                Some(list) if object.prints_much_and_always_the_same() => {
                    list.push((self.out.len(), object.clone()));
                }
                _ => object.print_to(self.out),
            }
        } else if self.is_bare || !self.by_method(value, object, verb) {
            self.by_kind(value, object, verb);
        }
    }

    /// Prints what a method of the object says, if it has one for the verb (Go's `handleMethods`).
    fn by_method(&mut self, value: &Value, object: &Rc<dyn Object>, verb: char) -> bool {
        match verb {
            'w' => self.bad_verb(value, verb),
            'v' if self.flags.sharp_v => match object.go_string() {
                Some(text) => self.flags.string(self.out, text.as_bytes()),
                None => return false,
            },
            'v' | 's' | 'x' | 'X' | 'q' if object.is_stringer() => {
                self.string(value, object.print().as_bytes(), verb);
            }
            _ => return false,
        }
        true
    }

    /// Prints what the object is made of (Go's `printValue`).
    fn by_kind(&mut self, value: &Value, object: &Rc<dyn Object>, verb: char) {
        let object_type = object.object_type();
        match (object_type.kind(), object.as_plain()) {
            (Kind::Struct | Kind::Ptr, _) if let Some(fields) = object.go_fields() => {
                self.fields(object_type, &fields, verb);
            }
            (Kind::Struct | Kind::Ptr | Kind::Func | Kind::Interface | Kind::Invalid, _)
            | (_, Value::Object(_)) => match verb {
                'v' | 's' | 'x' | 'X' | 'q' => self.string(value, object.print().as_bytes(), verb),
                _ => self.bad_verb(value, verb),
            },
            (_, Value::Int(number) | Value::Int64(number)) => {
                self.integer(value, Integer::signed(number), verb)
            }
            (_, Value::List(list)) => self.list_of(&list, object_type, verb),
            (_, plain) => self.value(&plain, verb),
        }
    }

    /// Prints a struct, or the one a pointer points to: `{value other}`, with `%+v` `{Name:value Other:other}`.
    fn fields(&mut self, object_type: Type, fields: &[(&'static str, Value)], verb: char) {
        let name = object_type.name();
        let pointed_to = name.strip_prefix('*');
        if pointed_to.is_some() {
            self.out.push(b'&');
        }
        if self.flags.sharp_v {
            self.out.extend_from_slice(pointed_to.unwrap_or(name).as_bytes());
        }
        let (_, between, _) = self.brackets(b"{", b"}");
        self.out.push(b'{');
        self.nested(|printer| {
            for (index, (name, field)) in fields.iter().enumerate() {
                if index > 0 {
                    printer.out.extend_from_slice(between);
                }
                if printer.flags.plus_v || printer.flags.sharp_v {
                    printer.out.extend_from_slice(name.as_bytes());
                    printer.out.push(b':');
                }
                // Methods of what an unexported field holds are out of reach.
                let is_bare = printer.is_bare;
                printer.is_bare |= !is_exported(name);
                printer.value(field, verb);
                printer.is_bare = is_bare;
            }
        });
        self.out.push(b'}');
    }

    fn go_syntax_bytes(&mut self, list: &List) {
        self.out.extend_from_slice(b"[]byte");
        if list.is_nil() {
            self.out.extend_from_slice(b"(nil)");
            return;
        }
        self.out.push(b'{');
        for (index, item) in list.iter().enumerate() {
            if index > 0 {
                self.out.extend_from_slice(b", ");
            }
            self.value(item, 'v');
        }
        self.out.push(b'}');
    }

    /// `%p`: an address in memory, of what has one.
    fn pointer(&mut self, value: &Value) {
        let address = match value {
            Value::Map(map) if map.is_nil() => 0,
            Value::Map(map) => map.address(),
            Value::List(list) if list.is_nil() => 0,
            Value::List(list) => list.items().as_ptr() as usize,
            Value::Object(object) if object.object_type().kind() == Kind::Ptr => {
                Rc::as_ptr(object).cast::<()>() as usize
            }
            _ => return self.bad_verb(value, 'p'),
        };
        let flags = Flags { sharp: !self.flags.sharp, ..self.flags };
        flags.integer(self.out, Integer::unsigned(address as u64), 'x');
    }

    /// `%!verb(type=value)`, the value without its `String` method
    pub(super) fn bad_verb(&mut self, value: &Value, verb: char) {
        write!(self.out, "%!{verb}(").expect("a Vec takes everything");
        match value {
            Value::Nil => self.out.extend_from_slice(b"<nil>"),
            _ => {
                self.out.extend_from_slice(value.type_name().as_bytes());
                self.out.push(b'=');
                let is_bare = std::mem::replace(&mut self.is_bare, true);
                self.argument(value, 'v');
                self.is_bare = is_bare;
            }
        }
        self.out.push(b')');
    }
}

fn bytes_of(list: &List) -> Vec<u8> {
    list.iter()
        .map(|item| match item {
            Value::Number(Number::Uint8(byte)) => *byte,
            _ => 0,
        })
        .collect()
}
