//! The proleptic Gregorian calendar: days since 1970 to dates and back.

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// The year; 0 is 1 BC.
    pub year: i64,
    /// From 1 to 12.
    pub month: u8,
    /// From 1 to 31.
    pub day: u8,
}

/// Days of 400 years.
const ERA: i64 = 146_097;

/// Returns the date of a day, counted from 1970-01-01.
pub fn date(days: i64) -> Date {
    // Years that start in March have their leap day at the end.
    let shifted = days.wrapping_add(719_468);
    let (era, day_of_era) = (shifted.div_euclid(ERA), shifted.rem_euclid(ERA));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u8;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u8;
    Date { year: year_of_era + era * 400 + i64::from(month <= 2), month, day }
}

/// Returns the day of a date, counted from 1970-01-01. Months and days beyond their range carry over, as in Go's
/// `time.Date`.
pub fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year.saturating_add((month - 1).div_euclid(12));
    let month = (month - 1).rem_euclid(12) + 1;
    let shifted_year = if month <= 2 { year.saturating_sub(1) } else { year };
    let (era, year_of_era) = (shifted_year.div_euclid(400), shifted_year.rem_euclid(400));
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era.wrapping_mul(ERA).wrapping_add(day_of_era).wrapping_add(day).wrapping_sub(719_469)
}

/// Tells whether a year has 366 days.
pub fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Returns how many days a month has.
pub fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        2 => 28 + u8::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_are_inverse() {
        assert_eq!(date(0), Date { year: 1970, month: 1, day: 1 });
        assert_eq!(date(-1), Date { year: 1969, month: 12, day: 31 });
        assert_eq!(date(11_016), Date { year: 2000, month: 2, day: 29 });
        for day in (-1_000_000..1_000_000).step_by(37) {
            let Date { year, month, day: of_month } = date(day);
            assert_eq!(days(year, month.into(), of_month.into()), day);
        }
    }

    #[test]
    fn months_carry_over() {
        assert_eq!(days(2024, 14, 1), days(2025, 2, 1));
        assert_eq!(days(2024, 0, 31), days(2023, 12, 31));
        assert_eq!(days(2023, 2, 30), days(2023, 3, 2));
    }
}
