import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  AuthorizationResponseError,
  None,
  processAuthorizationCodeResponse,
  validateAuthResponse,
} from "oauth4webapi";
import type { Config } from "./config";
import type { Connection, Stored } from "./connection";
import type { Pending } from "./pending";
import type { Response } from "./response";
import { save, take } from "./storage";
import { verify } from "./verify";

/** The person said no. */
export class Declined extends Error {}

/** Judges an authorization response, gets the token, verifies it, and keeps it. */
export async function finish(response: Response, config: Config): Promise<Connection> {
  const pending = take<Pending>("pending");
  if (!pending) throw new Error("This tab did not ask for an answer.");
  const token = config.responseType === "code"
    ? await exchange(new URLSearchParams(response.query), pending, config)
    : redirected(new URLSearchParams(response.fragment), pending);
  const connection = await verify(token, config);
  save("session", token);
  return connection;
}

/** The implicit grant. oauth4webapi has none of it. */
function redirected(parameters: URLSearchParams, pending: Pending): Stored {
  const names = [...parameters.keys()];
  if (new Set(names).size !== names.length) throw new Error("The answer says something twice.");
  if (parameters.get("state") !== pending.state) throw new Error("This answer belongs to another request.");
  const error = parameters.get("error");
  if (error === "access_denied") throw new Declined();
  if (error) throw new Error(parameters.get("error_description") ?? error);
  const accessToken = parameters.get("access_token");
  if (!accessToken) throw new Error("There is no access token in the answer.");
  if (parameters.get("token_type")?.toLowerCase() !== "bearer") {
    throw new Error("The token is of an unknown type.");
  }
  return stored(accessToken, parameters.get("scope") ?? undefined, pending);
}

async function exchange(parameters: URLSearchParams, pending: Pending, config: Config): Promise<Stored> {
  const server = { issuer: config.issuer, token_endpoint: config.tokenEndpoint };
  const client = { client_id: config.clientId };
  let validated: URLSearchParams;
  try {
    validated = validateAuthResponse(server, client, parameters, pending.state);
  } catch (error) {
    if (error instanceof AuthorizationResponseError && error.error === "access_denied") throw new Declined();
    throw error;
  }
  const answer = await authorizationCodeGrantRequest(
    server,
    client,
    None(),
    validated,
    pending.redirectUri,
    pending.codeVerifier ?? "",
    // A sandbox on this machine has no TLS.
    { [allowInsecureRequests]: new URL(config.tokenEndpoint).hostname === "localhost" },
  );
  const result = await processAuthorizationCodeResponse(server, client, answer);
  return stored(result.access_token, result.scope, pending);
}

function stored(accessToken: string, scope: string | undefined, pending: Pending): Stored {
  const granted = scope?.split(" ").filter(Boolean) ?? pending.scope;
  return { accessToken, granted, requested: pending.scope, nonce: pending.nonce };
}
