//! The use cases, the lanes that write, the clock that expires.
