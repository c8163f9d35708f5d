import { createContext, type ReactNode, startTransition, use, useCallback, useEffect, useMemo, useState } from "react";
import type { Config } from "./config";
import type { Connection, Stored } from "./connection";
import { forget, load } from "./storage";

interface Session {
  config: Config;
  /** `undefined` while a stored token is verified. */
  connection: Connection | null | undefined;
  connected(connection: Connection): void;
  disconnect(): void;
  /** The token has expired, or the API refuses it. */
  end(): void;
  ended: boolean;
}

const Context = createContext<Session | null>(null);

export function useSession(): Session {
  const session = use(Context);
  if (!session) throw new Error("There is no session around this component.");
  return session;
}

export function SessionProvider({ config, children }: { config: Config; children: ReactNode }) {
  const [connection, setConnection] = useState<Connection | null | undefined>(() =>
    load<Stored>("session") ? undefined : null,
  );
  const [ended, setEnded] = useState(false);

  const connected = useCallback((connection: Connection) => {
    startTransition(() => {
      setConnection(connection);
      setEnded(false);
    });
  }, []);
  const disconnect = useCallback(() => {
    forget("session");
    setConnection(null);
  }, []);
  const end = useCallback(() => {
    disconnect();
    setEnded(true);
  }, [disconnect]);

  // A reload keeps the connection; the token is verified again in full.
  useEffect(() => {
    const stored = load<Stored>("session");
    if (!stored) return;
    import("./verify")
      .then(({ verify }) => verify(stored, config))
      .then(setConnection, end);
  }, [config, end]);

  const expiresAt = connection?.claims.exp;
  useEffect(() => {
    if (expiresAt === undefined) return;
    const timer = setTimeout(end, expiresAt * 1000 - Date.now());
    return () => clearTimeout(timer);
  }, [expiresAt, end]);

  const session = useMemo(
    () => ({ config, connection, connected, disconnect, end, ended }),
    [config, connection, connected, disconnect, end, ended],
  );
  return <Context value={session}>{children}</Context>;
}
