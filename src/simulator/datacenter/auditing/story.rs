//! What happened in the company before anybody looked.

use super::event::{self, Author, Event};
use super::kept::{Kept, now};
use crate::simulator::datacenter::facts::cast;
use crate::simulator::state::{Principal, Site};

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440 * MINUTE;

/// Makes up the last year: a story of the last month that fits what is there now, and as much beside it as makes `count`
/// events, as far as the coverage lets any be written down.
pub(super) fn tell(kept: &mut Kept, site: &Site, count: usize, seed: u64) {
    let now = now();
    let mut told = beginning(site, now);
    told.extend(last_month(site, now));
    let mut random = fastrand::Rng::with_seed(seed ^ 0x61_75_64_69_74);
    told.retain(|(_, _, _, event)| kept.covers(event.action));
    let mut left = count.saturating_sub(told.len());
    // Where too little is covered there is nothing that could fill the log.
    let mut tries = count.saturating_mul(50);
    while left > 0 && tries > 0 {
        tries -= 1;
        let at = now - 31 * DAY - random.i64(0..330 * DAY);
        let Some((author, event)) = noise(site, &mut random) else { break };
        if kept.covers(event.action) {
            told.push((at, author, format!("198.51.100.{}", random.u8(1..250)), event));
            left -= 1;
        }
    }
    told.sort_by_key(|(at, ..)| *at);
    for (at, author, source, event) in told {
        kept.write(at, author, &source, event);
    }
}

/// Events that come in while somebody reads. Every other one is late: its own date is a while ago.
pub(super) fn arrive(kept: &mut Kept, count: usize) {
    for number in 0..count {
        let event = Event::new(&event::SPACE_CONFIGURED).changed(("Number", "Nummer"), "", kept.last_id.to_string());
        if number % 2 == 0 {
            kept.write(now() - 90_000, Author::System, "", event);
        } else {
            kept.write_now(Author::System, event);
        }
    }
}

type Told = (i64, Author, String, Event);

/// How the site was set up: directories, groups, who may use it, and two spaces with all their permissions at once.
fn beginning(site: &Site, now: i64) -> Vec<Told> {
    let mut at = now - 400 * DAY;
    let mut told = Vec::new();
    let mut tell = |wait: i64, event: Event| {
        at += wait;
        told.push((at, Author::Anonymous, "203.0.113.24".to_owned(), event));
    };
    tell(0, Event::app("Confluence Collaborative Editor Plugin"));
    tell(MINUTE, Event::directory_created(327_681, "Confluence Internal Directory", "INTERNAL"));
    if site.facts.groups.iter().any(|group| group.managed_by == Some("EXTERNAL")) {
        tell(MINUTE, Event::directory_created(360_449, "Acme Active Directory", "CONNECTOR"));
    }
    for group in site.facts.groups.iter().filter(|group| group.managed_by != Some("EXTERNAL")).take(12) {
        tell(16, Event::group(&group.name, true));
    }
    for (who, permission) in site.facts.globals.iter().take(12) {
        tell(4, Event::global_permission(site, who, permission, true));
    }
    for user in site.facts.users.iter().take(3) {
        tell(40, Event::user_created(user));
    }
    for space in site.facts.spaces.iter().filter(|space| ["ENG", "PUB"].contains(&space.key.as_str())) {
        tell(DAY, Event::in_space(&event::SPACE_CREATED, space));
        for (who, permission) in &space.grants {
            tell(4, Event::space_permission(site, space, who, permission, true));
        }
    }
    told
}

