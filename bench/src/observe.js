// Runs at the start of every document of a visit, before the page's own scripts, for both
// applications alike. `ccBench` returns what it has observed.
(() => {
  const seen = { paint: null, largest: null, shift: 0, button: null, connected: null, memory: 0 };

  const observe = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  observe("paint", (entry) => {
    if (entry.name === "first-contentful-paint") seen.paint = entry.startTime;
  });
  observe("largest-contentful-paint", (entry) => {
    seen.largest = entry.startTime;
  });
  observe("layout-shift", (entry) => {
    seen.shift += entry.value;
  });

  const find = (selector, text) => [...document.querySelectorAll(selector)].find((e) => e.textContent.trim() === text);
  const look = () => {
    if (seen.button === null) {
      const button = find("button:enabled", "Connect Constant Contact");
      if (button) {
        seen.button = performance.now();
        dispatchEvent(new CustomEvent("cc-bench-button", { detail: button }));
      }
    }
    if (seen.connected === null && find("h1", "Overview")) seen.connected = performance.now();
  };
  new MutationObserver(look).observe(document, { attributes: true, characterData: true, childList: true, subtree: true });

  // The heap size that the engine reports does not include WebAssembly's memory.
  const memories = new Set();
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...given) => {
      const made = await original.apply(WebAssembly, given);
      const { exports } = made.instance ?? made;
      for (const value of Object.values(exports)) {
        if (value instanceof WebAssembly.Memory) memories.add(value);
      }
      return made;
    };
  }

  window.ccBench = () => {
    const navigation = performance.getEntriesByType("navigation")[0];
    const loaded = [navigation, ...performance.getEntriesByType("resource")];
    seen.memory = [...memories].reduce((bytes, memory) => bytes + memory.buffer.byteLength, 0);
    return {
      ...seen,
      now: performance.now(),
      asked: navigation.fetchStart,
      loaded: loaded.map(({ name, responseEnd }) => ({ url: name.split("#")[0], at: responseEnd })),
    };
  };
})();
