//! The sign-in page.

use super::{Text, alert, layout};
use crate::{
    data::{self, Directory},
    options::AUTHORIZE_PATH,
};
use std::fmt::Write;

pub(crate) fn sign_in(
    directory: &Directory,
    transaction: &str,
    client_name: &str,
    login: &str,
    problem: Option<&str>,
) -> String {
    let password = data::user(login).map_or("", |user| user.password);
    let mut others = String::new();
    for user in data::USERS.iter().filter(|user| user.login != login) {
        // A String takes every write.
        let _ = writeln!(
            others,
            r#"<li><a href="{AUTHORIZE_PATH}/sign-in?transaction={transaction}&amp;login={login}">{login}</a> <span class="quiet">{organization}, {role}</span></li>"#,
            transaction = Text(transaction),
            login = Text(user.login),
            organization = Text(directory.account_of(user).organization.name),
            role = user.role.title(),
        );
    }
    layout(
        "Sign in",
        "card",
        &format!(
            r#"<h1>Sign in</h1>
<p>to continue to <strong>{client_name}</strong></p>
{alert}<form method="post" action="{AUTHORIZE_PATH}/sign-in">
<input type="hidden" name="transaction" value="{transaction}">
<label for="username">User name</label>
<input id="username" name="username" value="{login}" autocomplete="off" autocapitalize="none" spellcheck="false" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" value="{password}" autocomplete="off" required>
<button class="primary" type="submit">Sign in</button>
</form>
<section class="aside">
<h2>Sign in as somebody else</h2>
<ul class="people">
{others}</ul>
</section>
"#,
            client_name = Text(client_name),
            alert = alert(problem),
            transaction = Text(transaction),
            login = Text(login),
            password = Text(password),
        ),
    )
}
