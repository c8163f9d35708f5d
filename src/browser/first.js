// The first script of the document. It takes an authorization response off the address bar before
// anything else runs or is fetched, so that no token stays in the address bar, the history or a
// reload; then it loads the rest. It is a file of its own: the page needs no inline script.
(() => {
  "use strict";
  const root = document.documentElement;
  // What the build wrote in front of this script: where the application is, and its files.
  const build = document.querySelector('meta[name="cc-connect"]').dataset;
  const base = new URL(build.base, location.href).href;

  // The names of oauth::authorization_response::RESPONSE_PARAMETERS.
  const names = ["access_token", "id_token", "code", "error", "state"];
  const isResponse = (text) => {
    const parameters = new URLSearchParams(text);
    return names.some((name) => parameters.has(name));
  };
  let captured = null;
  const fragment = location.hash.slice(1);
  const query = location.search.slice(1);
  if (isResponse(fragment) || isResponse(query)) {
    captured = { fragment, query };
    history.replaceState(null, "", location.pathname);
  }

  // A link or a paste that differs from the open page in its fragment loads no document. A response
  // that comes so was not asked for by this page: it is taken off the address bar and not looked at.
  addEventListener("hashchange", () => {
    if (isResponse(location.hash.slice(1))) history.replaceState(history.state, "", location.pathname);
  });

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
  window.trustedTypes?.createPolicy("default", {
    createHTML: (html, _type, sink) => (sink === "Element innerHTML" && harmless.test(html) ? html : null),
  });

  // The settings are on their way while everything else is. Their answer says the host's time as well,
  // so the page's clocks are read when it is asked for and when it is there. A framed page asks nobody.
  const clocks = () => ({ wall: Date.now(), monotonic: performance.now() });
  const ask = async () => {
    const asked = clocks();
    const response = await fetch(base + "config.json", {
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      signal: AbortSignal.timeout?.(15000),
    });
    return { response, asked, answered: clocks() };
  };
  let settings = self === top ? ask() : null;
  // Said by whoever takes it.
  settings?.catch(() => {});

  const parsed = new Promise((resolve) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", resolve, { once: true });
    else resolve();
  });
  // The style sheet is a part of the application: if it does not come, or is not what the build made,
  // nothing starts. The listeners are there before the link is.
  const styled = new Promise((resolve, reject) => {
    const settle = ({ target, type }) => {
      if (target.rel !== "stylesheet") return;
      if (type === "load") resolve();
      else reject(new Error(`no style sheet from ${target.href}`));
    };
    for (const type of ["load", "error"]) document.addEventListener(type, settle, true);
  });
  // The build says what each file has to be. A modulepreload compares a module and keeps it where
  // import() finds it, which has no way to compare by itself.
  const glue = async (module, integrity) => {
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
    // Some hosts do not know the type.
    return response.headers.get("Content-Type") === "application/wasm"
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer());
  };
  const nextTask = () => new Promise((resolve) => setTimeout(resolve));
  // Fetches and compiles; what comes out starts it.
  const ready = async (module, moduleIntegrity, wasm, wasmIntegrity, priority) => {
    const compiled = compile(fetch(wasm, { integrity: wasmIntegrity ?? "", priority }));
    // Said by whoever asked, whatever else fails before it.
    compiled.catch(() => {});
    const glued = await glue(module, moduleIntegrity);
    await parsed;
    await styled;
    const module_or_path = await compiled;
    await nextTask();
    return () => glued.default({ module_or_path });
  };
  let application = null;
  const fetchApplication = (priority) => {
    application ??= ready(build.module, build.moduleIntegrity, build.wasm, build.wasmIntegrity, priority);
    return application;
  };
  let loading = false;
  // The application; asked for a second time it is on its way already.
  const load = () => {
    if (loading) return;
    loading = true;
    fetchApplication("auto")
      .then((start) => start())
      .catch((error) => {
        // Offline, a file that was changed, or a browser without WebAssembly: said in the page, which
        // index.html has ready.
        console.error("The application could not be loaded:", error);
        parsed.then(() => {
          root.dataset.firstPaint = "failed";
          // Also without the style sheet.
          for (const other of document.querySelectorAll(".first-connect, .first-quiet, .first-leaving")) other.hidden = true;
          const alert = document.querySelector(".first-failed .alert");
          alert.setAttribute("role", "alert");
          alert.dataset.code = "not_loaded";
        });
      });
  };
  // The Connect page stands and its button works. The rest is fetched, and waits until the person comes
  // to something that needs it: its start would get in the way of a press.
  const loadLater = () => {
    // What fails now is tried again when it is needed.
    fetchApplication("low").catch(() => {
      application = null;
    });
    const need = ({ target }) => {
      if (target.closest?.("a, label")) load();
    };
    for (const type of ["pointerover", "pointerdown", "focusin"]) addEventListener(type, need, { passive: true });
    setTimeout(load, 4000);
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
      load,
      loadLater,
      take(name) {
        owner ??= name;
        return owner === name;
      },
      // A press of Connect that the application is to answer.
      giveUp() {
        if (owner === "first-page") owner = null;
        pressed = true;
        load();
      },
      takePress() {
        const was = pressed;
        pressed = false;
        return was;
      },
    }),
  });

  // The first paint: the Connect page where the application will show it, a quiet frame elsewhere.
  const read = (storage, key) => {
    try {
      return window[storage].getItem(key);
    } catch {
      return null;
    }
  };
  // As names::own has it: there may be another deployment below this origin.
  const path = new URL(base).pathname;
  const session = path === "/" ? "cc-connect/session" : `cc-connect#${path}#/session`;
  const theme = read("localStorage", "cc-connect/theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  // The language: the person's choice, or the browser's first one that is here. What is painted first
  // is in English, so another one waits for the application.
  const here = root.dataset.languages.split(" ");
  const wanted = [read("localStorage", "cc-connect/language"), ...navigator.languages];
  root.lang = wanted.flatMap((tag) => here.filter((code) => `${tag}-`.startsWith(`${code}-`)))[0] ?? "en";
  if (root.lang !== "en" || captured || location.origin + location.pathname !== base || read("sessionStorage", session)) {
    root.dataset.firstPaint = "quiet";
  }

  // Where the first paint is the Connect page, nothing competes with its style sheet; what makes its
  // button work comes next.
  if (root.dataset.firstPaint) load();
  else {
    styled
      .then(() => ready(build.firstModule, build.firstModuleIntegrity, build.firstWasm, build.firstWasmIntegrity, "auto"))
      .then((start) => start())
      .catch(load);
  }
})();
