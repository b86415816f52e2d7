//! Methods of the add-on APIs as declared rows, and the reading of their arguments.
//!
//! A row ([`Method`]) is the one home of a method: its name in Python, what the server calls it, what it takes and returns,
//! and what its documentation says. The request, the binding and, by `python -m confluence_access._generate`, the Python
//! classes and the tables of the documentation follow from it.

use serde::Serialize;
use serde_json::{Map, Value};

use super::route::Route;
use super::wanted::{UnknownType, global_permission_type_wanted, permission_type_wanted};
use crate::model::id::{self, InvalidId};
use crate::model::{RestrictionOperation, SubjectKind};

/// A method. `R` says what its answer is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Method<R: 'static> {
    /// Its name in Python.
    pub name: &'static str,
    /// What the server calls it: a signature, or a verb and an address with its variables.
    pub server: &'static str,
    /// The route of its request, which follows from that.
    #[serde(skip)]
    pub route: Route,
    /// What it takes, in order.
    pub parameters: &'static [Parameter],
    /// What its answer is.
    pub returns: R,
    /// Whether it changes something, and so can be rehearsed.
    pub changes: bool,
    /// The first version that has it, where that is documented.
    pub since: &'static str,
    /// Who may call it, where not everybody may.
    pub needs: &'static str,
    /// A further source.
    pub see: &'static str,
    /// What it is about: a line, and what else is worth knowing.
    pub doc: &'static str,
}

/// A parameter of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Its name in Python.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What is said about it instead of what is said about its kind.
    pub doc: &'static str,
}

/// What a parameter takes. Its Python type, default and description are in `_generate/methods.py`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The key of a space.
    Space,
    /// The id of a content.
    Content,
    /// A content by its id, or by title and space.
    Place,
    /// Several of them.
    Places,
    /// `user:<username>` or `group:<name>`.
    Subject,
    /// Several of them.
    Subjects,
    /// A user or a group, also by the bare name.
    Holder,
    /// A username.
    User,
    /// Several of them.
    Users,
    /// The name of a group.
    Group,
    /// Several of them.
    Groups,
    /// The name of a group, or nothing.
    GroupOrNone,
    /// A type of permission in a space.
    SpaceType,
    /// Several of them.
    SpaceTypes,
    /// One of them, or `ALL`.
    SpaceTypeOrAll,
    /// A permission of the site.
    GlobalType,
    /// Several of them.
    GlobalTypes,
    /// A restriction list as JSON-RPC spells it: `View` or `Edit`.
    RestrictionList,
    /// A restriction list: `view` or `edit`.
    Operation,
    /// The same, or both.
    OperationOrBoth,
    /// Yes or no; no where nothing is said.
    Flag,
    /// A text, or nothing.
    Text,
    /// Where a page starts; nothing for all pages.
    Start,
    /// How much is on a page.
    Most,
}

impl Kind {
    fn optional(self) -> bool {
        matches!(self, Self::OperationOrBoth | Self::Flag | Self::Text | Self::Start | Self::Most)
    }
}

