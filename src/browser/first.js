// The first script of the document. It takes an authorization response off the address bar before
// anything else runs or is fetched, so that no token stays in the address bar, the history or a
// reload. Then it loads the rest, or says in the page what is in the way. It is a file of its own: the
// page needs no inline script.
//
// Trunk would preload the WebAssembly and start it from an inline script. Instead Trunk.toml leaves the
// preload links out and has the names of the files written into a <meta>, so no WebAssembly can be
// fetched before the address bar is clean.
//
// It does not end in silence: after the address is clean everything runs where an error is caught, and
// index.html has a sentence for each code that can come of it. After browser_too_old and not_loaded
// *Try again* asks past the cache without leaving the page, so that a response is kept.
//
// A browser runs all of a script or, where it meets syntax that it does not know, nothing. So this one
// has the syntax of 2017 and import(), without which nothing could be loaded: tests/native/first_script.rs
// holds that. Where it does not run at all, index.html says so, shown by the style sheet after a while.
(() => {
  "use strict";
  const root = document.documentElement;

  // The names of oauth::authorization_response::RESPONSE_PARAMETERS.
  const names = ["access_token", "id_token", "code", "error", "state"];
  const isResponse = (text) => {
    const parameters = new URLSearchParams(text);
    return names.some((name) => parameters.has(name));
  };
  // Whether the address could be cleaned without leaving the page. What is relative keeps a user name in
  // the address, without which the browser refuses the change, and a path that begins with two slashes.
  const clean = (state) => {
    try {
      history.replaceState(state, "", `./${location.pathname.split("/").pop()}`);
    } catch (error) {
      // What counts is the address.
    }
    if (!location.search && !location.hash) return true;
    // The response is lost with the page, but its secrets are not shown.
    location.replace(location.origin + location.pathname);
    return false;
  };
  let captured = null;
  const fragment = location.hash.slice(1);
  const query = location.search.slice(1);
  if (isResponse(fragment) || isResponse(query)) {
    captured = { fragment, query };
    if (!clean(null)) return;
  }

  // A link or a paste that differs from the open page in its fragment loads no document. A response
  // that comes so was not asked for by this page: it is taken off the address bar and not looked at.
  addEventListener("hashchange", () => {
    if (isResponse(location.hash.slice(1))) clean(history.state);
  });

  const parsed = new Promise((resolve) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", resolve, { once: true });
    else resolve();
  });
  // Says what is in the way: index.html has the words for each code.
  const fail = (code, error, again) => {
    console.error("The application could not be loaded:", error);
    parsed.then(() => {
      const failed = document.querySelector(".first-failed");
      if (!failed) return;
      // Also without the style sheet.
      for (const other of document.querySelectorAll(".first-connect, .first-quiet, .first-leaving")) other.hidden = true;
      for (const words of failed.querySelectorAll("[data-of]")) words.hidden = words.dataset.of !== code;
      failed.querySelector(".alert").dataset.code = code;
      failed.querySelector("code").textContent = code;
      if (again) {
        failed.querySelector("a").onclick = (event) => {
          event.preventDefault();
          again();
        };
      }
      root.dataset.firstPaint = "failed";
      root.dataset.script = "failed";
    });
  };

  const read = (storage, key) => {
    try {
      return window[storage].getItem(key);
    } catch (error) {
      return null;
    }
  };

  const run = () => {
    const theme = read("localStorage", "cc-connect/theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;

    if (typeof WebAssembly !== "object") return fail("webassembly_off", new Error("there is no WebAssembly"));
    try {
      // The smallest module that there is.
      new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    } catch (error) {
      return fail("webassembly_blocked", error);
    }

    // The page's one Trusted Types policy. Leptos writes the parts of a view that never change by
    // innerHTML; the browser hands every such text to this function first. It passes elements that load
    // and run nothing, with attributes that neither do; what else there is, is refused, and the host's
    // header allows no other policy. tests/native/trusted_types.rs compares the lists with the views.
    const elements =
      "a|address|bdi|br|caption|code|dd|details|div|dl|dt|fieldset|footer|h1|h2|h3|header|label|legend|li|main|" +
      "ol|p|path|pre|section|span|strong|summary|svg|table|tbody|td|th|thead|tr|ul";
    const attributes =
      "aria-atomic|aria-hidden|aria-label|aria-labelledby|aria-live|class|d|data-code|dir|id|rel|role|scope|tabindex|translate|viewBox";
    const harmless = new RegExp(
      `^[^<]*(?:</?(?:${elements})(?: (?:${attributes})(?:="[^"<>]*")?| href="https://[^"<>]*")*>[^<]*)*$`,
    );
    // An extension or a user script may have made a policy of this name before: it has to pass views.
    const passes = () => {
      const view = '<p class="a">b</p>';
      const place = document.createElement("template");
      try {
        place.innerHTML = view;
      } catch (error) {
        return false;
      }
      return place.innerHTML === view;
    };
    try {
      if (window.trustedTypes) {
        trustedTypes.createPolicy("default", {
          createHTML: (html, _type, sink) => (sink === "Element innerHTML" && harmless.test(html) ? html : null),
        });
      }
    } catch (error) {
      if (!passes()) return fail("script_blocked", error);
    }

    // What the build wrote in front of this script: where the application is, and its files. Relative to
    // the page they would have the user name in its address, with which nothing can be fetched.
    const build = document.querySelector('meta[name="cc-connect"]').dataset;
    const at = (path) => new URL(path, location.origin).href;
    const base = at(build.base);

    // The settings are on their way while everything else is. Their answer says the host's time as well,
    // so the page's clocks are read when it is asked for and when it is there. A framed page asks nobody.
    const clocks = () => ({ wall: Date.now(), monotonic: performance.now() });
    const ask = async () => {
      const asked = clocks();
      const response = await fetch(base + "config.json", {
        cache: "no-store",
        credentials: "same-origin",
        redirect: "error",
        signal: AbortSignal.timeout ? AbortSignal.timeout(15000) : undefined,
      });
      return { response, asked, answered: clocks() };
    };
    let settings = self === top ? ask() : null;
    // Said by whoever takes it.
    if (settings) settings.catch(() => {});

    // The style sheet is a part of the application: if it does not come, or is not what the build made,
    // nothing starts. Of the others that an extension may bring nothing is expected. The listeners are
    // there before the link is, unless somebody has put this script off.
    const styled = new Promise((resolve, reject) => {
      const settle = (there) => (there ? resolve() : reject(new Error("the style sheet did not come")));
      const look = () => {
        const link = document.getElementById("style");
        try {
          settle(link.sheet.cssRules.length > 0);
        } catch (error) {
          settle(false);
        }
      };
      for (const type of ["load", "error"]) {
        document.addEventListener(
          type,
          ({ target }) => {
            if (target.id === "style") settle(type === "load");
          },
          true,
        );
      }
      if (document.readyState === "complete") look();
      else addEventListener("load", look);
    });
    // Said by whoever waits for it.
    styled.catch(() => {});

    // The build says what each file has to be. A modulepreload compares a module and keeps it where
    // import() finds it, which has no way to compare by itself.
    const glue = async (module, integrity, attempt) => {
      if (attempt) {
        // A browser may have kept the failure, for this document under this address and in its cache.
        await fetch(module, { cache: "reload" });
        module += `#${attempt}`;
      }
      const link = document.createElement("link");
      if (integrity && link.relList.supports("modulepreload")) {
        await new Promise((resolve, reject) => {
          link.rel = "modulepreload";
          link.href = module;
          link.integrity = integrity;
          link.onload = resolve;
          link.onerror = () => reject(new Error(`no module from ${link.href}`));
          document.head.append(link);
        });
      }
      return import(module);
    };
    // Not the module's own way, which compiles and starts in one go: a page that is being read or used
    // is held up less by three short tasks than by a long one.
    const compile = async (fetched) => {
      const response = await fetched;
      if (!response.ok) throw new Error(`status ${response.status} from ${response.url}`);
      // Some hosts do not know the type, and some browsers no streams.
      return WebAssembly.compileStreaming && response.headers.get("Content-Type") === "application/wasm"
        ? WebAssembly.compileStreaming(response)
        : WebAssembly.compile(await response.arrayBuffer());
    };
    const nextTask = () => new Promise((resolve) => setTimeout(resolve));
    // Fetches and compiles what the build calls so; what comes out starts it.
    const ready = async (module, wasm, priority, attempt) => {
      const cache = attempt ? "reload" : "default";
      const integrity = build[`${wasm}Integrity`] || "";
      const compiled = compile(fetch(at(build[wasm]), { integrity, priority, cache }));
      // Said by whoever asked, whatever else fails before it.
      compiled.catch(() => {});
      const glued = await glue(at(build[module]), build[`${module}Integrity`], attempt);
      await parsed;
      await styled;
      const module_or_path = await compiled;
      await nextTask();
      let begun = null;
      return () => {
        begun =
          begun ||
          glued.default({ module_or_path }).then(() => {
            root.dataset.script = "alive";
          });
        return begun;
      };
    };
    let application = null;
    let attempts = 0;
    const fetchApplication = (priority) => {
      if (!application) {
        application = ready("module", "wasm", priority, attempts);
        attempts += 1;
        // What fails is tried again when it is needed.
        application.catch(() => {
          application = null;
        });
      }
      return application;
    };
    // Asks past the cache, where a host may have left a 404 for a year. The page stays, and with it the
    // response that it may hold. If that is in vain a new document may name other files.
    const tryAgain = async () => {
      root.dataset.firstPaint = "quiet";
      root.dataset.script = "started";
      document.getElementById("main").focus();
      try {
        await fetch(document.getElementById("style").href, { cache: "reload" });
        const start = await fetchApplication("auto");
        await start();
      } catch (error) {
        location.reload();
      }
    };
    const codeOf = (error) => {
      const { CompileError, LinkError } = WebAssembly;
      const unreadable = [SyntaxError, CompileError, LinkError].some((kind) => error instanceof kind);
      return unreadable ? "browser_too_old" : "not_loaded";
    };
    let loading = false;
    let isNeeded = false;
    // The application; asked for a second time it is on its way already. Whoever can do without it says
    // so: a page that works is not taken away because the rest of it does not come.
    const load = (needed) => {
      isNeeded = isNeeded || needed;
      if (loading) return;
      loading = true;
      fetchApplication("auto")
        .then((start) => start())
        .catch((error) => {
          loading = false;
          if (isNeeded) fail(codeOf(error), error, tryAgain);
        });
    };
    // The Connect page stands and its button works. The rest is fetched, and waits until the person comes
    // to something that needs it: its start would get in the way of a press.
    const loadLater = () => {
      fetchApplication("low").catch(() => {});
      const need = ({ target }) => {
        if (target.closest && target.closest("a, label")) load(false);
      };
      for (const type of ["pointerover", "pointerdown", "focusin"]) addEventListener(type, need, { passive: true });
      setTimeout(() => load(false), 4000);
    };

    // Who acts on the page, "first-page" or "application": once one of them does, the other keeps still.
    let owner = null;
    let pressed = false;
    Object.defineProperty(window, "ccConnect", {
      value: Object.freeze({
        base,
        // A second call finds nothing.
        takeResponse() {
          const response = captured;
          captured = null;
          return response;
        },
        // A second call finds none: who wants newer ones asks.
        takeSettings() {
          const taken = settings;
          settings = null;
          return taken;
        },
        load() {
          load(true);
        },
        loadLater,
        take(name) {
          owner = owner || name;
          return owner === name;
        },
        // A press of Connect that the application is to answer.
        giveUp() {
          if (owner === "first-page") owner = null;
          pressed = true;
          load(true);
        },
        takePress() {
          const was = pressed;
          pressed = false;
          return was;
        },
      }),
    });

    // The language: the person's choice, or the browser's first one that is here. What is painted first
    // is in English, so another one waits for the application.
    const here = root.dataset.languages.split(" ");
    const wanted = [read("localStorage", "cc-connect/language")].concat(navigator.languages || []);
    const found = wanted.map((tag) => here.find((code) => `${tag}-`.startsWith(`${code}-`)));
    root.lang = found.find(Boolean) || "en";
    // As names::own has it: there may be another deployment below this origin.
    const path = new URL(base).pathname;
    const session = path === "/" ? "cc-connect/session" : `cc-connect#${path}#/session`;
    // The first paint: the Connect page where the application will show it, a quiet frame elsewhere.
    if (root.lang !== "en" || captured || location.origin + location.pathname !== base || read("sessionStorage", session)) {
      root.dataset.firstPaint = "quiet";
    }

    // From here on this script says what fails, and the style sheet no more.
    root.dataset.script = "started";
    // Where the first paint is the Connect page, nothing competes with its style sheet; what makes its
    // button work comes next.
    if (root.dataset.firstPaint) load(true);
    else {
      styled
        .then(() => ready("firstModule", "firstWasm", "auto", 0))
        .then((start) => start())
        .catch(() => load(true));
    }
  };
  try {
    run();
  } catch (error) {
    fail("script_failed", error);
  }
})();
