//! Where requests go: the address that was given, validated before anything is sent.

use std::net::IpAddr;

use url::{Host, Url};

use super::{Config, Error, Result};
use crate::model::Deployment;

/// What kind of host a site is reached through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostKind {
    /// `*.atlassian.net`.
    CloudSite,
    /// `api.atlassian.com/ex/confluence/<cloud id>`.
    Gateway,
    /// A domain of its own: Cloud or Data Center.
    Other,
    /// The APIs of the organization.
    Organization,
}

/// Where requests go; without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// Scheme, host and port.
    pub(super) origin: Url,
    /// What stands before every path: nothing, `/ex/confluence/<cloud id>`, or the context of another installation.
    pub(super) context: String,
    /// Address people open, without `/wiki`.
    pub(super) site: String,
    pub(super) kind: HostKind,
    /// Whether it is this machine.
    pub(super) loopback: bool,
}

/// First segments of the addresses inside an installation: what a link copied from the browser goes on with.
const INSIDE: [&str; 18] = [
    "wiki",
    "spaces",
    "display",
    "pages",
    "x",
    "label",
    "labels",
    "plugins",
    "rest",
    "api",
    "rpc",
    "admin",
    "people",
    "users",
    "login.action",
    "dashboard.action",
    "homepage.action",
    "index.action",
];

/// Where all sites are reached, and their organizations.
const GATEWAY: &str = "https://api.atlassian.com";
const GOVERNMENT_GATEWAY: &str = "https://api.atlassian-us-gov-mod.com";

const EXAMPLE: &str = "`https://acme.atlassian.net`";

impl Target {
    /// Where `config` points.
    pub(super) fn new(config: &Config) -> Result<Self> {
        let Address { mut url, host, shown, loopback } = Address::parse(config)?;
        let segments: Vec<String> =
            url.path_segments().into_iter().flatten().filter(|s| !s.is_empty()).map(str::to_owned).collect();
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        let site = url.as_str().trim_end_matches('/').to_owned();
        let cloud_id = config.cloud_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        let written_gateway = match segments.as_slice() {
            [ex, product, id, ..] if ex == "ex" && product == "confluence" => Some(id.as_str()),
            _ => None,
        };
        for id in cloud_id.iter().chain(&written_gateway) {
            validate_cloud_id(id)?;
        }
        let gateway = |id: &str| {
            let context = format!("/ex/confluence/{id}");
            let site = format!("{site}{context}");
            Self { site, origin: url.clone(), context, kind: HostKind::Gateway, loopback }
        };
        if matches!(host.as_str(), "api.atlassian.com" | "api.atlassian-us-gov-mod.com") {
            return written_gateway.or(cloud_id).map(gateway).ok_or_else(|| {
                Error::configuration(format!(
                    "`{shown}` is the gateway of all sites: give `cloud_id`, or write `https://{host}/ex/confluence/<cloud id>` (the id is shown at https://<site>.atlassian.net/_edge/tenant_info)"
                ))
            });
        }
        if host == "atlassian.com" || host.ends_with(".atlassian.com") || host == "atlassian.net" {
            return Err(Error::configuration(format!(
                "`{shown}` is not a Confluence site: write `https://<site>.atlassian.net`"
            )));
        }
        let cloud_site = host.ends_with(".atlassian.net") || host.ends_with(".atlassian-us-gov-mod.net");
        let data_center = config.deployment == Some(Deployment::DataCenter);
        if cloud_site && data_center {
            return Err(Error::configuration(format!(
                "`{shown}` is a Confluence Cloud site, and `deployment` says Data Center: leave `deployment` out, or give the address of the installation"
            )));
        }
        let kind = if cloud_site { HostKind::CloudSite } else { HostKind::Other };
        let direct =
            |context: String| Self { site: format!("{site}{context}"), origin: url.clone(), context, kind, loopback };
        if let Some(id) = cloud_id.filter(|_| !data_center) {
            return direct(String::new()).through_gateway(config, id);
        }
        if cloud_site {
            return Ok(direct(String::new()));
        }
        if let Some(id) = written_gateway {
            return Ok(gateway(id));
        }
        // What comes before the first segment that belongs to an installation is its context path.
        let context = segments
            .iter()
            // Data Center itself has nothing at `/wiki`, so there it is where an installation stands.
            .take_while(|s| (data_center && *s == "wiki") || !INSIDE.contains(&s.as_str()) && !s.ends_with(".action"))
            .flat_map(|s| ["/", s.as_str()])
            .collect();
        Ok(direct(context))
    }

    /// The way to the same site through the gateway, which alone lets in tokens with scopes and bearer tokens.
    pub(super) fn through_gateway(&self, config: &Config, cloud_id: &str) -> Result<Self> {
        validate_cloud_id(cloud_id)?;
        let host = self.origin.host_str().unwrap_or_default();
        let origin = match config.gateway_url.as_deref().map(str::trim) {
            Some(text) => parse_origin("gateway_url", text)?,
            None if self.loopback => self.origin.clone(),
            None if host.ends_with(".atlassian-us-gov-mod.net") => parse_origin("gateway_url", GOVERNMENT_GATEWAY)?,
            None => parse_origin("gateway_url", GATEWAY)?,
        };
        Ok(Self {
            loopback: is_loopback(&origin),
            origin,
            context: format!("/ex/confluence/{cloud_id}"),
            site: self.site.clone(),
            kind: HostKind::Gateway,
        })
    }

