//! The gateways against servers of their vendors' kind. One binary, so that it links once.

#[cfg(test)]
mod issuer;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod sms;
#[cfg(test)]
mod world;
