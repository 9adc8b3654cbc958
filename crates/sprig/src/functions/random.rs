//! Chance: random strings, bytes, numbers and identifiers.

use gotmpl::CallError;
use value::{Ambient, Type, Value};

use super::arguments::{Outcome, int, text};
use super::asking::{Asking, asking};
use crate::Error;
use crate::crypto::{Letters, below, random_bytes, random_letters, uuid_v4};

const COUNT: &[Type] = &[Type::Int];

pub(super) const FUNCTIONS: &[Asking] = &[
    asking("randAlphaNum", COUNT, |ambient, arguments| letters(ambient, arguments, Letters::AlphaNumeric)),
    asking("randAlpha", COUNT, |ambient, arguments| letters(ambient, arguments, Letters::Alpha)),
    asking("randAscii", COUNT, |ambient, arguments| letters(ambient, arguments, Letters::Ascii)),
    asking("randNumeric", COUNT, |ambient, arguments| letters(ambient, arguments, Letters::Numeric)),
    asking("randBytes", COUNT, |ambient, arguments| made(random_bytes(int(arguments, 0), &mut &*ambient))),
    asking("randInt", &[Type::Int, Type::Int], random_number),
    asking("shuffle", &[Type::String], shuffle),
    asking("uuidv4", &[], |ambient, _| Ok(Value::from(uuid_v4(&mut &*ambient)))),
];

fn letters(ambient: &dyn Ambient, arguments: &[Value], letters: Letters) -> Outcome {
    made(random_letters(letters, int(arguments, 0), &mut &*ambient))
}

fn made(text: Result<String, Error>) -> Outcome {
    text.map(Value::from).map_err(|error| CallError::message(error.to_string()))
}

/// Returns a number from the first to below the second.
fn random_number(ambient: &dyn Ambient, arguments: &mut [Value]) -> Outcome {
    let (min, max) = (int(arguments, 0), int(arguments, 1));
    match u64::try_from(max.wrapping_sub(min)) {
        Ok(range) if range > 0 => Ok(Value::Int(min.wrapping_add(below(&mut &*ambient, range) as i64))),
        _ => Err(CallError::message("invalid argument to Intn")),
    }
}

fn shuffle(ambient: &dyn Ambient, arguments: &mut [Value]) -> Outcome {
    let text = text(arguments, 0);
    let mut characters: Vec<char> = text.to_str_lossy().chars().collect();
    for index in (1..characters.len()).rev() {
        let other = below(&mut &*ambient, index as u64 + 1) as usize;
        characters.swap(index, other);
    }
    Ok(Value::from(characters.into_iter().collect::<String>()))
}
