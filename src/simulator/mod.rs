//! A Confluence to talk to: written from the specifications, on real sockets, sharing no code with the readers.
