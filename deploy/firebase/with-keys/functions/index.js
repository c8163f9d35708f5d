// /keys: the issuer's keys from the page's own origin, in case the issuer no longer lets other origins read
// them.
const { onRequest } = require("firebase-functions/v2/https");

exports.keys = onRequest(async (request, response) => {
  const keys = await fetch("https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8/v1/keys", {
    headers: { Accept: "application/json" },
    redirect: "error",
  });
  response
    .status(keys.status === 200 ? 200 : 502)
    .set("Content-Type", "application/json")
    .set("Cache-Control", keys.headers.get("Cache-Control") ?? "no-cache")
    .send(await keys.text());
});
