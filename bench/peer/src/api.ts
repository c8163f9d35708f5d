import { useEffect, useState } from "react";
import type { Config } from "./config";
import { useSession } from "./session";

export interface Account {
  organization_name?: string;
  organization_phone?: string;
  first_name?: string;
  last_name?: string;
  contact_email?: string;
  time_zone_id?: string;
  website?: string;
  physical_address?: {
    address_line1?: string;
    address_line2?: string;
    address_line3?: string;
    city?: string;
    state_code?: string;
    state_name?: string;
    postal_code?: string;
    country_code?: string;
  };
  company_logo?: { url?: string };
}

export interface Counts {
  total: number;
  explicit: number;
  implicit: number;
}

export interface Lists {
  lists_count?: number;
}

export interface Campaigns {
  campaigns: { campaign_id: string; name?: string; current_status?: string; updated_at?: string }[];
}

export type Fetched<T> = { state: "loading" } | { state: "ready"; value: T } | { state: "failed"; status: number };

/** The answer may be used again while the connection lasts. */
const answers = new Map<string, unknown>();

/** GETs a path of the V3 API with the connection's token. */
export function useApi<T>(path: string): Fetched<T> {
  const { config, connection, end } = useSession();
  const token = connection?.accessToken;
  const key = `${token}${path}`;
  const [fetched, setFetched] = useState<Fetched<T>>(() =>
    answers.has(key) ? { state: "ready", value: answers.get(key) as T } : { state: "loading" },
  );
  useEffect(() => {
    if (token === undefined || answers.has(key)) return;
    const abort = new AbortController();
    get<T>(config, token, path, abort.signal).then(
      (value) => {
        answers.set(key, value);
        setFetched({ state: "ready", value });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const status = error instanceof Refused ? error.status : 0;
        if (status === 401) end();
        else setFetched({ state: "failed", status });
      },
    );
    return () => abort.abort();
  }, [config, token, path, key, end]);
  return fetched;
}

class Refused extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
}

async function get<T>(config: Config, token: string, path: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(config.apiBaseUrl + path, {
    headers: { Authorization: `Bearer ${token}`, Accept: "application/json" },
    credentials: "omit",
    redirect: "error",
    signal,
  });
  if (!response.ok) throw new Refused(response.status);
  return (await response.json()) as T;
}

/** What to call the account: the organization, else the person, else the address. */
export function accountName(account: Account): string | undefined {
  const person = [account.first_name, account.last_name].filter(Boolean).join(" ");
  return account.organization_name?.trim() || person || account.contact_email;
}
