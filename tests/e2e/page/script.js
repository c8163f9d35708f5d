document.getElementById("plain").addEventListener("click", () => {
  document.getElementById("result").textContent = "clicked";
});
const kind = new URLSearchParams(location.search).get("trouble");
if (kind === "error") throw new Error("on purpose");
if (kind === "rejection") Promise.reject(new Error("in vain"));
if (kind === "console") console.error("to the console");
if (kind === "policy") fetch("https://elsewhere.example/").catch(() => {});
if (kind === "alert") {
  const alert = document.createElement("p");
  alert.className = "alert";
  alert.dataset.code = "on_purpose";
  document.body.append(alert);
}
