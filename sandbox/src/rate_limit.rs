//! The API allows 4 requests a second and 10,000 a day for each client_id, shared by all its users.
//! The token endpoint allows 1 request a second for each client_id, with a burst.
//!
//! By hand, since governor's leaky bucket is not "4 in any second".

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

/// Requests a day; the day ends at midnight UTC.
const PER_DAY: u32 = 10_000;

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limited {
    Throttled,
    QuotaExceeded,
}

#[derive(Default)]
struct Usage {
    last_second: VecDeque<Instant>,
    day: i64,
    today: u32,
}

pub(crate) struct RateLimiter {
    per_second: u32,
    usage: HashMap<String, Usage>,
}

impl RateLimiter {
    /// A `per_second` of 0 means no limit.
    pub(crate) fn new(per_second: u32) -> Self {
        Self {
            per_second,
            usage: HashMap::new(),
        }
    }

    pub(crate) fn per_second(&self) -> u32 {
        self.per_second
    }

    /// Counts a request if it is within the limits. `day` is the number of the UTC day.
    pub(crate) fn admit(&mut self, client_id: &str, now: Instant, day: i64) -> Result<(), Limited> {
        if self.per_second == 0 {
            return Ok(());
        }
        let usage = self.usage.entry(client_id.to_owned()).or_default();
        if usage.day != day {
            usage.day = day;
            usage.today = 0;
        }
        if usage.today >= PER_DAY {
            return Err(Limited::QuotaExceeded);
        }
        while usage
            .last_second
            .front()
            .is_some_and(|then| now.duration_since(*then) >= Duration::from_secs(1))
        {
            usage.last_second.pop_front();
        }
        if usage.last_second.len() >= self.per_second as usize {
            return Err(Limited::Throttled);
        }
        usage.last_second.push_back(now);
        usage.today += 1;
        Ok(())
    }
}

/// How many requests the token endpoint takes at once.
const BURST: f64 = 5.0;

/// 1 request a second on average: a bucket that holds [`BURST`] of them.
pub(crate) struct TokenRateLimiter {
    limits: bool,
    /// What is left, and when it was counted.
    buckets: HashMap<String, (f64, Instant)>,
}

impl TokenRateLimiter {
    /// If `limits` is false, there is no limit.
    pub(crate) fn new(limits: bool) -> Self {
        Self {
            limits,
            buckets: HashMap::new(),
        }
    }

    /// Counts a request; false if it is one too many.
    pub(crate) fn admit(&mut self, client_id: &str, now: Instant) -> bool {
        if !self.limits {
            return true;
        }
        let (left, counted) = self
            .buckets
            .entry(client_id.to_owned())
            .or_insert((BURST, now));
        *left = (*left + now.duration_since(*counted).as_secs_f64()).min(BURST);
        *counted = now;
        if *left < 1.0 {
            return false;
        }
        *left -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_request_of_a_second_is_throttled() {
        let mut limiter = RateLimiter::new(4);
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        for millis in [0, 100, 200, 300] {
            assert_eq!(limiter.admit("one", at(millis), 0), Ok(()));
        }
        assert_eq!(limiter.admit("one", at(999), 0), Err(Limited::Throttled));
        assert_eq!(limiter.admit("two", at(999), 0), Ok(()));
        assert_eq!(limiter.admit("one", at(1000), 0), Ok(()));
        assert_eq!(limiter.admit("one", at(1050), 0), Err(Limited::Throttled));
    }

    #[test]
    fn the_token_endpoint_takes_five_at_once_and_one_a_second() {
        let mut limiter = TokenRateLimiter::new(true);
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        for _ in 0..5 {
            assert!(limiter.admit("one", start));
        }
        assert!(!limiter.admit("one", at(900)));
        assert!(limiter.admit("two", at(900)));
        assert!(limiter.admit("one", at(1_100)));
        assert!(!limiter.admit("one", at(1_200)));
        for _ in 0..5 {
            assert!(limiter.admit("one", at(60_000)));
        }
        assert!(!limiter.admit("one", at(60_000)));
        let mut unlimited = TokenRateLimiter::new(false);
        assert!((0..100).all(|_| unlimited.admit("one", start)));
    }

    #[test]
    fn the_quota_comes_back_the_next_day() {
        let mut limiter = RateLimiter::new(PER_DAY + 1);
        let now = Instant::now();
        for _ in 0..PER_DAY {
            assert_eq!(limiter.admit("one", now, 7), Ok(()));
        }
        assert_eq!(limiter.admit("one", now, 7), Err(Limited::QuotaExceeded));
        let later = now + Duration::from_secs(1);
        assert_eq!(limiter.admit("one", later, 8), Ok(()));
    }
}
