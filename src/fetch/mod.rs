//! The only I/O of the house: transport, credentials, retry, rate limit, paging, the crawl.
