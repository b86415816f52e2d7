//! The HTTP client requests are sent with.

use std::time::Duration;

use secrecy::ExposeSecret as _;

use crate::fetch::credentials::Credentials;
use crate::fetch::error::Cause;
use crate::fetch::target::Target;
use crate::fetch::tls::{self, Identity};
use crate::fetch::{Config, Error, Result};

pub(super) fn build(
    config: &Config,
    target: &Target,
    credentials: &Credentials,
) -> Result<(reqwest::Client, Identity)> {
    let (secured, identity) = tls::settings(config, target)?;
    let describe = |error: reqwest::Error| {
        let cause = Cause::chain(&error.without_url(), &|text| credentials.redact(text));
        (cause.root().to_owned(), cause)
    };
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("confluence-access/", env!("CARGO_PKG_VERSION")))
        // Followed by hand: within the site only.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(config.timeout.min(Duration::from_secs(10)))
        .read_timeout(config.timeout)
        .pool_idle_timeout(Duration::from_secs(30))
        .pool_max_idle_per_host(config.max_concurrency);
    if let Some(proxy) = &config.proxy {
        let proxy = reqwest::Proxy::all(proxy.expose_secret()).map_err(|error| {
            let (root, cause) = describe(error);
            Error::configuration(format!(
                "invalid address in `proxy` ({root}): write it like `http://proxy.acme.com:3128`"
            ))
            .with_cause(cause)
        })?;
        builder = builder.proxy(proxy);
    } else if target.loopback {
        // A proxy of the environment is for other machines.
        builder = builder.no_proxy();
    }
    let http = builder.tls_backend_preconfigured(secured).build().map_err(|error| {
        let (root, cause) = describe(error);
        Error::configuration(format!("no connection can be set up ({root})")).with_cause(cause)
    })?;
    Ok((http, identity))
}