    /// Where the organization is asked: at Atlassian, or where a test says. Never at the site.
    pub(super) fn organization(config: &Config) -> Result<Self> {
        let text = config.org_url.as_deref().map_or(GATEWAY, str::trim);
        let origin = parse_origin("org_url", text)?;
        let loopback = is_loopback(&origin);
        let site = origin.as_str().trim_end_matches('/').to_owned();
        Ok(Self { origin, context: String::new(), site, kind: HostKind::Organization, loopback })
    }
}

/// An address that was given, and is one.
struct Address {
    url: Url,
    /// Lower case, without the dot of the root.
    host: String,
    /// As it may be repeated in a message.
    shown: String,
    loopback: bool,
}

impl Address {
    fn parse(config: &Config) -> Result<Self> {
        let text = config.url.trim();
        if text.is_empty() {
            return Err(Error::configuration(format!(
                "`url` is empty: give the address of the site, such as {EXAMPLE}"
            )));
        }
        let Some((scheme, rest)) = text.split_once("://") else { return Err(no_scheme(text)) };
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(Error::configuration(
                "`url` contains credentials: take everything up to the `@` out of it and give `username` and `token`",
            ));
        }
        let shown = shown(text).unwrap_or_default().to_owned();
        let url = Url::parse(text)
            .map_err(|e| Error::configuration(format!("invalid address `{shown}` ({e}): write it like {EXAMPLE}")))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(Error::configuration(format!(
                "`{shown}` has the scheme `{}`: Confluence is reached by `https://`",
                scheme.to_ascii_lowercase()
            )));
        }
        let host = url.host_str().map(|h| h.trim_end_matches('.').to_ascii_lowercase()).filter(|h| !h.is_empty());
        let Some(host) = host else {
            return Err(Error::configuration(format!("`{shown}` names no host: write it like {EXAMPLE}")));
        };
        let loopback = is_loopback(&url);
        if url.scheme() == "http" && !loopback && !config.allow_http {
            return Err(Error::configuration(format!(
                "`{shown}` would send the credentials in the clear: use `https://`, or set `allow_http` if this network may read them"
            )));
        }
        Ok(Self { url, host, shown, loopback })
    }
}

fn no_scheme(text: &str) -> Error {
    Error::configuration(match shown(text) {
        // The name of a site of Cloud alone.
        Some(shown)
            if !shown.eq_ignore_ascii_case("localhost")
                && shown.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') =>
        {
            format!(
                "`{shown}` is not an address: write `https://{shown}.atlassian.net` for Cloud, the whole address for Data Center"
            )
        }
        Some(shown) => format!("`{shown}` has no scheme: write `https://{shown}`"),
        None => format!("`url` has no scheme: write it like {EXAMPLE}"),
    })
}

/// An origin of Atlassian's, or where a test says that it is.
fn parse_origin(name: &str, text: &str) -> Result<Url> {
    let wrong = |why: &str| {
        Error::configuration(format!("`{name}` {why}: leave it out, or give an origin such as `{GATEWAY}`"))
    };
    let mut origin = Url::parse(text).map_err(|_| wrong("is no address"))?;
    if !origin.username().is_empty() || origin.password().is_some() {
        return Err(wrong("contains credentials"));
    }
    match origin.scheme() {
        "https" => {}
        "http" if is_loopback(&origin) => {}
        // No setting allows this: these keys open everything.
        _ => return Err(wrong("would send the key in the clear")),
    }
    if origin.host_str().is_none() || !matches!(origin.path(), "" | "/") {
        return Err(wrong("is no origin"));
    }
    origin.set_query(None);
    origin.set_fragment(None);
    Ok(origin)
}

/// `text` as it may be repeated in a message: nothing where it could hold a password, never a query.
fn shown(text: &str) -> Option<&str> {
    let plain = text.split(['?', '#']).next().unwrap_or_default();
    let clean = !plain.contains('@') && !plain.chars().any(char::is_control) && plain.len() <= 200;
    clean.then_some(plain)
}

