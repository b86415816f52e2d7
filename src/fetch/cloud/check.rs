//! The permission check of a site.

use super::site::Site;
use crate::apis::cloud_v1::lift as v1_lift;
use crate::fetch::Result;
use crate::fetch::pages::ask_one;

impl Site<'_> {
    /// Whether a content's question about somebody could be asked at all: one request, as the server answers it.
    pub(in crate::fetch) async fn asked(&self, request: &crate::apis::Request) -> Result<v1_lift::Check> {
        ask_one(self.session.transport, request, self.session.transport.full(), v1_lift::permission_check).await
    }
}
