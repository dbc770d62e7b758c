//! Jobs, from the transaction that asks for them to the vendor that does them, on both databases; tokens against those who
//! make their own.

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
