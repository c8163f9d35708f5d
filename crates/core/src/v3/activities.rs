//! `/activities`: what the API carries out in the background. Scope `contact_data`.

use super::{endpoints, member, operation::Operation, request::Request, uuid::Uuid};
use serde::Deserialize;

/// How far an activity has got: `GET /activities/{activity_id}`.
///
/// ```
/// use cc_connect_core::v3::activities::{self, State};
///
/// let activity_id = "04fe9a97-a579-43c5-bb1a-58ed29bf0a6a".parse()?;
/// let activity = activities::get(activity_id)
///     .read(200, r#"{"state":"processing","percent_done":75}"#)?;
/// assert_eq!(activity.state(), Some(State::Processing));
/// assert_eq!(activity.percent_done, Some(75));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn get(activity_id: Uuid) -> Operation<Activity> {
    Operation::object(Request::new(&endpoints::GET_ACTIVITY, &[&activity_id]))
}

/// An activity. Every member may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Activity {
    /// What [`get`] takes, to ask how far it has got.
    #[serde(deserialize_with = "member::uuid")]
    pub activity_id: Option<Uuid>,
    /// Its state; [`State`] has the known ones.
    #[serde(deserialize_with = "member::text")]
    pub state: Option<String>,
    /// How much of it is done, in percent.
    #[serde(deserialize_with = "member::count")]
    pub percent_done: Option<u64>,
    /// The API's messages about what went wrong.
    #[serde(deserialize_with = "member::texts")]
    pub activity_errors: Vec<String>,
}

/// The state of an activity, according to the API's description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// The API has received the request.
    Initialized,
    /// It is being carried out.
    Processing,
    /// It was carried out. What went wrong meanwhile is in `activity_errors`.
    Completed,
    /// It was canceled before its end. The API spells it `cancelled`.
    Canceled,
    /// It could not be carried out.
    Failed,
    /// The API gave up, since it took too long.
    TimedOut,
}

impl Activity {
    /// Its state, if it is a known one.
    ///
    /// ```
    /// use cc_connect_core::v3::activities::{Activity, State};
    ///
    /// let activity = Activity { state: Some("cancelled".to_owned()), ..Activity::default() };
    /// assert_eq!(activity.state(), Some(State::Canceled));
    /// assert_eq!(Activity::default().state(), None);
    /// ```
    pub fn state(&self) -> Option<State> {
        match self.state.as_deref()? {
            "initialized" => Some(State::Initialized),
            "processing" => Some(State::Processing),
            "completed" => Some(State::Completed),
            "cancelled" => Some(State::Canceled),
            "failed" => Some(State::Failed),
            "timed_out" => Some(State::TimedOut),
            _ => None,
        }
    }
}

impl State {
    /// Whether it will not change any more.
    ///
    /// ```
    /// use cc_connect_core::v3::activities::State;
    ///
    /// assert!(State::Failed.is_final());
    /// assert!(!State::Processing.is_final());
    /// ```
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Initialized | Self::Processing)
    }
}
