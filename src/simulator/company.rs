//! A made-up company: the same one for the same options.
//!
//! A fixed cast (people, groups, spaces, pages, who may see what) is always there, with the same ids whatever the seed, so that
//! a demonstration or a test can speak of it; the rest is filled up from the seed.

use fastrand::Rng;

use super::Options;
use super::state::{Account, Facts, Group, Kind, Node, Principal, Role, Space, Status, uuid};

/// A person of the cast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Account id.
    pub account_id: String,
    /// Display name.
    pub name: &'static str,
}

/// A content or a group of the cast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Titled {
    /// Id.
    pub id: String,
    /// Title or name.
    pub title: &'static str,
}

/// Who and what is always there.
///
/// On the page *Roadmap 2027* only engineering may look; below it, on *Security Hardening*, only the security reviewers;
/// below that, *Penetration Test Findings* is Ann's alone and *Remediation Plan* has no list of its own. Ann is in both
/// groups, Bob is an engineer and no reviewer. *Hiring Plan*, also under the roadmap, lists Bob and Cat, and Cat is no
/// engineer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    /// Confluence administrator; the default caller.
    pub olga: Person,
    /// Lead engineer and security reviewer.
    pub ann: Person,
    /// Engineer.
    pub bob: Person,
    /// Head of people and culture.
    pub cat: Person,
    /// Runs operations.
    pub dan: Person,
    /// Left the company: deactivated, still listed in groups and on a page.
    pub eve: Person,
    /// Head of finance.
    pub finn: Person,
    /// A guest, in the product space only.
    pub gus: Person,
    /// In a group that may export the engineering space and not view it.
    pub ivan: Person,
    /// An app.
    pub bot: Person,
    /// Group of engineers, from a directory.
    pub engineering: Titled,
    /// Group of security reviewers, from a directory.
    pub security: Titled,
    /// Restricted to engineering.
    pub roadmap: Titled,
    /// Below the roadmap, restricted to the security reviewers.
    pub hardening: Titled,
    /// Below that, restricted to Ann.
    pub findings: Titled,
    /// Below that, without a list of its own.
    pub remediation: Titled,
    /// Below the roadmap, restricted to Bob and Cat.
    pub hiring: Titled,
    /// Everybody in the space may view it, only operations may edit it.
    pub on_call: Titled,
    /// Restricted to Eve, who is gone.
    pub handover: Titled,
    /// In the handbook that is open to the world.
    pub welcome: Titled,
}

const PEOPLE: [(&str, &str); 11] = [
    ("Olga Petrova", "olga.admin"),
    ("Ann Berg", "ann.berg"),
    ("Bob Lind", "bob.lind"),
    ("Cat Moreau", "cat.moreau"),
    ("Dan Okafor", "dan.okafor"),
    ("Eve Novak", "eve.novak"),
    ("Finn Hale", "finn.hale"),
    ("Gus Ferro", "gus.ferro"),
    ("Hana Sato", "hana.sato"),
    ("Ivan Duarte", "ivan.duarte"),
    ("Deploy Bot", "deploy.bot"),
];

/// Name, who manages it, access to the product it gives, whether made-up people are put into it.
const GROUPS: [(&str, &str, Option<&str>, bool); 14] = [
    ("confluence-users-acme", "ADMINS", Some("user"), false),
    ("site-admins", "ADMINS", Some("admin"), false),
    ("engineering", "EXTERNAL", None, true),
    ("security-reviewers", "EXTERNAL", None, false),
    ("operations", "EXTERNAL", None, true),
    ("people-and-culture", "EXTERNAL", None, true),
    ("finance", "EXTERNAL", None, true),
    ("product", "EXTERNAL", None, true),
    ("leadership", "EXTERNAL", None, false),
    ("communications", "ADMINS", None, true),
    ("archive-exporters", "ADMINS", None, false),
    ("interns", "ADMINS", None, true),
    ("Falcon crew", "TEAM_MEMBERS", None, true),
    ("Book club", "OPEN", None, true),
];

