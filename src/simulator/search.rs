//! `content/search`, `search`, `search/user`, and the part of CQL they understand.
//!
//! Source: <https://developer.atlassian.com/cloud/confluence/advanced-searching-using-cql/>
//!
//! Understood: `space`, `type`, `id`, `ancestor`, `parent`, `title`, `lastmodified`, `created`, joined by `and`, `or`, `not`
//! and parentheses, with `order by`. Everything else is refused, so that a query nobody has thought about is not answered
//! with something that looks right.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::bodies::{CONTENT_EXPANDS, content_body, content_expand, user_body, web_link};
use super::exchange::{Answer, Call, Refusal, time};
use super::expand::Expand;
use super::paging::Window;
use super::state::{Account, Kind, Node, Site, Status, merged};

// The language ------------------------------------------------------------------------------------------------------

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// A bare word or an operator.
    Word(String),
    /// A quoted text: never a keyword.
    Text(String),
}

fn bad(message: impl std::fmt::Display) -> Refusal {
    Refusal::Bad(format!("Could not parse cql : {message}"))
}

fn tokens(cql: &str) -> Result<Vec<Token>, Refusal> {
    let mut found = Vec::new();
    let mut rest = cql.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            c if c.is_whitespace() => {}
            '"' | '\'' => {
                let mut text = String::new();
                loop {
                    match rest.next() {
                        None => return Err(bad("a text does not end")),
                        Some('\\') => text.extend(rest.next()),
                        Some(end) if end == c => break,
                        Some(other) => text.push(other),
                    }
                }
                found.push(Token::Text(text));
            }
            '(' | ')' | ',' | '~' => found.push(Token::Word(c.to_string())),
            '=' | '!' | '<' | '>' => {
                let mut word = c.to_string();
                if let Some(next) = rest.next_if(|next| matches!(next, '=' | '~')) {
                    word.push(next);
                }
                found.push(Token::Word(word));
            }
            _ => {
                let mut word = c.to_string();
                while let Some(next) = rest.next_if(|next| {
                    !next.is_whitespace() && !matches!(next, '"' | '\'' | '(' | ')' | ',' | '=' | '!' | '<' | '>' | '~')
                }) {
                    word.push(next);
                }
                found.push(Token::Word(word));
            }
        }
    }
    Ok(found)
}

#[derive(Debug)]
pub(super) enum Test {
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
    /// Field, operator (`=`, `~`, `<`, `<=`, `>`, `>=`), values; one must fit.
    Field(String, String, Vec<String>),
}

#[derive(Debug)]
pub(super) struct Query {
    pub(super) test: Test,
    /// Field, and whether downwards.
    order: Option<(String, bool)>,
}

struct Reader {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
}

impl Reader {
    fn keyword(&mut self, word: &str) -> bool {
        self.tokens.next_if(|token| matches!(token, Token::Word(w) if w.eq_ignore_ascii_case(word))).is_some()
    }

    fn query(mut self) -> Result<Query, Refusal> {
        let test = self.any()?;
        let mut order = None;
        if self.keyword("order") {
            if !self.keyword("by") {
                return Err(bad("`order` without `by`"));
            }
            let Some(Token::Word(field)) = self.tokens.next() else { return Err(bad("`order by` without a field")) };
            let down = self.keyword("desc");
            if !down {
                self.keyword("asc");
            }
            order = Some((field.to_lowercase(), down));
        }
        match self.tokens.next() {
            None => Ok(Query { test, order }),
            Some(Token::Word(word) | Token::Text(word)) => Err(bad(format!("`{word}` is not expected"))),
        }
    }

