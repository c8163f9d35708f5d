//! The first page, which describes the sandbox.

use super::layout::layout;
use crate::{
    data,
    options::{KEYS_PATH, OAuth2Setting, RefreshTokens},
    resources,
    scenario::Group,
    state::Shared,
};
use maud::{Markup, html};

pub(crate) fn index(shared: &Shared) -> Markup {
    let addresses = &shared.addresses;
    layout(
        "A local Constant Contact",
        "wide",
        html! {
            h1 { "A local Constant Contact" }
            p {
                "An authorization server, its keys and the V3 API, for developing and testing an "
                "application that connects to Constant Contact. Start from the application, not "
                "from here."
            }
            h2 { "Endpoints" }
            dl {
                dt { "Authorization endpoint" }
                dd { code { (addresses.authorization_endpoint()) } }
                dt { "Token endpoint, for " code { "POST" } " in the code flow" }
                dd { code { (addresses.token_endpoint()) } }
                dt { "Issuer" }
                dd { code { (addresses.issuer()) } }
                dt { "JWK Set" }
                dd { a href=(KEYS_PATH) { code { (addresses.jwks_uri()) } } }
                dt { "API, and the audience of its tokens" }
                dd { code { (addresses.api_base_url()) } }
            }
            h2 { "Options" }
            (options(shared))
            h2 { "Users" }
            div.table {
                table {
                    (header(["User name", "Password", "Account", "Role"]))
                    tbody {
                        @for user in data::USERS {
                            tr {
                                td { code { (user.login) } }
                                td { code { (user.password) } }
                                td { (shared.directory.account_of(user).organization.name) }
                                td { (user.role.title()) }
                            }
                        }
                    }
                }
            }
            h2 { "Resources" }
            p { "All with a bearer token." }
            ul {
                @for resource in resources::all() {
                    li { code { (resource) } }
                }
            }
            h2 { "Scenarios" }
            p {
                "Choose one on the permission page under " em { "Make something go wrong" } ". Those "
                "of the token endpoint, the ID token and the refresh exist in the code flow only. The "
                "last column is the code that the application should show."
            }
            @for group in Group::ALL {
                h3 { (group.title()) }
                div.table {
                    table {
                        (header(["Name", "What goes wrong", "What the application does", "Outcome"]))
                        tbody {
                            @for scenario in group.scenarios() {
                                tr {
                                    td { code { (scenario) } }
                                    td { (scenario.title()) }
                                    td { (scenario.expectation()) }
                                    td { (scenario.outcome()) }
                                }
                            }
                        }
                    }
                }
            }
        },
    )
}

fn header(titles: [&str; 4]) -> Markup {
    html! {
        thead {
            tr {
                @for title in titles {
                    th scope="col" { (title) }
                }
            }
        }
    }
}

fn options(shared: &Shared) -> Markup {
    let inner = shared.inner();
    html! {
        dl {
            dt { "Token lifetime" }
            dd {
                (inner.token_lifetime) " seconds, in the code flow " (inner.pkce_token_lifetime) " seconds"
            }
            dt { "Requests a second for each client_id" }
            dd {
                @match inner.rate_limiter.per_second() {
                    0 => "any number",
                    number => (number),
                }
            }
            dt { "Seed of the data" }
            dd { (shared.seed) }
            dt { "Preselected scenario" }
            dd { (inner.scenario) }
            @for client in &inner.clients {
                dt { (client.name) }
                dd {
                    code { (client.client_id) } br; (flow(client.oauth2_setting))
                    @for uri in &client.redirect_uris {
                        br; "responses go to " code { (uri) }
                    }
                }
            }
        }
    }
}

fn flow(setting: OAuth2Setting) -> &'static str {
    match setting {
        OAuth2Setting::Implicit => "implicit flow",
        OAuth2Setting::CodeAndImplicit {
            refresh_tokens: RefreshTokens::Rotating,
        } => "code flow with a secret, rotating refresh tokens; implicit flow",
        OAuth2Setting::CodeAndImplicit {
            refresh_tokens: RefreshTokens::LongLived,
        } => "code flow with a secret, long lived refresh tokens; implicit flow",
        OAuth2Setting::Pkce {
            refresh_tokens: RefreshTokens::Rotating,
        } => "code flow with PKCE, rotating refresh tokens",
        OAuth2Setting::Pkce {
            refresh_tokens: RefreshTokens::LongLived,
        } => "code flow with PKCE, long lived refresh tokens",
    }
}
