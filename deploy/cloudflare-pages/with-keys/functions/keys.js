// /keys: the issuer's keys from the page's own origin, in case the issuer no longer lets other origins read
// them. Cloudflare Pages runs the functions in functions/ beside the published folder.
export async function onRequestGet() {
  const response = await fetch("https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8/v1/keys", {
    headers: { Accept: "application/json" },
    redirect: "manual",
  });
  return new Response(response.body, {
    status: response.status === 200 ? 200 : 502,
    headers: {
      "Content-Type": "application/json",
      "Cache-Control": response.headers.get("Cache-Control") ?? "no-cache",
      "X-Content-Type-Options": "nosniff",
      "Cross-Origin-Resource-Policy": "same-origin",
    },
  });
}