    fn any(&mut self) -> Result<Test, Refusal> {
        let mut parts = vec![self.all()?];
        while self.keyword("or") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Test::Or(parts) })
    }

    fn all(&mut self) -> Result<Test, Refusal> {
        let mut parts = vec![self.unit()?];
        while self.keyword("and") {
            parts.push(self.unit()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Test::And(parts) })
    }

    fn unit(&mut self) -> Result<Test, Refusal> {
        if self.keyword("not") {
            return Ok(Test::Not(Box::new(self.unit()?)));
        }
        if self.keyword("(") {
            let inside = self.any()?;
            return if self.keyword(")") { Ok(inside) } else { Err(bad("a parenthesis does not close")) };
        }
        let Some(Token::Word(field)) = self.tokens.next() else { return Err(bad("a field is missing")) };
        let field = field.to_lowercase();
        let negated = self.keyword("not");
        let operator = match self.tokens.next() {
            Some(Token::Word(word)) => word.to_lowercase(),
            _ => return Err(bad(format!("an operator is missing after `{field}`"))),
        };
        let test = match operator.as_str() {
            "in" => {
                if !self.keyword("(") {
                    return Err(bad("`in` without a parenthesis"));
                }
                let mut values = vec![self.value(&field)?];
                while self.keyword(",") {
                    values.push(self.value(&field)?);
                }
                if !self.keyword(")") {
                    return Err(bad("a list does not close"));
                }
                Test::Field(field, "=".to_owned(), values)
            }
            "=" | "~" | "<" | "<=" | ">" | ">=" => {
                let value = self.value(&field)?;
                Test::Field(field, operator, vec![value])
            }
            "!=" => {
                let value = self.value(&field)?;
                Test::Not(Box::new(Test::Field(field, "=".to_owned(), vec![value])))
            }
            other => return Err(bad(format!("`{other}` is no operator"))),
        };
        Ok(if negated { Test::Not(Box::new(test)) } else { test })
    }

    fn value(&mut self, field: &str) -> Result<String, Refusal> {
        match self.tokens.next() {
            Some(Token::Text(text)) => Ok(text),
            Some(Token::Word(word)) if !matches!(word.as_str(), "(" | ")" | ",") && !word.ends_with("()") => Ok(word),
            _ => Err(bad(format!("a value of `{field}` is missing"))),
        }
    }
}

pub(super) fn parse(cql: &str) -> Result<Query, Refusal> {
    Reader { tokens: tokens(cql)?.into_iter().peekable() }.query()
}

// Contents ----------------------------------------------------------------------------------------------------------

/// A test with its values looked up once.
enum Ready {
    And(Vec<Ready>),
    Or(Vec<Ready>),
    Not(Box<Ready>),
    Spaces(HashSet<u32>),
    Kinds(Vec<Kind>),
    Nodes(HashSet<u32>),
    Authors(HashSet<String>),
    Title(Vec<String>),
    TitleWord(String),
    /// Whether the creation counts, otherwise the last change; operator; seconds.
    When(bool, String, i64),
}

/// `yyyy-MM-dd`, with a time or not, in the caller's zone, which is taken for UTC.
fn moment(text: &str) -> Result<i64, Refusal> {
    let text = text.replace('/', "-").replace(' ', "T");
    let full = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        16 => format!("{text}:00Z"),
        _ => text.clone(),
    };
    full.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_second).map_err(|_| bad(format!("`{text}` is no date")))
}

fn ready(site: &Site, test: &Test) -> Result<Ready, Refusal> {
    let many = |tests: &[Test]| tests.iter().map(|test| ready(site, test)).collect::<Result<Vec<_>, _>>();
    let (field, operator, values) = match test {
        Test::And(tests) => return Ok(Ready::And(many(tests)?)),
        Test::Or(tests) => return Ok(Ready::Or(many(tests)?)),
        Test::Not(test) => return Ok(Ready::Not(Box::new(ready(site, test)?))),
        Test::Field(field, operator, values) => (field.as_str(), operator.as_str(), values),
    };
    Ok(match (field, operator) {
        ("space" | "space.key", "=") => {
            let wanted = |at: &u32| site.facts.spaces.get(*at as usize).is_some_and(|s| values.contains(&s.key));
            let count = u32::try_from(site.facts.spaces.len()).unwrap_or(u32::MAX);
            Ready::Spaces((0..count).filter(wanted).collect())
        }
        ("type", "=") => {
            let kind = |word: &String| Kind::read(word).ok_or_else(|| bad(format!("`{word}` is no type of content")));
            Ready::Kinds(values.iter().map(kind).collect::<Result<_, _>>()?)
        }
        ("id" | "content", "=") => Ready::Nodes(values.iter().filter_map(|id| site.find(id)).collect()),
        ("ancestor", "=") => {
            let tops = values.iter().filter_map(|id| site.find(id));
            Ready::Nodes(tops.flat_map(|at| site.descendants(at)).collect())
        }
        ("parent", "=") => {
            let tops = values.iter().filter_map(|id| site.find(id)).filter_map(|at| site.node_at(at));
            Ready::Nodes(tops.flat_map(|node| node.below.iter().copied()).collect())
        }
        ("creator", "=") => {
            let known = |name: &String| site.facts.users.iter().find(|u| u.id == *name || u.username == *name);
            Ready::Authors(values.iter().filter_map(known).map(|user| user.id.clone()).collect())
        }
        ("title", "=") => Ready::Title(values.clone()),
        ("title", "~") => Ready::TitleWord(values.concat().trim_matches('*').to_lowercase()),
        ("lastmodified" | "created", "=" | "<" | "<=" | ">" | ">=") => {
            let moment = values.first().map_or(Err(bad("a date is missing")), |text| moment(text))?;
            Ready::When(field == "created", operator.to_owned(), moment)
        }
        _ => return Err(bad(format!("`{field} {operator}` is not supported by this simulator"))),
    })
}

