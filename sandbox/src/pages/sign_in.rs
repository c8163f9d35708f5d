//! The sign-in page.

use super::layout::{alert, layout};
use crate::{
    data::{self, Directory},
    options::AUTHORIZE_PATH,
};
use maud::{Markup, html};

pub(crate) fn sign_in(
    directory: &Directory,
    transaction: &str,
    client_name: &str,
    login: &str,
    error: Option<&str>,
) -> Markup {
    let password = data::user(login).map_or("", |user| user.password);
    layout(
        "Sign in",
        "card",
        html! {
            h1 { "Sign in" }
            p { "to continue to " strong { (client_name) } }
            (alert(error))
            form method="post" action={ (AUTHORIZE_PATH) "/sign-in" } {
                input type="hidden" name="transaction" value=(transaction);
                label for="username" { "User name" }
                input #username name="username" value=(login) autocomplete="off"
                    autocapitalize="none" spellcheck="false" required;
                label for="password" { "Password" }
                input #password name="password" type="password" value=(password)
                    autocomplete="off" required;
                button.primary type="submit" { "Sign in" }
            }
            section.aside {
                h2 { "Sign in as somebody else" }
                ul.people {
                    @for user in data::USERS.iter().filter(|user| user.login != login) {
                        li {
                            a href={
                                (AUTHORIZE_PATH) "/sign-in?transaction=" (transaction)
                                "&login=" (user.login)
                            } { (user.login) }
                            " "
                            span.quiet {
                                (directory.account_of(user).organization.name) ", "
                                (user.role.title())
                            }
                        }
                    }
                }
            }
        },
    )
}
