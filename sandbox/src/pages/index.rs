//! The first page: what this is and what it can do.

use super::{Text, layout};
use crate::{
    data,
    options::{API_PATH, KEYS_PATH, OAuth2Setting, RefreshTokens, TOKEN_PATH},
    resources,
    scenario::{Group, Scenario},
    state::Shared,
};
use std::fmt::Write;

pub(crate) fn index(shared: &Shared) -> String {
    let origin = shared.addresses.origin();
    layout(
        "A local Constant Contact",
        "wide",
        &format!(
            r#"<h1>A local Constant Contact</h1>
<p>An authorization server, its keys and the V3 API, for developing and testing an application that connects to Constant Contact. Start from the application, not from here.</p>
<h2>Endpoints</h2>
<dl>
<dt>Authorization endpoint</dt><dd><code>{authorization_endpoint}</code></dd>
<dt>Token endpoint, for <code>POST</code> from an application with PKCE</dt><dd><code>{origin}{TOKEN_PATH}</code></dd>
<dt>Issuer</dt><dd><code>{issuer}</code></dd>
<dt>JWK Set</dt><dd><a href="{KEYS_PATH}"><code>{origin}{KEYS_PATH}</code></a></dd>
<dt>API, and the audience of its tokens</dt><dd><code>{origin}{API_PATH}</code></dd>
</dl>
<h2>Options</h2>
{options}<h2>People</h2>
<div class="table"><table>
<thead><tr><th scope="col">User name</th><th scope="col">Password</th><th scope="col">Account</th><th scope="col">Role</th></tr></thead>
<tbody>
{people}</tbody>
</table></div>
<h2>Resources</h2>
<p>All with <code>GET</code> and a bearer token.</p>
<ul>
{resources}</ul>
<h2>Scenarios</h2>
<p>Choose one on the permission page under <em>Make something go wrong</em>. Those of the token endpoint, the ID token and the refresh are there with PKCE only. The last column is the code that the application should show.</p>
{scenarios}"#,
            authorization_endpoint = Text(&shared.addresses.authorization_endpoint()),
            issuer = shared.addresses.issuer(),
            options = options(shared),
            people = people(shared),
            resources = resource_list(),
            scenarios = scenarios(),
        ),
    )
}

// A String takes every write, so the results below say nothing.

fn options(shared: &Shared) -> String {
    let inner = shared.inner();
    let mut html = format!(
        "<dl>\n<dt>Token lifetime</dt><dd>{} seconds, with PKCE {} seconds</dd>\n\
         <dt>Requests a second for each client_id</dt><dd>{}</dd>\n\
         <dt>Seed of the data</dt><dd>{}</dd>\n\
         <dt>Preselected scenario</dt><dd>{}</dd>\n",
        inner.token_lifetime,
        inner.pkce_token_lifetime,
        match inner.rate_limiter.per_second() {
            0 => "any number".to_owned(),
            number => number.to_string(),
        },
        shared.seed,
        inner.scenario,
    );
    for client in &inner.clients {
        let _ = write!(
            html,
            "<dt>{}</dt><dd><code>{}</code><br>{}",
            Text(&client.name),
            Text(&client.client_id),
            flow(client.oauth2_setting)
        );
        for uri in &client.redirect_uris {
            let _ = write!(html, "<br>answers to <code>{}</code>", Text(uri));
        }
        html.push_str("</dd>\n");
    }
    html.push_str("</dl>\n");
    html
}

fn flow(setting: OAuth2Setting) -> &'static str {
    match setting {
        OAuth2Setting::Implicit => "implicit flow",
        OAuth2Setting::Pkce {
            refresh_tokens: RefreshTokens::Rotating,
        } => "code flow with PKCE, rotating refresh tokens",
        OAuth2Setting::Pkce {
            refresh_tokens: RefreshTokens::LongLived,
        } => "code flow with PKCE, long lived refresh tokens",
    }
}

fn people(shared: &Shared) -> String {
    let mut html = String::new();
    for user in data::USERS {
        let _ = writeln!(
            html,
            "<tr><td><code>{}</code></td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            user.login,
            user.password,
            Text(shared.directory.account_of(user).organization.name),
            user.role.title()
        );
    }
    html
}

fn resource_list() -> String {
    let mut html = String::new();
    for path in resources::PATHS {
        let _ = writeln!(html, "<li><code>{API_PATH}{path}</code></li>");
    }
    html
}

fn scenarios() -> String {
    let mut html = String::new();
    for group in Group::ALL {
        let _ = write!(
            html,
            "<h3>{}</h3>\n<div class=\"table\"><table>\n<thead><tr><th scope=\"col\">Name</th>\
             <th scope=\"col\">What goes wrong</th><th scope=\"col\">What the application does</th>\
             <th scope=\"col\">Outcome</th></tr></thead>\n<tbody>\n",
            group.title()
        );
        for scenario in Scenario::ALL.iter().filter(|one| one.group() == group) {
            let _ = writeln!(
                html,
                "<tr><td><code>{scenario}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                Text(scenario.title()),
                Text(scenario.expectation()),
                Text(&scenario.outcome().to_string()),
            );
        }
        html.push_str("</tbody>\n</table></div>\n");
    }
    html
}
