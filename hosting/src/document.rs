//! Reads a built `index.html`: its base path, and what a first visit loads.

use std::collections::BTreeMap;

use html5gum::{Token, Tokenizer};

/// The head of a built `index.html`. Paths are as written there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The base path of the build.
    pub base: Option<String>,
    /// The JavaScript glue of the WebAssembly module.
    pub module: Option<String>,
    /// The path of the WebAssembly module that the glue loads.
    pub wasm: Option<String>,
    /// The JavaScript glue of the module that makes the first page's button work.
    pub first_module: Option<String>,
    /// The WebAssembly of that module.
    pub first_wasm: Option<String>,
    /// Classic scripts, not modules.
    pub scripts: Vec<String>,
    /// The `type` of each script that no browser will run, because an intermediary has rewritten
    /// it, without the number that changes with each response: `-text/javascript`.
    pub held_back: Vec<String>,
    /// Whether Cloudflare's Rocket Loader was injected.
    pub rocket_loader: bool,
    /// The paths of the style sheets that the page waits for.
    pub styles: Vec<String>,
    /// The paths of the icons that a browser shows for the page.
    pub icons: Vec<String>,
    /// The hash that the browser checks a file against ([Subresource Integrity]), by the file's
    /// path. No browser checks icons.
    ///
    /// [Subresource Integrity]: https://www.w3.org/TR/SRI/
    pub integrity: BTreeMap<String, String>,
    /// A content security policy in a `<meta>`, as on hosts without headers.
    pub policy: Option<String>,
}

impl Document {
    /// Parses a document; one that is not ours has neither a base nor a module.
    pub fn parse(html: &str) -> Self {
        let mut document = Self::default();
        for Ok(token) in Tokenizer::new(html) {
            let Token::StartTag(tag) = token else {
                continue;
            };
            let attribute = |name: &str| {
                let value = tag.attributes.get(name.as_bytes())?;
                Some(String::from_utf8_lossy(value).into_owned())
            };
            let mut integrity = |path: Option<String>, name: &str| {
                if let (Some(path), Some(value)) = (path, attribute(name)) {
                    document.integrity.insert(path, value);
                }
            };
            match &tag.name[..] {
                b"meta" => {
                    integrity(attribute("data-module"), "data-module-integrity");
                    integrity(attribute("data-wasm"), "data-wasm-integrity");
                    integrity(
                        attribute("data-first-module"),
                        "data-first-module-integrity",
                    );
                    integrity(attribute("data-first-wasm"), "data-first-wasm-integrity");
                }
                b"script" => integrity(attribute("src"), "integrity"),
                b"link" => integrity(attribute("href"), "integrity"),
                _ => {}
            }
            match &tag.name[..] {
                b"meta" if attribute("name").as_deref() == Some("cc-connect") => {
                    document.base = attribute("data-base");
                    document.module = attribute("data-module");
                    document.wasm = attribute("data-wasm");
                    document.first_module = attribute("data-first-module");
                    document.first_wasm = attribute("data-first-wasm");
                }
                b"meta"
                    if attribute("http-equiv").is_some_and(|name| {
                        name.eq_ignore_ascii_case("content-security-policy")
                    }) =>
                {
                    document.policy = attribute("content");
                }
                b"script" => {
                    let Some(path) = attribute("src") else {
                        continue;
                    };
                    if path.ends_with("/rocket-loader.min.js") {
                        document.rocket_loader = true;
                        continue;
                    }
                    document
                        .held_back
                        .extend(attribute("type").and_then(held_back));
                    document.scripts.push(path);
                }
                b"link" => match attribute("rel").as_deref() {
                    Some("stylesheet") => document.styles.extend(attribute("href")),
                    Some("icon") => document.icons.extend(attribute("href")),
                    _ => {}
                },
                _ => {}
            }
        }
        document
    }

    /// Whether this is the app's document.
    pub fn is_ours(&self) -> bool {
        self.base.is_some() && self.module.is_some() && self.wasm.is_some()
    }

    /// The files that a first visit loads besides the document and `config.json`, in the order in
    /// which they are requested.
    pub fn assets(&self) -> Vec<&str> {
        let application = self.module.iter().chain(&self.wasm).chain(&self.icons);
        let first = self.first_page().into_iter();
        first.chain(application.map(String::as_str)).collect()
    }

