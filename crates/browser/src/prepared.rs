//! What a connection starts from.

use crate::{
    Clock, Namespace, Settings, address,
    leave::{leave, leave_as_told},
    own_server::OwnServer,
    runtime::link::{Deployment, StartServer},
    tab::Tab,
};
use cc_connect_core::{
    ReturnTo,
    oauth::ClientError,
    session::{Context, StartError},
};

/// Settings that apply to this page, with its tab and its clock settled: what a
/// [`Runtime`](crate::Runtime) starts from.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub(crate) settings: Settings,
    pub(crate) deployment: Deployment,
    pub(crate) mode: Mode,
}

/// Who keeps the connection.
#[derive(Clone, Debug)]
pub(crate) enum Mode {
    /// This tab.
    Direct(Box<Context>, Tab),
    /// The application's server.
    Server(StartServer),
}

fn deployment(settings: &Settings, clock: Clock) -> Deployment {
    Deployment {
        namespace: Namespace::new(&settings.application, &settings.base_path),
        base_path: settings.base_path.clone(),
        clock,
    }
}

impl Prepared {
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
        let deployment = deployment(&settings, clock);
        let mode = match settings.server {
            // It says what time it is with its first answer.
            Some(start) => Mode::Server(start),
            None => {
                let context = Box::new(settings.context_at(&address::origin())?);
                let tab = Tab::new(deployment.namespace.clone());
                tab.claim().await;
                let clock = &deployment.clock;
                if !clock.is_settled() && !clock.is_postponed() {
                    clock.ask().await;
                }
                Mode::Direct(context, tab)
            }
        };
        Ok(Self {
            settings,
            deployment,
            mode,
        })
    }
}

/// Leaves for the authorization server from a page without a [`Runtime`](crate::Runtime), such as one whose
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
    let namespace = deployment(&settings, clock.clone()).namespace;
    let context = settings.context_at(&address::origin());
    let context = context.map_err(|_| StartError::NavigationFailed)?;
    let tab = Tab::new(namespace.clone());
    tab.claim_once().await;
    if !clock.is_settled() {
        // The request carries its time: a wrong one would make the response look stale.
        clock.ask().await;
    }
    leave(&context.client, None, return_to, &namespace, clock).inspect_err(|_| tab.release())
}

/// Like [`start_authorization`], for an application whose server keeps the connection; `application`
/// and `base_path` are those of its settings.
///
/// # Errors
///
/// [`StartError`], in which case the page stays, and a runtime may start.
pub async fn start_server_authorization(
    application: &str,
    base_path: &str,
    return_to: ReturnTo,
) -> Result<(), StartError> {
    let namespace = Namespace::new(application, base_path);
    let begun = OwnServer::new(base_path).begin(&return_to, None).await;
    let uri = begun.map_err(StartError::Server)?;
    leave_as_told(&uri, &return_to, &namespace)
}
