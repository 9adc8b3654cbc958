//! Points in time with the zone they are shown in.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use super::civil::{self, Date};
use super::duration::Duration;
use super::zone::Zone;

const NANOSECONDS: i128 = 1_000_000_000;

/// A point in time and the zone it is shown in (Go's `time.Time`). Equality compares both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    /// Seconds since 1970-01-01 00:00 UTC.
    pub seconds: i64,
    /// Nanoseconds of the second.
    pub nanoseconds: u32,
    /// Where it is shown.
    pub zone: Zone,
}

/// What a clock of the zone shows.
pub(super) struct Clock {
    pub(super) date: Date,
    /// From 0 for Sunday.
    pub(super) weekday: usize,
    /// From 1.
    pub(super) day_of_year: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
}

impl Time {
    /// Go's zero time: the first second of the year 1.
    pub const ZERO: Self = Self { seconds: -62_135_596_800, nanoseconds: 0, zone: Zone::Utc };

    /// Makes a time of seconds since 1970.
    pub fn from_unix(seconds: i64, zone: Zone) -> Self {
        Self { seconds, nanoseconds: 0, zone }
    }

    /// Makes a time of the system's.
    pub fn from_system(time: SystemTime, zone: Zone) -> Self {
        let nanoseconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => after.as_nanos() as i128,
            Err(error) => -(error.duration().as_nanos() as i128),
        };
        Self::from_nanoseconds(nanoseconds, zone)
    }

    /// Returns the same moment in another zone.
    pub fn in_zone(self, zone: Zone) -> Self {
        Self { zone, ..self }
    }

    /// Returns the time a duration later.
    pub fn add(&self, duration: Duration) -> Self {
        Self::from_nanoseconds(self.total() + i128::from(duration.0), self.zone.clone())
    }

    /// Returns how long ago `earlier` was, at most 292 years.
    pub fn since(&self, earlier: &Self) -> Duration {
        let difference = self.total() - earlier.total();
        Duration(difference.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }

    /// Tells whether this is Go's zero time.
    pub fn is_zero(&self) -> bool {
        (self.seconds, self.nanoseconds) == (Self::ZERO.seconds, 0)
    }

    /// Writes the time in a layout such as `2006-01-02 15:04:05` (`Time.Format`).
    pub fn format(&self, layout: &str) -> String {
        super::format::format(self, layout)
    }

    fn total(&self) -> i128 {
        i128::from(self.seconds) * NANOSECONDS + i128::from(self.nanoseconds)
    }

    fn from_nanoseconds(total: i128, zone: Zone) -> Self {
        let seconds = total.div_euclid(NANOSECONDS).clamp(i64::MIN.into(), i64::MAX.into()) as i64;
        Self { seconds, nanoseconds: total.rem_euclid(NANOSECONDS) as u32, zone }
    }

    /// Returns the days since 1970 and the second of the day that a clock shows with this offset. Go counts seconds from
    /// a year far back without a sign, so that earlier times are far in the future (time/time.go, `absoluteYears`).
    pub(crate) fn days_and_seconds(&self, offset: i32) -> (i64, i64) {
        const FIRST_YEAR_TO_1970: i64 = (292_277_022_400 / 400 * 146_097 + 306) * 86_400 - Time::ZERO.seconds;
        let counted = self.seconds.wrapping_add(offset.into()).wrapping_add(FIRST_YEAR_TO_1970) as u64;
        let shown = i128::from(counted) - i128::from(FIRST_YEAR_TO_1970);
        (shown.div_euclid(86_400) as i64, shown.rem_euclid(86_400) as i64)
    }

    /// Returns what a clock of the zone shows, the zone's offset and its abbreviation.
    pub(super) fn clock(&self) -> (Clock, i32, std::sync::Arc<str>) {
        let (offset, abbreviation) = self.zone.at(self.seconds);
        let (days, second) = self.days_and_seconds(offset);
        let date = civil::date(days);
        let clock = Clock {
            date,
            // 1970-01-01 was a Thursday.
            weekday: (days.rem_euclid(7) as usize + 4) % 7,
            day_of_year: days - civil::days(date.year, 1, 1) + 1,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
        };
        (clock, offset, abbreviation)
    }
}

impl fmt::Display for Time {
    /// Go's `Time.String`, without the reading of the monotonic clock.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format("2006-01-02 15:04:05.999999999 -0700 MST"))
    }
}