    /// The assets that the user needs to see the first page and to press its button.
    pub fn first_page(&self) -> Vec<&str> {
        let painted = self.scripts.iter().chain(&self.styles);
        let alive = self.first_module.iter().chain(&self.first_wasm);
        painted.chain(alive).map(String::as_str).collect()
    }
}

/// The type of a script if no browser runs it as JavaScript, without the leading number.
fn held_back(media_type: String) -> Option<String> {
    let media_type = media_type.trim().to_ascii_lowercase();
    match media_type.as_str() {
        "" | "module" | "text/javascript" | "application/javascript" => None,
        other => {
            let number = |c: char| c.is_ascii_hexdigit();
            Some(match other.split_once('-') {
                Some((start, rest)) if start.chars().all(number) => format!("-{rest}"),
                _ => other.to_owned(),
            })
        }
    }
}

/// Inserts `meta` after the `<meta>` of the character encoding, which must be within the first
/// 1,024 bytes, and before everything that the policy governs.
pub(crate) fn with_meta_policy(html: &str, meta: &str) -> String {
    let after = |start: &str| {
        let start = html.find(start)?;
        Some(start + html[start..].find('>')? + 1)
    };
    let place = after("<meta charset")
        .or_else(|| after("<head"))
        .unwrap_or(0);
    format!("{}\n  {meta}{}", &html[..place], &html[place..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT: &str = r#"<!doctype html><html lang="en"><head>
  <meta charset="utf-8">
  <meta name="cc-connect" data-base="/app/" data-module="/app/a.js" data-wasm="/app/a_bg.wasm" data-wasm-integrity="sha384-w">
  <script src="/app/first.js" integrity="sha384-f"></script>
  <!-- <script src="/app/no.js"></script> -->
  <link rel="icon" href="/app/icon.svg"><link rel=stylesheet href=/app/main.css>
</head><body></body></html>"#;

    #[test]
    fn a_built_document_names_its_files() {
        let document = Document::parse(BUILT);
        assert!(document.is_ours());
        assert_eq!(document.base.as_deref(), Some("/app/"));
        assert_eq!(
            document.assets(),
            [
                "/app/first.js",
                "/app/main.css",
                "/app/a.js",
                "/app/a_bg.wasm",
                "/app/icon.svg"
            ]
        );
    }

    #[test]
    fn a_built_document_says_what_its_files_have_to_be() {
        let integrity = Document::parse(BUILT).integrity;
        let expected = [
            ("/app/a_bg.wasm", "sha384-w"),
            ("/app/first.js", "sha384-f"),
        ];
        let found: Vec<_> = integrity
            .iter()
            .map(|(path, value)| (path.as_str(), value.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn another_page_is_not_ours() {
        assert!(!Document::parse("<!doctype html><title>Welcome</title>").is_ours());
        assert!(!Document::parse("").is_ours());
    }

    /// B11: as Cloudflare's Rocket Loader leaves it.
    #[test]
    fn a_script_that_is_held_back_is_noticed() {
        let rocket = BUILT.replace(
            "<script src=\"/app/first.js\"",
            "<script type=\"0a1b2c3d4e5f-text/javascript\" src=\"/app/first.js\"",
        );
        let loader = "<script src=\"/cdn-cgi/scripts/7d0fa10a/cloudflare-static/rocket-loader.min.js\" \
                      data-cf-settings=\"0a1b2c3d4e5f-|49\" defer></script></body>";
        let document = Document::parse(&rocket.replace("</body>", loader));
        assert_eq!(document.held_back, ["-text/javascript"]);
        assert!(document.rocket_loader);
        assert_eq!(document.scripts, ["/app/first.js"]);
        for harmless in ["text/javascript", "module", "", " Text/JavaScript "] {
            let html = BUILT.replace("<script src", &format!("<script type=\"{harmless}\" src"));
            assert_eq!(Document::parse(&html), Document::parse(BUILT), "{harmless}");
        }
    }

    #[test]
    fn the_policy_stands_in_front_of_the_scripts() {
        let html = with_meta_policy(BUILT, "<meta here>");
        assert!(html.contains("<meta charset=\"utf-8\">\n  <meta here>\n  <meta name"));
        let meta = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">";
        let document = Document::parse(&with_meta_policy(BUILT, meta));
        assert_eq!(document.policy.as_deref(), Some("default-src 'none'"));
        assert!(with_meta_policy("<p>", "<meta here>").contains("<meta here><p>"));
    }
}
