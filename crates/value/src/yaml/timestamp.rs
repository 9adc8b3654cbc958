//! Which texts yaml.v2 and yaml.v3 take for a date or time (resolve.go, `parseTimestamp`).

/// Returns whether the text is a timestamp in one of go-yaml's four layouts.
pub(super) fn is_timestamp(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits != 4 || text.get(4) != Some(&b'-') {
        return false;
    }
    let mut rest = Rest(text);
    let Some(date_is_valid) = rest.date() else {
        return false;
    };
    if !date_is_valid {
        return false;
    }
    match rest.0 {
        [] => true,
        [b'T' | b't', ..] => {
            rest.skip(1);
            rest.time() && rest.zone() && rest.0.is_empty()
        }
        [b' ', ..] => {
            while rest.0.first() == Some(&b' ') {
                rest.skip(1);
            }
            rest.time() && rest.0.is_empty()
        }
        _ => false,
    }
}

/// What has not been parsed yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn skip(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or_default();
    }

    fn literal(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.skip(1);
        }
        found
    }

    /// Reads one or two digits.
    fn number(&mut self) -> Option<u32> {
        let digit = |byte: Option<&u8>| byte.filter(|b| b.is_ascii_digit()).map(|b| u32::from(b - b'0'));
        let first = digit(self.0.first())?;
        match digit(self.0.get(1)) {
            Some(second) => {
                self.skip(2);
                Some(first * 10 + second)
            }
            None => {
                self.skip(1);
                Some(first)
            }
        }
    }

    /// Reads year, month and day; returns whether there is such a day, nothing if the form is wrong.
    fn date(&mut self) -> Option<bool> {
        let year =
            self.0.iter().take(4).fold(0, |year, digit| year * 10 + u32::from(digit.wrapping_sub(b'0')));
        self.skip(5);
        let month = self.number()?;
        if !self.literal(b'-') {
            return None;
        }
        let day = self.number()?;
        Some((1..=12).contains(&month) && day >= 1 && day <= days_in(month, year))
    }

    /// Reads hours, minutes, seconds and perhaps a fraction.
    fn time(&mut self) -> bool {
        let hour = self.number();
        let minute = if self.literal(b':') { self.number() } else { None };
        let second = if self.literal(b':') { self.number() } else { None };
        let (Some(0..24), Some(0..60), Some(0..60)) = (hour, minute, second) else {
            return false;
        };
        if let [b'.' | b',', b'0'..=b'9', ..] = self.0 {
            let digits = self.0.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
            self.skip(1 + digits);
        }
        true
    }

    /// Reads `Z` or an offset such as `+02:00`.
    fn zone(&mut self) -> bool {
        if self.literal(b'Z') {
            return true;
        }
        let [b'+' | b'-', h1, h2, b':', m1, m2, ..] = self.0 else {
            return false;
        };
        if ![h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        let two = |high: &u8, low: &u8| u32::from(high - b'0') * 10 + u32::from(low - b'0');
        let in_range = two(h1, h2) <= 24 && two(m1, m2) <= 60;
        self.skip(6);
        in_range
    }
}

fn days_in(month: u32, year: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::is_timestamp;

    #[test]
    fn dates_need_a_real_day_and_may_have_short_fields() {
        for text in [
            "2001-1-1",
            "2020-02-29",
            "2001-12-14t21:59:43.10-05:00",
            "2001-12-14   1:2:3",
            "2001-01-01T1:2:3Z",
        ] {
            assert!(is_timestamp(text.as_bytes()), "{text}");
        }
        for text in [
            "2001-13-1",
            "2021-02-29",
            "2001-1",
            "201-1-1",
            "2001-01-01T1:2Z",
            "2001-01-01T1:2:3",
            "2001-01-01 1:2:3Z",
        ] {
            assert!(!is_timestamp(text.as_bytes()), "{text}");
        }
    }
}
