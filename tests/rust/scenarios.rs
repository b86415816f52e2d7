//! The golden scenarios, as the sites they describe.

use serde_json::{Map, Value};

/// The file, as it stands.
pub fn file() -> Value {
    serde_json::from_str(include_str!("../golden/scenarios.json")).unwrap()
}

/// JSON Merge Patch.
// Source: https://www.rfc-editor.org/rfc/rfc7396
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let target = target.as_object_mut().unwrap();
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// The site of a scenario for a deployment.
pub fn site(file: &Value, scenario: &Value, deployment: &str) -> Value {
    let mut site = file["defaults"].clone();
    merge(&mut site, &scenario["patch"]);
    if let Some(patch) = scenario["patch_by_deployment"].get(deployment) {
        merge(&mut site, patch);
    }
    site
}
