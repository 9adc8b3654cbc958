//! The causes found so far, and the checks that many fields share (`field.ErrorList`, `api/validation/generic.go`).

use super::place::Place;
use super::shape;
use crate::failure::Cause;
use crate::names;
use serde_json::Value;

const NOT_NEGATIVE: &str = "must be greater than or equal to 0";

/// What is wrong with an object, in the order in which it was found.
#[derive(Debug, Default)]
pub(super) struct Causes(pub(super) Vec<Cause>);

impl Causes {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn required(&mut self, place: &Place<'_, '_>, detail: &str) {
        self.0.push(Cause::required(place.path(), detail));
    }

    /// The value that stands there is wrong. A missing one is shown as null.
    pub(super) fn invalid(&mut self, place: &Place<'_, '_>, detail: &str) {
        self.0.push(Cause::invalid(place.path(), place.value(), detail));
    }

    /// A text is wrong; a missing one is shown as the empty text.
    pub(super) fn invalid_text(&mut self, place: &Place<'_, '_>, detail: &str) {
        self.invalid_as(place, &place.as_text().into(), detail);
    }

    /// Something is wrong that is shown by another value.
    pub(super) fn invalid_as(&mut self, place: &Place<'_, '_>, shown: &Value, detail: &str) {
        self.0.push(Cause::invalid(place.path(), shown, detail));
    }

    /// A struct is wrong, shown as the API server's own type of that package and name is encoded.
    pub(super) fn invalid_struct(&mut self, place: &Place<'_, '_>, package: &str, name: &str, detail: &str) {
        let shown = shape::text(place.value(), package, name);
        self.push("FieldValueInvalid", place.path(), format!("Invalid value: {shown}: {detail}"));
    }

    pub(super) fn push(&mut self, reason: &'static str, field: String, message: String) {
        self.0.push(Cause { reason, field, message });
    }

    pub(super) fn forbidden(&mut self, place: &Place<'_, '_>, detail: &str) {
        self.0.push(Cause::forbidden(place.path(), detail));
    }

    pub(super) fn duplicate(&mut self, place: &Place<'_, '_>) {
        self.0.push(Cause::duplicate(place.path(), place.value()));
    }

    pub(super) fn duplicate_text(&mut self, place: &Place<'_, '_>) {
        self.0.push(Cause::duplicate(place.path(), &place.as_text().into()));
    }

    pub(super) fn not_found(&mut self, place: &Place<'_, '_>) {
        self.0.push(Cause::not_found(place.path(), &place.as_text().into()));
    }

    pub(super) fn too_long(&mut self, place: &Place<'_, '_>, limit: usize) {
        self.0.push(Cause::too_long(place.path(), limit));
    }

    pub(super) fn unsupported(&mut self, place: &Place<'_, '_>, allowed: &[&str]) {
        self.0.push(Cause::unsupported(place.path(), &place.as_text().into(), allowed));
    }

    /// Every problem that a rule of names found with the text at `place`.
    pub(super) fn problems(&mut self, place: &Place<'_, '_>, problems: &[String]) {
        for problem in problems {
            self.invalid_text(place, problem);
        }
    }

    /// A text that, if there is one, is one of those allowed.
    pub(super) fn one_of(&mut self, place: &Place<'_, '_>, allowed: &[&str]) {
        let text = place.as_text();
        if !text.is_empty() && !allowed.contains(&text) {
            self.unsupported(place, allowed);
        }
    }

    /// A text that must be there and be one of those allowed.
    pub(super) fn required_one_of(&mut self, place: &Place<'_, '_>, allowed: &[&str]) {
        if place.as_text().is_empty() {
            self.required(place, "");
        } else {
            self.one_of(place, allowed);
        }
    }

    pub(super) fn required_text(&mut self, place: &Place<'_, '_>) {
        if place.as_text().is_empty() {
            self.required(place, "");
        }
    }

    /// A text that must be there and follow a rule of names.
    pub(super) fn required_name(&mut self, place: &Place<'_, '_>, rule: fn(&str) -> Vec<String>) {
        if place.as_text().is_empty() {
            self.required(place, "");
        } else {
            self.problems(place, &rule(place.as_text()));
        }
    }

    /// A text that follows a rule of names, if there is one.
    pub(super) fn optional_name(&mut self, place: &Place<'_, '_>, rule: fn(&str) -> Vec<String>) {
        if !place.as_text().is_empty() {
            self.problems(place, &rule(place.as_text()));
        }
    }

    /// A number that may not be below zero.
    pub(super) fn not_negative(&mut self, place: &Place<'_, '_>) {
        if place.value().as_i64().is_some_and(|number| number < 0) {
            self.invalid(place, NOT_NEGATIVE);
        }
    }

    /// A number that must be above zero; a missing one is zero.
    pub(super) fn positive(&mut self, place: &Place<'_, '_>) {
        let number = place.value().as_i64().unwrap_or(0);
        if number <= 0 {
            self.invalid_as(place, &number.into(), "must be greater than zero");
        }
    }

    /// A number in a range, if there is one.
    pub(super) fn in_range(&mut self, place: &Place<'_, '_>, low: i64, high: i64) {
        if place.value().as_i64().is_some_and(|number| number < low || number > high) {
            self.invalid(place, &format!("must be between {low} and {high}, inclusive"));
        }
    }

    /// A port number; a missing one is zero.
    pub(super) fn port_number(&mut self, place: &Place<'_, '_>) {
        let number = place.value().as_i64().unwrap_or(0);
        if !(1..=65_535).contains(&number) {
            self.invalid_as(place, &number.into(), "must be between 1 and 65535, inclusive");
        }
    }

    /// A port given by number or by name.
    pub(super) fn port(&mut self, place: &Place<'_, '_>) {
        match place.value() {
            Value::String(name) => self.problems(place, &names::port_name(name)),
            _ => self.port_number(place),
        }
    }

    /// A number or a percentage, not below zero (`ValidatePositiveIntOrPercent`).
    pub(super) fn amount(&mut self, place: &Place<'_, '_>) {
        match place.value() {
            Value::String(text) => self.problems(place, &names::percent(text)),
            _ => self.not_negative(place),
        }
    }

    /// A percentage of at most 100.
    pub(super) fn at_most_all(&mut self, place: &Place<'_, '_>) {
        if percent_of(place.value()).is_some_and(|percent| percent > 100) {
            self.invalid(place, "must not be greater than 100%");
        }
    }

    /// A field that may not change, shown as its type is encoded.
    pub(super) fn unchanged(&mut self, old: &Place<'_, '_>, new: &Place<'_, '_>) {
        if old.value() != new.value() {
            self.invalid(new, "field is immutable");
        }
    }
}

/// The number of a percentage.
pub(super) fn percent_of(value: &Value) -> Option<i64> {
    value.as_str()?.strip_suffix('%')?.parse().ok()
}
