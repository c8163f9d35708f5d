// Runs before the page's own scripts and records everything that they emit or leave for others to
// read: what is put into the document, written to the console, kept in the history or storage, sent
// to other tabs, or requested. The record is kept in sessionStorage, where it outlives the
// document.
(() => {
  // A new tab's empty document has no storage, and in Firefox no address.
  if (location.protocol === "about:" || location.href === "") return;
  const store = Storage.prototype.setItem;
  const name = `recorder/${performance.timeOrigin}/${Math.random()}`;
  let seen = [];
  let kept = 0;
  const keep = () => {
    if (seen.length === 0) return;
    store.call(sessionStorage, `${name}/${kept++}`, JSON.stringify(seen));
    seen = [];
  };
  const note = (where, ...what) => {
    const text = what.map((one) => {
      if (typeof one === "string") return one;
      if (one instanceof URL) return one.href;
      try {
        return JSON.stringify(one) ?? String(one);
      } catch {
        return String(one);
      }
    });
    if (seen.push([where, text.join(" ")]) === 1) queueMicrotask(keep);
  };

  // The responses themselves, as the server sent them: what is searched for everywhere else.
  let kinds = 0;
  const canary = (kind, value) => {
    if (value) store.call(sessionStorage, `canary/${kind}/${performance.timeOrigin}/${kinds++}`, value);
  };
  canary("access_token", new URLSearchParams(location.hash.slice(1)).get("access_token"));
  canary("code", new URLSearchParams(location.search).get("code"));

  new MutationObserver((mutations) => {
    for (const { type, target, attributeName, addedNodes } of mutations) {
      if (type === "attributes") note("document", attributeName, target.getAttribute(attributeName) ?? "");
      if (type === "characterData") note("document", target.data);
      for (const node of addedNodes) note("document", node.outerHTML ?? node.textContent ?? "");
    }
  }).observe(document, { attributes: true, characterData: true, childList: true, subtree: true });

  const wrap = (object, method, where) => {
    const real = object[method];
    object[method] = function (...given) {
      note(typeof where === "function" ? where(this) : where, method, ...given);
      return real.apply(this, given);
    };
  };
  for (const method of ["debug", "log", "info", "warn", "error", "trace"]) wrap(console, method, "console");
  for (const method of ["pushState", "replaceState"]) wrap(History.prototype, method, "history");
  wrap(Storage.prototype, "setItem", (storage) => (storage === sessionStorage ? "sessionStorage" : "localStorage"));
  wrap(BroadcastChannel.prototype, "postMessage", "message");
  wrap(MessagePort.prototype, "postMessage", "message");
  wrap(window, "postMessage", "message");
  wrap(window, "open", "requested");
  wrap(Navigator.prototype, "sendBeacon", "requested");
  wrap(XMLHttpRequest.prototype, "open", "requested");
  wrap(IDBFactory.prototype, "open", "kept");
  wrap(CacheStorage.prototype, "open", "kept");
  const request = window.fetch;
  window.fetch = function (...given) {
    const made = new Request(...given);
    note("requested", made.method, made.url, [...made.headers].filter(([name]) => name !== "authorization"));
    // A body can only be sent once: send the copy, which has it now.
    const answer = request.call(this, made);
    if (!made.url.endsWith("/v1/token")) return answer;
    return answer.then(async (answer) => {
      const { access_token, refresh_token, id_token } = await answer.clone().json();
      for (const [kind, value] of Object.entries({ access_token, refresh_token, id_token })) canary(kind, value);
      return answer;
    });
  };
  const cookie = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  Object.defineProperty(Document.prototype, "cookie", {
    ...cookie,
    set(value) {
      note("kept", "cookie", value);
      cookie.set.call(this, value);
    },
  });
})();