fn fits(test: &Ready, at: u32, node: &Node) -> bool {
    match test {
        Ready::And(tests) => tests.iter().all(|test| fits(test, at, node)),
        Ready::Or(tests) => tests.iter().any(|test| fits(test, at, node)),
        Ready::Not(test) => !fits(test, at, node),
        Ready::Spaces(spaces) => spaces.contains(&node.space),
        Ready::Kinds(kinds) => kinds.contains(&node.kind),
        Ready::Nodes(nodes) => nodes.contains(&at),
        Ready::Authors(authors) => authors.contains(&node.author),
        Ready::Title(titles) => titles.contains(&node.title),
        Ready::TitleWord(word) => node.title.to_lowercase().contains(word),
        Ready::When(created, operator, moment) => {
            let when = if *created { node.created } else { node.modified };
            match operator.as_str() {
                "<" => when < *moment,
                "<=" => when <= *moment,
                ">" => when > *moment,
                ">=" => when >= *moment,
                _ => when == *moment,
            }
        }
    }
}

impl Test {
    /// Whether everything that fits has this value of this field: it is one of the conditions that all must be met.
    pub(super) fn only(&self, wanted: &str, value: &str) -> bool {
        match self {
            Self::And(tests) => tests.iter().any(|test| test.only(wanted, value)),
            Self::Field(field, operator, values) => field == wanted && operator == "=" && values == &[value],
            Self::Or(_) | Self::Not(_) => false,
        }
    }
}

/// Everything that fits and that the index holds, as `indexed` says, in order.
pub(super) fn found(site: &Site, query: &Query, indexed: impl Fn(u32, &Node) -> bool) -> Result<Vec<u32>, Refusal> {
    let test = ready(site, &query.test)?;
    let lists = candidates(site, &test);
    let lists: Vec<&[u32]> = lists.iter().map(AsRef::as_ref).collect();
    let keep = |at: &u32| site.node_at(*at).is_some_and(|node| indexed(*at, node) && fits(&test, *at, node));
    let mut all: Vec<u32> = merged(&lists, 0).filter(keep).collect();
    if let Some((field, down)) = &query.order {
        sort(site, &mut all, field, *down)?;
    }
    Ok(all)
}

fn sort(site: &Site, all: &mut [u32], field: &str, down: bool) -> Result<(), Refusal> {
    let key = |at: &u32| site.node_at(*at).map(|node| (node.created, node.modified, node.title.as_str()));
    match field {
        "id" => {}
        "created" => all.sort_by_key(|at| key(at).map(|k| k.0)),
        "lastmodified" => all.sort_by_key(|at| key(at).map(|k| k.1)),
        "title" => all.sort_by(|a, b| key(a).map(|k| k.2).cmp(&key(b).map(|k| k.2))),
        other => return Err(bad(format!("`order by {other}` is not supported by this simulator"))),
    }
    if down {
        all.reverse();
    }
    Ok(())
}

/// Lists that hold every content the test can fit, as short as is easily told.
fn candidates<'a>(site: &'a Site, test: &Ready) -> Vec<Cow<'a, [u32]>> {
    let parts: &[Ready] = match test {
        Ready::And(parts) => parts,
        one => std::slice::from_ref(one),
    };
    let nodes = parts.iter().find_map(|part| if let Ready::Nodes(nodes) = part { Some(nodes) } else { None });
    if let Some(nodes) = nodes {
        let mut nodes: Vec<u32> = nodes.iter().copied().collect();
        nodes.sort_unstable();
        return vec![Cow::Owned(nodes)];
    }
    let spaces = parts.iter().find_map(|part| if let Ready::Spaces(spaces) = part { Some(spaces) } else { None });
    let indexed = (0_u32..).zip(&site.facts.spaces).filter(|(at, _)| spaces.is_none_or(|spaces| spaces.contains(at)));
    indexed.map(|(_, space)| Cow::Borrowed(space.nodes.as_slice())).collect()
}

/// Whether the index holds it: published, in a space that is not archived, and readable.
fn indexed(site: &Site, at: u32, node: &Node) -> bool {
    node.status == Status::Current
        && node.unreadable.is_none()
        && site.space_of(node).is_some_and(|space| !space.archived)
        && site.sees(at)
}

/// Rows the server gives at most, by what it has to put into them.
fn cap(expand: &Expand) -> usize {
    if expand.has("body") {
        50
    } else if expand.has("restrictions") || expand.has("ancestors") {
        200
    } else {
        1000
    }
}

