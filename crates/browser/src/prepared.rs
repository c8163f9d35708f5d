//! What a connection starts from.

use crate::{Clock, Namespace, Settings, address, leave::leave, tab::Tab};
use cc_connect_core::{
    ReturnTo,
    oauth::ClientError,
    session::{Context, StartError},
};

/// Settings that apply to this page, with its tab and its clock settled: what a [`Runtime`] starts
/// from.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub(crate) settings: Settings,
    pub(crate) context: Context,
    pub(crate) namespace: Namespace,
    pub(crate) clock: Clock,
    pub(crate) tab: Tab,
}

impl Prepared {
    fn new(settings: Settings, clock: Clock) -> Result<Self, ClientError> {
        let namespace = Namespace::new(&settings.application, &settings.base_path);
        Ok(Self {
            context: settings.context_at(&address::origin())?,
            tab: Tab::new(namespace.clone()),
            settings,
            namespace,
            clock,
        })
    }

    /// Settles which tab this is, and what time it is.
    ///
    /// # Errors
    ///
    /// [`ClientError`], if the settings cannot be used on this page.
    pub async fn prepare(settings: Settings) -> Result<Self, ClientError> {
        let clock = Clock::new(settings.clock.clone());
        Self::prepare_with_clock(settings, clock).await
    }

    /// Like [`prepare`](Self::prepare), with a clock that has heard its host already.
    ///
    /// # Errors
    ///
    /// [`ClientError`], if the settings cannot be used on this page.
    pub async fn prepare_with_clock(settings: Settings, clock: Clock) -> Result<Self, ClientError> {
        let prepared = Self::new(settings, clock)?;
        prepared.tab.claim().await;
        if !prepared.clock.is_settled() && !prepared.clock.is_postponed() {
            prepared.clock.ask().await;
        }
        Ok(prepared)
    }
}

/// Leaves for the authorization server from a page without a [`Runtime`], such as one whose
/// application has not loaded yet.
///
/// # Errors
///
/// [`StartError`], in which case the page stays, and a runtime may start.
pub async fn start_authorization(
    settings: Settings,
    clock: &Clock,
    return_to: ReturnTo,
) -> Result<(), StartError> {
    let prepared =
        Prepared::new(settings, clock.clone()).map_err(|_| StartError::NavigationFailed)?;
    prepared.tab.claim_once().await;
    if !clock.is_settled() {
        // The request carries its time: a wrong one would make the response look stale.
        clock.ask().await;
    }
    let client = &prepared.context.client;
    leave(client, None, return_to, &prepared.namespace, clock)
        .inspect_err(|_| prepared.tab.release())
}
