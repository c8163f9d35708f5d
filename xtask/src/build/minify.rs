//! Removes comments and white space from a build's scripts and styles.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};

use super::files::files_below;

/// Minifies every script and style below `dist`.
pub(super) fn minify_files(dist: &Path) -> Result<()> {
    for name in files_below(dist)? {
        let file = dist.join(&name);
        let minify = match name.rsplit_once('.') {
            Some((_, "js")) => script,
            Some((_, "css")) => style,
            _ => continue,
        };
        let text = fs::read_to_string(&file).with_context(|| format!("could not read {name}"))?;
        let minified = minify(&text).with_context(|| format!("could not minify {name}"))?;
        fs::write(&file, minified).with_context(|| format!("could not write {name}"))?;
    }
    Ok(())
}

fn script(text: &str) -> Result<String> {
    // Without a final newline, the minifier mistakes a trailing comment for code.
    let text = format!("{text}\n");
    let minified = minifier::js::minify(&text).map_err(|error| anyhow!(error))?;
    Ok(minified.to_string())
}

fn style(text: &str) -> Result<String> {
    let minified = minifier::css::minify(text).map_err(|error| anyhow!(error))?;
    Ok(minified.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_spaces_go_and_nothing_else_does() {
        for (minify, text, minified) in [
            (
                script as fn(&str) -> Result<String>,
                "// Why.\nconst names = [\"a  b\", 'c//d'];\n\nconst text = `e\n  ${names[0]} f`;\nreturn /[/] g/.test(text);\n",
                "const names=[\"a  b\",'c//d'];const text=`e\n  ${names[0]} f`;return/[/] g/.test(text);",
            ),
            (
                style,
                "/* Why. */\n.a > b,\n.c:not(.d) {\n  margin: calc(1rem + 2px) 0;\n  font: 1rem \"E  F\";\n}\n@media (min-width: 50em) {\n  .a {\n    color: red;\n  }\n}\n",
                " .a>b,.c:not(.d){margin:calc(1rem + 2px) 0;font:1rem \"E  F\";}@media (min-width:50em){.a{color:red;}}",
            ),
        ] {
            assert_eq!(minify(text).expect("it can be read"), minified);
        }
    }

    #[test]
    fn only_scripts_and_styles_are_touched() {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        let files = [
            ("a.js", "let a = 1; // one", "let a=1;"),
            ("words/b.json", "{ \"b\": 2 }", "{ \"b\": 2 }"),
            ("c.css", "c { top: 3px }", "c{top:3px}"),
            ("index.html", "<p>  4 </p>", "<p>  4 </p>"),
        ];
        fs::create_dir(folder.path().join("words")).expect("it can be made");
        for (name, text, _) in files {
            fs::write(folder.path().join(name), text).expect("it can be written");
        }
        minify_files(folder.path()).expect("they can be read");
        for (name, _, minified) in files {
            let text = fs::read_to_string(folder.path().join(name)).expect("it is there");
            assert_eq!(text, minified, "{name}");
        }
    }
}
