//! Who asks on Cloud: found out once for a client, before anything else is believed.

use tokio::sync::OnceCell;

use super::pages::ask_one;
use super::transport::Transport;
use super::{Error, ErrorKind, Result};
use crate::apis::cloud_v1::lift::{self, Caller};
use crate::apis::cloud_v1::requests;
use crate::model::Subject;

/// The account of the credentials. The first call that needs it asks for it, once for all.
#[derive(Debug, Default)]
pub(super) struct Identity {
    known: OnceCell<Result<Caller>>,
}

impl Identity {
    /// The account.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthorized`] where the site answers as if nobody had logged in: a site that is open to the world
    /// serves a wrong token what anonymous sees, with 200. Otherwise where the site does not say who it is.
    // Source: https://community.atlassian.com/forums/Confluence-questions/qaq-p/3039044
    pub(super) async fn caller(&self, transport: &Transport) -> Result<Caller> {
        let known = self.known.get_or_try_init(|| async {
            match ask(transport).await {
                // A passing failure is not kept.
                Err(error) if !is_final(&error) => Err(error),
                outcome => Ok(outcome),
            }
        });
        known.await?.clone()
    }

    /// Makes sure that the site does not take us for anonymous.
    ///
    /// # Errors
    /// Where it does, and where it cannot be asked at all.
    pub(super) async fn judge(&self, transport: &Transport) -> Result<()> {
        match self.caller(transport).await {
            Err(error) if error.is_of_stranger() || ends_everything(&error) => Err(error),
            // A token with few scopes may not ask who it is, and may still ask the rest.
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

async fn ask(transport: &Transport) -> Result<Caller> {
    let request = requests::current_user();
    let caller = ask_one(transport, &request, transport.brief(), lift::current_user).await?;
    if caller.subject == Subject::anonymous() {
        return Err(transport.stranger(&request));
    }
    Ok(caller)
}

/// Whether a failure is the site's answer, which another request would not change.
fn is_final(error: &Error) -> bool {
    !error.is_of_stranger()
        && match error.status() {
            Some(401) => error.says("scope"),
            Some(status) => status != 429 && status < 500,
            None => false,
        }
}

/// Whether a failure would be that of any request.
fn ends_everything(error: &Error) -> bool {
    let kind = error.kind();
    matches!(kind, ErrorKind::Closed | ErrorKind::NoToken | ErrorKind::Configuration | ErrorKind::Certificate)
        || error.is_unreached()
        // A token that lacks one scope may have others; one that is refused is not tried again.
        || error.status() == Some(401) && !error.says("scope")
}
