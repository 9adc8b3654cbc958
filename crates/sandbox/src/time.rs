//! Clock text: RFC 3339 in UTC as the API server writes it. Holds no clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Formats `time` to whole seconds, as `metav1.Time` does.
pub(crate) fn seconds(time: SystemTime) -> String {
    let (date, _) = civil(time);
    format!("{date}Z")
}

/// Formats `time` to microseconds, as `metav1.MicroTime` does.
pub(crate) fn micros(time: SystemTime) -> String {
    let (date, sub) = civil(time);
    format!("{date}.{:06}Z", sub.subsec_micros())
}

fn civil(time: SystemTime) -> (String, Duration) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let total = since.as_secs();
    let (days, rest) = (total / 86_400, total % 86_400);
    let (year, month, day) = date(days);
    let text =
        format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    (text, since)
}

// Howard Hinnant's civil_from_days, for days since 1970 only.
fn date(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let era = z / 146_097;
    let doe = z % 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + u64::from(month <= 2), month, day)
}

/// Seconds since 1970 of an RFC 3339 time in UTC; `None` for anything else.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    // Howard Hinnant's days_from_civil.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let month = (month + 9) % 12;
    let of_year = (153 * month + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_day_is_written_in_utc() {
        let time = UNIX_EPOCH + Duration::from_micros(1_709_210_096_000_123);
        assert_eq!(seconds(time), "2024-02-29T12:34:56Z");
        assert_eq!(micros(time), "2024-02-29T12:34:56.000123Z");
        assert_eq!(parse("2024-02-29T12:34:56.000123Z"), Some(1_709_210_096));
        assert_eq!(parse("soon"), None);
    }
}
