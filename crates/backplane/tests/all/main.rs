//! The guarantees of the backplane, in memory and in Redis, and during outages of Redis. One binary, so that it links
//! once.

#[cfg(test)]
mod cache;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod encrypted;
#[cfg(test)]
mod eventually;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod locks;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod sessions;
