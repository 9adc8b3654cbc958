//! Compiled expressions kept for the next call.

use std::collections::HashMap;
use std::sync::Arc;

use super::compiled::Regex;
use super::error::Error;

/// Keeps compiled expressions, up to a number; then it starts anew.
#[derive(Debug)]
pub struct Cache {
    capacity: usize,
    compiled: HashMap<Box<[u8]>, Result<Arc<Regex>, Error>>,
}

impl Cache {
    /// Makes a cache of at most `capacity` expressions.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, compiled: HashMap::new() }
    }

    /// Returns a compiled expression.
    ///
    /// # Errors
    /// As [`Regex::new`]; they are kept, too.
    pub fn get(&mut self, expression: &[u8]) -> Result<Arc<Regex>, Error> {
        if let Some(known) = self.compiled.get(expression) {
            return known.clone();
        }
        if self.compiled.len() >= self.capacity {
            self.compiled.clear();
        }
        let compiled = Regex::new(expression).map(Arc::new);
        self.compiled.insert(expression.into(), compiled.clone());
        compiled
    }
}

impl Default for Cache {
    /// Room for more expressions than a chart has.
    fn default() -> Self {
        Self::new(512)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_cache_starts_anew() {
        let mut cache = Cache::new(2);
        for expression in ["a", "b", "a", "(", "("] {
            assert_eq!(cache.get(expression.as_bytes()).is_err(), expression == "(");
        }
        assert_eq!(cache.compiled.len(), 1);
    }
}
