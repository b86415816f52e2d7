//! Site and policy to decision and explanation. Pure: no I/O, no clock.
