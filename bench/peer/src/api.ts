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

/** Each path is asked for once while the connection lasts, by however many components. */
const requests = new Map<string, { answer: Promise<unknown>; value?: unknown }>();

function request(config: Config, token: string, path: string) {
  const key = token + path;
  const known = requests.get(key);
  if (known) return known;
  const asked: { answer: Promise<unknown>; value?: unknown } = { answer: get(config, token, path) };
  requests.set(key, asked);
  asked.answer.then(
    (value) => {
      asked.value = value;
    },
    () => requests.delete(key),
  );
  return asked;
}

/** GETs a path of the V3 API with the connection's token. */
export function useApi<T>(path: string): Fetched<T> {
  const { config, connection, end } = useSession();
  const token = connection?.accessToken;
  const [fetched, setFetched] = useState<Fetched<T>>(() => {
    const known = token === undefined ? undefined : requests.get(token + path)?.value;
    return known === undefined ? { state: "loading" } : { state: "ready", value: known as T };
  });
  useEffect(() => {
    if (token === undefined) return;
    let here = true;
    request(config, token, path).answer.then(
      (value) => {
        if (here) setFetched({ state: "ready", value: value as T });
      },
      (error: unknown) => {
        if (!here) return;
        const status = error instanceof Refused ? error.status : 0;
        if (status === 401) end();
        else setFetched({ state: "failed", status });
      },
    );
    return () => {
      here = false;
    };
  }, [config, token, path, end]);
  return fetched;
}

class Refused extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
}

async function get(config: Config, token: string, path: string): Promise<unknown> {
  const response = await fetch(config.apiBaseUrl + path, {
    headers: { Authorization: `Bearer ${token}`, Accept: "application/json" },
    credentials: "omit",
    redirect: "error",
  });
  if (!response.ok) throw new Refused(response.status);
  return response.json();
}

/** What to call the account: the organization, else the person, else the address. */
export function accountName(account: Account): string | undefined {
  const person = [account.first_name, account.last_name].filter(Boolean).join(" ");
  return account.organization_name?.trim() || person || account.contact_email;
}
