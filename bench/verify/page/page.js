// Verifies one token in one of three ways, selected by the page's query: /?wasm, /?webcrypto, /?jose.
// Nothing of the others is loaded.

/** Each does the one-time work and returns a verifier. */
const ways = {
  /** The application's own code, with all of its checks. */
  async wasm() {
    const { default: init, Verifier } = await import("./verify.js");
    await init();
    return ({ keys, issuer, audience, clientId, requestedAt }) => {
      const verifier = new Verifier(keys, issuer, audience, clientId, requestedAt);
      return (token) => verifier.verify(token, Date.now());
    };
  },

  /** The signature only. */
  async webcrypto() {
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const text = new TextEncoder();
    const decode = (part) => Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return async ({ keys, keyId }) => {
      const jwk = JSON.parse(keys).keys.find(({ kid }) => kid === keyId);
      const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
      return async (token) => {
        const end = token.lastIndexOf(".");
        const signature = decode(token.slice(end + 1));
        if (!(await crypto.subtle.verify(algorithm, key, signature, text.encode(token.slice(0, end))))) {
          throw new Error("The signature is not valid.");
        }
      };
    };
  },

  /** The signature and the claims that jose knows. */
  async jose() {
    const { createLocalJWKSet, jwtVerify } = await import("./jose/index.js");
    return ({ keys, issuer, audience }) => {
      const set = createLocalJWKSet(JSON.parse(keys));
      const expected = { algorithms: ["RS256"], issuer, audience, clockTolerance: 60, maxTokenAge: 86400 };
      return (token) => jwtVerify(token, set, expected);
    };
  },
};

const way = await ways[location.search.slice(1)]();

/** How long the first verification of this page takes, its key included, and one of many after it. */
window.measure = async (input, many) => {
  const start = performance.now();
  const verify = await way(input);
  await verify(input.token);
  const first = performance.now() - start;
  for (let n = 0; n < many; n += 1) await verify(input.token);
  const warm = performance.now();
  for (let n = 0; n < many; n += 1) await verify(input.token);
  return { first, warm: (performance.now() - warm) / many };
};
