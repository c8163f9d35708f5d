//! Text becomes markup only if harmless, and never a script. Chromium only: Firefox has Trusted
//! Types since version 148, and the tests also run in older versions.

use cc_connect_e2e::{Setup, World};
use serde_json::{Value, json};

fn expect_violations(world: &World) {
    for text in [
        "Content Security Policy",
        "TrustedHTML",
        "TrustedScript",
        "TrustedTypePolicy",
    ] {
        world.expect_on_console(text);
    }
}

/// Whether each of these texts is rejected as the content of an element.
async fn refused(world: &World, texts: &[&str]) -> Value {
    let write = "return arguments[0].map(text => {
        const place = document.createElement('template');
        try {
            place.innerHTML = text;
            return false;
        } catch (error) {
            return error instanceof TypeError && place.content.childNodes.length === 0;
        }
    })";
    world.browser.script(write, vec![json!(texts)]).await
}

/// Rule (The page): Text becomes markup only if it can neither load nor run anything
#[tokio::test]
async fn markup_that_could_load_or_run_something_is_refused() {
    let texts = [
        "<script>1</script>",
        "<img src=x onerror=alert(1)>",
        "<img src=\"https://elsewhere.example/\">",
        "<p onclick=\"alert(1)\">a</p>",
        "<p/onclick=alert(1)>a</p>",
        "<p class=\"a\"onclick=\"b\">a</p>",
        "<p style=\"color: red\">a</p>",
        "<style>p { color: red }</style>",
        "<a href=\"javascript:alert(1)\">a</a>",
        "<a href=\" javascript:alert(1)\">a</a>",
        "<a href=\"http://elsewhere.example/\">a</a>",
        "<iframe srcdoc=\"a\"></iframe>",
        "<object data=\"a\"></object>",
        "<form action=\"https://elsewhere.example/\"></form>",
        "<base href=\"https://elsewhere.example/\">",
        "<meta http-equiv=\"refresh\" content=\"0\">",
        "<link rel=\"stylesheet\" href=\"https://elsewhere.example/\">",
        "<svg><use href=\"https://elsewhere.example/#a\"></use></svg>",
        "<svg><animate attributeName=\"href\"></animate></svg>",
        "<template><p>a</p></template>",
        "<!-- a -->",
        "<P>a</P>",
        "<p\tclass=\"a\">a</p>",
        "<p class=\"<b>\">a</p>",
        "<p",
    ];
    Setup::new()
        .run(async |world: &World| {
            expect_violations(world);
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            assert_eq!(refused(world, &texts).await, json!(vec![true; texts.len()]));
        })
        .await;
}

/// Rule (The page): Text becomes markup only if it can neither load nor run anything
#[tokio::test]
async fn what_views_are_made_of_passes() {
    let texts = [
        "",
        "only text",
        "<p class=\"hint\">a &lt;b&gt; c</p>",
        "<ul><li><strong>a</strong> <code>b</code></li></ul>",
        "<div aria-hidden=\"true\"><span class=\"bone w-60\"></span></div>",
        "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\" class=\"icon\"><path d=\"M1 2z\"></path></svg>",
        "<a href=\"https://developer.constantcontact.com/\" rel=\"noreferrer\">a</a>",
    ];
    Setup::new()
        .run(async |world: &World| {
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            let expected = json!(vec![false; texts.len()]);
            assert_eq!(refused(world, &texts).await, expected);
        })
        .await;
}

/// Rule (The page): Every other way from text to markup or script is blocked
#[tokio::test]
async fn every_other_way_to_markup_and_scripts_is_closed() {
    Setup::new()
        .run(async |world: &World| {
            expect_violations(world);
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            let open = "const element = document.createElement('div');
                document.body.append(element);
                const script = document.createElement('script');
                const ways = {
                    outerHTML: () => { element.outerHTML = '<p>a</p>'; },
                    insertAdjacentHTML: () => element.insertAdjacentHTML('beforeend', '<p>a</p>'),
                    write: () => document.write('<p>a</p>'),
                    parse: () => new DOMParser().parseFromString('<p>a</p>', 'text/html'),
                    fragment: () => document.createRange().createContextualFragment('<p>a</p>'),
                    srcdoc: () => { document.createElement('iframe').srcdoc = '<p>a</p>'; },
                    handler: () => element.setAttribute('onclick', '1'),
                    script: () => { script.text = '1'; },
                    source: () => { script.src = '/first.js'; },
                    worker: () => new Worker('/first.js'),
                    eval: () => eval('1'),
                    function: () => new Function('1'),
                    policy: () => trustedTypes.createPolicy('mine', { createHTML: text => text }),
                    another: () => trustedTypes.createPolicy('default', { createHTML: text => text }),
                };
                const open = () => Object.entries(ways).filter(([, way]) => {
                    try { way(); return true; } catch { return false; }
                }).map(([name]) => name);
                // Later: while the driver's own script runs, eval is allowed to it.
                return new Promise(done => setTimeout(() => done(open())))";
            assert_eq!(world.browser.script(open, vec![]).await, json!([]));
        })
        .await;
}
