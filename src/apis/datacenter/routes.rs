//! The questions, each with an example and its reader.

use crate::apis::Route;

pub(super) const ROUTES: &[Route] = &[];
