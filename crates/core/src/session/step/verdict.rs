//! From the keys to a connection, to a question about the account, or to a rejected token.

use crate::{
    ReturnTo,
    jose::jwk_set_cache::Need,
    session::{
        account::Account,
        context::Context,
        effect::Effect,
        keys::{KeySetFailure, LoadedKeys},
        machine::Session,
        phase::{AccountChanged, Connected, Phase, Reason},
        renewal::{Renewal, Stage},
        unverified_access_token::{Origin, UnverifiedAccessToken},
        verified_access_token::VerifiedAccessToken,
        verifying::{Judgement, Verifying},
    },
    time::Timestamp,
};

impl Session {
    pub(super) fn keys_loaded(
        &mut self,
        keys: Result<LoadedKeys, KeySetFailure>,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        if let Phase::Verifying(verifying) = &mut self.phase {
            let judgement = verifying.judge(keys, context, now);
            let verifying = Verifying::clone(verifying);
            return self.judged(judgement, verifying, now, context);
        }
        let return_to = self.return_to();
        let Some(renewal) = self.renewal() else {
            return vec![];
        };
        let Stage::Verifying { verifying, .. } = &mut renewal.stage else {
            return vec![];
        };
        // The user may have moved to another page since the refresh was requested.
        verifying.return_to = return_to;
        let judgement = verifying.judge(keys, context, now);
        let verifying = Verifying::clone(verifying);
        if matches!(judgement, Judgement::NoKeys) {
            let until = renewal.pause(now);
            if let Stage::Verifying { again, .. } = &mut renewal.stage {
                *again = Some(until);
            }
        }
        self.judged(judgement, verifying, now, context)
    }

    pub(super) fn judged(
        &mut self,
        judgement: Judgement,
        verifying: Verifying,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        let Verifying {
            token: unverified,
            return_to,
            ..
        } = verifying;
        // Already stored before verification, by an earlier page or on refresh.
        let stored = matches!(unverified.origin, Origin::Storage | Origin::Refresh);
        match judgement {
            Judgement::NoKeys => vec![],
            Judgement::OlderSet => vec![Effect::LoadKeys(Need::UnknownKid)],
            Judgement::Untimely(issued_at) => vec![
                Effect::WitnessTime(issued_at),
                Effect::LoadKeys(Need::Verify),
            ],
            Judgement::Ended(at) => {
                let renewal = Renewal::for_token(&unverified);
                self.ended(renewal, Reason::Expired { at }, return_to, now, context)
            }
            Judgement::Refused { error, report } => {
                // A new token was never stored, and its failure says nothing about an older
                // connection.
                self.phase =
                    Phase::not_connected(Reason::TokenRefused { error, report }, return_to);
                erase(stored)
            }
            Judgement::Verified(token) => {
                let account = Account::from_claims(token.claims());
                let witnessed = (!unverified.is_restored())
                    .then(|| Effect::WitnessTime(token.claims().registered().issued_at()));
                let effects = match self.remembered.account.clone() {
                    Some(previous) if !previous.is_same_account(&account) => {
                        self.phase = Phase::AccountChanged(Box::new(AccountChanged {
                            previous,
                            account,
                            token: *token,
                            unverified,
                            return_to,
                        }));
                        erase(stored)
                    }
                    _ => self.connect(*token, unverified, return_to, context),
                };
                witnessed.into_iter().chain(effects).collect()
            }
        }
    }

    pub(super) fn connect(
        &mut self,
        token: VerifiedAccessToken,
        mut unverified: UnverifiedAccessToken,
        page: ReturnTo,
        context: &Context,
    ) -> Vec<Effect> {
        let account = Account::from_claims(token.claims());
        if let Some(id_token) = token.id_token() {
            unverified = unverified.with_subject_of(&id_token.claims);
        }
        self.phase = Phase::Connected(Box::new(Connected {
            token,
            renewal: Renewal::for_token(&unverified),
            accepted: false,
            page: page.clone(),
        }));
        let mut effects = Vec::new();
        if self.remembered.account.as_ref() != Some(&account) {
            self.remembered.account = Some(account.clone());
            effects.push(Effect::RememberAccount(account));
        }
        match unverified.origin {
            Origin::Storage => {}
            // Already stored; the user stays on the current page.
            Origin::Refresh => {}
            Origin::Redirection | Origin::Code => {
                effects.extend(Effect::store(&unverified, context.token_storage));
                effects.push(Effect::GoTo(page));
            }
        }
        effects
    }

    pub(super) fn continue_with_account(&mut self, context: &Context) -> Vec<Effect> {
        let Phase::AccountChanged(state) = &self.phase else {
            return vec![];
        };
        let AccountChanged {
            token,
            mut unverified,
            return_to,
            ..
        } = AccountChanged::clone(state);
        // Treat it as just received, wherever it came from, so that it is stored.
        unverified.origin = Origin::Redirection;
        self.connect(token, unverified, return_to, context)
    }

    pub(super) fn refuse_account(&mut self) -> Vec<Effect> {
        let Phase::AccountChanged(state) = &self.phase else {
            return vec![];
        };
        let return_to = state.return_to.clone();
        self.phase = Phase::not_connected(Reason::NeverConnected, return_to.clone());
        // Resume the previous connection, if there is one.
        vec![Effect::GoTo(return_to.clone()), Effect::Restore(return_to)]
    }
}
fn erase(stored: bool) -> Vec<Effect> {
    if stored {
        vec![Effect::EraseToken]
    } else {
        vec![]
    }
}
