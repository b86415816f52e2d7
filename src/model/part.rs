//! Parts of answers: structs that cross to Python as plain data and are frozen classes there, with the same fields.

/// A field of a part.
#[derive(Debug, Clone, Copy)]
pub struct PartField {
    /// Its name.
    pub name: &'static str,
    /// What it means, in a sentence or two.
    pub doc: &'static str,
    /// Its type in Python.
    pub type_name: fn() -> String,
}

/// What is declared of a part.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Its name, the same in Python.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its fields, in order.
    pub fields: &'static [PartField],
}

/// Declares a part of an answer. The struct, its plain data and the class in Python follow from it, with these comments.
macro_rules! part {
    (
        $(#[doc = $doc:literal])+
        $(#[derive($($derive:ident),+)])?
        pub struct $name:ident { $($(#[doc = $about:literal])+ pub $field:ident: $type:ty,)+ }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize $($(, $derive)+)?)]
        pub struct $name { $($(#[doc = $about])+ pub $field: $type,)+ }

        $crate::model::typed!($name: stringify!($name));

        impl $name {
            /// What the class in Python is written from.
            pub const PART: $crate::model::Part = $crate::model::Part {
                name: stringify!($name),
                doc: concat!($($doc, "\n"),+),
                fields: &[$($crate::model::PartField {
                    name: stringify!($field),
                    doc: concat!($($about),+).trim_ascii(),
                    type_name: <$type as $crate::model::Typed>::type_name,
                }),+],
            };
        }
    };
}

pub(crate) use part;
