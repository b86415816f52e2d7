//! The site of a Data Center: plain data, or the company in another flavour.

use super::super::state::{Facts, Principal};
use super::super::{Cast, Options, company, plain};

pub(in super::super) fn facts(options: &Options) -> Result<Facts, String> {
    let mut facts = match &options.site {
        Some(site) => plain::facts(site)?,
        None => company::facts(options),
    };
    facts.free = false;
    // Who may use the site is a permission like others here.
    let mut globals = Vec::new();
    for user in &facts.users {
        let who = Principal::User(user.id.clone());
        for (held, word) in
            [(user.licensed, "use"), (user.product_admin, "administer"), (user.system_admin, "system_administer")]
        {
            if held {
                globals.push((who.clone(), word.to_owned()));
            }
        }
    }
    if facts.users.iter().any(|user| !user.licensed) {
        globals.push((Principal::Unlicensed, "use_unlicensed".to_owned()));
    }
    if facts.anonymous_enabled {
        globals.push((Principal::Anonymous, "use".to_owned()));
    }
    facts.globals = globals;
    Ok(facts)
}

/// Who and what is always there in the company of a Data Center.
pub fn cast() -> Cast {
    company::cast()
}