/// Declares methods: a constant for each, and all of them as `METHODS`. `Returns` has to be in scope, and `route`, which
/// makes the route of a method out of what the server calls it and of whether it changes something.
///
/// ```text
/// /// The groups of a user, by name.
/// reads user_groups(user: User) = "getUserGroups(userName)" => Plain;
/// ```
///
/// `reads` or `changes`; after the server's name may stand `since`, `needs` and `see`, each with a text.
macro_rules! methods {
    ($(
        $(#[doc = $doc:literal])+
        $verb:ident $name:ident($($(#[doc = $about:literal])* $parameter:ident: $kind:ident),* $(,)?)
            = $server:literal $(, since $since:literal)? $(, needs $needs:literal)? $(, see $see:literal)? => $returns:ident;
    )+) => {
        $(
            $(#[doc = $doc])+
            #[allow(non_upper_case_globals, reason = "a row has the name of its method")]
            pub const $name: $crate::apis::methods::Method<Returns> = $crate::apis::methods::Method {
                name: stringify!($name),
                server: $server,
                route: route($server, methods!(@$verb)),
                parameters: &[$($crate::apis::methods::Parameter {
                    name: stringify!($parameter),
                    kind: $crate::apis::methods::Kind::$kind,
                    doc: concat!($($about, "\n"),*),
                }),*],
                returns: Returns::$returns,
                changes: methods!(@$verb),
                since: concat!($($since)?),
                needs: concat!($($needs)?),
                see: concat!($($see)?),
                doc: concat!($($doc, "\n"),+),
            };
        )+

        /// All of them.
        pub const METHODS: &[&$crate::apis::methods::Method<Returns>] = &[$(&$name),+];
    };
    (@reads) => { false };
    (@changes) => { true };
}

/// What cannot be asked, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A value that cannot be meant.
    #[error("{0}")]
    Value(String),
    /// A value of the wrong type, or an argument the method does not have.
    #[error("{0}")]
    Type(String),
}

impl From<InvalidId> for Refused {
    fn from(invalid: InvalidId) -> Self {
        Self::Value(invalid.to_string())
    }
}

impl From<UnknownType> for Refused {
    fn from(unknown: UnknownType) -> Self {
        Self::Value(unknown.to_string())
    }
}

fn owned(read: Result<&str, InvalidId>) -> Result<String, Refused> {
    Ok(read?.to_owned())
}

/// A content: by its id, or by title and space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// By its id.
    Id(String),
    /// By its title in the space of this key.
    Titled(String, String),
}

impl Which {
    /// The content of this id, or, with a space, of this title there.
    ///
    /// # Errors
    /// Where either is empty.
    pub fn new(content: &str, space: Option<&str>) -> Result<Self, Refused> {
        Ok(match space {
            None => Self::Id(owned(id::content_id(content))?),
            Some(space) => Self::Titled(owned(id::name(content, "title of a content"))?, owned(id::space_key(space))?),
        })
    }
}

/// Contents that are changed together: by id, or by title in one space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Several {
    /// By their ids.
    Ids(Vec<String>),
    /// By their titles in the space of this key.
    Titled(Vec<String>, String),
}

impl Several {
    /// These contents together.
    ///
    /// # Errors
    /// Where there are none, some are given by id and others by title, or they lie in several spaces.
    pub fn new(contents: Vec<Which>) -> Result<Self, Refused> {
        let mut ids = Vec::new();
        let mut titles = Vec::new();
        let mut space: Option<String> = None;
        for content in contents {
            match content {
                Which::Id(id) => ids.push(id),
                Which::Titled(title, key) => {
                    if space.as_ref().is_some_and(|known| *known != key) {
                        let text = "contents named by title lie in one space: call once for each";
                        return Err(Refused::Value(text.to_owned()));
                    }
                    space = Some(key);
                    titles.push(title);
                }
            }
        }
        let text = match (ids.is_empty(), space) {
            (true, Some(space)) => return Ok(Self::Titled(titles, space)),
            (false, None) => return Ok(Self::Ids(ids)),
            (false, Some(_)) => "contents are named all by id or all by title: call once for each",
            (true, None) => "no content is named: name at least one",
        };
        Err(Refused::Value(text.to_owned()))
    }
}

/// A user or a group, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// By username.
    User(String),
    /// By name.
    Group(String),
}

impl Who {
    /// Reads `user:<username>` or `group:<name>`.
    ///
    /// # Errors
    /// Where the text names neither.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        match text.split_once(':') {
            Some(("user", _)) => owned(id::account_name(text)).map(Self::User),
            Some(("group", _)) => owned(id::group_name(text)).map(Self::Group),
            _ => Err(Refused::Value(format!(
                "`{}` is neither a user nor a group: write `user:<username>` or `group:<name>`",
                text.escape_debug()
            ))),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        let (Self::User(name) | Self::Group(name)) = self;
        name
    }
}

/// The name of a user or a group where both share one namespace, and which of them it is, where that was said.
fn holder(text: &str) -> Result<Argument, Refused> {
    if text == "anonymous" {
        return Err(Refused::Value(
            "`anonymous` is neither a user nor a group: use `add_anonymous_permission_to_space` and its kind"
                .to_owned(),
        ));
    }
    let (kind, bare) = match text.split_once(':') {
        Some(("user", bare)) => (Some(SubjectKind::User), bare),
        Some(("group", bare)) => (Some(SubjectKind::Group), bare),
        _ => (None, text),
    };
    Ok(Argument::Holder(kind, owned(id::name(bare, "name of a user or group"))?))
}