fn validate_cloud_id(id: &str) -> Result<()> {
    if id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Ok(());
    }
    Err(Error::configuration(
        "`cloud_id` is not an id: it looks like `11223344-a1b2-3b33-c444-def123456789` and is shown at https://<site>.atlassian.net/_edge/tenant_info",
    ))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
        }
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Target {
        Target::new(&Config::new(url)).unwrap()
    }

    fn refusal(url: &str) -> String {
        Target::new(&Config::new(url)).unwrap_err().to_string()
    }

    #[test]
    fn a_link_from_the_browser_is_cut_down_to_the_site() {
        for url in [
            "https://acme.atlassian.net",
            "https://acme.atlassian.net/",
            "https://acme.atlassian.net/wiki",
            "https://acme.atlassian.net/wiki/",
            " https://ACME.atlassian.net//wiki/spaces/ENG/overview?homepageId=1#top ",
        ] {
            let target = target(url);
            assert_eq!(target.site, "https://acme.atlassian.net", "{url}");
            assert_eq!(target.context, "");
            assert_eq!(target.kind, HostKind::CloudSite);
        }
        assert_eq!(target("http://127.0.0.1:8080/wiki/spaces/ENG").site, "http://127.0.0.1:8080");
        assert_eq!(target("https://wiki.acme.com/confluence/display/ENG/Home").context, "/confluence");
        assert_eq!(target("https://wiki.acme.com/pages/viewpage.action?pageId=1").context, "");
    }

    #[test]
    fn the_gateway_keeps_its_prefix() {
        let plain = target("https://api.atlassian.com/ex/confluence/abc-1/wiki/api/v2");
        assert_eq!((plain.context.as_str(), plain.kind), ("/ex/confluence/abc-1", HostKind::Gateway));
        let mut config = Config::new("https://acme.atlassian.net/wiki");
        config.cloud_id = Some("abc-1".into());
        let through = Target::new(&config).unwrap();
        assert_eq!(through.origin.as_str(), "https://api.atlassian.com/");
        assert_eq!(through.site, "https://acme.atlassian.net");
        assert!(refusal("https://api.atlassian.com").contains("cloud_id"));
    }

    #[test]
    fn every_site_has_its_gateway() {
        let through = |url: &str, change: &dyn Fn(&mut Config)| {
            let mut config = Config::new(url);
            change(&mut config);
            let target = Target::new(&config).unwrap().through_gateway(&config, "abc-1").unwrap();
            assert_eq!((target.context.as_str(), target.kind), ("/ex/confluence/abc-1", HostKind::Gateway));
            (target.origin.as_str().to_owned(), target.site)
        };
        let of = |origin: &str, site: &str| (origin.to_owned(), site.to_owned());
        let usual = "https://api.atlassian.com/";
        assert_eq!(through("https://acme.atlassian.net/wiki", &|_| {}), of(usual, "https://acme.atlassian.net"));
        assert_eq!(through("https://wiki.acme.com", &|_| {}), of(usual, "https://wiki.acme.com"), "a custom domain");
        assert_eq!(
            through("https://acme.atlassian-us-gov-mod.net", &|_| {}),
            of("https://api.atlassian-us-gov-mod.com/", "https://acme.atlassian-us-gov-mod.net")
        );
        assert_eq!(through("http://127.0.0.1:8080", &|_| {}), of("http://127.0.0.1:8080/", "http://127.0.0.1:8080"));
        let elsewhere = |config: &mut Config| config.gateway_url = Some("http://127.0.0.1:9".into());
        assert_eq!(through("http://127.0.0.1:8080", &elsewhere).0, "http://127.0.0.1:9/");
        let config = Config::new("https://acme.atlassian.net");
        assert!(Target::new(&config).unwrap().through_gateway(&config, "../evil").is_err());
    }

    #[test]
    fn an_address_that_cannot_work_is_refused_with_the_remedy() {
        assert!(refusal("").contains("is empty"));
        assert_eq!(
            refusal("acme.atlassian.net"),
            "`acme.atlassian.net` has no scheme: write `https://acme.atlassian.net`"
        );
        assert!(refusal("acme").contains("write `https://acme.atlassian.net`"));
        assert!(refusal("localhost").contains("write `https://localhost`"));
        assert!(refusal("localhost:8090").contains("https://localhost:8090"));
        assert!(refusal("http://acme.atlassian.net").contains("in the clear"));
        assert!(refusal("ftp://acme.atlassian.net").contains("scheme `ftp`"));
        assert!(refusal("https://").contains("address"));
        assert!(refusal("https://admin.atlassian.com/o/x").contains("not a Confluence site"));
        assert!(target("http://[::1]:80").site.starts_with("http://[::1]"));
    }

    #[test]
    fn an_installation_may_stand_at_wiki_but_not_at_atlassian() {
        let mut config = Config::new("https://docs.acme.com/wiki/display/ENG/Home");
        assert_eq!(Target::new(&config).unwrap().context, "");
        config.deployment = Some(Deployment::DataCenter);
        assert_eq!(Target::new(&config).unwrap().context, "/wiki");
        config.url = "https://acme.atlassian.net".into();
        assert!(Target::new(&config).unwrap_err().to_string().contains("leave `deployment` out"));
    }

    #[test]
    fn credentials_in_an_address_are_refused_and_not_repeated() {
        for url in ["https://ann:s3cr3t@acme.atlassian.net", "ann:s3cr3t@acme.atlassian.net", "https://s3cr3t@h/x?y#z"]
        {
            let text = refusal(url);
            assert!(!text.contains("s3cr3t"), "{text}");
        }
        assert!(!refusal("http://acme.com/?token=s3cr3t").contains("s3cr3t"));
    }
}
