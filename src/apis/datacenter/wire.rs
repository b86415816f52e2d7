//! What Data Center sends.
