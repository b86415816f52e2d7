//! The part of the query language that is played: one query with variables, fields, arguments and selections. Anything
//! else is refused by name.
// Source: https://spec.graphql.org/October2021/

use serde_json::{Map, Value, json};

/// A field that is asked for.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    /// With the values of variables in their place.
    pub(super) arguments: Vec<Argument>,
    pub(super) fields: Vec<Field>,
}

#[derive(Debug)]
pub(super) struct Argument {
    pub(super) name: String,
    /// `None`: a variable that was not given, so the argument was not.
    pub(super) value: Option<Value>,
    /// The type the query declares, where the value is a variable.
    pub(super) declared: Option<String>,
}

/// Reads a query; gives its name and its fields.
pub(super) fn read(text: &str, variables: &Map<String, Value>) -> Result<(String, Vec<Field>), String> {
    let mut reader = Reader { tokens: tokens(text)?, at: 0, declared: Vec::new(), variables };
    reader.expect("query")?;
    let name = reader.name()?;
    if reader.takes("(") {
        while !reader.takes(")") {
            reader.expect("$")?;
            let variable = reader.name()?;
            reader.expect(":")?;
            let kind = reader.kind()?;
            if kind.ends_with('!') && variables.get(&variable).is_none_or(Value::is_null) {
                return Err(format!("the variable `${variable}` of the type `{kind}` was not given"));
            }
            reader.declared.push((variable, kind));
        }
    }
    let fields = reader.selection()?;
    match reader.tokens.get(reader.at) {
        Some(more) => return Err(format!("`{more}` behind the query")),
        None => {
            if let Some(strange) = variables.keys().find(|key| !reader.declared.iter().any(|(name, _)| name == *key)) {
                return Err(format!("the query declares no variable `${strange}`"));
            }
        }
    }
    Ok((name, fields))
}

/// Names, numbers, texts and punctuation.
fn tokens(text: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches(is_ignored);
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let end = match first {
            '"' => rest.get(1..).and_then(|inner| inner.find('"')).map(|end| end + 2).ok_or("a text without an end")?,
            c if word(c) => rest.find(|c: char| !word(c)).unwrap_or(rest.len()),
            '{' | '}' | '(' | ')' | '[' | ']' | ':' | '$' | '!' => 1,
            other => return Err(format!("`{other}` is not played")),
        };
        let (token, after) = rest.split_at(end);
        found.push(token.to_owned());
        rest = after.trim_start_matches(is_ignored);
    }
    Ok(found)
}

/// Commas separate nothing.
fn is_ignored(c: char) -> bool {
    c.is_whitespace() || c == ','
}

struct Reader<'a> {
    tokens: Vec<String>,
    at: usize,
    /// Name and type of each variable.
    declared: Vec<(String, String)>,
    variables: &'a Map<String, Value>,
}

impl Reader<'_> {
    fn next(&mut self) -> Result<String, String> {
        let token = self.tokens.get(self.at).cloned().ok_or("the query ends too early")?;
        self.at += 1;
        Ok(token)
    }

    fn takes(&mut self, token: &str) -> bool {
        let is = self.tokens.get(self.at).is_some_and(|next| next == token);
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        let found = self.next()?;
        if found == token { Ok(()) } else { Err(format!("`{found}` where `{token}` was expected")) }
    }

    fn name(&mut self) -> Result<String, String> {
        let name = self.next()?;
        let is_name = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        if is_name { Ok(name) } else { Err(format!("`{name}` is no name")) }
    }

    /// A type, such as `[String!]`.
    fn kind(&mut self) -> Result<String, String> {
        let mut kind = if self.takes("[") {
            let inner = self.kind()?;
            self.expect("]")?;
            format!("[{inner}]")
        } else {
            self.name()?
        };
        if self.takes("!") {
            kind.push('!');
        }
        Ok(kind)
    }

    fn selection(&mut self) -> Result<Vec<Field>, String> {
        self.expect("{")?;
        let mut fields = Vec::new();
        while !self.takes("}") {
            let name = self.name()?;
            let mut arguments = Vec::new();
            if self.takes("(") {
                while !self.takes(")") {
                    let name = self.name()?;
                    self.expect(":")?;
                    let (value, declared) = self.value()?;
                    arguments.push(Argument { name, value, declared });
                }
            }
            let nested = self.tokens.get(self.at).is_some_and(|next| next == "{");
            let inner = if nested { self.selection()? } else { Vec::new() };
            fields.push(Field { name, arguments, fields: inner });
        }
        if fields.is_empty() { Err("a selection without fields".to_owned()) } else { Ok(fields) }
    }

    fn value(&mut self) -> Result<(Option<Value>, Option<String>), String> {
        if self.takes("$") {
            let name = self.name()?;
            let declared = self.declared.iter().find(|(known, _)| *known == name).map(|(_, kind)| kind.clone());
            let declared = declared.ok_or_else(|| format!("the variable `${name}` is not declared"))?;
            return Ok((self.variables.get(&name).filter(|value| !value.is_null()).cloned(), Some(declared)));
        }
        if self.takes("[") {
            let mut values = Vec::new();
            while !self.takes("]") {
                values.extend(self.value()?.0);
            }
            return Ok((Some(Value::Array(values)), None));
        }
        let token = self.next()?;
        let value = match token.parse::<i64>() {
            Ok(number) => json!(number),
            Err(_) if token == "true" || token == "false" => json!(token == "true"),
            // A text, or a word of an enumeration.
            Err(_) => json!(token.trim_matches('"')),
        };
        Ok((Some(value), None))
    }
}
