//! Sprig's date functions (sprig/date.go) and Helm's durations (helm/pkg/engine/funcs.go), without the choice
//! of what an argument's type means.

use std::time::SystemTime;

use value::time::{Duration, DurationError, ParseError, Time, Zone, parse_in};

/// Returns the current time as a template sees it (`now`).
pub fn now(clock: SystemTime, local: &Zone) -> Time {
    Time::from_system(clock, local.clone())
}

/// Writes a time in a layout and a zone (`date`, `dateInZone`); an unknown zone is UTC, `Local` is `local`.
pub fn date_in_zone(layout: &str, time: Time, zone: &str, local: &Zone) -> String {
    time.in_zone(Zone::load(zone, local).unwrap_or(Zone::Utc)).format(layout)
}

/// Writes the date as HTML's date picker wants it (`htmlDate`, `htmlDateInZone`).
pub fn html_date(time: Time, zone: &str, local: &Zone) -> String {
    date_in_zone("2006-01-02", time, zone, local)
}

/// Adds a duration given as text (`dateModify`, `date_modify`); a text that is none changes nothing.
pub fn modify(duration: &str, time: &Time) -> Time {
    must_modify(duration, time).unwrap_or_else(|_| time.clone())
}

/// Adds a duration given as text (`mustDateModify`).
///
/// # Errors
/// When the text is no duration.
pub fn must_modify(duration: &str, time: &Time) -> Result<Time, DurationError> {
    Ok(time.add(Duration::parse(duration)?))
}

/// Returns how long ago a time was, in whole seconds (`ago`).
pub fn ago(time: &Time, now: &Time) -> String {
    now.since(time).round(Duration::from_seconds(1)).to_string()
}

/// Writes seconds as a duration (`duration` of a number). A text counts as [`duration_of_text`].
pub fn duration_of_seconds(seconds: i64) -> String {
    Duration::from_seconds(seconds).to_string()
}

/// Writes a text of seconds as a duration (`duration` of a text). Go: a number too large for 64 bits is the
/// largest, a text that is none is zero.
pub fn duration_of_text(text: &str) -> String {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let limit = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    duration_of_seconds(if is_number { text.parse().unwrap_or(limit) } else { 0 })
}

/// Writes a duration in its largest unit (`durationRound`).
pub fn round(duration: Duration) -> String {
    const SECOND: u64 = 1_000_000_000;
    const HOUR: u64 = 3600 * SECOND;
    let units = [
        (HOUR * 24 * 365, "y"),
        (HOUR * 24 * 30, "mo"),
        (HOUR * 24, "d"),
        (HOUR, "h"),
        (60 * SECOND, "m"),
        (SECOND, "s"),
    ];
    let size = duration.0.unsigned_abs();
    // Sprig: more than the unit, so 24h is `24h` and not `1d`.
    let unit = units.into_iter().find(|(length, _)| size > *length);
    unit.map_or_else(|| "0s".to_owned(), |(length, name)| format!("{}{name}", size / length))
}

/// Reads a duration given as text for `durationRound`; a text that is none is zero.
pub fn parse_or_zero(text: &str) -> Duration {
    Duration::parse(text).unwrap_or_default()
}

/// Reads a time (`toDate`); a text that is none is Go's zero time.
pub fn to_date(layout: &str, text: &str, local: &Zone) -> Time {
    must_to_date(layout, text, local).unwrap_or(Time::ZERO)
}

/// Reads a time (`mustToDate`).
///
/// # Errors
/// When the text does not fit the layout.
pub fn must_to_date(layout: &str, text: &str, local: &Zone) -> Result<Time, ParseError> {
    parse_in(layout, text, local)
}

/// Returns the seconds since 1970 (`unixEpoch`).
pub fn unix_epoch(time: &Time) -> String {
    time.seconds.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_round_to_units_they_exceed() {
        let round = |text| round(parse_or_zero(text));
        assert_eq!(
            [round("24h"), round("25h"), round("-61s"), round("1s"), round("x")],
            ["24h", "1d", "1m", "0s", "0s"]
        );
        assert_eq!(round("8761h"), "1y");
    }

    #[test]
    fn durations_of_texts_and_numbers() {
        assert_eq!(duration_of_text("95"), "1m35s");
        assert_eq!(duration_of_text("1e3"), "0s");
        assert_eq!(duration_of_text("99999999999999999999"), "-1s");
    }

    #[test]
    fn dates_move_and_show() {
        let time = to_date("2006-01-02", "2024-02-28", &Zone::Utc);
        let later = modify("36h", &time);
        assert_eq!(html_date(later.clone(), "Nowhere", &Zone::Utc), "2024-02-29");
        assert_eq!(ago(&time, &later), "36h0m0s");
        assert_eq!(modify("x", &time), time);
        assert_eq!(unix_epoch(&time), "1709078400");
        assert!(to_date("2006", "x", &Zone::Utc).is_zero());
    }
}
