//! Maps: Go maps with string keys, shared and mutable, always read in the order of their keys.

use std::cell::{Cell, Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::collections::btree_map;
use std::rc::Rc;

use crate::{Str, Type, Value};

/// Above this many entries a map changes from a sorted vector to a tree, so that inserts stay cheap.
const TREE_THRESHOLD: usize = 128;

/// A Go map with string keys and its static type. Clones share the entries: a change is seen by every holder.
#[derive(Clone)]
pub struct Map {
    data: Rc<MapData>,
    /// Whether this holder sees the map as Helm's named type `common.Values`; another holder may not.
    is_values: bool,
}

struct MapData {
    map_type: Type,
    is_nil: bool,
    entries: RefCell<Entries>,
}

impl Map {
    /// Returns an empty `map[string]interface {}`.
    pub fn new() -> Self {
        Map::from(Entries::default())
    }

    /// `common.Values` is a way to see a map, not one to make it: see [`Map::as_values`].
    fn holder(mut data: MapData) -> Self {
        let is_values = data.map_type == Type::Values;
        if is_values {
            data.map_type = Type::AnyMap;
        }
        Map { data: Rc::new(data), is_values }
    }

    /// Returns the same map, seen as Helm's type `common.Values`; both share the entries.
    pub fn as_values(&self) -> Map {
        Map { data: self.data.clone(), is_values: true }
    }

    /// Returns the same map, seen as what it was made as: passing `common.Values` to a function for
    /// `map[string]interface {}` does so in Go.
    pub fn as_made(&self) -> Map {
        Map { data: self.data.clone(), is_values: false }
    }

    /// Returns a map of the given map type (`Type::StringMap`, …); the values must be of its element type.
    pub fn typed(map_type: Type, entries: Entries) -> Self {
        Map::holder(MapData { map_type, is_nil: false, entries: RefCell::new(entries) })
    }

    /// Returns Go's nil map of the given type: empty, but `null` in JSON.
    pub fn nil(map_type: Type) -> Self {
        Map::holder(MapData { map_type, is_nil: true, entries: RefCell::default() })
    }

    /// Returns the map's static type.
    pub fn map_type(&self) -> Type {
        if self.is_values { Type::Values } else { self.data.map_type }
    }

    /// Returns whether this is a nil map.
    pub fn is_nil(&self) -> bool {
        self.data.is_nil
    }

    /// Returns the value of a key.
    #[inline]
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.data.entries.borrow().get(key.as_ref()).cloned()
    }

    /// Returns the value of a key that is looked up again and again in maps with mostly the same keys.
    #[inline]
    pub fn get_hinted(&self, key: &Str, hint: &KeyHint) -> Option<Value> {
        self.data.entries.borrow().get_hinted(key, hint).cloned()
    }

    /// Returns whether the key is present.
    pub fn contains_key(&self, key: impl AsRef<[u8]>) -> bool {
        self.data.entries.borrow().get(key.as_ref()).is_some()
    }

    /// Sets a key; every holder of this map sees it.
    pub fn insert(&self, key: impl Into<Str>, value: Value) -> Option<Value> {
        self.data.entries.borrow_mut().insert(key.into(), value)
    }

    /// Removes a key; every holder of this map sees it.
    pub fn remove(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.data.entries.borrow_mut().remove(key.as_ref())
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.data.entries.borrow().len()
    }

    /// Returns whether the map has no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the keys, sorted.
    pub fn keys(&self) -> Vec<Str> {
        self.borrow().iter().map(|(key, _)| key.clone()).collect()
    }

    /// Returns key and value of every entry, sorted by key: what a `range` over the map walks, whatever its body changes.
    pub fn snapshot(&self) -> Vec<(Str, Value)> {
        self.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Borrows the entries for reading. Must be released before anything can change the map.
    pub fn borrow(&self) -> Ref<'_, Entries> {
        self.data.entries.borrow()
    }

    /// Borrows the entries for changing. Must be released before anything can read the map.
    pub fn borrow_mut(&self) -> RefMut<'_, Entries> {
        self.data.entries.borrow_mut()
    }

    /// Returns whether both are the same map in memory.
    pub fn same(&self, other: &Map) -> bool {
        Rc::ptr_eq(&self.data, &other.data)
    }

    /// Returns an address that is the same for all clones of this map, to recognise cycles.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.data) as usize
    }

    /// Returns a new `map[string]interface {}` with the same values (one level is copied, as Go's `maps.Clone` does).
    pub fn shallow_copy(&self) -> Map {
        Map::typed(self.map_type(), self.borrow().clone())
    }
}

impl Default for Map {
    fn default() -> Self {
        Map::new()
    }
}

impl From<Entries> for Map {
    fn from(entries: Entries) -> Self {
        Map::typed(Type::AnyMap, entries)
    }
}

impl<K: Into<Str>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(iter: I) -> Self {
        Map::from(iter.into_iter().collect::<Entries>())
    }
}

/// Where a key was found last; a guess that is checked before it is used.
#[derive(Debug, Clone, Default)]
pub struct KeyHint(Cell<u32>);

/// The entries of a map in the order of their keys' bytes.
#[derive(Clone)]
pub struct Entries(Repr);

#[derive(Clone)]
enum Repr {
    Sorted(Vec<(Str, Value)>),
    Tree(BTreeMap<Str, Value>),
}

impl Default for Entries {
    fn default() -> Self {
        Entries(Repr::Sorted(Vec::new()))
    }
}

