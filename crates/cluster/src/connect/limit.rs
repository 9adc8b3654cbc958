//! Requests per second: client-go's token bucket (`flowcontrol.NewTokenBucketRateLimiter`), one for the whole command.

use std::time::{Duration, Instant};

/// How many requests a server may get, as flags say it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// `--qps`: requests in each second, in the long run.
    pub per_second: f32,
    /// `--burst-limit`: requests at once, before that counts.
    pub burst: i64,
}

/// How many requests a server gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limit {
    per_second: f64,
    burst: u32,
}

/// client-go's `DefaultQPS`.
const USUAL_RATE: f64 = 5.0;

/// client-go's `DefaultBurst`.
const USUAL_BURST: i64 = 10;

/// Helm's `defaultBurstLimit`.
const HELMS_BURST: i64 = 100;

impl Limit {
    /// Reads a rate as client-go does: zero stands for its own defaults, a negative rate is none.
    ///
    /// # Errors
    /// In client-go's words (`kubernetes.NewForConfig`, `rest.Request.tryThrottle`), when the burst lets nothing through.
    ///
    /// # Compatibility
    /// Helm makes a bucket for nearly every object, which its own defaults never empty; they limit nothing here either.
    pub(crate) fn of(rate: Rate) -> Result<Option<Limit>, String> {
        let Rate { per_second, burst } = rate;
        if per_second < 0.0 || per_second.is_nan() || per_second == 0.0 && burst >= HELMS_BURST {
            return Ok(None);
        }
        if per_second > 0.0 && burst <= 0 {
            let condition = "when RateLimiter is not set and QPS is set to greater than 0";
            return Err(format!("burst is required to be greater than 0 {condition}"));
        }
        if burst < 0 {
            let reason = format!("rate: Wait(n=1) exceeds limiter's burst {burst}");
            return Err(format!("client rate limiter Wait returned an error: {reason}"));
        }
        let per_second = if per_second == 0.0 { USUAL_RATE } else { f64::from(per_second) };
        let burst = if burst == 0 { USUAL_BURST } else { burst };
        Ok(Some(Limit { per_second, burst: u32::try_from(burst).unwrap_or(u32::MAX) }))
    }
}

/// What is left of a limit.
#[derive(Debug)]
pub(super) struct Bucket {
    limit: Limit,
    /// Below zero when requests are waiting.
    tokens: f64,
    filled_at: Instant,
}

impl Bucket {
    pub(super) fn full(limit: Limit, now: Instant) -> Bucket {
        Bucket { limit, tokens: f64::from(limit.burst), filled_at: now }
    }

    /// Takes a token for one request and returns how long it must wait for it.
    pub(super) fn take(&mut self, now: Instant) -> Duration {
        let Limit { per_second, burst } = self.limit;
        let elapsed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + elapsed * per_second).min(f64::from(burst)) - 1.0;
        self.filled_at = now;
        Duration::try_from_secs_f64((-self.tokens).max(0.0) / per_second).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Bucket, Limit, Rate};

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::full(Limit { per_second: 4.0, burst: 3 }, start);
        let waits = [0; 5].map(|_| bucket.take(start).as_millis());
        assert_eq!(waits, [0, 0, 0, 250, 500]);
        let waits = [0; 3].map(|_| bucket.take(start + Duration::from_secs(1)).as_millis());
        assert_eq!(waits, [0, 0, 250]);
        assert_eq!(bucket.take(start + Duration::from_secs(9)), Duration::ZERO);
    }

    #[test]
    fn zero_is_the_default_and_a_negative_rate_no_limit() {
        let of = |per_second, burst| Limit::of(Rate { per_second, burst });
        let limit = |per_second, burst| Ok(Some(Limit { per_second, burst }));
        assert_eq!(of(0.0, 0), limit(5.0, 10));
        assert_eq!(of(0.5, 100), limit(0.5, 100));
        assert_eq!(of(0.0, 20), limit(5.0, 20));
        assert_eq!((of(-1.0, -3), of(f32::NAN, 3), of(0.0, 100)), (Ok(None), Ok(None), Ok(None)));
        let refused = "burst is required to be greater than 0 when RateLimiter is not set and QPS is set to greater than 0";
        assert_eq!(of(2.0, 0).unwrap_err(), refused);
        let refused =
            "client rate limiter Wait returned an error: rate: Wait(n=1) exceeds limiter's burst -1";
        assert_eq!(of(0.0, -1).unwrap_err(), refused);
    }
}
