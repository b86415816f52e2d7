//! The chain of a content: whose lists bind it, up to the root of its tree.

use super::site::{IndexedSite, Kind, MISSING, ROOT, State};
use crate::model::Decision;

use Decision::{Allowed, Denied, Unknown};

/// Whose list it is, seen from the content asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Position {
    /// Its own.
    Own,
    /// Of what a comment or an attachment belongs to.
    Container,
    /// Of a content above.
    Above,
}

/// A step of the walk from a content up to its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A content whose view list binds.
    Layer {
        /// The content.
        node: u32,
        /// Whose it is.
        position: Position,
        /// How many levels up.
        levels: u32,
        /// Whether it binds for certain; not where an archived page may have dropped it.
        binds: Decision,
    },
    /// The chain goes on, and nobody knows where.
    Broken,
}

impl IndexedSite {
    /// Visits the layers of a content, its own first, up to the root of its tree.
    pub(super) fn walk(&self, content: u32, mut visit: impl FnMut(Step)) {
        let mut position = Position::Own;
        let mut binds = Allowed;
        let mut at = content;
        let mut levels = 0;
        // Only a chain that is known to run in a circle has to be watched.
        let mut seen: Vec<u32> = Vec::new();
        while let Some(node) = self.node(at) {
            if node.cyclic {
                if seen.contains(&at) {
                    visit(Step::Broken);
                    return;
                }
                seen.push(at);
            }
            visit(Step::Layer { node: at, position, levels, binds });
            let attached = matches!(node.kind, Kind::Comment | Kind::Attachment);
            if !attached && position != Position::Above {
                // Here ends what the content is or belongs to; above it begins what it inherits.
                if node.state == State::Archived {
                    // Source: https://jira.atlassian.com/browse/CONFCLOUD-83913
                    match self.policy.archived_drops_inherited {
                        Allowed => return,
                        Unknown => binds = Unknown,
                        Denied => {}
                    }
                }
                position = Position::Above;
            } else if attached && position == Position::Own {
                position = Position::Container;
            }
            levels += 1;
            match node.parent {
                ROOT => return,
                MISSING => {
                    visit(Step::Broken);
                    return;
                }
                parent => at = parent,
            }
        }
    }

    /// The content whose state decides: of a comment or an attachment what it belongs to, as far as that is known.
    pub(super) fn host(&self, content: u32) -> u32 {
        let mut host = content;
        if self.node(content).is_some_and(|node| matches!(node.kind, Kind::Comment | Kind::Attachment)) {
            self.walk(content, |step| {
                if let Step::Layer { node, position: Position::Own | Position::Container, .. } = step {
                    host = node;
                }
            });
        }
        host
    }

    /// Whether a content is out of reach of all questions.
    pub(super) fn is_trashed(&self, content: u32) -> bool {
        let state = |at: u32| self.node(at).map(|node| node.state);
        state(content) == Some(State::Trashed) || state(self.host(content)) == Some(State::Trashed)
    }

    /// Whether a content is a comment or an attachment.
    pub(super) fn is_attached(&self, content: u32) -> bool {
        self.node(content).is_some_and(|node| matches!(node.kind, Kind::Comment | Kind::Attachment))
    }
}
