/** The claims of an access token of Constant Contact, verified. */
export interface Claims {
  iss: string;
  aud: string | string[];
  sub: string;
  exp: number;
  iat: number;
  cid: string;
  platform_user_id: string;
  [name: string]: unknown;
}

/** A verified access token. */
export interface Connection {
  accessToken: string;
  granted: string[];
  requested: string[];
  claims: Claims;
  keyId: string | undefined;
}

/** A token as it is stored: to be verified again. */
export interface Stored {
  accessToken: string;
  granted: string[];
  requested: string[];
  nonce: string;
}
