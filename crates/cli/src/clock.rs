//! The present time as releases record it, and times of records as users see them.

use std::sync::Arc;
use std::time::SystemTime;

use manifest::Time;
use value::Ambient;
use value::time::Zone;

use crate::ambient::System;

/// Go's `time.ANSIC`.
pub(crate) const ANSIC: &str = "Mon Jan _2 15:04:05 2006";

/// Go's `time.RFC3339`.
pub(crate) const RFC3339: &str = "2006-01-02T15:04:05Z07:00";

/// Returns the system's time zone; universal time where it is not to be found.
pub(crate) fn local_zone() -> Zone {
    Zone::load(&System.local_zone(), &Zone::Utc).unwrap_or(Zone::Utc)
}

/// Returns the clock of the record storage: the present time, with the local offset (`Timestamper`).
pub(crate) fn system() -> release::Clock {
    let zone = local_zone();
    Arc::new(move || {
        let now = value::time::Time::from_system(SystemTime::now(), Zone::Utc);
        let (offset_seconds, _) = zone.at(now.seconds);
        Time { unix_seconds: now.seconds, nanoseconds: now.nanoseconds, offset_seconds }
    })
}

/// Returns the present local time as Go writes it to JSON (`time.RFC3339Nano`).
pub(crate) fn now_text() -> String {
    value::time::Time::from_system(SystemTime::now(), local_zone())
        .format("2006-01-02T15:04:05.999999999Z07:00")
}

/// Returns a recorded time in the zone Go would show it in: a text with an offset is local time when the local offset
/// was the same then, and has no zone name otherwise.
pub(crate) fn shown(time: Time, local: &Zone) -> value::time::Time {
    let zone = match time.offset_seconds {
        0 => Zone::Utc,
        offset if local.at(time.unix_seconds).0 == offset => local.clone(),
        offset => Zone::Fixed { abbreviation: "".into(), offset },
    };
    value::time::Time { seconds: time.unix_seconds, nanoseconds: time.nanoseconds, zone }
}

#[cfg(test)]
mod tests {
    use manifest::Time;
    use value::time::Zone;

    use super::{ANSIC, shown};

    #[test]
    fn times_are_shown_with_their_own_offset() {
        let time: Time = "2020-01-02T10:30:15.5+05:30".parse().unwrap();
        let shown = shown(time, &Zone::Utc);
        assert_eq!(shown.format(ANSIC), "Thu Jan  2 10:30:15 2020");
        assert_eq!(shown.to_string(), "2020-01-02 10:30:15.5 +0530 +0530");
    }
}
