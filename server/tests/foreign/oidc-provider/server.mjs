// An authorization server that nobody of this project wrote, and a V3 API with one endpoint, on one
// origin. The first argument is a JSON object: client_id, client_secret, redirect_uri, rotates.
// Once it listens, it writes its origin to standard output.

import { generateKeyPair, exportJWK, createRemoteJWKSet, jwtVerify } from "jose";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

// The provider writes its notices there; nobody reads more than the first line.
console.info = console.warn;

const { client_id, client_secret, redirect_uri, rotates } = JSON.parse(process.argv[2]);
const SCOPE = "account_read campaign_data contact_data";
const ACCOUNT = "bluebird";
/** In seconds. */
const LIFETIME = 4;

let handle;
const server = createServer((request, response) => handle(request, response));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;
const api = `${origin}/v3`;

const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const key = { ...(await exportJWK(privateKey)), use: "sig", alg: "RS256", kid: "one" };

const provider = new Provider(origin, {
  clients: [
    {
      client_id,
      client_secret,
      redirect_uris: [redirect_uri],
      response_types: ["code"],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "client_secret_basic",
    },
  ],
  jwks: { keys: [key] },
  cookies: { keys: ["only for a test"] },
  findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  rotateRefreshToken: rotates,
  issueRefreshToken: () => true,
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => api,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        audience: api,
        scope: SCOPE,
        accessTokenFormat: "jwt",
        accessTokenTTL: LIFETIME,
        jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
  extraTokenClaims: () => ({ cid: client_id, platform_user_id: "the-account-of-bluebird" }),
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  async loadExistingGrant(context) {
    const grant = new provider.Grant({ clientId: client_id, accountId: ACCOUNT });
    grant.addOIDCScope("openid offline_access");
    grant.addResourceScope(api, SCOPE);
    await grant.save();
    return grant;
  },
});
const seen = { problems: [], consumed: 0 };
provider.on("grant.error", (_, error) => seen.problems.push(error.error));
provider.on("refresh_token.consumed", () => (seen.consumed += 1));

const keys = createRemoteJWKSet(new URL(`${origin}/jwks`));

/** `GET /v3/account/summary`, with the token's identifier and what the provider has seen in it. */
async function summary(request, response) {
  const json = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  try {
    const token = request.headers.authorization?.replace(/^Bearer /, "");
    const { payload } = await jwtVerify(token, keys, { issuer: origin, audience: api });
    json(200, { organization_name: "Bluebird", token: payload.jti, seen });
  } catch {
    json(401, { error_key: "unauthorized", error_message: "Unauthorized" });
  }
}

/** Whoever comes is signed in. */
async function signIn(request, response) {
  await provider.interactionDetails(request, response);
  const result = { login: { accountId: ACCOUNT } };
  await provider.interactionFinished(request, response, result);
}

const rest = provider.callback();
handle = (request, response) => {
  if (request.url.startsWith("/v3/account/summary")) return summary(request, response);
  if (request.url.startsWith("/interaction/")) return signIn(request, response);
  return rest(request, response);
};
console.log(origin);
// It ends with the test that started it.
process.stdin.resume().on("end", () => process.exit());
