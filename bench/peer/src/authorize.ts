import { calculatePKCECodeChallenge, generateRandomCodeVerifier, generateRandomNonce, generateRandomState } from "oauth4webapi";
import type { Config } from "./config";
import type { Pending } from "./pending";
import { save } from "./storage";

/** Sends the browser to Constant Contact. */
export async function authorize(config: Config): Promise<void> {
  const pending: Pending = {
    state: generateRandomState(),
    nonce: generateRandomNonce(),
    redirectUri: config.redirectUri,
    scope: config.scope,
  };
  const url = new URL(config.authorizationEndpoint);
  url.search = new URLSearchParams({
    response_type: config.responseType,
    client_id: config.clientId,
    redirect_uri: config.redirectUri,
    scope: config.scope.join(" "),
    state: pending.state,
    nonce: pending.nonce,
  }).toString();
  if (config.responseType === "code") {
    pending.codeVerifier = generateRandomCodeVerifier();
    url.searchParams.set("code_challenge", await calculatePKCECodeChallenge(pending.codeVerifier));
    url.searchParams.set("code_challenge_method", "S256");
  }
  save("pending", pending);
  location.assign(url);
}
