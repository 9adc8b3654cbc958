//! What functions may ask of the world besides their arguments: the time, chance, the local time zone.

use std::time::SystemTime;

/// The clock, the source of randomness and the zone of one run; read once at the edge and passed in.
pub trait Ambient {
    /// Returns the present time.
    fn now(&self) -> SystemTime;
    /// Fills the buffer with unpredictable bytes fit for keys.
    fn fill_random(&self, buffer: &mut [u8]);
    /// Returns the name of the local time zone in the IANA database (`UTC`, `Europe/Berlin`).
    fn local_zone(&self) -> String;
}
