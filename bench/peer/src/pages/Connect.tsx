import { useEffect } from "react";
import { connect, prepare } from "../connect";
import { useSession } from "../session";
import { useTitle } from "../title";
import { permission } from "../words";

/** Without a connection: what connecting does, and the button. */
export function Connect() {
  useTitle("Connect");
  const { config, ended } = useSession();
  useEffect(() => void prepare(), []);
  const ends = config.scope.includes("offline_access")
    ? "Constant Contact ends each connection after a day, unless this page is open to renew it."
    : "Constant Contact ends each connection after some hours.";
  return (
    <div className="columns">
      <div className="stack-wide">
        <div>
          <h1>Connect your Constant Contact account</h1>
          <p className="lede">
            Connecting lets this page show your account, count your contacts and list your latest campaigns. It
            reads, and changes nothing.
          </p>
        </div>
        {ended && <p className="alert alert-calm" role="alert">Your connection has ended.</p>}
        <section aria-labelledby="permissions">
          <h2 id="permissions">What you will be asked to allow</h2>
          <ul className="permissions">
            {config.scope.map((scope) => {
              const [name, why] = permission(scope);
              return (
                <li key={scope}><strong>{name}</strong> <span>{why}</span> <code>{scope}</code></li>
              );
            })}
          </ul>
        </section>
        <div className="actions">
          <button className="button button-primary" type="button" onClick={() => connect(config)}>
            Connect Constant Contact
          </button>
        </div>
      </div>
      <aside className="card" aria-label="Before you connect">
        <h2>Before you connect</h2>
        <h3>Your password is not seen here</h3>
        <p>You sign in at Constant Contact, allow access there, and come straight back.</p>
        <h3>Nothing is changed</h3>
        <p>
          Constant Contact grants contacts and campaigns only together with permission to change them. This page only
          reads.
        </p>
        <h3>It ends by itself</h3>
        <p>{ends}</p>
        <h3>You can take it back</h3>
        <p>Choose <strong>Disconnect</strong> at any time. Everything kept in this browser is erased.</p>
      </aside>
    </div>
  );
}
