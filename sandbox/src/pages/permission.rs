//! The permission page.

use super::{Text, alert, layout};
use crate::{
    data::User,
    options::{AUTHORIZE_PATH, OAuth2Setting},
    scenario::{Group, Scenario},
};
use std::fmt::Write;

/// What the permission page shows.
pub(crate) struct Permission<'a> {
    pub(crate) transaction: &'a str,
    pub(crate) client_name: &'a str,
    /// The origin that the answer goes to.
    pub(crate) destination: &'a str,
    pub(crate) user: &'a User,
    pub(crate) organization: &'a str,
    /// Names and what they allow.
    pub(crate) scopes: &'a [(&'a str, &'a str)],
    /// The application's.
    pub(crate) setting: OAuth2Setting,
    /// Preselected.
    pub(crate) scenario: Scenario,
    pub(crate) problem: Option<&'a str>,
}

pub(crate) fn permission(view: &Permission<'_>) -> String {
    let mut scopes = String::new();
    for (name, meaning) in view.scopes {
        // A String takes every write.
        let _ = writeln!(
            scopes,
            r#"<li><input type="checkbox" id="scope-{name}" name="scope" value="{name}" checked><label for="scope-{name}">{meaning} <code>{name}</code></label></li>"#,
        );
    }
    layout(
        "Permission request",
        "card",
        &format!(
            r#"<h1>Permission request</h1>
<p><strong>{client_name}</strong> asks for access to the account of <strong>{organization}</strong>:</p>
{alert}<form method="post" action="{AUTHORIZE_PATH}/permission">
<input type="hidden" name="transaction" value="{transaction}">
<ul class="scopes">
{scopes}</ul>
<p class="quiet">The answer goes to <code>{destination}</code>.</p>
<details{open}>
<summary>Make something go wrong</summary>
<label for="scenario">What happens after Allow</label>
<select id="scenario" name="scenario">
{options}</select>
<p class="quiet">What to expect of each is in the list on <a href="/" target="_blank" rel="noopener">the sandbox's first page</a>.</p>
</details>
<div class="buttons">
<button class="primary" type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</div>
</form>
<p class="aside">Signed in as <strong>{login}</strong>. <a href="{AUTHORIZE_PATH}/sign-in?transaction={transaction}&amp;login={other}">Use another account</a></p>
"#,
            client_name = Text(view.client_name),
            organization = Text(view.organization),
            alert = alert(view.problem),
            transaction = Text(view.transaction),
            destination = Text(view.destination),
            open = if view.scenario == Scenario::Normal {
                ""
            } else {
                " open"
            },
            options = scenario_options(view.scenario, view.setting),
            login = Text(view.user.login),
            other = Text(crate::data::somebody_of_another_account(view.user).login),
        ),
    )
}

fn scenario_options(selected: Scenario, setting: OAuth2Setting) -> String {
    let mut options = String::new();
    for group in Group::ALL
        .into_iter()
        .filter(|group| group.applies_to(&setting))
    {
        let _ = writeln!(options, "<optgroup label=\"{}\">", group.title());
        for scenario in Scenario::ALL.iter().filter(|one| one.group() == group) {
            let _ = writeln!(
                options,
                r#"<option value="{scenario}"{chosen}>{title}</option>"#,
                chosen = if *scenario == selected {
                    " selected"
                } else {
                    ""
                },
                title = Text(scenario.title()),
            );
        }
        options.push_str("</optgroup>\n");
    }
    options
}
