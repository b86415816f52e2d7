//! Certificates: which are trusted, which one is presented, and the remedy where one side rejects the other's.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, InconsistentKeys,
    RootCertStore, SignatureScheme,
};

use super::target::{HostKind, Target};
use super::{Config, Error, Result};

/// Most names of a certificate that are said.
const NAMES: usize = 5;

/// What a server wanted to know of this client.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    /// Whether a certificate is there to be shown.
    given: bool,
    /// Whether a server asked for one.
    asked: Arc<AtomicBool>,
}

/// How connections to `target` are secured.
pub(super) fn settings(config: &Config, target: &Target) -> Result<(ClientConfig, Identity)> {
    // Another extension in this process may have chosen a provider already: that one is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let provider =
        CryptoProvider::get_default().map_or_else(|| Arc::new(rustls::crypto::ring::default_provider()), Arc::clone);
    // Atlassian asks nobody for a certificate, and need not learn whose this one is.
    let key = if target.kind == HostKind::Organization { None } else { shown(config, &provider)? };
    let identity = Identity { given: key.is_some(), asked: Arc::default() };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&error))?;
    let own = match &config.ca_bundle {
        Some(path) => certificates("ca_bundle", path)?,
        None => Vec::new(),
    };
    let builder = if target.origin.scheme() == "http" && own.is_empty() {
        // Plain http (this machine) needs no certificates; reading those of the system costs time and may fail where
        // a container has none.
        builder.with_root_certificates(RootCertStore::empty())
    } else {
        let system = if own.is_empty() {
            rustls_platform_verifier::Verifier::new(provider)
        } else {
            rustls_platform_verifier::Verifier::new_with_extra_roots(own.iter().cloned(), provider)
        };
        let system = system.map_err(|error| unusable(&error))?;
        builder.dangerous().with_custom_certificate_verifier(Arc::new(Verifier { system, own }))
    };
    let answer = ShowsCertificate { key, asked: Arc::clone(&identity.asked) };
    let mut settings = builder.with_client_cert_resolver(Arc::new(answer));
    settings.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((settings, identity))
}

fn unusable(error: &TlsError) -> Error {
    Error::configuration(format!(
        "no connection can be set up ({error}): install the operating system's certificates, or give them as `ca_bundle=`"
    ))
}

/// The rules of the operating system or of webpki, and one exception to them.
#[derive(Debug)]
struct Verifier {
    system: rustls_platform_verifier::Verifier,
    /// Certificates that were given as `ca_bundle`.
    own: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, TlsError> {
        let judged = self.system.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match judged {
            // `openssl req -x509` marks a certificate as one of an authority. webpki then refuses it as a server's own,
            // OpenSSL does not. The user gave this very certificate and trusts it. Its dates were judged before its purpose, its
            // key is judged by the signature of the handshake: the name is left.
            // Source: https://docs.openssl.org/3.0/man1/openssl-req/#notes (`-x509` and `v3_ca`)
            Err(error) if is_authority_as_server(&error) && self.own.iter().any(|own| own == end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            judged => judged,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, TlsError> {
        self.system.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, TlsError> {
        self.system.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.system.supported_verify_schemes()
    }
}

fn is_authority_as_server(error: &TlsError) -> bool {
    let TlsError::InvalidCertificate(CertificateError::Other(other)) = error else { return false };
    matches!(other.0.downcast_ref::<webpki::Error>(), Some(webpki::Error::CaUsedAsEndEntity))
}

/// Shows the certificate there is to whatever server asks, and remembers that one did.
#[derive(Debug)]
struct ShowsCertificate {
    key: Option<Arc<CertifiedKey>>,
    asked: Arc<AtomicBool>,
}

impl ResolvesClientCert for ShowsCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.key.clone()
    }

    fn has_certs(&self) -> bool {
        self.key.is_some()
    }
}

/// The certificate of this client, with its key. Nothing of the files is repeated in an error: they hold the key.
fn shown(config: &Config, provider: &CryptoProvider) -> Result<Option<Arc<CertifiedKey>>> {
    let Some(path) = &config.client_cert else {
        return match &config.client_key {
            Some(_) => {
                Err(Error::configuration("`client_cert` has a key and no certificate: give `(certificate, key)`"))
            }
            None => Ok(None),
        };
    };
    let chain = certificates("client_cert", path)?;
    let of_key = config.client_key.as_deref().unwrap_or(path);
    let key = private_key(of_key, config.client_key.is_some())?;
    let at = of_key.display();
    CertifiedKey::from_der(chain, key, provider).map(|key| Some(Arc::new(key))).map_err(|error| {
        Error::configuration(match error {
            TlsError::InconsistentKeys(InconsistentKeys::KeyMismatch) => format!(
                "the key in `{at}` is not that of the first certificate in `{}`: give the two that belong together",
                path.display()
            ),
            TlsError::InvalidCertificate(_) => format!(
                "the first certificate in `{}` cannot be read: give a certificate in PEM form",
                path.display()
            ),
            _ => format!(
                "the key in `{at}` is of an unknown kind: give an RSA key of 2048 bits or more, or one of P-256, P-384 or Ed25519"
            ),
        })
    })
}

fn private_key(path: &Path, apart: bool) -> Result<PrivateKeyDer<'static>> {
    let at = path.display();
    let pem = read("client_cert", path)?;
    if ["ENCRYPTED PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED"].iter().any(|mark| holds(&pem, mark)) {
        return Err(Error::configuration(format!(
            "the key in `{at}` is protected by a passphrase: write it without one (`openssl pkey -in key.pem -out plain.pem`) and keep that file to yourself"
        )));
    }
    PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
        let remedy = if apart {
            "give the key in PEM form (`-----BEGIN PRIVATE KEY-----`)"
        } else {
            "give `client_cert=(certificate, key)`, or one file with both in PEM form"
        };
        Error::configuration(format!("`client_cert`: `{at}` holds no private key: {remedy}"))
    })
}

