//! What each upstream API is asked and what it answers. Builds request values, reads response values; never I/O.