fn account_id(name: &str) -> String {
    format!("712020:{}", uuid(&format!("person {name}")))
}

fn group_id(name: &str) -> String {
    uuid(&format!("group {name}"))
}

fn person(name: &str) -> Principal {
    Principal::User(account_id(name))
}

fn group(name: &str) -> Principal {
    Principal::Group(group_id(name))
}

/// Ids of the contents of the cast do not depend on anything.
fn content_id(number: u32) -> String {
    (1_310_721 + 32_768 * u64::from(number)).to_string()
}

const ROADMAP: u32 = 20;
const HARDENING: u32 = 21;
const FINDINGS: u32 = 22;
const REMEDIATION: u32 = 23;
const HIRING: u32 = 24;
const ON_CALL: u32 = 25;
const HANDOVER: u32 = 40;
const WELCOME: u32 = 50;
/// Contents of the cast have numbers below this.
const FIXED: u32 = 80;

/// Who and what is always there in the company a simulator makes up.
pub fn cast() -> Cast {
    let one = |name: &'static str| Person { account_id: account_id(name), name };
    let page = |number: u32, title: &'static str| Titled { id: content_id(number), title };
    let named = |title: &'static str| Titled { id: group_id(title), title };
    Cast {
        olga: one("Olga Petrova"),
        ann: one("Ann Berg"),
        bob: one("Bob Lind"),
        cat: one("Cat Moreau"),
        dan: one("Dan Okafor"),
        eve: one("Eve Novak"),
        finn: one("Finn Hale"),
        gus: one("Gus Ferro"),
        ivan: one("Ivan Duarte"),
        bot: one("Deploy Bot"),
        engineering: named("engineering"),
        security: named("security-reviewers"),
        roadmap: page(ROADMAP, "Roadmap 2027"),
        hardening: page(HARDENING, "Security Hardening"),
        findings: page(FINDINGS, "Penetration Test Findings"),
        remediation: page(REMEDIATION, "Remediation Plan"),
        hiring: page(HIRING, "Hiring Plan"),
        on_call: page(ON_CALL, "On-call Handbook"),
        handover: page(HANDOVER, "Handover Notes: Eve Novak"),
        welcome: page(WELCOME, "Welcome to Acme"),
    }
}

/// 2024-01-08T08:00:00Z.
const FIRST_DAY: i64 = 1_704_700_800;
const HOUR: i64 = 3600;
/// When most people last used the site.
const LAST_DAY: i64 = FIRST_DAY + 1000 * 24 * HOUR;

const EDITOR: [&str; 7] =
    ["view", "create_page", "create_blogpost", "create_comment", "create_attachment", "delete_own", "archive_page"];
const READER: [&str; 2] = ["view", "create_comment"];
const OWNER: [&str; 15] = [
    "view",
    "create_page",
    "create_blogpost",
    "create_comment",
    "create_attachment",
    "delete_page",
    "delete_blogpost",
    "delete_comment",
    "delete_attachment",
    "delete_own",
    "archive_page",
    "restrict",
    "export",
    "administer",
    "manage_users",
];

struct Builder {
    facts: Facts,
    random: Rng,
    /// Ids of the contents, for `next_id`.
    last_id: u64,
}

pub(super) fn facts(options: &Options) -> Facts {
    let mut builder = Builder {
        facts: Facts {
            title: "Acme".to_owned(),
            anonymous_enabled: true,
            public_links: true,
            role_mode: "ROLES_TRANSITION".to_owned(),
            verified_domains: vec!["acme.example".to_owned()],
            ..Facts::default()
        },
        random: Rng::with_seed(options.seed),
        last_id: 0,
    };
    builder.people(options.users);
    builder.groups(options.groups);
    builder.roles();
    builder.spaces();
    builder.cast_contents();
    builder.more_spaces(options.spaces);
    builder.fill(options.pages);
    builder.facts
}