impl Entries {
    /// Builds entries from pairs in any order; of equal keys the last wins.
    pub fn from_pairs(mut pairs: Vec<(Str, Value)>) -> Self {
        if !pairs.is_sorted_by(|a, b| a.0 < b.0) {
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            keep_last_of_equal_keys(&mut pairs);
        }
        if pairs.len() > TREE_THRESHOLD {
            return Entries(Repr::Tree(pairs.into_iter().collect()));
        }
        pairs.shrink_to_fit();
        Entries(Repr::Sorted(pairs))
    }

    /// Returns entries with the same keys and other values.
    ///
    /// # Errors
    /// The first that the function returns.
    pub fn try_map<E>(&self, mut other: impl FnMut(&Value) -> Result<Value, E>) -> Result<Self, E> {
        match &self.0 {
            Repr::Sorted(pairs) => {
                let mut others = Vec::with_capacity(pairs.len());
                for (key, value) in pairs {
                    others.push((key.clone(), other(value)?));
                }
                Ok(Entries(Repr::Sorted(others)))
            }
            Repr::Tree(tree) => {
                let others = tree.iter().map(|(key, value)| Ok((key.clone(), other(value)?)));
                others.collect::<Result<_, E>>().map(|tree| Entries(Repr::Tree(tree)))
            }
        }
    }

    /// Returns the value of a key.
    #[inline]
    pub fn get(&self, key: &[u8]) -> Option<&Value> {
        match &self.0 {
            Repr::Sorted(pairs) => {
                let index = pairs.binary_search_by(|(k, _)| k.cmp_bytes(key)).ok()?;
                pairs.get(index).map(|(_, value)| value)
            }
            Repr::Tree(tree) => tree.get(key),
        }
    }

    /// Returns the value of a key that is looked up again and again in maps with mostly the same keys.
    #[inline]
    pub fn get_hinted(&self, key: &Str, hint: &KeyHint) -> Option<&Value> {
        match &self.0 {
            Repr::Sorted(pairs) => match pairs.get(hint.0.get() as usize) {
                Some((found, value)) if found == key => Some(value),
                _ => {
                    let index = pairs.binary_search_by(|(found, _)| found.cmp(key)).ok()?;
                    hint.0.set(index as u32);
                    pairs.get(index).map(|(_, value)| value)
                }
            },
            Repr::Tree(tree) => tree.get(key),
        }
    }

    /// Returns the value of a key for change.
    pub fn get_mut(&mut self, key: &[u8]) -> Option<&mut Value> {
        match &mut self.0 {
            Repr::Sorted(pairs) => {
                let index = pairs.binary_search_by(|(k, _)| k.cmp_bytes(key)).ok()?;
                pairs.get_mut(index).map(|(_, value)| value)
            }
            Repr::Tree(tree) => tree.get_mut(key),
        }
    }

    /// Sets a key and returns what it had.
    pub fn insert(&mut self, key: Str, value: Value) -> Option<Value> {
        match &mut self.0 {
            Repr::Sorted(pairs) => match pairs.binary_search_by(|(k, _)| k.cmp(&key)) {
                Ok(index) => pairs.get_mut(index).map(|pair| std::mem::replace(&mut pair.1, value)),
                Err(index) if pairs.len() < TREE_THRESHOLD => {
                    pairs.insert(index, (key, value));
                    None
                }
                Err(_) => {
                    let mut tree: BTreeMap<Str, Value> = std::mem::take(pairs).into_iter().collect();
                    tree.insert(key, value);
                    self.0 = Repr::Tree(tree);
                    None
                }
            },
            Repr::Tree(tree) => tree.insert(key, value),
        }
    }

    /// Removes a key and returns what it had.
    pub fn remove(&mut self, key: &[u8]) -> Option<Value> {
        match &mut self.0 {
            Repr::Sorted(pairs) => {
                let index = pairs.binary_search_by(|(k, _)| k.cmp_bytes(key)).ok()?;
                Some(pairs.remove(index).1)
            }
            Repr::Tree(tree) => tree.remove(key),
        }
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        match &self.0 {
            Repr::Sorted(pairs) => pairs.len(),
            Repr::Tree(tree) => tree.len(),
        }
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Walks the entries in the order of their keys.
    pub fn iter(&self) -> Iter<'_> {
        match &self.0 {
            Repr::Sorted(pairs) => Iter::Sorted(pairs.iter()),
            Repr::Tree(tree) => Iter::Tree(tree.iter()),
        }
    }
}

fn keep_last_of_equal_keys(pairs: &mut Vec<(Str, Value)>) {
    pairs.reverse();
    pairs.dedup_by(|a, b| a.0 == b.0);
    pairs.reverse();
}

impl<K: Into<Str>> FromIterator<(K, Value)> for Entries {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(iter: I) -> Self {
        Entries::from_pairs(iter.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}

impl<'a> IntoIterator for &'a Entries {
    type Item = (&'a Str, &'a Value);
    type IntoIter = Iter<'a>;
    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// Walks the entries of a map in the order of their keys.
pub enum Iter<'a> {
    /// Over a small map.
    Sorted(std::slice::Iter<'a, (Str, Value)>),
    /// Over a large one.
    Tree(btree_map::Iter<'a, Str, Value>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Str, &'a Value);
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Iter::Sorted(iter) => iter.next().map(|(key, value)| (key, value)),
            Iter::Tree(iter) => iter.next(),
        }
    }
}