/// A page of what a query finds.
struct Found<'a> {
    nodes: Vec<&'a Node>,
    window: Window,
    start: u64,
    next: Option<u64>,
}

/// Runs `cql`; a page has `most` rows at most.
fn run<'a>(call: &'a Call<'_>, cql: &str, most: usize) -> Result<Found<'a>, Refusal> {
    let query = parse(cql)?;
    let limit =
        call.whole("limit")?.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0).unwrap_or(25);
    let window = call.window(limit, most, call.position()?.unwrap_or(0));
    let start = call.whole("start")?.unwrap_or(0);
    if start > 0 && call.one("cursor").is_none() {
        return Err(Refusal::Bad("`start` does nothing here; follow the cursor".to_owned()));
    }
    let site = call.site;
    let test = ready(site, &query.test)?;
    let lists = candidates(site, &test);
    let lists: Vec<&[u32]> = lists.iter().map(AsRef::as_ref).collect();
    let keep = |at: &u32| site.node_at(*at).is_some_and(|node| indexed(site, *at, node) && fits(&test, *at, node));
    let (found, next) = match &query.order {
        None => {
            let mut behind = merged(&lists, window.from).filter(keep).peekable();
            let found: Vec<u32> = behind.by_ref().take(window.limit).collect();
            let next = found.last().map_or(window.from, |at| u64::from(*at) + 1);
            (found, behind.peek().map(|_| next))
        }
        Some((field, down)) => {
            let mut all: Vec<u32> = merged(&lists, 0).filter(keep).collect();
            sort(site, &mut all, field, *down)?;
            let total = all.len() as u64;
            let found = window.of(all);
            let end = window.from.saturating_add(found.len() as u64);
            (found, (end < total).then_some(end))
        }
    };
    let nodes = found.into_iter().filter_map(|at| site.node_at(at)).collect();
    Ok(Found { nodes, window, start, next })
}

/// How many rows `cql` has on all pages.
fn total(site: &Site, cql: &str) -> Result<usize, Refusal> {
    let test = ready(site, &parse(cql)?.test)?;
    let lists = candidates(site, &test);
    let lists: Vec<&[u32]> = lists.iter().map(AsRef::as_ref).collect();
    let keep = |at: &u32| site.node_at(*at).is_some_and(|node| indexed(site, *at, node) && fits(&test, *at, node));
    Ok(merged(&lists, 0).filter(keep).count())
}

pub(super) fn contents(call: &Call<'_>) -> Answer {
    const ROUTE: &str = "GET /wiki/rest/api/content/search";
    // `next`, `prev` and `start` are not documented, but in the server's own next links.
    call.known(ROUTE, &["cql", "cqlcontext", "expand", "cursor", "limit", "next", "prev", "start"])?;
    let cql = call.required("cql")?;
    let expand = content_expand(call)?;
    let Found { nodes, window, start, next } = run(call, cql, cap(&expand))?;
    refuse_ancestors(call, &expand, &nodes)?;
    let rows = nodes.into_iter().map(|node| content_body(call, node, &expand)).collect();
    Ok(call.cursor_listing(rows, &window, start, next).into())
}

/// The search of everything; it finds contents only here.
pub(super) fn everything(call: &Call<'_>) -> Answer {
    const ROUTE: &str = "GET /wiki/rest/api/search";
    call.known(ROUTE, &["cql", "cqlcontext", "expand", "cursor", "limit", "next", "prev", "start", "excerpt"])?;
    let cql = call.required("cql")?;
    let below: Vec<String> = CONTENT_EXPANDS.iter().map(|path| format!("content.{path}")).collect();
    let below: Vec<&str> = below.iter().map(String::as_str).collect();
    let expand = Expand::read(call, &below)?.below("content");
    let Found { nodes, window, start, next } = run(call, cql, cap(&expand))?;
    let row = |node: &Node| {
        let space = call.site.space_of(node);
        let key = space.map(|space| space.key.as_str()).unwrap_or_default();
        json!({
            "content": content_body(call, node, &expand),
            "title": node.title,
            "excerpt": "",
            "url": web_link(node, key),
            "resultGlobalContainer": space.map(|space| json!({"title": space.name, "displayUrl": format!("/spaces/{key}")})),
            "breadcrumbs": [],
            "entityType": "content",
            "iconCssClass": format!("aui-icon content-type-{}", node.kind.word()),
            "lastModified": time(node.modified),
            "friendlyLastModified": "some time ago",
            "score": 0.0,
        })
    };
    let mut body = call.cursor_listing(nodes.into_iter().map(row).collect(), &window, start, next);
    if let Some(body) = body.as_object_mut() {
        counted(body, cql, total(call.site, cql)?);
        body.insert("archivedResultCount".to_owned(), json!(0));
    }
    Ok(body.into())
}