const FIRST_NAMES: [&str; 24] = [
    "Ada", "Ben", "Carla", "Deniz", "Elif", "Farah", "Goran", "Hugo", "Ines", "Jonas", "Kira", "Liam", "Mara", "Nils",
    "Oona", "Pavel", "Quinn", "Rosa", "Sven", "Tara", "Umar", "Vera", "Wen", "Yara",
];
const LAST_NAMES: [&str; 24] = [
    "Abara", "Becker", "Costa", "Dahl", "Engel", "Fischer", "Gomez", "Hansen", "Ito", "Jansen", "Kovac", "Larsen",
    "Meyer", "Nguyen", "Olsen", "Park", "Rossi", "Silva", "Tanaka", "Urban", "Vogel", "Weber", "Young", "Zhou",
];

impl Builder {
    fn one<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words.get(self.random.usize(..words.len().max(1))).copied().unwrap_or_default()
    }

    fn people(&mut self, count: usize) {
        for (name, mailbox) in PEOPLE {
            self.facts.users.push(Account {
                id: account_id(name),
                name: name.to_owned(),
                username: mailbox.to_owned(),
                email: (!matches!(name, "Hana Sato" | "Deploy Bot")).then(|| format!("{mailbox}@acme.example")),
                active: name != "Eve Novak",
                last_active: match name {
                    "Hana Sato" => None,
                    "Eve Novak" => Some(LAST_DAY - 90 * 24 * HOUR),
                    _ => Some(LAST_DAY),
                },
                licensed: name != "Gus Ferro",
                guest: name == "Gus Ferro",
                app: name == "Deploy Bot",
                product_admin: name == "Olga Petrova",
                system_admin: name == "Olga Petrova",
                admin_key: false,
            });
        }
        for number in self.facts.users.len()..count {
            let (first, last) = (self.one(&FIRST_NAMES), self.one(&LAST_NAMES));
            let id = account_id(&format!("{number} {first} {last}"));
            let hidden = self.random.u32(..10) < 3;
            let username = format!("{}.{}{number}", first.to_lowercase(), last.to_lowercase());
            let mailbox = format!("{username}@acme.example");
            self.facts.users.push(Account {
                id,
                name: format!("{first} {last}"),
                username,
                email: (!hidden).then_some(mailbox),
                active: self.random.u32(..40) != 0,
                last_active: Some(LAST_DAY - 24 * HOUR * i64::try_from(number % 60).unwrap_or_default()),
                licensed: true,
                ..Account::default()
            });
        }
    }

    fn groups(&mut self, count: usize) {
        let fixed = |group: &str| -> Vec<&str> {
            match group {
                "site-admins" => vec!["Olga Petrova"],
                "engineering" => vec!["Ann Berg", "Bob Lind", "Eve Novak"],
                "security-reviewers" => vec!["Ann Berg", "Olga Petrova"],
                "operations" => vec!["Dan Okafor", "Bob Lind"],
                "people-and-culture" => vec!["Cat Moreau"],
                "finance" => vec!["Finn Hale"],
                "product" => vec!["Hana Sato"],
                "leadership" => vec!["Ann Berg", "Cat Moreau", "Finn Hale"],
                "archive-exporters" => vec!["Ivan Duarte"],
                "Falcon crew" => vec!["Bob Lind", "Hana Sato"],
                _ => vec![],
            }
        };
        let mut open = Vec::new();
        for (name, managed_by, access, filled) in GROUPS {
            let mut members: Vec<Principal> = fixed(name).into_iter().map(person).collect();
            if name == "confluence-users-acme" {
                let licensed = self.facts.users.iter().filter(|user| user.licensed && !user.app);
                members = licensed.map(|user| Principal::User(user.id.clone())).collect();
            }
            if filled {
                open.push(self.facts.groups.len());
            }
            self.facts.groups.push(Group {
                id: group_id(name),
                name: name.to_owned(),
                managed_by: Some(managed_by),
                members,
                listable: true,
                access,
            });
        }
        for number in GROUPS.len()..count {
            let name = format!("{}-{number}", self.one(&["squad", "site", "project", "chapter", "guild"]));
            let managed_by = self.one(&["EXTERNAL", "EXTERNAL", "ADMINS", "TEAM_MEMBERS"]);
            let managed_by = ["EXTERNAL", "ADMINS", "TEAM_MEMBERS"].into_iter().find(|word| *word == managed_by);
            open.push(self.facts.groups.len());
            self.facts.groups.push(Group {
                id: group_id(&name),
                name,
                managed_by,
                members: Vec::new(),
                listable: true,
                access: None,
            });
        }
        // Everybody who is not in the cast is in one to three groups.
        let rest: Vec<String> = self.facts.users.iter().skip(PEOPLE.len()).map(|user| user.id.clone()).collect();
        for id in rest {
            for _ in 0..=self.random.usize(..3) {
                let at = open.get(self.random.usize(..open.len().max(1))).copied().unwrap_or_default();
                if let Some(group) = self.facts.groups.get_mut(at) {
                    let member = Principal::User(id.clone());
                    if group.members.last() != Some(&member) {
                        group.members.push(member);
                    }
                }
            }
        }
    }

    fn roles(&mut self) {
        let role = |name: &str, system: bool, permissions: &[&str]| Role {
            id: uuid(&format!("role {name}")),
            name: name.to_owned(),
            system,
            permissions: permissions.iter().map(|p| (*p).to_owned()).collect(),
        };
        let collaborator = [
            "view",
            "create_page",
            "edit_page",
            "create_blogpost",
            "edit_blogpost",
            "create_comment",
            "create_attachment",
            "delete_own",
            "archive_page",
        ];
        let manager: Vec<&str> = collaborator
            .into_iter()
            .chain([
                "delete_page",
                "delete_blogpost",
                "delete_comment",
                "delete_attachment",
                "restrict",
                "manage_users",
            ])
            .collect();
        let admin: Vec<&str> = manager.iter().copied().chain(["export", "delete_space", "administer"]).collect();
        self.facts.roles.extend([
            role("Admin", true, &admin),
            role("Manager", true, &manager),
            role("Collaborator", true, &collaborator),
            role("Viewer", true, &["view", "create_comment"]),
            role("Copy editor", false, &["view", "edit_page", "create_comment"]),
        ]);
    }

    fn space(&mut self, key: &str, name: &str, kind: &str, home: Option<u32>, grants: &[(Principal, &[&str])]) {
        let number = self.facts.spaces.len() as u64;
        let granted = grants.iter().flat_map(|(who, all)| all.iter().map(|p| (who.clone(), (*p).to_owned())));
        self.facts.spaces.push(Space {
            id: (98_305 + 65_536 * number).to_string(),
            key: key.to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            homepage: home.map(content_id),
            author: account_id("Olga Petrova"),
            created: FIRST_DAY + HOUR * i64::try_from(number).unwrap_or_default(),
            grants: granted.collect(),
            ..Space::default()
        });
    }

    #[expect(clippy::too_many_lines, reason = "a list: one entry per space and row per grant")]
    fn spaces(&mut self) {
        let everyone = || Principal::Class("all-licensed-users".to_owned());
        let admins = || (Principal::Class("all-product-admins".to_owned()), OWNER.as_slice());
        self.space(
            "ENG",
            "Engineering",
            "global",
            Some(0),
            &[
                (group("engineering"), &EDITOR),
                (group("product"), &READER),
                (group("operations"), &EDITOR),
                (group("archive-exporters"), &["export"]),
                (person("Cat Moreau"), &READER),
                (person("Ann Berg"), &OWNER),
                (person("Deploy Bot"), &["view", "create_page"]),
                admins(),
            ],
        );
        self.space(
            "OPS",
            "Operations Runbooks",
            "knowledge_base",
            Some(1),
            &[(group("operations"), &EDITOR), (person("Dan Okafor"), &OWNER), (everyone(), &READER), admins()],
        );
        // Roles, and one grant left over from before.
        self.space("PROD", "Product", "collaboration", Some(2), &[(group("leadership"), &READER)]);
        let assignments = [
            (group("product"), "Collaborator"),
            (group("engineering"), "Viewer"),
            (person("Hana Sato"), "Manager"),
            (person("Gus Ferro"), "Viewer"),
            (group("communications"), "Copy editor"),
            (Principal::Class("all-product-admins".to_owned()), "Admin"),
        ];
        if let Some(space) = self.facts.spaces.last_mut() {
            space.assignments = assignments.into_iter().map(|(who, role)| (who, role.to_owned())).collect();
        }
        self.space(
            "HR",
            "People and Culture",
            "global",
            Some(3),
            &[
                (group("people-and-culture"), &EDITOR),
                (person("Cat Moreau"), &OWNER),
                (everyone(), &["view"]),
                admins(),
            ],
        );
        if let Some(space) = self.facts.spaces.last_mut() {
            space.links_blocked = true;
        }
        self.space(
            "PUB",
            "Public Handbook",
            "global",
            Some(4),
            &[(Principal::Anonymous, &["view"]), (group("communications"), &EDITOR), (everyone(), &READER), admins()],
        );
        self.space(
            "FIN",
            "Finance",
            "global",
            Some(5),
            &[(group("finance"), &EDITOR), (group("leadership"), &READER), (person("Finn Hale"), &OWNER), admins()],
        );
        let personal = format!("~{}", account_id("Ann Berg").replace([':', '-'], ""));
        self.space(
            &personal,
            "Ann Berg",
            "personal",
            Some(6),
            &[(person("Ann Berg"), &OWNER), (everyone(), &["view"])],
        );
        if let Some(space) = self.facts.spaces.last_mut() {
            space.owner = Some(account_id("Ann Berg"));
            space.author = account_id("Ann Berg");
        }
        self.space(
            "FALCON",
            "Project Falcon",
            "global",
            Some(7),
            &[(group("Falcon crew"), &EDITOR), (group("engineering"), &READER), admins()],
        );
        if let Some(space) = self.facts.spaces.last_mut() {
            space.archived = true;
        }
    }

    /// A content of the cast.
    fn fixed(&mut self, number: u32, kind: Kind, space: u32, title: &str, parent: Option<u32>) -> &mut Node {
        let mut node = Node::new(content_id(number), kind, space, title);
        node.parent = parent.map(content_id);
        node.position = number;
        node.author = account_id("Ann Berg");
        node.created = FIRST_DAY + HOUR * i64::from(number);
        node.modified = node.created + HOUR;
        let at = self.facts.nodes.len();
        self.facts.nodes.push(node);
        #[expect(clippy::indexing_slicing, reason = "pushed on the line above")]
        &mut self.facts.nodes[at]
    }

    fn page(&mut self, number: u32, space: u32, title: &str, parent: u32) -> &mut Node {
        self.fixed(number, Kind::Page, space, title, Some(parent))
    }

    fn cast_contents(&mut self) {
        let homes = [
            "Engineering Home",
            "Runbooks Home",
            "Product Home",
            "People Home",
            "Handbook Home",
            "Finance Home",
            "Ann's Home",
            "Falcon Home",
        ];
        for (number, title) in (0_u32..).zip(homes) {
            self.fixed(number, Kind::Page, number, title, None);
        }

        self.page(ROADMAP, 0, "Roadmap 2027", 0).read = vec![group("engineering")];
        self.page(HARDENING, 0, "Security Hardening", ROADMAP).read = vec![group("security-reviewers")];
        self.page(FINDINGS, 0, "Penetration Test Findings", HARDENING).read = vec![person("Ann Berg")];
        self.page(REMEDIATION, 0, "Remediation Plan", FINDINGS);
        self.page(HIRING, 0, "Hiring Plan", ROADMAP).read = vec![person("Bob Lind"), person("Cat Moreau")];
        self.page(ON_CALL, 0, "On-call Handbook", 0).update = vec![group("operations")];
        self.page(26, 0, "Release Checklist", 0).update = vec![person("Ann Berg"), person("Deploy Bot")];
        self.page(27, 0, "Deployment Credentials", 26).read = vec![person("Deploy Bot")];
        self.fixed(28, Kind::Folder, 0, "Architecture", Some(0));
        self.page(29, 0, "Decision Records", 28);
        self.fixed(30, Kind::Whiteboard, 0, "System Map", Some(0));
        self.page(31, 0, "Service Catalogue", 30);
        self.page(32, 0, "Payments Service", 31);
        self.page(33, 0, "Payments Service: Ledger", 32);
        self.page(34, 0, "Payments Service: Ledger Migration", 33);
        self.fixed(35, Kind::Blogpost, 0, "We moved to one ledger", None);
        self.fixed(36, Kind::Blogpost, 0, "Post-mortem: the night the queue stood still", None).read =
            vec![group("engineering"), group("operations")];

        self.page(37, 1, "Restore a Backup", 1).live = true;
        self.page(38, 1, "Rotate the Signing Keys", 1).read = vec![group("operations"), person("Ann Berg")];

        self.page(39, 2, "Pricing 2027", 2).read = vec![group("product"), group("leadership")];

        self.page(HANDOVER, 3, "Handover Notes: Eve Novak", 3).read = vec![person("Eve Novak")];
        self.page(41, 3, "Salary Bands", 3).read = vec![group("people-and-culture"), group("leadership")];
        let bands = self.page(42, 3, "Salary Bands: Leadership", 41);
        bands.read = vec![person("Cat Moreau")];
        bands.update = vec![person("Cat Moreau")];
        self.page(43, 3, "Parental Leave", 3).public_link = true;

        self.page(WELCOME, 4, "Welcome to Acme", 4);
        self.page(51, 4, "Working Hours", WELCOME);
        let press = self.page(52, 4, "Press Kit", 4);
        press.read = vec![group("communications")];
        press.public_link = true;
        self.fixed(53, Kind::Blogpost, 4, "Acme turns ten", None);

        let board = self.page(60, 5, "Board Pack", 5);
        board.read = vec![group("leadership"), group("finance")];
        board.update = vec![person("Finn Hale")];
        self.page(61, 5, "Vendor Contracts 2019", 5).read = vec![Principal::Group(uuid("group that was deleted"))];
        self.page(62, 5, "Audit Trail", 60);

        self.page(63, 6, "Reading List", 6);
        self.page(64, 6, "One-on-ones", 6).read = vec![person("Ann Berg"), person("Bob Lind")];

        self.page(65, 7, "Falcon Charter", 7);
        self.page(66, 7, "Falcon Budget", 65).read = vec![group("Falcon crew")];

        self.page(67, 0, "Old Coding Guidelines", 0).status = Status::Archived;
        self.page(68, 0, "Scratch", 0).status = Status::Trashed;
        self.page(69, 0, "Untitled draft", 0).status = Status::Draft;
        self.page(70, 0, "Published below a draft", 69);
        self.fixed(71, Kind::Database, 1, "Server Inventory", Some(1));
        self.fixed(72, Kind::Embed, 2, "Design Board", Some(2));
        self.last_id = 1_310_721 + 32_768 * u64::from(FIXED);
    }

    fn more_spaces(&mut self, count: usize) {
        for number in self.facts.spaces.len()..count {
            let at = self.random.usize(..self.facts.groups.len().max(1));
            let owners =
                self.facts.groups.get(at).map_or_else(|| group("engineering"), |g| Principal::Group(g.id.clone()));
            let lead = self.random.usize(..self.facts.users.len().max(1));
            let lead = self.facts.users.get(lead).map_or_else(|| person("Ann Berg"), |u| Principal::User(u.id.clone()));
            let topic = self.one(&TOPICS);
            let everyone = Principal::Class("all-licensed-users".to_owned());
            let open: &[&str] = if self.random.bool() { &READER } else { &[] };
            self.space(
                &format!("T{number:03}"),
                &format!("{topic} Team {number}"),
                "global",
                None,
                &[
                    (owners, &EDITOR),
                    (lead, &OWNER),
                    (everyone, open),
                    (Principal::Class("all-product-admins".to_owned()), &OWNER),
                ],
            );
            let space = u32::try_from(number).unwrap_or_default();
            let id = self.next_id();
            let mut home = Node::new(id.clone(), Kind::Page, space, format!("{topic} Team {number} Home"));
            home.author = account_id("Olga Petrova");
            home.created = FIRST_DAY;
            home.modified = FIRST_DAY;
            self.facts.nodes.push(home);
            if let Some(space) = self.facts.spaces.last_mut() {
                space.homepage = Some(id);
            }
        }
    }

    fn next_id(&mut self) -> String {
        self.last_id += 1 + self.random.u64(..4096);
        self.last_id.to_string()
    }

    /// Pages and blog posts until there are `count` of them.
    fn fill(&mut self, count: usize) {
        // Of the spaces of the cast some are busier; one that was added gets a fair share.
        let mut weights: Vec<u32> = [35, 18, 15, 9, 9, 6, 3, 5].to_vec();
        weights.resize(self.facts.spaces.len(), 12);
        let total: u32 = weights.iter().sum();
        // Per space the nodes that may get children, with their depth. Nothing is hung under folders, drafts and trash:
        // the cast says what is there.
        let mut open: Vec<Vec<(String, u32)>> = vec![Vec::new(); self.facts.spaces.len()];
        let mut listed = 0;
        for node in &self.facts.nodes {
            if matches!(node.kind, Kind::Page | Kind::Blogpost) {
                listed += 1;
            }
            let home = node.kind == Kind::Page && node.parent.is_none();
            let trunk = node.title == "Service Catalogue" || node.title == "Payments Service: Ledger";
            if let Some(open) = open.get_mut(node.space as usize).filter(|_| home || trunk) {
                open.push((node.id.clone(), if home { 1 } else { 4 }));
            }
        }
        for number in listed..count {
            let mut left = self.random.u32(..total.max(1));
            let mut space = 0;
            for (at, weight) in weights.iter().enumerate() {
                if left < *weight {
                    space = at;
                    break;
                }
                left -= weight;
            }
            let id = self.next_id();
            let at = u32::try_from(space).unwrap_or_default();
            let blogpost = self.random.u32(..100) < 12;
            let title = self.title(blogpost, number);
            let mut node = Node::new(id.clone(), if blogpost { Kind::Blogpost } else { Kind::Page }, at, title);
            node.position = u32::try_from(number).unwrap_or_default();
            let author = self.random.usize(..self.facts.users.len().max(1));
            node.author = self.facts.users.get(author).map(|user| user.id.clone()).unwrap_or_default();
            node.created = FIRST_DAY + HOUR * 24 + i64::try_from(number).unwrap_or_default() % 20_000 * HOUR;
            node.modified = node.created + i64::from(self.random.u32(..2_000_000));
            node.version = 1 + self.random.u32(..12);
            if let Some(open) = open.get_mut(space).filter(|open| !blogpost && !open.is_empty()) {
                // The newest twenty are most likely to grow: that makes trees deep without making them lines.
                let newest = open.len().saturating_sub(20);
                let pick = if self.random.bool() {
                    self.random.usize(newest..open.len())
                } else {
                    self.random.usize(..open.len())
                };
                let (parent, depth) = open.get(pick).cloned().unwrap_or_default();
                node.parent = Some(parent);
                if depth < 9 {
                    open.push((id, depth + 1));
                }
            }
            self.restrict(&mut node);
            self.facts.nodes.push(node);
        }
    }

    /// Gives one content in fifteen lists of its own.
    fn restrict(&mut self, node: &mut Node) {
        match self.random.u32(..100) {
            0..4 => node.read = self.subjects(),
            4..6 => node.update = self.subjects(),
            6 => {
                node.read = self.subjects();
                node.update.clone_from(&node.read);
            }
            _ => {}
        }
        node.read.dedup();
        node.update.dedup();
    }

    /// One or two users or groups.
    fn subjects(&mut self) -> Vec<Principal> {
        let any = |builder: &mut Self| {
            let pick = builder.random.usize(..);
            if builder.random.bool() {
                let groups = &builder.facts.groups;
                groups.get(pick % groups.len().max(1)).map(|g| Principal::Group(g.id.clone()))
            } else {
                let users = &builder.facts.users;
                users.get(pick % users.len().max(1)).map(|u| Principal::User(u.id.clone()))
            }
        };
        (0..=self.random.usize(..2)).map(|_| any(self).unwrap_or(Principal::Anonymous)).collect()
    }

    fn title(&mut self, blogpost: bool, number: usize) -> String {
        let topic = self.one(&TOPICS);
        if blogpost {
            let text = self.one(&[
                "What we learned from",
                "This month in",
                "Shipping",
                "A closer look at",
                "Five questions about",
            ]);
            return format!("{text} {topic} ({number})");
        }
        let kind = self.one(&[
            "Design",
            "Runbook",
            "Retrospective",
            "Decision",
            "Onboarding",
            "Meeting Notes",
            "Requirements",
            "Test Plan",
            "How-to",
            "Incident Review",
            "FAQ",
            "Checklist",
        ]);
        format!("{topic}: {kind} {number}")
    }
}

