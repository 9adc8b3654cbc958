//! Times since, as kubectl's columns have them (apimachinery, `util/duration`).

use crate::time;

/// The time from `from` to `now`, both RFC 3339; `<unknown>` for a time that is not set.
pub(super) fn since(from: &str, now: &str) -> String {
    match (time::parse(from), time::parse(now)) {
        (Some(from), Some(now)) => human(now.saturating_sub(from)),
        _ => "<unknown>".into(),
    }
}

/// A duration in seconds, in one or two units.
pub(super) fn human(seconds: i64) -> String {
    if seconds < -1 {
        return "<invalid>".into();
    }
    let seconds = seconds.max(0);
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let (days, years) = (hours / 24, hours / 24 / 365);
    let two = |big: i64, unit: char, small: i64, lesser: char| match small {
        0 => format!("{big}{unit}"),
        _ => format!("{big}{unit}{small}{lesser}"),
    };
    match () {
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, 'm', seconds % 60, 's'),
        () if minutes < 180 => format!("{minutes}m"),
        () if hours < 8 => two(hours, 'h', minutes % 60, 'm'),
        () if hours < 48 => format!("{hours}h"),
        () if hours < 192 => two(days, 'd', hours % 24, 'h'),
        () if years < 2 => format!("{days}d"),
        () if years < 8 => two(years, 'y', days % 365, 'd'),
        () => format!("{years}y"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_one_or_two_units() {
        let shown =
            [0, 119, 120, 601, 3600 * 3, 3600 * 47, 86_400 * 3 + 3600, 86_400 * 400, 86_400 * 800].map(human);
        assert_eq!(shown, ["0s", "119s", "2m", "10m", "3h", "47h", "3d1h", "400d", "2y70d"]);
        assert_eq!(since("2024-02-29T00:00:00Z", "2024-03-01T00:00:01Z"), "24h");
        assert_eq!(since("", "2024-03-01T00:00:01Z"), "<unknown>");
    }
}
