//! Time zones: UTC, those of the IANA database, and fixed offsets.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Where a clock stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Universal time.
    Utc,
    /// A zone with rules; the system's own is one of these, too.
    Region {
        /// The name it was asked for by; `Local` for the system's own.
        name: Arc<str>,
        /// Its rules.
        rules: TimeZone,
    },
    /// A fixed offset, as a text with an offset gives.
    Fixed {
        /// The abbreviation; empty if only the offset is known.
        abbreviation: Arc<str>,
        /// Seconds east of Greenwich.
        offset: i32,
    },
}

/// Why a zone cannot be had, with Go's texts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// The name could leave the database's folder.
    #[error("time: invalid location name")]
    InvalidName,
    /// The database does not have it.
    #[error("unknown time zone {0}")]
    Unknown(Box<str>),
}

impl Zone {
    /// Returns the system's zone with these rules.
    pub fn local(rules: TimeZone) -> Self {
        Self::Region { name: "Local".into(), rules }
    }

    /// Returns the system's zone by its name in the database; UTC if that is the name or it is unknown.
    pub fn local_named(name: &str) -> Self {
        match Self::load(name, &Self::Utc) {
            Ok(Self::Region { rules, .. }) => Self::local(rules),
            _ => Self::Utc,
        }
    }

    /// Returns a zone by name (`time.LoadLocation`); `Local` is what the caller says it is.
    ///
    /// # Errors
    /// When the name is malformed or unknown.
    pub fn load(name: &str, local: &Self) -> Result<Self, ZoneError> {
        match name {
            "" | "UTC" => return Ok(Self::Utc),
            "Local" => return Ok(local.clone()),
            _ => {}
        }
        let leaves = |part: &str| part == "..";
        if name.starts_with(['/', '\\']) || name.contains('\\') || name.split('/').any(leaves) {
            return Err(ZoneError::InvalidName);
        }
        // jiff finds names in any case, Go's files have one.
        let rules = TimeZone::get(name).ok().filter(|rules| rules.iana_name() == Some(name));
        let rules = rules.ok_or_else(|| ZoneError::Unknown(name.into()))?;
        Ok(Self::Region { name: name.into(), rules })
    }

    /// Returns the offset in seconds and the abbreviation at a moment.
    pub fn at(&self, unix_seconds: i64) -> (i32, Arc<str>) {
        match self {
            Self::Utc => (0, "UTC".into()),
            Self::Fixed { abbreviation, offset } => (*offset, abbreviation.clone()),
            Self::Region { rules, .. } => {
                let info = rules.to_offset_info(timestamp(unix_seconds));
                (info.offset().seconds(), info.abbreviation().into())
            }
        }
    }

    /// Returns the moment at which a clock of the zone shows this time (given as if it were UTC), as Go's
    /// `time.Date` chooses where the clock is set forward or back.
    pub(crate) fn moment_of(&self, clock: i64) -> i64 {
        let (offset, _) = self.at(clock);
        if offset == 0 {
            return clock;
        }
        let (offset, _) = self.at(clock.saturating_sub(offset.into()));
        clock.saturating_sub(offset.into())
    }

    /// Returns the offset that goes with an abbreviation, best if it is in effect then.
    pub(super) fn offset_of(&self, abbreviation: &str, clock: i64) -> Option<i32> {
        let Self::Region { rules, .. } = self else {
            let (offset, own) = self.at(clock);
            return (*own == *abbreviation).then_some(offset);
        };
        // Enough transitions to see every rule of the years around.
        const AROUND: usize = 16;
        let near = timestamp(clock);
        let earlier = rules.preceding(near).take(AROUND).map(|change| change.timestamp());
        let later = rules.following(near).take(AROUND).map(|change| change.timestamp());
        let mut offsets: Vec<i32> = Vec::new();
        for moment in [near].into_iter().chain(earlier).chain(later) {
            let info = rules.to_offset_info(moment);
            if info.abbreviation() == abbreviation {
                offsets.push(info.offset().seconds());
            }
        }
        let in_effect = |offset: &&i32| *self.at(clock.saturating_sub((**offset).into())).1 == *abbreviation;
        offsets.iter().find(in_effect).or(offsets.first()).copied()
    }
}

/// The calendar and its weekdays repeat after 400 years; years beyond 9999 follow the rules of those before.
fn timestamp(unix_seconds: i64) -> Timestamp {
    const CYCLE: i64 = 146_097 * 86_400;
    let last = Timestamp::MAX.as_second();
    let beyond = unix_seconds.saturating_sub(last).max(0);
    let seconds = unix_seconds - (beyond / CYCLE + i64::from(beyond % CYCLE != 0)) * CYCLE;
    Timestamp::from_second(seconds.max(Timestamp::MIN.as_second())).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        let text = |name| Zone::load(name, &Zone::Utc).unwrap_err().to_string();
        assert_eq!(text("../etc"), "time: invalid location name");
        assert_eq!(text("/etc"), "time: invalid location name");
        assert_eq!(text("Nowhere/Land"), "unknown time zone Nowhere/Land");
        assert_eq!(Zone::load("", &Zone::Utc), Ok(Zone::Utc));
        assert_eq!(Zone::local_named("Nowhere/Land"), Zone::Utc);
    }
}