/// One of two words for a restriction list, without regard to case.
fn operation(word: &str, words: [&str; 2]) -> Result<RestrictionOperation, Refused> {
    let [view, edit] = words;
    match word.trim() {
        word if word.eq_ignore_ascii_case(view) => Ok(RestrictionOperation::View),
        word if word.eq_ignore_ascii_case(edit) => Ok(RestrictionOperation::Edit),
        _ => Err(Refused::Value(format!(
            "invalid permission type of a content `{}`: expected `{view}` or `{edit}`",
            word.escape_debug()
        ))),
    }
}

/// An argument that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A name, a key, an id, a type of permission or a text.
    Text(String),
    /// Several of them.
    Texts(Vec<String>),
    /// A content.
    Place(Which),
    /// Several of them.
    Places(Several),
    /// A user or a group.
    Subject(Who),
    /// Several of them.
    Subjects(Vec<Who>),
    /// The name of a user or a group, and which of them, where that was said.
    Holder(Option<SubjectKind>, String),
    /// A restriction list.
    Operation(RestrictionOperation),
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(u64),
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&[&str]> for Argument {
    fn from(texts: &[&str]) -> Self {
        Self::Texts(texts.iter().map(|&text| text.to_owned()).collect())
    }
}

/// The arguments of a call, in the order of its parameters. What was not given is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments(Vec<(&'static str, Argument)>);

impl Arguments {
    /// No arguments.
    pub const NONE: Self = Self(Vec::new());