const TOPICS: [&str; 20] = [
    "Billing",
    "Checkout",
    "Identity",
    "Search",
    "Notifications",
    "Mobile App",
    "Data Warehouse",
    "Customer Portal",
    "Observability",
    "Networking",
    "Storage",
    "Compliance",
    "Recruiting",
    "Brand",
    "Partner API",
    "Localisation",
    "Accessibility",
    "Experiments",
    "Release Train",
    "Support Desk",
];

#[cfg(test)]
mod tests {
    use super::super::state::Site;
    use super::*;

    fn company(options: &Options) -> Site {
        Site::build(facts(options), None).expect("a company is consistent")
    }

    #[test]
    fn the_same_options_make_the_same_company_and_another_seed_another_one() {
        let told = |seed| format!("{:?}", facts(&Options { seed, ..Options::default() }));
        assert_eq!(told(7), told(7));
        assert_ne!(told(7), told(8));
    }

    #[test]
    fn the_company_has_the_sizes_asked_for_and_is_deep() {
        let site = company(&Options { pages: 3000, spaces: 20, users: 300, groups: 40, ..Options::default() });
        let listed = site.facts.nodes.iter().filter(|n| matches!(n.kind, Kind::Page | Kind::Blogpost)).count();
        assert_eq!(listed, 3000);
        assert_eq!(site.facts.spaces.len(), 20);
        assert_eq!(site.facts.users.len(), 300);
        assert_eq!(site.facts.groups.len(), 40);
        let deepest = site.facts.nodes.iter().map(|node| site.above(node).count()).max();
        assert!(deepest >= Some(5), "{deepest:?}");
    }

    #[test]
    fn the_cast_is_where_it_says() {
        let site = company(&Options { seed: 99, ..Options::default() });
        let cast = cast();
        let (_, findings) = site.node(&cast.findings.id).expect("the page");
        assert_eq!(findings.title, cast.findings.title);
        let above: Vec<&str> = site.above(findings).map(|node| node.title.as_str()).collect();
        assert_eq!(above, ["Security Hardening", "Roadmap 2027", "Engineering Home"]);
        assert_eq!(site.user(&cast.bob.account_id).map(|u| u.name.as_str()), Some("Bob Lind"));
        assert_eq!(site.group(&cast.security.id).map(|g| g.name.as_str()), Some("security-reviewers"));
    }
}
