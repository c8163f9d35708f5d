//! Navigates to the authorization server.

use crate::{Clock, Namespace, address, random, session_storage::SessionStorage};
use cc_connect_core::{
    ReturnTo,
    oauth::{Client, Scope, authorization_request},
    session::StartError,
};

/// Stores the record of a new request, for `scope` or else the client's own, and navigates to the authorization server.
///
/// # Errors
///
/// [`StartError`], in which case the page stays.
pub(crate) fn leave(
    client: &Client,
    scope: Option<Scope>,
    return_to: ReturnTo,
    namespace: &Namespace,
    clock: &Clock,
) -> Result<(), StartError> {
    // Opened each time: the user may have changed the browser's settings since.
    let storage = SessionStorage::open(namespace).map_err(|_| StartError::StorageUnavailable)?;
    let entropy = random::entropy().ok_or(StartError::RandomnessUnavailable)?;
    let now = clock.now();
    let request = match scope {
        None => authorization_request(client, &entropy, return_to, now),
        Some(scope) => {
            let client = client.clone().with_scope(scope);
            authorization_request(&client, &entropy, return_to, now)
        }
    };
    storage
        .store_pending(&request.pending, client, now)
        .map_err(|_| StartError::StorageUnavailable)?;
    if address::assign(request.expose_uri()) {
        Ok(())
    } else {
        Err(StartError::NavigationFailed)
    }
}
