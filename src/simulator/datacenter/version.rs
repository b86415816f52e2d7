//! The version a Data Center is of.

/// A version of Confluence: three numbers; the last ones may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) u32, pub(super) u32, pub(super) u32);

impl Version {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no version: write it as `9.2.0`");
        let mut parts = text.split('.').map(|part| part.parse::<u32>().map_err(|_| wrong()));
        let first = parts.next().ok_or_else(wrong)??;
        let (second, third) = (parts.next().unwrap_or(Ok(0))?, parts.next().unwrap_or(Ok(0))?);
        if parts.next().is_some() {
            return Err(wrong());
        }
        Ok(Self(first, second, third))
    }

    pub(super) fn from(self, first: u32, second: u32) -> bool {
        self >= Self(first, second, 0)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}
