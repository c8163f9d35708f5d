//! What every request goes through, and what every answer is made of.

pub(crate) mod answer;
pub(crate) mod client_address;
pub(crate) mod inbound;
pub(crate) mod listener;
pub(crate) mod observe;
