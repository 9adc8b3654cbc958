//! Lists: Go slices. Their elements do not change once a template can see them; maps inside are shared.

use std::ops::Deref;
use std::rc::Rc;

use crate::{Type, Value};

/// A Go slice with its static type. Clones share the elements.
#[derive(Clone)]
pub struct List(Rc<ListData>);

#[derive(Clone)]
struct ListData {
    list_type: Type,
    is_nil: bool,
    items: Vec<Value>,
}

impl List {
    /// Returns a `[]interface {}`.
    pub fn new(items: Vec<Value>) -> Self {
        List::typed(Type::AnyList, items)
    }

    /// Returns a list of the given list type (`Type::StringList`, …); the items must be of its element type.
    pub fn typed(list_type: Type, items: Vec<Value>) -> Self {
        List(Rc::new(ListData { list_type, is_nil: false, items }))
    }

    /// Returns Go's nil slice of the given type: empty, but `null` in JSON.
    pub fn nil(list_type: Type) -> Self {
        List(Rc::new(ListData { list_type, is_nil: true, items: Vec::new() }))
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
        &self.0.items
    }

    /// Returns the items for change; they are copied (one level) first if anyone else holds this list.
    pub fn make_mut(&mut self) -> &mut Vec<Value> {
        let data = Rc::make_mut(&mut self.0);
        data.is_nil = false;
        &mut data.items
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
