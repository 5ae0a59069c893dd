//! The store through its interface.
