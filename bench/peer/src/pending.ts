/** What this tab keeps of a request until its answer comes. */
export interface Pending {
  state: string;
  nonce: string;
  codeVerifier?: string;
  redirectUri: string;
  scope: string[];
}
