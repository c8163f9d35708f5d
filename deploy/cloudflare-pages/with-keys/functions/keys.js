// /keys: the issuer's keys from the page's own origin, for the day the issuer lets no other page read them.
// Cloudflare Pages runs what lies in functions/ beside the folder that is published.
export async function onRequestGet() {
  const answer = await fetch("https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8/v1/keys", {
    headers: { Accept: "application/json" },
    redirect: "manual",
  });
  return new Response(answer.body, {
    status: answer.status === 200 ? 200 : 502,
    headers: {
      "Content-Type": "application/json",
      "Cache-Control": answer.headers.get("Cache-Control") ?? "no-cache",
      "X-Content-Type-Options": "nosniff",
      "Cross-Origin-Resource-Policy": "same-origin",
    },
  });
}
