//! Where a group is kept, read from what Confluence says about it.

use crate::model::GroupSource;

/// Reads `managedBy` and `usageType`: where the group is kept, and what that rests on. A missing word is no hint, so a
/// group without them is not called local. The organization API writes the same words in lower case with hyphens.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-group/
pub(crate) fn of(managed_by: Option<&str>, usage: Option<&str>) -> (GroupSource, Option<String>) {
    let word = |text: Option<&str>| text.map(|text| text.trim().to_ascii_uppercase().replace('-', "_"));
    let (manager, used) = (word(managed_by), word(usage));
    let source = match (manager.as_deref(), used.as_deref()) {
        (Some("EXTERNAL"), _) => GroupSource::Directory,
        (Some("TEAM_MEMBERS" | "OPEN"), _) | (_, Some("TEAM_COLLABORATION")) => GroupSource::Team,
        (Some("ADMINS"), _) => GroupSource::Local,
        _ => GroupSource::Unknown,
    };
    let said: Vec<String> = [("managedBy", managed_by), ("usageType", usage)]
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name}={value}")))
        .collect();
    (source, (!said.is_empty()).then(|| said.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_a_directorys_only_where_the_server_says_so() {
        for (managed, usage, source, evidence) in [
            (Some("EXTERNAL"), None, GroupSource::Directory, Some("managedBy=EXTERNAL")),
            (
                Some("EXTERNAL"),
                Some("USERBASE_GROUP"),
                GroupSource::Directory,
                Some("managedBy=EXTERNAL, usageType=USERBASE_GROUP"),
            ),
            (Some("external"), None, GroupSource::Directory, Some("managedBy=external")),
            (Some("ADMINS"), None, GroupSource::Local, Some("managedBy=ADMINS")),
            (
                Some("ADMINS"),
                Some("TEAM_COLLABORATION"),
                GroupSource::Team,
                Some("managedBy=ADMINS, usageType=TEAM_COLLABORATION"),
            ),
            (Some("TEAM_MEMBERS"), None, GroupSource::Team, Some("managedBy=TEAM_MEMBERS")),
            (Some("OPEN"), None, GroupSource::Team, Some("managedBy=OPEN")),
            (Some("SOMEBODY"), None, GroupSource::Unknown, Some("managedBy=SOMEBODY")),
            (None, Some("USERBASE_GROUP"), GroupSource::Unknown, Some("usageType=USERBASE_GROUP")),
            (None, None, GroupSource::Unknown, None),
        ] {
            assert_eq!(of(managed, usage), (source, evidence.map(str::to_owned)), "{managed:?} {usage:?}");
        }
    }
}
