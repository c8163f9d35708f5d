// Clicks the button in the very moment in which observe.js has seen it.
addEventListener("cc-bench-button", (event) => event.detail.click());
