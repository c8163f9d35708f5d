/** An authorization response, as it came in the address. */
export interface Response {
  fragment: string;
  query: string;
}

const NAMES = ["access_token", "code", "error", "state"];

function isResponse(text: string): boolean {
  const parameters = new URLSearchParams(text);
  return NAMES.some((name) => parameters.has(name));
}

/** Takes the response off the address bar, so that no token stays in the history. */
export function takeResponse(): Response | undefined {
  const response = { fragment: location.hash.slice(1), query: location.search.slice(1) };
  if (!isResponse(response.fragment) && !isResponse(response.query)) return undefined;
  history.replaceState(null, "", location.pathname);
  return response;
}