fn holds(text: &[u8], mark: &str) -> bool {
    text.windows(mark.len()).any(|window| window == mark.as_bytes())
}

fn certificates(name: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let pem = read(name, path)?;
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(Error::configuration(format!(
            "`{name}` `{}` holds no certificate: give a file in PEM form (`-----BEGIN CERTIFICATE-----`)",
            path.display()
        ))),
    }
}

fn read(name: &str, path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| {
        Error::configuration(format!("`{name}` `{}` cannot be read ({error}): give a file in PEM form", path.display()))
    })
}

impl Identity {
    /// What is wrong with the certificate of one side, if that is why there is no answer.
    pub(super) fn refusal(&self, error: &reqwest::Error) -> Option<String> {
        let asked = self.asked.load(Ordering::Relaxed);
        match tls_error(error)? {
            TlsError::InvalidCertificate(wrong) => Some(of_the_server(wrong)),
            TlsError::NoCertificatesPresented => {
                Some("the server shows no certificate: check `url` and `proxy`".to_owned())
            }
            // Before it asked, a server has no certificate of ours to dislike.
            TlsError::AlertReceived(alert) if asked || *alert == AlertDescription::CertificateRequired => {
                self.of_the_client(*alert)
            }
            _ => None,
        }
    }

    fn of_the_client(&self, alert: AlertDescription) -> Option<String> {
        let certificate = matches!(
            alert,
            AlertDescription::CertificateRequired
                | AlertDescription::NoCertificate
                | AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
                | AlertDescription::HandshakeFailure
        );
        match (certificate, self.given) {
            (false, _) => None,
            (true, false) => Some(
                "the server asks for a client certificate, and none was given: give `client_cert=(certificate, key)`"
                    .to_owned(),
            ),
            (true, true) => Some(format!(
                "the server does not accept the client certificate ({alert:?}): give one in `client_cert` that is valid and of an authority it knows, with the certificates between"
            )),
        }
    }

    /// What to try besides, where a connection broke without a reason.
    pub(super) fn hint(&self) -> &'static str {
        match (self.asked.load(Ordering::Relaxed), self.given) {
            (true, false) => "; the server asked for a client certificate: if it needs one, give `client_cert=`",
            _ => "",
        }
    }
}

fn of_the_server(wrong: &CertificateError) -> String {
    match wrong {
        CertificateError::NotValidForNameContext { expected, presented } => {
            let asked = plain(&expected.to_str());
            if presented.is_empty() {
                return format!(
                    "the certificate of the server has no subjectAltName, and the name in its subject (CN) does not count: have it issued again with the subjectAltName `{asked}`"
                );
            }
            let more = presented.len().saturating_sub(NAMES);
            let mut names: Vec<String> =
                presented.iter().take(NAMES).map(|name| format!("`{}`", plain(bare(name)))).collect();
            if more > 0 {
                names.push(format!("{more} more"));
            }
            format!(
                "the certificate of the server is for {}, not for `{asked}`: check `url`, or have it issued for that name too",
                names.join(", ")
            )
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the certificate of the server has ended ({wrong}): have it renewed, or set the clock of this computer right")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("the certificate of the server is not valid yet ({wrong}): set the clock of this computer right")
        }
        _ if is_authority_as_server(&TlsError::InvalidCertificate(wrong.clone())) => {
            "the certificate of the server is not trusted (it is self-signed, or that of an authority): give this very certificate as `ca_bundle=`".to_owned()
        }
        _ => format!(
            "the certificate of the server is not trusted ({wrong}): if the company has its own authority or inspects traffic, give its certificates as `ca_bundle=`"
        ),
    }
}

/// `acme.com` of `DnsName("acme.com")`, as webpki writes the names of a certificate.
fn bare(name: &str) -> &str {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
    inner.trim_matches('"')
}

/// A name someone else wrote, short and without what could change the lines around it.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_graphic() && *c != '`').take(100).collect()
}

/// The error of the secured connection below `error`.
fn tls_error(error: &reqwest::Error) -> Option<&TlsError> {
    let mut links: VecDeque<&(dyn std::error::Error + 'static)> = VecDeque::from([error as _]);
    while let Some(link) = links.pop_front() {
        if let Some(tls) = link.downcast_ref::<TlsError>() {
            return Some(tls);
        }
        // An I/O error hides what it wraps from `source`.
        if let Some(inner) = link.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref()) {
            links.push_back(inner as _);
        }
        if let Some(source) = link.source() {
            links.push_back(source);
        }
    }
    None
}
