import { useEffect, useState } from "react";
import { type Account, accountName, useApi } from "../api";
import { useSession } from "../session";
import { duration } from "../words";
import { Moment } from "./Moment";

/** Until when the connection lasts, live. */
export function Lasts() {
  const { connection } = useSession();
  const account = useApi<Account>("/account/summary?extra_fields=physical_address,company_logo");
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  if (!connection) return null;
  const end = connection.claims.exp;
  const name = account.state === "ready" ? accountName(account.value) : undefined;
  return (
    <p className="lede">
      {name ?? "This page"} is connected until <Moment at={end * 1000} />, for another{" "}
      <span className="number">{duration(end - now / 1000)}</span>.
    </p>
  );
}
