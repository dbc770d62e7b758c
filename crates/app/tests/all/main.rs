//! Jobs, from the transaction that requests them to the vendor, on both databases; and forged tokens.

#[cfg(test)]
mod codes;
#[cfg(test)]
mod ends;
#[cfg(test)]
mod runners;
#[cfg(test)]
mod sms;
#[cfg(test)]
#[cfg(test)]
mod world;
