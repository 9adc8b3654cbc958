//! Checks of arrays.

use super::{Found, Here, Place, Walk, add_with};
use crate::schema::draft::Draft;
use crate::schema::equality;
use crate::schema::failure::Kind;
use crate::schema::json::{Json, Object};
use crate::schema::walk::scalars::{Limit, count, whole};

impl<'a> Walk<'a> {
    pub(super) fn items(&self, keywords: &'a Object, items: &[Json], here: Here<'_>, found: &mut Found) {
        count(keywords, "minItems", Limit::Least, items.len(), here, found);
        count(keywords, "maxItems", Limit::Most, items.len(), here, found);
        if keywords.get("uniqueItems") == Some(&Json::Bool(true))
            && let Some((first, second)) = equality::duplicates(items)
        {
            found.add(here, || Kind::UniqueItems(first, second));
        }
        if found.is_decided() {
            return;
        }
        // The later draft has its own names for the list and for the rest.
        let (list, rest) =
            if self.draft == Draft::V2020 { ("prefixItems", "items") } else { ("items", "additionalItems") };
        let rest = keywords.get(rest);
        match keywords.get(list) {
            Some(Json::Array(schemas)) => {
                for (at, (item, schema)) in items.iter().zip(schemas).enumerate() {
                    self.item(schema, item, at, here, found);
                }
                self.rest(rest, items, schemas.len(), here, found);
            }
            Some(schema) => self.rest(Some(schema), items, 0, here, found),
            None if self.draft == Draft::V2020 => self.rest(rest, items, 0, here, found),
            // Without `items` the older drafts ignore `additionalItems`.
            None => {}
        }
        if self.draft >= Draft::V6 && !found.is_decided() {
            self.contains(keywords, items, here, found);
        }
    }

    fn item(&self, schema: &'a Json, item: &Json, at: usize, here: Here<'_>, found: &mut Found) {
        let place = Place::Element(here.place, at);
        found.extend(self.check(schema, Here { value: item, place: &place, frame: None }, found.wanted));
    }

    fn rest(&self, schema: Option<&'a Json>, items: &[Json], from: usize, here: Here<'_>, found: &mut Found) {
        match schema {
            // With no element too many the next arm finds nothing either.
            Some(Json::Bool(false)) if self.draft < Draft::V2020 && from > 0 && items.len() > from => {
                let count = i64::try_from(items.len() - from).unwrap_or(i64::MAX);
                found.add(here, || Kind::AdditionalItems(count));
            }
            Some(schema) => {
                for (at, item) in items.iter().enumerate().skip(from) {
                    self.item(schema, item, at, here, found);
                }
            }
            None => {}
        }
    }

    fn contains(&self, keywords: &'a Object, items: &[Json], here: Here<'_>, found: &mut Found) {
        let Some(schema) = keywords.get("contains") else { return };
        let mut matched = Vec::new();
        let mut causes = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let place = Place::Element(here.place, at);
            match self.check(schema, Here { value: item, place: &place, frame: None }, found.wanted) {
                Some(cause) => causes.push(cause),
                None => matched.push(at),
            }
        }
        let bound = |keyword| keywords.get(keyword).filter(|_| self.draft >= Draft::V2019).and_then(whole);
        let enough = |least: i64| usize::try_from(least).is_ok_and(|least| matched.len() >= least);
        match bound("minContains") {
            Some(want) if !enough(want) => {
                add_with(found, here, Kind::MinContains { got: matched.clone(), want }, causes);
            }
            None if matched.is_empty() => add_with(found, here, Kind::Contains, causes),
            _ => {}
        }
        if let Some(want) = bound("maxContains")
            && usize::try_from(want).is_ok_and(|most| matched.len() > most)
        {
            found.add(here, || Kind::MaxContains { got: matched.clone(), want });
        }
    }
}
