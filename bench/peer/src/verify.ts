import { createRemoteJWKSet, type JWKSCacheInput, jwksCache, jwtVerify } from "jose";
import type { Config } from "./config";
import type { Claims, Connection, Stored } from "./connection";
import { load, save } from "./storage";

const DAY = 24 * 60 * 60;
/** In seconds. */
const LEEWAY = 60;

/** Verifies an access token: signature, the registered claims, and what Constant Contact adds. */
export async function verify(token: Stored, config: Config): Promise<Connection> {
  const { payload, protectedHeader } = await jwtVerify<Claims>(token.accessToken, keys(config.jwksUri), {
    algorithms: ["RS256"],
    issuer: config.issuer,
    audience: config.audience,
    clockTolerance: LEEWAY,
    maxTokenAge: DAY,
    requiredClaims: ["exp", "sub", "cid", "platform_user_id"],
  });
  if (payload.cid !== config.clientId) throw new Error("The token was issued to another application.");
  if (typeof payload.platform_user_id !== "string" || payload.platform_user_id === "UNASSIGNED") {
    throw new Error("The person belongs to no Constant Contact account.");
  }
  if (payload.nonce !== undefined && payload.nonce !== token.nonce) {
    throw new Error("The token answers another request.");
  }
  const { accessToken, granted, requested } = token;
  return { accessToken, granted, requested, claims: payload, keyId: protectedHeader.kid };
}

/** The issuer's keys, kept in this tab for as long as jose would keep them in memory. */
function keys(jwksUri: string) {
  const cache: JWKSCacheInput = load<JWKSCacheInput>(`keys/${jwksUri}`) ?? {};
  const before = cache.uat;
  const remote = createRemoteJWKSet(new URL(jwksUri), { [jwksCache]: cache });
  return async (...key: Parameters<typeof remote>) => {
    const found = await remote(...key);
    if (cache.uat !== before) save(`keys/${jwksUri}`, cache);
    return found;
  };
}