/// What both products say about a search.
pub(super) fn counted(body: &mut Map<String, Value>, cql: &str, total: usize) {
    body.insert("totalSize".to_owned(), json!(total));
    body.insert("cqlQuery".to_owned(), json!(cql));
    body.insert("searchDuration".to_owned(), json!(1));
}

/// One draft, trashed or unreadable node above one row fails the whole page, where the restrictions above are expanded.
// Source: https://jira.atlassian.com/browse/CONFCLOUD-77618
fn refuse_ancestors(call: &Call<'_>, expand: &Expand, nodes: &[&Node]) -> Result<(), Refusal> {
    if !expand.has("ancestors.restrictions") {
        return Ok(());
    }
    for node in nodes {
        let hidden = |above: &&Node| above.status != Status::Current || above.unreadable.is_some();
        if let Some(above) = call.site.above(node).find(hidden) {
            return Err(Refusal::NotFound(format!(
                "Cannot find content. Outdated version/old_draft/trashed? Please provide valid ContentId. {}",
                above.id
            )));
        }
    }
    Ok(())
}

// Users -------------------------------------------------------------------------------------------------------------

pub(super) fn users(call: &Call<'_>) -> Answer {
    const ROUTE: &str = "GET /wiki/rest/api/search/user";
    call.known(ROUTE, &["cql", "start", "limit", "expand", "sitePermissionTypeFilter"])?;
    let cql = call.required("cql")?;
    let expand = Expand::read(call, &["operations", "personalSpace"])?;
    let query = parse(cql)?;
    let window = call.offset_page(25, 200)?;
    let mut found = Vec::new();
    for user in &call.site.facts.users {
        if matches_user(&query.test, user)? {
            found.push(json!({
                "user": user_body(call, &user.id, &expand),
                "title": user.name,
                "excerpt": "",
                "url": format!("/people/{}", user.id),
                "breadcrumbs": [],
                "entityType": "user",
                "iconCssClass": "aui-icon content-type-profile",
                "lastModified": "2026-01-01T00:00:00.000Z",
                "score": 0.0,
            }));
        }
    }
    let total = found.len();
    let mut body = call.offset_listing_of(found, &window);
    counted(&mut body, cql, total);
    body.insert("archivedResultCount".to_owned(), json!(0));
    Ok(Value::Object(body).into())
}

pub(super) fn matches_user(test: &Test, user: &Account) -> Result<bool, Refusal> {
    Ok(match test {
        Test::And(tests) => tests.iter().try_fold(true, |all, test| Ok(all & matches_user(test, user)?))?,
        Test::Or(tests) => tests.iter().try_fold(false, |any, test| Ok(any | matches_user(test, user)?))?,
        Test::Not(test) => !matches_user(test, user)?,
        Test::Field(field, operator, values) => match (field.as_str(), operator.as_str()) {
            ("type", "=") => values.iter().any(|v| v == "user"),
            ("user" | "user.accountid" | "user.userkey", "=") => values.contains(&user.id),
            ("user.fullname" | "user.name" | "user", "~") => {
                values.iter().any(|v| user.name.to_lowercase().contains(&v.trim_matches('*').to_lowercase()))
            }
            ("user.fullname", "=") => values.contains(&user.name),
            _ => return Err(bad(format!("`{field} {operator}` is not supported by this simulator"))),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(cql: &str) -> String {
        parse(cql).map_or_else(|refusal| format!("{refusal:?}"), |query| format!("{:?}", query.test))
    }

    #[test]
    fn and_binds_tighter_than_or() {
        let expected =
            r#"Or([Field("id", "=", ["1"]), And([Field("type", "=", ["page"]), Field("space", "=", ["A", "B"])])])"#;
        assert_eq!(shape("id=1 or type = page and space in (A, \"B\")"), expected);
    }

    #[test]
    fn keywords_in_quotes_are_texts() {
        assert_eq!(shape(r#"title = "a \"and\" b""#), r#"Field("title", "=", ["a \"and\" b"])"#);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for cql in [
            "",
            "space",
            "space =",
            "space = A and",
            "(space = A",
            "space = A)",
            "creator = currentUser()",
            "space = 'A",
        ] {
            assert!(parse(cql).is_err(), "{cql}");
        }
        assert_eq!(shape("creator = ann"), r#"Field("creator", "=", ["ann"])"#);
    }
}
