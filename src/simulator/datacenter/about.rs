//! What a Data Center says about itself.

use serde_json::{Value, json};

use super::super::exchange::{Answer, Reply};
use super::version::Version;
use super::visit::Visit;

/// A number that grows with the version, as build numbers do.
fn build_number(version: Version) -> u32 {
    match version {
        Version(7, 19, _) => 8804 + version.2,
        Version(8, 5, _) => 9012 + version.2,
        Version(9, 2, _) => 9212 + version.2,
        Version(10, 2, _) => 10_208 + version.2,
        Version(first, second, third) => first * 1000 + second * 20 + third,
    }
}

pub(super) fn server_information(visit: &Visit<'_>) -> Answer {
    visit.call.known("GET /rest/api/server-information", &[])?;
    let version = visit.version;
    let mut body = json!({
        "baseUrl": visit.base(),
        "version": version.to_string(),
        "buildNumber": build_number(version),
        "marketplaceBuildNumber": build_number(version),
        "buildDate": "2025-01-20T00:00:00.000+0000",
    });
    // Seen on some servers, absent on some of 10.x.
    if let Some(map) = body.as_object_mut().filter(|_| !visit.from(10, 0)) {
        map.insert("versionNumbers".to_owned(), json!([version.0, version.1, version.2]));
    }
    Ok(body.into())
}

pub(super) fn access_mode(visit: &Visit<'_>) -> Answer {
    visit.call.known("GET /rest/api/accessmode", &[])?;
    Ok(json!(if visit.site().facts.read_only { "READ_ONLY" } else { "READ_WRITE" }).into())
}

/// `GET /rest/applinks/1.0/manifest`, which asks for no credentials: XML, or JSON for those who ask for it.
pub(super) fn manifest(version: Version, base: &str, json: bool) -> Reply {
    let (id, build) = ("4f5a1c9e-7d6b-3c2a-9b8d-0e1f2a3b4c5d", build_number(version));
    if json {
        return json!({
            "id": id,
            "name": "Confluence",
            "typeId": "confluence",
            "version": version.to_string(),
            "buildNumber": build,
            "applinksVersion": "9.1.0",
            "inboundAuthenticationTypes": [],
            "outboundAuthenticationTypes": [],
            "publicSignup": false,
            "url": base,
        })
        .into();
    }
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><manifest><id>{id}</id><name>Confluence</name>\
         <typeId>confluence</typeId><version>{version}</version><buildNumber>{build}</buildNumber>\
         <applinksVersion>9.1.0</applinksVersion><publicSignup>false</publicSignup><url>{base}</url></manifest>"
    );
    Reply { text: Some(("application/xml", text)), ..Value::Null.into() }
}