    /// Arguments that need no reading.
    pub fn of<const N: usize>(arguments: [(&'static str, Argument); N]) -> Self {
        Self(arguments.into())
    }

    /// Reads what was given for a method.
    ///
    /// # Errors
    /// Where something is missing, or cannot be meant.
    pub fn read<R>(method: &Method<R>, given: &Map<String, Value>) -> Result<Self, Refused> {
        if let Some(name) = given.keys().find(|name| !method.parameters.iter().any(|p| p.name == name.as_str())) {
            return Err(Refused::Type(format!("`{}` has no parameter `{}`", method.name, name.escape_debug())));
        }
        let mut read = Vec::new();
        for parameter in method.parameters {
            match given.get(parameter.name).filter(|value| !value.is_null()) {
                Some(value) => {
                    let argument = argument(parameter, value)?;
                    // A segment of dots leads elsewhere, however it is written.
                    if method.server.contains(&format!("{{{}}}", parameter.name)) {
                        stays_in_place(parameter, argument.as_ref())?;
                    }
                    read.extend(argument.map(|argument| (parameter.name, argument)));
                }
                None if parameter.kind.optional() => {}
                None => return Err(Refused::Type(format!("`{}` needs `{}`", method.name, parameter.name))),
            }
        }
        Ok(Self(read))
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Argument)> {
        self.0.iter().map(|(name, argument)| (*name, argument))
    }

    /// The one of this name, where it was given.
    pub fn get(&self, name: &str) -> Option<&Argument> {
        self.iter().find(|(known, _)| *known == name).map(|(_, argument)| argument)
    }

    /// A text that was given.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Argument::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number that was given.
    pub fn number(&self, name: &str) -> Option<u64> {
        match self.get(name)? {
            Argument::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether a flag is set.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Argument::Flag(true)))
    }
}

/// Reads one argument; nothing where it says as much as none.
fn argument(parameter: &Parameter, value: &Value) -> Result<Option<Argument>, Refused> {
    let text = || as_text(parameter, value);
    Ok(Some(match parameter.kind {
        Kind::Space => Argument::from(id::space_key(text()?)?),
        Kind::Content => Argument::from(id::content_id(text()?)?),
        Kind::Place => Argument::Place(place(parameter, value)?),
        Kind::Places => {
            let all = elements(parameter, value)?.iter().map(|value| place(parameter, value));
            Argument::Places(Several::new(all.collect::<Result<_, _>>()?)?)
        }
        Kind::Subject => Argument::Subject(Who::parse(text()?)?),
        Kind::Subjects => Argument::Subjects(each(parameter, value, Who::parse)?),
        Kind::Holder => holder(text()?)?,
        Kind::User => Argument::from(id::account_name(text()?)?),
        Kind::Users => {
            Argument::Texts(some("name of a user", each(parameter, value, |text| owned(id::account_name(text)))?)?)
        }
        Kind::Group => Argument::from(id::group_name(text()?)?),
        Kind::Groups => {
            Argument::Texts(some("name of a group", each(parameter, value, |text| owned(id::group_name(text)))?)?)
        }
        Kind::GroupOrNone => Argument::Text(text()?.to_owned()),
        Kind::SpaceType => Argument::from(permission_type_wanted(text()?)?),
        Kind::SpaceTypes => {
            let all = each(parameter, value, |word| Ok(permission_type_wanted(word)?.to_owned()))?;
            Argument::Texts(some("permission type, such as `VIEWSPACE`", all)?)
        }
        Kind::SpaceTypeOrAll if text()?.eq_ignore_ascii_case("all") => Argument::from("ALL"),
        Kind::SpaceTypeOrAll => Argument::from(permission_type_wanted(text()?)?),
        Kind::GlobalType => Argument::from(global_permission_type_wanted(text()?)?),
        Kind::GlobalTypes => {
            let all = each(parameter, value, |word| Ok(global_permission_type_wanted(word)?.to_owned()))?;
            Argument::Texts(some("permission type, such as `USECONFLUENCE`", all)?)
        }
        Kind::RestrictionList => Argument::Operation(operation(text()?, ["View", "Edit"])?),
        Kind::Operation => Argument::Operation(operation(text()?, ["view", "edit"])?),
        Kind::OperationOrBoth if text()?.trim().is_empty() => return Ok(None),
        Kind::OperationOrBoth => Argument::Operation(operation(text()?, ["view", "edit"])?),
        Kind::Flag => match value {
            Value::Bool(set) => Argument::Flag(*set),
            other => return Err(mistyped(parameter, "True or False", other)),
        },
        Kind::Text => Argument::from(text()?),
        Kind::Start => Argument::Number(number(parameter, value, 0)?),
        Kind::Most => Argument::Number(number(parameter, value, 1)?),
    }))
}

fn mistyped(parameter: &Parameter, expected: &str, value: &Value) -> Refused {
    Refused::Type(format!("invalid `{}` `{value}`: expected {expected}", parameter.name))
}

fn as_text<'a>(parameter: &Parameter, value: &'a Value) -> Result<&'a str, Refused> {
    value.as_str().ok_or_else(|| mistyped(parameter, "a text", value))
}

fn elements<'a>(parameter: &Parameter, value: &'a Value) -> Result<&'a [Value], Refused> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| mistyped(parameter, "a list", value))
}

fn each<T>(parameter: &Parameter, value: &Value, read: impl Fn(&str) -> Result<T, Refused>) -> Result<Vec<T>, Refused> {
    elements(parameter, value)?.iter().map(|value| read(as_text(parameter, value)?)).collect()
}

/// A list that may not be empty.
fn some(what: &str, all: Vec<String>) -> Result<Vec<String>, Refused> {
    if all.is_empty() {
        return Err(Refused::Value(format!("no {what} is given: give at least one")));
    }
    Ok(all)
}

/// A content: its id, or a pair of its title and its space, where the space may be nothing.
fn place(parameter: &Parameter, value: &Value) -> Result<Which, Refused> {
    match value {
        Value::Array(pair) => match pair.as_slice() {
            [content, Value::Null] => Which::new(as_text(parameter, content)?, None),
            [title, space] => Which::new(as_text(parameter, title)?, Some(as_text(parameter, space)?)),
            _ => Err(mistyped(parameter, "a pair of a title and a space", value)),
        },
        _ => Which::new(as_text(parameter, value)?, None),
    }
}

fn number(parameter: &Parameter, value: &Value, least: u64) -> Result<u64, Refused> {
    if !value.is_i64() && !value.is_u64() {
        return Err(mistyped(parameter, "a whole number", value));
    }
    value
        .as_u64()
        .filter(|number| *number >= least)
        .ok_or_else(|| Refused::Value(format!("`{}` is at least {least}, not `{value}`", parameter.name)))
}

