//! The permission page.

use super::layout::{alert, layout};
use crate::{
    data::{User, user_of_another_account},
    options::{AUTHORIZE_PATH, OAuth2Setting},
    scenario::{Group, Scenario},
};
use maud::{Markup, html};

/// The contents of the permission page.
pub(crate) struct Permission<'a> {
    pub(crate) transaction: &'a str,
    pub(crate) client_name: &'a str,
    /// The origin that the response goes to.
    pub(crate) destination: &'a str,
    pub(crate) user: &'a User,
    pub(crate) organization: &'a str,
    /// Names and descriptions.
    pub(crate) scopes: &'a [(&'a str, &'a str)],
    /// The setting of the application.
    pub(crate) setting: OAuth2Setting,
    /// Preselected.
    pub(crate) scenario: Scenario,
    pub(crate) error: Option<&'a str>,
}

pub(crate) fn permission(view: &Permission<'_>) -> Markup {
    let groups = Group::ALL.into_iter();
    let groups = groups.filter(|group| group.applies_to(&view.setting));
    layout(
        "Permission request",
        "card",
        html! {
            h1 { "Permission request" }
            p {
                strong { (view.client_name) } " asks for access to the account of "
                strong { (view.organization) } ":"
            }
            (alert(view.error))
            form method="post" action={ (AUTHORIZE_PATH) "/permission" } {
                input type="hidden" name="transaction" value=(view.transaction);
                ul.scopes {
                    @for (name, meaning) in view.scopes {
                        li {
                            input type="checkbox" id={ "scope-" (name) } name="scope" value=(name)
                                checked;
                            label for={ "scope-" (name) } { (meaning) " " code { (name) } }
                        }
                    }
                }
                p.quiet { "The response goes to " code { (view.destination) } "." }
                details open[view.scenario != Scenario::Normal] {
                    summary { "Make something go wrong" }
                    label for="scenario" { "What happens after Allow" }
                    select #scenario name="scenario" {
                        @for group in groups {
                            optgroup label=(group.title()) {
                                @for scenario in group.scenarios() {
                                    option value=(scenario) selected[scenario == view.scenario] {
                                        (scenario.title())
                                    }
                                }
                            }
                        }
                    }
                    p.quiet {
                        "What to expect of each is listed on "
                        a href="/" target="_blank" rel="noopener" { "the sandbox's first page" }
                        "."
                    }
                }
                div.buttons {
                    button.primary type="submit" name="decision" value="allow" { "Allow" }
                    button type="submit" name="decision" value="deny" { "Deny" }
                }
            }
            p.aside {
                "Signed in as " strong { (view.user.login) } ". "
                a href={
                    (AUTHORIZE_PATH) "/sign-in?transaction=" (view.transaction)
                    "&login=" (user_of_another_account(view.user).login)
                } { "Use another account" }
            }
        },
    )
}
