//! What the API can change: the contact lists of an account, and the activities that delete them.

use crate::{
    data::{Account, ContactList},
    random,
};
use std::borrow::Cow;

/// How many lists an account may have had.
const MAX_LISTS: usize = 1000;
/// How many activities are remembered.
const MAX_ACTIVITIES: usize = 1000;
/// How long an activity waits, and when it is completed, in seconds.
const WAITS: i64 = 1;
const TAKES: i64 = 2;

/// The changeable contents of one account.
pub(crate) struct Contents {
    /// Contacts refer to lists by their index, so that none is ever removed.
    pub(crate) lists: Vec<ContactList>,
    activities: Vec<Activity>,
}

/// The deletion of a list.
pub(crate) struct Activity {
    pub(crate) id: String,
    pub(crate) created_at: i64,
}

/// How far an activity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Initialized,
    Processing,
    Completed,
}

/// What a user decides about a list.
pub(crate) struct ListInput {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) favorite: bool,
}

/// The account may not have more lists.
pub(crate) struct Full;

impl Contents {
    pub(crate) fn of(account: &Account) -> Self {
        Self {
            lists: account.lists.clone(),
            activities: Vec::new(),
        }
    }

    /// The list with this id, unless it has been deleted.
    pub(crate) fn list_mut(&mut self, id: &str, now: i64) -> Option<&mut ContactList> {
        self.lists
            .iter_mut()
            .find(|list| list.id == id && !list.is_deleted(now))
    }

    /// Whether a list other than the one with this id has the name.
    pub(crate) fn is_taken(&self, name: &str, id: &str, now: i64) -> bool {
        self.lists
            .iter()
            .any(|list| list.name == name && list.id != id && !list.is_deleted(now))
    }

    pub(crate) fn add_list(&mut self, input: ListInput, now: i64) -> Result<usize, Full> {
        if self.lists.len() >= MAX_LISTS {
            return Err(Full);
        }
        self.lists.push(ContactList {
            id: random::uuid(),
            name: Cow::Owned(input.name),
            description: Cow::Owned(input.description),
            favorite: input.favorite,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        });
        Ok(self.lists.len() - 1)
    }

    /// Begins to delete a list; `None` if no list has this id.
    pub(crate) fn delete_list(&mut self, id: &str, now: i64) -> Option<&Activity> {
        let list = self.list_mut(id, now)?;
        list.deleted_at.get_or_insert(now + TAKES);
        if self.activities.len() >= MAX_ACTIVITIES {
            self.activities.remove(0);
        }
        self.activities.push(Activity {
            id: random::uuid(),
            created_at: now,
        });
        self.activities.last()
    }

    pub(crate) fn activity(&self, id: &str) -> Option<&Activity> {
        self.activities.iter().find(|activity| activity.id == id)
    }
}

impl Activity {
    pub(crate) fn state(&self, now: i64) -> State {
        match now - self.created_at {
            ..WAITS => State::Initialized,
            WAITS..TAKES => State::Processing,
            TAKES.. => State::Completed,
        }
    }

    /// When it began, if it has.
    pub(crate) fn started_at(&self, now: i64) -> Option<i64> {
        let at = self.created_at + WAITS;
        (at <= now).then_some(at)
    }

    /// When it was completed, if it has been.
    pub(crate) fn completed_at(&self, now: i64) -> Option<i64> {
        let at = self.created_at + TAKES;
        (at <= now).then_some(at)
    }
}