fn stays_in_place(parameter: &Parameter, argument: Option<&Argument>) -> Result<(), Refused> {
    let text = match argument {
        Some(Argument::Text(text) | Argument::Place(Which::Id(text) | Which::Titled(text, _))) => text,
        Some(Argument::Subject(who)) => who.name(),
        _ => return Ok(()),
    };
    if text.chars().all(|c| c == '.') {
        return Err(Refused::Value(format!("invalid `{}` `{text}`: it cannot stand in an address", parameter.name)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(kind: Kind, value: &Value) -> Result<Option<Argument>, Refused> {
        argument(&Parameter { name: "given", kind, doc: "" }, value)
    }

    #[test]
    fn contents_that_cannot_be_named_together_are_refused() {
        let id = || Which::new("1", None).unwrap();
        let title = |space| Which::new("A", Some(space)).unwrap();
        assert!(Several::new(vec![]).is_err());
        assert!(Several::new(vec![id(), title("a")]).is_err());
        assert!(Several::new(vec![title("a"), title("b")]).is_err());
        assert!(Several::new(vec![title("a"), title("a")]).is_ok());
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_what_can() {
        for text in ["", "ann", "user:", "group: ", "anonymous", "class:x", "user:a\u{0}b"] {
            assert!(Who::parse(text).is_err(), "{text}");
        }
        let said = |kind, value| read(kind, &value).unwrap_err().to_string();
        assert_eq!(
            said(Kind::Subject, json!("ann")),
            "`ann` is neither a user nor a group: write `user:<username>` or `group:<name>`"
        );
        assert_eq!(said(Kind::Space, json!(" ")), "the key of a space is empty: name one");
        assert_eq!(said(Kind::Place, json!(["A", ""])), "the key of a space is empty: name one");
        assert_eq!(
            said(Kind::Operation, json!("read")),
            "invalid permission type of a content `read`: expected `view` or `edit`"
        );
        assert_eq!(said(Kind::Groups, json!([])), "no name of a group is given: give at least one");
        assert_eq!(said(Kind::Most, json!(0)), "`given` is at least 1, not `0`");
        assert_eq!(said(Kind::Start, json!(-1)), "`given` is at least 0, not `-1`");
        assert!(said(Kind::Holder, json!("anonymous")).contains("add_anonymous_permission_to_space"));
        assert!(read(Kind::Groups, &json!([""])).is_err() && read(Kind::Operation, &json!("")).is_err());
    }

    #[test]
    fn a_value_of_another_type_is_a_mistake_of_type() {
        for (kind, value) in [
            (Kind::Space, json!(7)),
            (Kind::Users, json!("ann")),
            (Kind::Users, json!([7])),
            (Kind::Flag, json!("yes")),
            (Kind::Start, json!("0")),
            (Kind::Place, json!(["A"])),
        ] {
            assert!(matches!(read(kind, &value), Err(Refused::Type(_))), "{kind:?} {value}");
        }
    }

    #[test]
    fn names_are_read_with_and_without_their_kind() {
        let text = |text: &str| Ok(Some(Argument::from(text)));
        assert_eq!(read(Kind::User, &json!("user:ann")), text("ann"));
        assert_eq!(read(Kind::Group, &json!("group:eng")), text("eng"));
        assert_eq!(read(Kind::Group, &json!("eng")), text("eng"));
        assert_eq!(read(Kind::SpaceTypeOrAll, &json!("all")), text("ALL"));
        assert_eq!(read(Kind::SpaceTypeOrAll, &json!("view")), text("VIEWSPACE"));
        assert_eq!(read(Kind::GroupOrNone, &json!("")), text(""));
        assert_eq!(read(Kind::OperationOrBoth, &json!(" ")), Ok(None));
        assert_eq!(read(Kind::Operation, &json!("View")), Ok(Some(Argument::Operation(RestrictionOperation::View))));
        let holder = |kind, name: &str| Ok(Some(Argument::Holder(kind, name.to_owned())));
        assert_eq!(read(Kind::Holder, &json!("user:ann")), holder(Some(SubjectKind::User), "ann"));
        assert_eq!(read(Kind::Holder, &json!("ann")), holder(None, "ann"));
    }
}
