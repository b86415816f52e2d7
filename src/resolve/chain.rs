//! The chain of a content: whose lists bind it, up to the root of its tree.

use super::site::{IndexedSite, Kind, MISSING, Node, ROOT, State};
use crate::model::Decision;

use Decision::{Allowed, Unknown};

/// Whose list it is, seen from the content asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Position {
    /// Its own.
    Own,
    /// Of the host of a comment or an attachment.
    Container,
    /// Of a content above.
    Above,
}

/// A content whose lists bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layer {
    /// The content.
    pub(super) node: u32,
    /// Whose it is.
    pub(super) position: Position,
    /// How many levels up.
    pub(super) levels: u32,
    /// Whether its view list binds; unknown where an archived page may have dropped it.
    pub(super) binds: Decision,
}

/// Whether a chain comes to a content for the second time.
fn again(seen: &mut Vec<u32>, from: u32, to: u32) -> bool {
    seen.push(from);
    seen.contains(&to)
}

/// What comes after a content in a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing that binds.
    End,
    /// A content that is not known.
    Broken,
    /// A content whose view list binds, or may.
    Content { at: u32, position: Position, binds: Decision },
}

impl Node {
    /// Whether it is a comment or an attachment.
    pub(super) fn is_attached(&self) -> bool {
        matches!(self.kind, Kind::Comment | Kind::Attachment)
    }
}

/// The layers of a content, its own first, up to the root of its tree.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    site: &'a IndexedSite,
    // The layer that is next, in parts: one value would be written and read in different widths, and the processor would
    // wait for it at every step.
    at: u32,
    position: Position,
    levels: u32,
    binds: Decision,
    /// The content of the layer given last has a content above that is not known.
    pub(super) broken: bool,
    /// Only a chain that is known to run in a circle has to be watched.
    seen: Vec<u32>,
}

impl Iterator for Chain<'_> {
    type Item = Layer;

    // A plain question is little more than this walk.
    #[inline(always)]
    fn next(&mut self) -> Option<Layer> {
        let (at, position, levels, binds) = (self.at, self.position, self.levels, self.binds);
        let node = self.site.node(at)?;
        self.at = ROOT;
        match self.site.next(node, position) {
            Next::End => {}
            Next::Content { at: above, .. } if node.cyclic && again(&mut self.seen, at, above) => self.broken = true,
            Next::Content { at: above, position, binds: there } => {
                self.at = above;
                self.position = position;
                self.levels = levels + 1;
                self.binds = binds.and(there);
            }
            Next::Broken => self.broken = true,
        }
        Some(Layer { node: at, position, levels, binds })
    }
}

/// The contents whose view lists bind a content, its own first: the layers with a view list.
#[derive(Debug)]
pub(super) struct Restricting<'a> {
    chain: Chain<'a>,
    /// By content the first one from it up with a view list; `None`: to be walked step by step.
    nearest: Option<&'a [u32]>,
}

impl Iterator for Restricting<'_> {
    type Item = (u32, Position);

    fn next(&mut self) -> Option<(u32, Position)> {
        loop {
            let chain = &mut self.chain;
            if let Some(nearest) = self.nearest.filter(|_| chain.position == Position::Above) {
                chain.at = nearest.get(chain.at as usize).copied().unwrap_or(ROOT);
            }
            let layer = chain.next()?;
            if !chain.site.view_list(layer.node).is_empty() {
                return Some((layer.node, layer.position));
            }
        }
    }
}

impl IndexedSite {
    /// For each content the first one from it up whose view list binds those below; [`ROOT`] where there is none.
    pub(super) fn nearest_restricted(&self) -> Vec<u32> {
        const NOT_YET: u32 = MISSING;
        let mut nearest = vec![NOT_YET; self.nodes.len()];
        let mut path = Vec::new();
        for start in (0u32..).take(nearest.len()) {
            let mut at = start;
            let found = loop {
                match (nearest.get(at as usize), self.node(at)) {
                    (Some(&NOT_YET), Some(node)) if !node.cyclic => {
                        path.push(at);
                        if !self.view_list(at).is_empty() {
                            break at;
                        }
                        let Next::Content { at: parent, .. } = self.next(node, Position::Above) else { break ROOT };
                        at = parent;
                    }
                    (Some(&known), _) if known != NOT_YET => break known,
                    _ => break ROOT,
                }
            };
            for at in path.drain(..) {
                if let Some(slot) = nearest.get_mut(at as usize) {
                    *slot = found;
                }
            }
        }
        nearest
    }

    /// The contents whose view lists bind a content, its own first. `nearest` as from [`Self::nearest_restricted`].
    pub(super) fn restricting<'a>(&'a self, nearest: &'a [u32], content: u32) -> Restricting<'a> {
        let straight = self.node(content).is_some_and(|node| !node.cyclic);
        Restricting { chain: self.layers(content), nearest: straight.then_some(nearest) }
    }

    /// What comes after a content, seen from a content of which it has this position.
    pub(super) fn next(&self, node: &Node, position: Position) -> Next {
        let mut binds = Allowed;
        let position = match position {
            Position::Own | Position::Container if node.is_attached() => Position::Container,
            Position::Own | Position::Container => {
                // What the content is or belongs to ends here; above it begins what it inherits.
                // Source: https://jira.atlassian.com/browse/CONFCLOUD-83913
                match (node.state, self.policy.archived_drops_inherited) {
                    (State::Archived, Allowed) => return Next::End,
                    // A status that is not known may be that of an archived one.
                    (State::Archived, Unknown) | (State::Unrecognized, Allowed | Unknown) => binds = Unknown,
                    _ => {}
                }
                Position::Above
            }
            Position::Above => Position::Above,
        };
        match node.parent {
            ROOT => Next::End,
            MISSING => Next::Broken,
            at => Next::Content { at, position, binds },
        }
    }

    /// The layers of a content, its own first, up to the root of its tree.
    pub(super) fn layers(&self, content: u32) -> Chain<'_> {
        let (position, binds) = (Position::Own, Allowed);
        Chain { site: self, at: content, position, levels: 0, binds, broken: false, seen: Vec::new() }
    }

    /// The content whose state decides: of a comment or an attachment what it belongs to, as far as that is known.
    pub(super) fn host(&self, content: u32) -> u32 {
        let mut host = content;
        if self.is_attached(content) {
            for layer in self.layers(content).take_while(|layer| layer.position != Position::Above) {
                host = layer.node;
            }
        }
        host
    }

    /// Whether a content is in the trash, or what it belongs to.
    pub(super) fn is_trashed(&self, content: u32) -> bool {
        let trashed = |at: u32| self.node(at).is_some_and(|node| node.state == State::Trashed);
        trashed(content) || trashed(self.host(content))
    }

    /// Whether a content is a comment or an attachment.
    pub(super) fn is_attached(&self, content: u32) -> bool {
        self.node(content).is_some_and(Node::is_attached)
    }
}
