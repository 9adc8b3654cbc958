//! The time in a lock file: checked as Go's `time.Time` reads it from JSON (RFC 3339), with Go's complaints.

use crate::go_text::quote;

const LAYOUT: &str = "2006-01-02T15:04:05Z07:00";

/// What of a time has been read, and what is left.
struct Reader<'a> {
    whole: &'a str,
    rest: &'a str,
}

/// Returns Go's complaint about a text that is no time (RFC 3339, as `time.Time` is read from JSON).
pub fn complaint(text: &str) -> Option<String> {
    Reader { whole: text, rest: text }.read().err()
}

impl<'a> Reader<'a> {
    fn read(&mut self) -> Result<(), String> {
        let year = self.number(4, "2006")?;
        self.literal("-")?;
        let month = self.number(2, "01")?;
        self.in_range("month", (1..=12).contains(&month))?;
        self.literal("-")?;
        let day = self.number(2, "02")?;
        self.literal("T")?;
        let hour = self.number(2, "15")?;
        self.in_range("hour", hour < 24)?;
        self.literal(":")?;
        let minute = self.number(2, "04")?;
        self.in_range("minute", minute < 60)?;
        self.literal(":")?;
        let second = self.number(2, "05")?;
        self.in_range("second", second < 60)?;
        self.fraction();
        self.zone()?;
        if !self.rest.is_empty() {
            return Err(format!("parsing time {}: extra text: {}", quote(self.whole), quote(self.rest)));
        }
        self.in_range("day", day >= 1 && day <= days_in(month, year))
    }

    fn number(&mut self, digits: usize, element: &str) -> Result<u32, String> {
        match self.rest.get(..digits) {
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.rest = self.rest.get(digits..).unwrap_or_default();
                // At most four digits.
                Ok(text.parse().unwrap_or_default())
            }
            _ => Err(self.mismatch(element)),
        }
    }

    fn literal(&mut self, text: &str) -> Result<(), String> {
        self.rest = self.rest.strip_prefix(text).ok_or_else(|| self.mismatch(text))?;
        Ok(())
    }

    /// Fractions of a second are not in the layout but allowed.
    fn fraction(&mut self) {
        let Some(after) = self.rest.strip_prefix('.') else { return };
        let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() < after.len() {
            self.rest = rest;
        }
    }

    fn zone(&mut self) -> Result<(), String> {
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Ok(());
        }
        let bytes = self.rest.as_bytes();
        let digit = |at: usize| bytes.get(at).filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0');
        let parts = (bytes.first(), digit(1), digit(2), bytes.get(3), digit(4), digit(5));
        let (Some(b'+' | b'-'), Some(h), Some(hh), Some(b':'), Some(m), Some(mm)) = parts else {
            return Err(self.mismatch("Z07:00"));
        };
        self.in_range("time zone offset hour", h * 10 + hh <= 24)?;
        self.in_range("time zone offset minute", m * 10 + mm < 60)?;
        self.rest = self.rest.get(6..).unwrap_or_default();
        Ok(())
    }

    fn in_range(&self, what: &str, holds: bool) -> Result<(), String> {
        if holds { Ok(()) } else { Err(format!("parsing time {}: {what} out of range", quote(self.whole))) }
    }

    fn mismatch(&self, element: &str) -> String {
        let (whole, rest) = (quote(self.whole), quote(self.rest));
        format!("parsing time {whole} as {}: cannot parse {rest} as {}", quote(LAYOUT), quote(element))
    }
}

fn days_in(month: u32, year: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::complaint;

    #[test]
    fn complaints_are_those_of_go() {
        let layout = "\"2006-01-02T15:04:05Z07:00\"";
        for (text, expected) in [
            ("x", format!("parsing time \"x\" as {layout}: cannot parse \"x\" as \"2006\"")),
            ("2020-01-01", format!("parsing time \"2020-01-01\" as {layout}: cannot parse \"\" as \"T\"")),
            ("2020-13-01T00:00:00Z", "parsing time \"2020-13-01T00:00:00Z\": month out of range".to_owned()),
            ("2021-02-29T00:00:00Z", "parsing time \"2021-02-29T00:00:00Z\": day out of range".to_owned()),
        ] {
            assert_eq!(complaint(text), Some(expected));
        }
        for text in ["2020-02-29T23:59:59.123456789+01:00", "2020-01-01T00:00:00Z"] {
            assert_eq!(complaint(text), None);
        }
    }
}
