// The document's first script. It removes an authorization response from the address bar before
// anything else runs or is fetched, so that no token remains in the address bar, in the history or
// after a reload. Then it loads the rest, or shows on the page what went wrong. It is a separate
// file, so the page needs no inline script.
//
// By default, Trunk preloads the WebAssembly and starts it from an inline script. Trunk.toml omits
// the preload links and has the file names written into a <meta> instead, so no WebAssembly can be
// fetched before the address bar is clean.
//
// It never fails silently: once the address is clean, every error is caught, and index.html has a
// text for each error code. After browser_too_old and not_loaded, *Try again* bypasses the cache
// without leaving the page, so that a response is kept.
//
// If a browser meets syntax it does not know, it runs none of the script. Therefore this one uses
// only the syntax of 2017 and import(), without which nothing could be loaded;
// tests/native/first_script.rs enforces this. If it does not run at all, the style sheet makes
// index.html say so after a while.
(() => {
  "use strict";
  const root = document.documentElement;

  // The names of oauth::authorization_response::RESPONSE_PARAMETERS.
  const names = ["access_token", "id_token", "code", "error", "state"];
  const isResponse = (text) => {
    const parameters = new URLSearchParams(text);
    return names.some((name) => parameters.has(name));
  };
  // Returns whether the address could be cleaned without leaving the page. A relative URL keeps a
  // user name in the address, without which the browser rejects the change, and a path that begins
  // with two slashes.
  const clean = (state) => {
    try {
      history.replaceState(state, "", `./${location.pathname.split("/").pop()}`);
    } catch (error) {
      // The check below decides.
    }
    if (!location.search && !location.hash) return true;
    // The response is lost with the page, but its secrets do not stay visible.
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

  // Following a link or pasting an address that differs only in the fragment loads no document. A
  // response that arrives this way was not requested by this page: remove it and ignore it.
  addEventListener("hashchange", () => {
    if (isResponse(location.hash.slice(1))) clean(history.state);
  });

  const parsed = new Promise((resolve) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", resolve, { once: true });
    else resolve();
  });
  // Shows an error; index.html has the text for each code.
  const fail = (code, error, again) => {
    console.error("The application could not be loaded:", error);
    parsed.then(() => {
      const failed = document.querySelector(".first-failed");
      if (!failed) return;
      // Works without the style sheet too.
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
      // The smallest valid module.
      new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    } catch (error) {
      return fail("webassembly_blocked", error);
    }

    // The page's only Trusted Types policy. Leptos writes the static parts of a view through
    // innerHTML, and the browser passes each such string to this function first. It accepts only
    // elements and attributes that load and run nothing; anything else is rejected, and the host's
    // header allows no other policy. tests/native/trusted_types.rs compares the lists with the
    // views.
    const elements =
      "a|address|bdi|br|caption|code|dd|details|div|dl|dt|fieldset|footer|h1|h2|h3|header|label|legend|li|main|" +
      "ol|p|path|pre|section|span|strong|summary|svg|table|tbody|td|th|thead|tr|ul";
    const attributes =
      "aria-atomic|aria-hidden|aria-label|aria-labelledby|aria-live|class|d|data-code|dir|id|rel|role|scope|tabindex|translate|viewBox";
    const harmless = new RegExp(
      `^[^<]*(?:</?(?:${elements})(?: (?:${attributes})(?:="[^"<>]*")?| href="https://[^"<>]*")*>[^<]*)*$`,
    );
    // An extension or user script may have created this policy already: then it must accept views.
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

    // The build writes the application's base path and file names into the document ahead of this
    // script. Resolved against the page, they would contain a user name from its address, and fetch
    // rejects such URLs.
    const build = document.querySelector('meta[name="cc-connect"]').dataset;
    const at = (path) => new URL(path, location.origin).href;
    const base = at(build.base);

    // The settings are fetched in parallel with everything else. Their response also tells the
    // host's time, so the page's clocks are read before and after. A framed page requests nothing.
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
    // Reported by whoever takes the settings.
    if (settings) settings.catch(() => {});

    // The style sheet is part of the application: if it is missing, or not what the build produced,
    // nothing starts. Style sheets added by extensions do not count. These listeners are attached
    // before the link is parsed, unless something has deferred this script.
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
    // Reported by whoever waits for it.
    styled.catch(() => {});

    // The build states the hash of each file. import() cannot check one itself, so a modulepreload
    // link checks the module and caches it where import() finds it.
    const glue = async (module, integrity, attempt) => {
      if (attempt) {
        // The browser may have kept the failure, both for this URL in this document and in its
        // cache.
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
    // The generated loader would compile and start in one go. Three short tasks hold up a page that
    // is being read or used less than one long task does.
    const compile = async (fetched) => {
      const response = await fetched;
      if (!response.ok) throw new Error(`status ${response.status} from ${response.url}`);
      // Some hosts do not know the media type, and some browsers lack streaming compilation.
      return WebAssembly.compileStreaming && response.headers.get("Content-Type") === "application/wasm"
        ? WebAssembly.compileStreaming(response)
        : WebAssembly.compile(await response.arrayBuffer());
    };
    const nextTask = () => new Promise((resolve) => setTimeout(resolve));
    // Fetches and compiles the named files; returns the function that starts them.
    const ready = async (module, wasm, priority, attempt) => {
      const cache = attempt ? "reload" : "default";
      const integrity = build[`${wasm}Integrity`] || "";
      const compiled = compile(fetch(at(build[wasm]), { integrity, priority, cache }));
      // Reported by the caller, whatever else fails before.
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
        // A failure is retried the next time the application is needed.
        application.catch(() => {
          application = null;
        });
      }
      return application;
    };
    // Retries without the cache, in which a host may have left a 404 for a year. The page stays,
    // and with it any response it holds. If that fails too, a new document may name other files.
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
    // Loads the application, unless it is already loading. Callers that can do without it say so: a
    // working page must not be replaced because the rest of it fails to load.
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
    // The Connect page works already. Fetch the rest, but start it only when the user gets near
    // something that needs it: starting would get in the way of a press.
    const loadLater = () => {
      fetchApplication("low").catch(() => {});
      const need = ({ target }) => {
        if (target.closest && target.closest("a, label")) load(false);
      };
      for (const type of ["pointerover", "pointerdown", "focusin"]) addEventListener(type, need, { passive: true });
      setTimeout(() => load(false), 4000);
    };

    // Who acts on the page, "first-page" or "application": once one does, the other does nothing.
    let owner = null;
    let heir = null;
    let pressed = false;
    Object.defineProperty(window, "ccConnect", {
      value: Object.freeze({
        base,
        // Later calls return null.
        takeResponse() {
          const response = captured;
          captured = null;
          return response;
        },
        // Later calls return null; for newer settings the application sends a request itself.
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
        // Resolves once this owner has the page: at once, or when the other gives it up.
        own(name) {
          owner = owner || name;
          if (owner === name) return Promise.resolve();
          return new Promise((resolve) => {
            heir = () => {
              owner = name;
              resolve();
            };
          });
        },
        // Hands a press of Connect to the application.
        giveUp() {
          if (owner === "first-page") owner = null;
          if (heir) heir();
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

    // The language: the user's choice, or else the browser's most preferred one that is available.
    // The first paint is in English, so other languages wait for the application.
    const here = root.dataset.languages.split(" ");
    const wanted = [read("localStorage", "cc-connect/language")].concat(navigator.languages || []);
    const found = wanted.map((tag) => here.find((code) => `${tag}-`.startsWith(`${code}-`)));
    root.lang = found.find(Boolean) || "en";
    // Same as cc_connect::Namespace, since this origin may have several deployments.
    const path = new URL(base).pathname;
    const session = path === "/" ? "cc-connect/session" : `cc-connect#${path}#/session`;
    // A token of this tab's, or word that the page's server keeps one.
    const connected = read("sessionStorage", session) || read("localStorage", session);
    // The first paint: the Connect page if the application will show it too, else a quiet frame.
    if (root.lang !== "en" || captured || location.origin + location.pathname !== base || connected) {
      root.dataset.firstPaint = "quiet";
    }

    // From here on this script reports failures instead of the style sheet.
    root.dataset.script = "started";
    // If the first paint is the Connect page, nothing competes with its style sheet; the module for
    // its button is loaded next.
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
