//! The gateways against servers that imitate their vendors. One binary, so that it links once.

#[cfg(test)]
mod issuer;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod sms;
#[cfg(test)]
mod world;
