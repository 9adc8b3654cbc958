//! Chance: random strings, bytes, numbers and identifiers.

use gotmpl::CallError;
use value::{Ambient, Type, Value};

use super::arguments::{Outcome, int, text};
use super::asking::{Asking, Chance, asking};
use crate::crypto::{Entropy, base64, below};

const COUNT: &[Type] = &[Type::Int];
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LETTERS_AND_DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";

/// A longer text would end Go's program for lack of memory.
const MAX_COUNT: i64 = 1 << 33;

pub(super) const FUNCTIONS: &[Asking] = &[
    asking("randAlphaNum", COUNT, |ambient, arguments| random_text(ambient, arguments, LETTERS_AND_DIGITS)),
    asking("randAlpha", COUNT, |ambient, arguments| random_text(ambient, arguments, LETTERS)),
    asking("randNumeric", COUNT, |ambient, arguments| random_text(ambient, arguments, DIGITS)),
    asking("randAscii", COUNT, |ambient, arguments| {
        let printable: Vec<u8> = (b' '..=b'~').collect();
        random_text(ambient, arguments, &printable)
    }),
    asking("randBytes", COUNT, random_bytes),
    asking("randInt", &[Type::Int, Type::Int], random_number),
    asking("shuffle", &[Type::String], shuffle),
    asking("uuidv4", &[], uuid),
];

/// Returns characters of the alphabet, each as likely as the others; none for a negative count.
fn random_text(ambient: &dyn Ambient, arguments: &[Value], alphabet: &[u8]) -> Outcome {
    let count = int(arguments, 0);
    if count > MAX_COUNT {
        return Err(CallError::message("runtime error: makeslice: len out of range"));
    }
    let mut chance = Chance(ambient);
    let mut pool = Pool::new(&mut chance, alphabet.len());
    let text: String = (0..count).filter_map(|_| alphabet.get(pool.draw())).map(|&byte| char::from(byte)).collect();
    Ok(Value::from(text))
}

/// Small random numbers, drawn from random bytes fetched many at a time.
struct Pool<'a> {
    entropy: &'a mut dyn Entropy,
    bytes: [u8; 256],
    next: usize,
    bound: usize,
}

impl<'a> Pool<'a> {
    fn new(entropy: &'a mut dyn Entropy, bound: usize) -> Self {
        Pool { entropy, bytes: [0; 256], next: 256, bound }
    }

    /// Returns a number below the bound; bytes above its largest multiple would make low ones likelier.
    fn draw(&mut self) -> usize {
        let limit = 256 - 256 % self.bound.clamp(1, 256);
        loop {
            if self.next == self.bytes.len() {
                self.entropy.fill(&mut self.bytes);
                self.next = 0;
            }
            let byte = usize::from(self.bytes.get(self.next).copied().unwrap_or_default());
            self.next += 1;
            if byte < limit {
                return byte % self.bound.max(1);
            }
        }
    }
}

fn random_bytes(ambient: &dyn Ambient, arguments: &mut [Value]) -> Outcome {
    let count = int(arguments, 0);
    let Some(count) = usize::try_from(count).ok().filter(|_| count <= MAX_COUNT) else {
        return Err(CallError::message("runtime error: makeslice: len out of range"));
    };
    let mut bytes = vec![0; count];
    ambient.fill_random(&mut bytes);
    Ok(Value::from(base64::encode(&bytes)))
}

fn random_number(ambient: &dyn Ambient, arguments: &mut [Value]) -> Outcome {
    let (min, max) = (int(arguments, 0), int(arguments, 1));
    match u64::try_from(max.wrapping_sub(min)) {
        Ok(range) if range > 0 => {
            Ok(Value::Int(min.wrapping_add(below(&mut Chance(ambient), range) as i64)))
        }
        _ => Err(CallError::message("invalid argument to Intn")),
    }
}

fn shuffle(ambient: &dyn Ambient, arguments: &mut [Value]) -> Outcome {
    let text = text(arguments, 0);
    let mut characters: Vec<char> = text.to_str_lossy().chars().collect();
    for index in (1..characters.len()).rev() {
        let other = below(&mut Chance(ambient), index as u64 + 1) as usize;
        characters.swap(index, other);
    }
    Ok(Value::from(characters.into_iter().collect::<String>()))
}

/// Returns a random UUID (RFC 9562, version 4).
fn uuid(ambient: &dyn Ambient, _: &mut [Value]) -> Outcome {
    let mut bytes = [0; 16];
    ambient.fill_random(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    Ok(Value::from(format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))))
}