fn last_month(site: &Site, now: i64) -> Vec<Told> {
    let cast = cast();
    let mut told = Vec::new();
    let person = |id: &str| site.user(id).map_or(Author::System, Author::from);
    let (olga, ann, cat, dan, finn) = (
        person(&cast.olga.account_id),
        person(&cast.ann.account_id),
        person(&cast.cat.account_id),
        person(&cast.dan.account_id),
        person(&cast.finn.account_id),
    );
    let mut tell = |days: i64, minutes: i64, author: &Author, event: Option<Event>| {
        let source = if *author == Author::System { "" } else { "203.0.113.24" };
        let at = now - days * DAY - minutes * MINUTE;
        told.extend(event.map(|event| (at, author.clone(), source.to_owned(), event)));
    };
    let group = |name: &str| site.facts.groups.iter().find(|group| group.name == name);
    let group_of = |name: &str| group(name).map(|group| Principal::Group(group.id.clone()));
    let user_of = |id: &str| Some(Principal::User(id.to_owned()));
    let grant = |key: &str, who: Option<Principal>, permission: &str, added: bool| {
        let space = site.facts.spaces.iter().find(|space| space.key == key)?;
        Some(Event::space_permission(site, space, &who?, permission, added))
    };
    let restrict = |id: &str, who: Option<Principal>, update: bool, added: bool| {
        let node = site.find(id).and_then(|at| site.node_at(at))?;
        Some(Event::restriction(site, node, &who?, update, added))
    };
    let joins =
        |name: &str, who: Option<Principal>, added: bool| Some(Event::membership(site, group(name)?, &who?, added));

    tell(28, 40, &olga, grant("PUB", Some(Principal::Anonymous), "view", true));
    tell(27, 15, &ann, restrict(&cast.roadmap.id, group_of("engineering"), false, true));
    tell(25, 600, &Author::System, joins("security-reviewers", user_of(&cast.ann.account_id), true));
    tell(24, 75, &ann, restrict(&cast.hardening.id, group_of("security-reviewers"), false, true));
    tell(19, 500, &dan, restrict(&cast.on_call.id, group_of("operations"), true, true));
    tell(16, 90, &ann, restrict(&cast.findings.id, user_of(&cast.ann.account_id), false, true));
    tell(14, 30, &finn, grant("FIN", group_of("interns"), "view", true));
    tell(12, 45, &finn, grant("FIN", group_of("interns"), "view", false));
    tell(11, 20, &olga, group_of("interns").map(|who| Event::global_permission(site, &who, "create_space", true)));
    tell(11, 5, &olga, group_of("interns").map(|who| Event::global_permission(site, &who, "create_space", false)));
    tell(9, 120, &cat, restrict(&cast.hiring.id, user_of(&cast.cat.account_id), false, true));
    tell(9, 119, &cat, restrict(&cast.hiring.id, user_of(&cast.bob.account_id), false, true));
    tell(7, 200, &Author::System, joins("engineering", user_of(&cast.ivan.account_id), false));
    tell(4, 8, &olga, restrict(&cast.roadmap.id, group_of("interns"), false, true));
    tell(3, 30, &ann, restrict(&cast.roadmap.id, group_of("interns"), false, false));
    tell(2, 400, &olga, grant("ENG", group_of("product"), "create_page", false));
    told
}

/// Something that happens on every site.
fn noise(site: &Site, random: &mut fastrand::Rng) -> Option<(Author, Event)> {
    let author = site.facts.users.get(random.usize(..site.facts.users.len().max(1))).map(Author::from)?;
    let user = site.facts.users.get(random.usize(..site.facts.users.len().max(1)))?;
    let group = site.facts.groups.get(random.usize(..site.facts.groups.len().max(1)))?;
    let node = site.facts.nodes.get(random.usize(..site.facts.nodes.len().max(1)))?;
    let space = site.space_of(node)?;
    let added = random.u8(..3) > 0;
    let person = Principal::User(user.id.clone());
    let who = if random.bool() { person.clone() } else { Principal::Group(group.id.clone()) };
    let event = match random.u8(..20) {
        0..4 => Event::membership(site, group, &person, added),
        4..8 => {
            let permission = ["view", "create_page", "create_comment", "export", "administer"];
            Event::space_permission(site, space, &who, permission.get(random.usize(..5))?, added)
        }
        8 => Event::global_permission(site, &who, "create_space", added),
        9..12 => Event::restriction(site, node, &who, random.bool(), added),
        12..15 => Event::in_space(&event::SPACE_CONFIGURED, space),
        15..18 => Event::on_content(&event::PAGE_CREATED, site, node),
        18 => Event::user_created(user),
        _ => Event::app("Team Calendars"),
    };
    Some((author, event))
}
