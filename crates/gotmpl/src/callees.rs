//! The functions that templates can call, by name.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::Function;
use crate::ast::{Builtin, Callee};

/// What the parser finds for a name; unlike the functions themselves it belongs to no thread.
#[derive(PartialEq)]
pub(crate) struct Callees(HashMap<&'static [u8], Callee, BuildHasherDefault<NameHasher>>);

impl Callees {
    /// Numbers functions. Of those with the same name the last counts; they win over Go's builtins.
    pub(crate) fn new(functions: &[Function]) -> Self {
        let count = functions.len() + Builtin::ALL.len();
        let mut callees = HashMap::with_capacity_and_hasher(count, BuildHasherDefault::default());
        for builtin in Builtin::ALL {
            callees.insert(builtin.name().as_bytes(), Callee::Builtin(builtin));
        }
        for (number, function) in functions.iter().enumerate() {
            callees.insert(function.name.as_bytes(), Callee::Custom(number as u32));
        }
        Callees(callees)
    }

    pub(crate) fn find(&self, name: &[u8]) -> Option<Callee> {
        self.0.get(name).copied()
    }
}

/// Hashes the names of functions. They are the program's own, so that nobody can choose them to collide, and the
/// parser asks for every name it meets.
#[derive(Default)]
struct NameHasher(u64);

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let word = chunk.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
            // The multiplier of FxHash, as good as any odd number with mixed bits.
            self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }

    fn finish(&self) -> u64 {
        // A product's upper bits are its better ones; the table looks at the lower ones too.
        self.0 ^ self.0 >> 32
    }
}
