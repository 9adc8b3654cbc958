//! Checks of objects.

use super::{Found, Here, Place, Walk};
use crate::schema::draft::Draft;
use crate::schema::failure::{Failure, Kind};
use crate::schema::json::{Json, Object};
use crate::schema::walk::scalars::{Limit, count};

impl<'a> Walk<'a> {
    pub(super) fn members(&self, keywords: &'a Object, members: &Object, here: Here<'_>, found: &mut Found) {
        count(keywords, "minProperties", Limit::Least, members.len(), here, found);
        count(keywords, "maxProperties", Limit::Most, members.len(), here, found);
        if let Some(names) = keywords.get("required") {
            let missing = missing(members, names);
            if !missing.is_empty() {
                found.add(here, || Kind::Required(owned(&missing)));
            }
        }
        if found.is_decided() {
            return;
        }
        self.dependencies(keywords, members, here, found);
        self.each_member(keywords, members, here, found);
        if self.draft >= Draft::V6 && !found.is_decided() {
            self.names(keywords, members, here, found);
        }
        if self.draft >= Draft::V2019 && !found.is_decided() {
            self.dependents(keywords, members, here, found);
        }
    }

    fn dependencies(&self, keywords: &'a Object, members: &Object, here: Here<'_>, found: &mut Found) {
        for (name, dependency) in entries(keywords, "dependencies") {
            if !members.contains(name) {
                continue;
            }
            match dependency {
                Json::Array(_) => require(name, dependency, members, here, found),
                schema => found.extend(self.check(schema, here, found.wanted)),
            }
        }
    }

    fn dependents(&self, keywords: &'a Object, members: &Object, here: Here<'_>, found: &mut Found) {
        for (name, schema) in entries(keywords, "dependentSchemas") {
            if members.contains(name) {
                found.extend(self.check(schema, here, found.wanted));
            }
        }
        for (name, names) in entries(keywords, "dependentRequired") {
            if members.contains(name) {
                require(name, names, members, here, found);
            }
        }
    }

    fn each_member(&self, keywords: &'a Object, members: &Object, here: Here<'_>, found: &mut Found) {
        let properties = keywords.get("properties").and_then(Json::as_object);
        let patterns = keywords.get("patternProperties").and_then(Json::as_object);
        let additional = keywords.get("additionalProperties");
        if properties.is_none() && patterns.is_none() && additional.is_none() {
            return;
        }
        let mut unwanted = Vec::new();
        for (name, value) in members.iter() {
            if found.is_decided() {
                return;
            }
            let place = Place::Member(here.place, name);
            let inside = Here { value, place: &place, frame: None };
            let mut known = false;
            if let Some(schema) = properties.and_then(|properties| properties.get(name)) {
                known = true;
                found.extend(self.check(schema, inside, found.wanted));
            }
            for (pattern, schema) in patterns.into_iter().flat_map(Object::iter) {
                if self.matches(pattern, name) {
                    known = true;
                    found.extend(self.check(schema, inside, found.wanted));
                }
            }
            match additional.filter(|_| !known) {
                Some(Json::Bool(false)) => unwanted.push(name),
                Some(schema) => found.extend(self.check(schema, inside, found.wanted)),
                None => {}
            }
        }
        if !unwanted.is_empty() {
            found.add(here, || Kind::AdditionalProperties(owned(&unwanted)));
        }
    }

    /// Checks the names as texts of their own, which stand nowhere.
    fn names(&self, keywords: &'a Object, members: &Object, here: Here<'_>, found: &mut Found) {
        let Some(schema) = keywords.get("propertyNames") else { return };
        for name in members.keys() {
            let value = Json::String(name.into());
            let inside = Here { value: &value, place: &Place::Root, frame: None };
            let causes = Failure::lift(self.failures(schema, inside, found.wanted));
            if !causes.is_empty() {
                let kind = Kind::PropertyName(name.to_owned());
                found.extend(Some(Failure { location: here.place.pointer(), kind, causes }));
            }
        }
    }
}

fn entries<'a>(keywords: &'a Object, keyword: &str) -> impl Iterator<Item = (&'a str, &'a Json)> {
    keywords.get(keyword).and_then(Json::as_object).into_iter().flat_map(Object::iter)
}

fn missing<'n>(members: &Object, names: &'n Json) -> Vec<&'n str> {
    let names = names.as_array().unwrap_or_default().iter().filter_map(Json::as_str);
    names.filter(|name| !members.contains(name)).collect()
}

fn require(name: &str, names: &Json, members: &Object, here: Here<'_>, found: &mut Found) {
    let missing = missing(members, names);
    if !missing.is_empty() {
        found.add(here, || Kind::Dependency { property: name.to_owned(), missing: owned(&missing) });
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
