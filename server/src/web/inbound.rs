//! How much one address may ask for. The budget of the API's requests is shared by everybody and is
//! kept elsewhere: this keeps one sender from making work for the database.

use crate::config::Inbound;
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    state::keyed::DefaultKeyedStateStore,
};
use std::{net::IpAddr, num::NonZeroU32, time::Duration};

/// Authorizations that one address may begin: twenty at once, and one every three seconds. Several
/// people may share an address.
const ATTEMPTS: (Duration, u32) = (Duration::from_secs(3), 20);

type Limiter = RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, DefaultClock>;

/// The limits of one address.
#[derive(Debug)]
pub(crate) struct InboundLimits {
    requests: Option<Limiter>,
    attempts: Option<Limiter>,
    clock: DefaultClock,
}

impl InboundLimits {
    /// With these limits, or none at all.
    pub(crate) fn new(inbound: Option<Inbound>) -> Self {
        let attempts = || {
            let (period, burst) = ATTEMPTS;
            let quota = Quota::with_period(period)?;
            let burst = NonZeroU32::new(burst)?;
            Some(RateLimiter::keyed(quota.allow_burst(burst)))
        };
        Self {
            requests: inbound.map(|Inbound { per_second, burst }| {
                RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst))
            }),
            attempts: inbound.and_then(|_| attempts()),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    ///
    /// How long to wait.
    pub(crate) fn request(&self, address: IpAddr) -> Result<(), Duration> {
        self.count(self.requests.as_ref(), address)
    }

    /// Counts the beginning of an authorization.
    ///
    /// # Errors
    ///
    /// How long to wait.
    pub(crate) fn attempt(&self, address: IpAddr) -> Result<(), Duration> {
        self.count(self.attempts.as_ref(), address)
    }

    fn count(&self, limiter: Option<&Limiter>, address: IpAddr) -> Result<(), Duration> {
        let Some(limiter) = limiter else {
            return Ok(());
        };
        limiter
            .check_key(&address)
            .map_err(|refused| refused.wait_time_from(self.clock.now()))
    }

    /// Forgets addresses that have not asked for a while.
    pub(crate) fn forget_the_quiet(&self) {
        for limiter in [&self.requests, &self.attempts].into_iter().flatten() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_share() {
        let count = |number| NonZeroU32::new(number).expect("it is not zero");
        let limits = InboundLimits::new(Some(Inbound {
            per_second: count(1),
            burst: count(2),
        }));
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let (one, other) = (address("203.0.113.7"), address("203.0.113.8"));
        assert_eq!([limits.request(one), limits.request(one)], [Ok(()), Ok(())]);
        let wait = limits.request(one).expect_err("the burst is used up");
        assert!(wait <= Duration::from_secs(1));
        assert_eq!(limits.request(other), Ok(()));
        assert_eq!(limits.attempt(one), Ok(()));
        limits.forget_the_quiet();
        assert!(limits.request(one).is_err());
    }

    #[test]
    fn without_limits_nothing_is_counted() {
        let limits = InboundLimits::new(None);
        let address = IpAddr::from([203, 0, 113, 7]);
        assert!((0..1_000).all(|_| limits.request(address).is_ok()));
    }
}
