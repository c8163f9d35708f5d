//! Navigates to the authorization server.

use crate::{
    Clock, Namespace, address, expected::Expected, random, session_storage::SessionStorage,
};
use cc_connect_core::{
    ReturnTo,
    oauth::{Client, Scope, authorization_request},
    session::{StartError, server::AuthorizationUri},
};

/// Stores the record of a new request, for `scope` or else the client's own, and navigates to the
/// authorization server.
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

/// Navigates to where the server has begun an authorization, and remembers that the user will come
/// back, and to which page.
///
/// # Errors
///
/// [`StartError`], in which case the page stays.
pub(crate) fn leave_as_told(
    uri: &AuthorizationUri,
    return_to: &ReturnTo,
    namespace: &Namespace,
) -> Result<(), StartError> {
    Expected::new(namespace).set(true);
    if let Ok(storage) = SessionStorage::open(namespace) {
        // Without it, a failed authorization leads to the start page.
        let _ = storage.store_return_to(return_to);
    }
    match address::assign(uri.as_str()) {
        true => Ok(()),
        false => Err(StartError::NavigationFailed),
    }
}
