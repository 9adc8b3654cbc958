//! Lists: Go slices. Their elements do not change once a template can see them; maps inside are shared.

use std::cell::OnceCell;
use std::ops::Deref;
use std::rc::Rc;

use crate::{Number, Str, Type, Value};

/// A Go slice with its static type. Clones share the elements.
#[derive(Clone)]
pub struct List(Rc<ListData>);

#[derive(Clone)]
struct ListData {
    list_type: Type,
    is_nil: bool,
    is_grown: bool,
    /// Not there yet only where `bytes` are.
    items: OnceCell<Vec<Value>>,
    /// The elements of a `[]byte`, which takes a twenty-fourth of the room of values.
    bytes: Option<Str>,
}

impl ListData {
    fn new(list_type: Type, items: Vec<Value>) -> Self {
        ListData { list_type, is_nil: false, is_grown: false, items: OnceCell::from(items), bytes: None }
    }

    fn items(&self) -> &Vec<Value> {
        self.items.get_or_init(|| {
            let bytes = self.bytes.iter().flat_map(|bytes| bytes.iter());
            bytes.map(|byte| Value::Number(Number::Uint8(*byte))).collect()
        })
    }
}

impl List {
    /// Returns a `[]interface {}`.
    pub fn new(items: Vec<Value>) -> Self {
        List::typed(Type::AnyList, items)
    }

    /// Returns a `[]interface {}` as Go's decoders make it: by appending one item after the other, so that it has room
    /// beyond its length.
    pub fn grown(items: Vec<Value>) -> Self {
        List(Rc::new(ListData { is_grown: true, ..ListData::new(Type::AnyList, items) }))
    }

    /// Returns Go's `cap`: how far `slice` may reach, with nil behind the items.
    pub fn capacity(&self) -> usize {
        if self.0.is_grown { grown_capacity(self.len()) } else { self.len() }
    }

    /// Returns a list of the given list type (`Type::StringList`, …); the items must be of its element type.
    pub fn typed(list_type: Type, items: Vec<Value>) -> Self {
        List(Rc::new(ListData::new(list_type, items)))
    }

    /// Returns a `[]byte`, whose elements become values when somebody looks at one.
    pub fn of_bytes(bytes: Str) -> Self {
        let items = OnceCell::new();
        let bytes = Some(bytes);
        List(Rc::new(ListData { items, bytes, ..ListData::new(Type::Bytes, Vec::new()) }))
    }

    /// Returns a copy of this list with other items, as many as before: of the same type, with the same room.
    pub fn with_items(&self, items: Vec<Value>) -> Self {
        let ListData { list_type, is_nil, is_grown, .. } = *self.0;
        List(Rc::new(ListData { is_nil, is_grown, ..ListData::new(list_type, items) }))
    }

    /// Returns Go's nil slice of the given type: empty, but `null` in JSON.
    pub fn nil(list_type: Type) -> Self {
        List(Rc::new(ListData { is_nil: true, ..ListData::new(list_type, Vec::new()) }))
    }

    /// Returns a `[]string`.
    pub fn strings<S: Into<crate::Str>>(items: impl IntoIterator<Item = S>) -> Self {
        List::typed(Type::StringList, items.into_iter().map(|item| Value::String(item.into())).collect())
    }

    /// Returns the list's static type.
    pub fn list_type(&self) -> Type {
        self.0.list_type
    }

    /// Returns whether this is a nil slice.
    pub fn is_nil(&self) -> bool {
        self.0.is_nil
    }

    /// Returns the items.
    #[inline]
    pub fn items(&self) -> &[Value] {
        self.0.items()
    }

    /// Returns the elements of a list made by [`List::of_bytes`].
    pub fn bytes(&self) -> Option<&Str> {
        self.0.bytes.as_ref()
    }

    /// Returns the number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        match self.0.items.get() {
            Some(items) => items.len(),
            None => self.0.bytes.as_ref().map_or(0, Str::len),
        }
    }

    /// Returns whether there are no elements.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the items for change; they are copied (one level) first if anyone else holds this list.
    pub fn make_mut(&mut self) -> &mut Vec<Value> {
        let data = Rc::make_mut(&mut self.0);
        data.is_nil = false;
        data.is_grown = false;
        data.items();
        data.bytes = None;
        data.items.get_mut().expect("they were just made")
    }

    /// Returns whether both are the same list in memory.
    pub fn same(&self, other: &List) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for List {
    type Target = [Value];
    fn deref(&self) -> &[Value] {
        self.items()
    }
}

/// Returns the capacity that a slice of that many two-word items has when they were appended one by one
/// (runtime/slice.go, nextslicecap: doubled below 256, then by a quarter and 192 more). Go also rounds up to the sizes
/// its allocator has, which moves the result only above 512 items; it is not followed there.
fn grown_capacity(length: usize) -> usize {
    const DOUBLED_BELOW: usize = 256;
    let mut capacity = 1;
    if length == 0 {
        return 0;
    }
    while capacity < length {
        capacity += if capacity < DOUBLED_BELOW { capacity } else { (capacity + 3 * DOUBLED_BELOW) / 4 };
    }
    capacity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_values_when_they_are_looked_at() {
        let list = List::of_bytes(Str::from("ab"));
        assert_eq!((list.len(), list.bytes().map(Str::len)), (2, Some(2)));
        assert!(matches!(list.items(), [Value::Number(Number::Uint8(b'a')), _]));
        let mut grown = list.clone();
        grown.make_mut().push(Value::Nil);
        assert_eq!((list.len(), grown.len(), grown.bytes().is_none()), (2, 3, true));
    }

    #[test]
    fn a_decoded_list_has_the_capacity_that_appending_leaves() {
        let capacity = |length| List::grown(vec![Value::Nil; length]).capacity();
        assert_eq!([0, 1, 2, 3, 5, 9, 257].map(capacity), [0, 1, 2, 4, 8, 16, 512]);
        assert_eq!(List::new(vec![Value::Nil; 3]).capacity(), 3);
    }
}
