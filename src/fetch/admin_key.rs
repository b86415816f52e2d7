//! The admin key: issued for a call, and given back however the call ends.

use std::time::Duration;

use super::pages::ask_one;
use super::transport::Transport;
use super::{Error, ErrorKind, Result};
use crate::apis::cloud_v2::{lift, requests};
use crate::model::{Gap, GapCause, SiteFact, Timestamp};

/// Longest life a key may have.
const MINUTES: u32 = 60;

/// How long giving it back may take after the call was dropped.
const LAST_WORD: Duration = Duration::from_millis(1500);

/// A key in use.
pub(super) struct AdminKey {
    /// Sends with the key.
    pub(super) transport: Transport,
    plain: Transport,
    /// Somebody else's key, issued before, is used and left alone.
    own: bool,
    expires_at: Option<Timestamp>,
    returned: bool,
}

impl AdminKey {
    /// Has a key issued, unless one is active already.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`] where the plan of the site or the rights of the account lack it.
    pub(super) async fn issue(transport: &Transport) -> Result<Self> {
        let before = ask_one(transport, &requests::admin_key(), transport.brief(), lift::admin_key).await;
        let mut key = Self {
            transport: transport.with_admin_key(),
            plain: transport.clone(),
            own: before.is_err(),
            expires_at: before.as_ref().ok().and_then(|key| key.expires_at),
            returned: false,
        };
        match before {
            Ok(_) => return Ok(key),
            Err(error) if matches!(error.status(), Some(403 | 404)) => {}
            Err(error) => {
                key.returned = true;
                return Err(error);
            }
        }
        // From here on it may have been issued, whatever becomes of the answer.
        let request = requests::issue_admin_key(MINUTES);
        match ask_one(transport, &request, transport.full(), lift::admin_key).await {
            Ok(issued) => {
                key.expires_at = issued.expires_at;
                Ok(key)
            }
            Err(error) => {
                let refused = matches!(error.status(), Some(400..500));
                if refused {
                    key.returned = true;
                }
                if !matches!(error.status(), Some(403 | 404)) {
                    return Err(error);
                }
                let text = "no admin key is issued: it takes the Premium or Enterprise plan and an account that is an organization or site administrator; leave `admin_key` out, or use such an account's API token";
                let mut refusal = transport.error(ErrorKind::Forbidden, &request, text);
                refusal.parts_mut().status = error.status();
                refusal.parts_mut().request_id = error.request_id().map(str::to_owned);
                refusal.parts_mut().attempts = error.attempts();
                Err(refusal)
            }
        }
    }

    /// Gives the key back, and says what may be missing because of it.
    pub(super) async fn give_back(mut self) -> Vec<Gap> {
        let request = requests::return_admin_key();
        let gap =
            |cause: GapCause, message: String| Gap::new(SiteFact::AdminKey.about(), cause, message).at(request.line());
        let mut gaps = Vec::new();
        if self.expires_at.is_some_and(|end| end <= Timestamp::now()) {
            let text = "the admin key ended before everything was read: what it opened may be missing";
            gaps.push(gap(GapCause::Truncated, text.to_owned()));
        }
        if self.own {
            let answer = self.plain.send(&request, self.plain.full()).await;
            match answer {
                Ok(_) => self.returned = true,
                // Its end will try once more.
                Err(error) if error.kind() == ErrorKind::Closed => {}
                Err(error) => {
                    let text = format!(
                        "the admin key could not be given back and ends by itself within {MINUTES} minutes: {error}"
                    );
                    gaps.push(gap(error.kind().gap_cause(), text));
                }
            }
        }
        gaps
    }
}

impl Drop for AdminKey {
    /// The call was cancelled, or the client closed. The thread this happens in may belong to a runtime that is going
    /// away, so a thread and a runtime of its own say the last word; waiting for them keeps the process from ending first.
    fn drop(&mut self) {
        if self.returned || !self.own {
            return;
        }
        let plain = self.plain.clone();
        let said = std::thread::Builder::new().name("confluence-admin-key".to_owned()).spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                let told: std::result::Result<_, Error> = match plain.anew(LAST_WORD) {
                    Ok(plain) => plain.send(&requests::return_admin_key(), plain.brief()).await,
                    Err(error) => Err(error),
                };
                if let Err(error) = told {
                    tracing::warn!(error = %error, "the admin key could not be given back and ends by itself");
                }
            });
        });
        if let Ok(thread) = said {
            // It has reported what went wrong.
            let _ = thread.join();
        }
    }
}
