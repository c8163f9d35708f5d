//! Every page in every state: axe-core finds nothing, nothing scrolls sideways, every target is
//! large enough for a finger, nothing moves for users who prefer reduced motion, and every control
//! keeps its shape in forced colors.

use crate::tour;
use cc_connect_e2e::World;
use serde_json::Value;

/// Generates one test per tour.
macro_rules! inspect {
    ($($tour:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $tour() {
                tour::$tour(inspect).await;
            }
        )+
    };
}

inspect!(
    a_connection,
    ways_in,
    refusals,
    parts_that_do_not_come,
    the_end,
    settings,
    another_account,
    renewals,
    places_where_nothing_runs,
);

/// Viewport and zoom: a large window, a small phone, a window at 200 %.
const VIEWS: [(u32, u32, u32); 3] = [(1280, 900, 1), (320, 640, 1), (640, 450, 2)];

/// Reports every fault of the current page at once.
async fn inspect(world: &World, name: &str) {
    // Not our pages.
    if name.starts_with("sandbox-") {
        return;
    }
    let mut wrong = Vec::new();
    let mut note = |view: &str, faults: Vec<String>| {
        wrong.extend(faults.into_iter().map(|fault| format!("{view}: {fault}")));
    };
    for (width, height, zoom) in VIEWS {
        world.browser.set_zoomed_viewport(width, height, zoom).await;
        for scheme in ["light", "dark"] {
            world
                .browser
                .prefer(&[("prefers-color-scheme", scheme)])
                .await;
            let view = format!("{width} px, {zoom}00 %, {scheme}");
            note(&view, world.browser.faults_of_access().await);
        }
        note(&format!("{width} px"), faults(world, SIDEWAYS).await);
    }
    world.browser.set_viewport(320, 640).await;
    world.browser.set_touch(true).await;
    note("touch", faults(world, SMALL).await);
    world.browser.set_touch(false).await;
    world.browser.set_viewport(1280, 900).await;
    world
        .browser
        .prefer(&[("prefers-reduced-motion", "reduce")])
        .await;
    note("reduced motion", faults(world, MOVING).await);
    world.browser.prefer(&[("forced-colors", "active")]).await;
    note("forced colors", faults(world, SHAPELESS).await);
    world.browser.prefer(&[]).await;
    assert!(wrong.is_empty(), "{name}: {wrong:#?}");
}

/// The faults returned by a script.
async fn faults(world: &World, script: &str) -> Vec<String> {
    let found = world.browser.script(script, vec![]).await;
    let found = found.as_array().cloned().unwrap_or_default();
    let text = |fault: &Value| fault.as_str().unwrap_or_default().to_owned();
    found.iter().map(text).collect()
}

/// Elements that overflow to the right and make the page scroll.
const SIDEWAYS: &str = "const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    return ['scrolls sideways', ...[...document.querySelectorAll('body *')]
        .filter(e => e.getBoundingClientRect().right > root.clientWidth + 1)
        .map(e => 'too wide: ' + e.outerHTML.slice(0, 120))];";

/// Controls smaller than 44 px on a touch screen. A link in the middle of a sentence is as high as
/// its line.
const SMALL: &str =
    "if (!matchMedia('(any-pointer: coarse)').matches) return ['there is no touch'];
    const controls = [...document.querySelectorAll('a[href], button, summary, input')];
    const inSentence = e => e.matches('a:not(.button)') && getComputedStyle(e).display === 'inline'
        && [...e.parentElement.childNodes].some(n => n !== e && n.textContent.trim());
    return controls
        .filter(e => e.checkVisibility({visibilityProperty: true}) && !inSentence(e))
        .map(e => [e, e.getBoundingClientRect()])
        .filter(([e, box]) => !e.matches('.skip-link') && (box.width < 44 || box.height < 44))
        .map(([e, box]) => `${box.width} by ${box.height}: ${e.outerHTML.slice(0, 120)}`);";

/// Anything animated. A delay before an element appears is not motion.
const MOVING: &str = "const animations = document.getAnimations()
        .filter(a => a.effect.getComputedTiming().duration > 0)
        .map(a => `${a.animationName ?? a.transitionProperty} moves`);
    const transitions = [...document.querySelectorAll('*')]
        .filter(e => getComputedStyle(e).transitionDuration.split(', ').some(t => parseFloat(t) > 0))
        .map(e => 'a transition: ' + e.outerHTML.slice(0, 120));
    return [...animations, ...transitions];";

/// Controls told from text only by a background or a shadow, both of which forced colors remove.
const SHAPELESS: &str = "if (!matchMedia('(forced-colors: active)').matches) return ['no forced colors'];
    const shaped = e => {
        const style = getComputedStyle(e);
        const border = ['Top', 'Right', 'Bottom', 'Left'].some(side =>
            style[`border${side}Style`] !== 'none' && parseFloat(style[`border${side}Width`]) >= 1);
        return border || style.textDecorationLine.includes('underline');
    };
    // Navigation and the product name are recognizable as links by position and color.
    const links = 'nav a:not([aria-current]), .brand, .skip-link';
    return [...document.querySelectorAll('a[href], button, nav [aria-current], .theme span, .badge')]
        .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.matches(links) && !shaped(e))
        .map(e => 'no shape: ' + e.outerHTML.slice(0, 120));";
