/** What config.json says, with the defaults filled in. */
export interface Config {
  clientId: string;
  redirectUri: string;
  responseType: "token" | "code";
  scope: string[];
  authorizationEndpoint: string;
  tokenEndpoint: string;
  issuer: string;
  jwksUri: string;
  audience: string;
  apiBaseUrl: string;
}

/** Nobody has entered a client_id yet. */
export class NotSetUp extends Error {}

const ISSUER = "https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8";
const SCOPE = "account_read campaign_data contact_data";

/** Where the application stands, with a slash at the end. */
export const baseUrl = new URL(import.meta.env.BASE_URL, location.href).href;

export const defaultRedirectUri = `${baseUrl}callback`;

export async function loadConfig(): Promise<Config> {
  const response = await fetch(`${baseUrl}config.json`, { cache: "no-cache", credentials: "omit" });
  if (!response.ok) throw new Error(`config.json was answered with status ${response.status}.`);
  return readConfig(await response.json());
}

function readConfig(settings: unknown): Config {
  if (typeof settings !== "object" || settings === null) throw new Error("config.json is not an object.");
  const text = (name: string, otherwise: string): string => {
    const value = (settings as Record<string, unknown>)[name] ?? otherwise;
    if (typeof value !== "string") throw new Error(`In config.json ${name} is not a text.`);
    return value;
  };
  const url = (name: string, otherwise: string): string => {
    const value = text(name, otherwise);
    if (!URL.canParse(value)) throw new Error(`In config.json ${name} is not an absolute URL.`);
    return value;
  };
  const clientId = text("client_id", "");
  if (clientId === "") throw new NotSetUp();
  const responseType = text("response_type", "token");
  if (responseType !== "token" && responseType !== "code") {
    throw new Error("In config.json response_type is neither token nor code.");
  }
  const issuer = url("issuer", ISSUER);
  const scope = responseType === "code" ? `${SCOPE} offline_access` : SCOPE;
  return {
    clientId,
    redirectUri: url("redirect_uri", defaultRedirectUri),
    responseType,
    scope: text("scope", scope).split(" ").filter(Boolean),
    authorizationEndpoint: url("authorization_endpoint", "https://authz.constantcontact.com/oauth2/default/v1/authorize"),
    tokenEndpoint: url("token_endpoint", "https://authz.constantcontact.com/oauth2/default/v1/token"),
    issuer,
    jwksUri: url("jwks_uri", `${issuer}/v1/keys`),
    audience: text("audience", "https://api.cc.email/v3"),
    apiBaseUrl: url("api_base_url", "https://api.cc.email/v3"),
  };
}
