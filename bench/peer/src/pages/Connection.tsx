import { Icon, NEITHER, PASSED } from "../components/Icon";
import { Lasts } from "../components/Lasts";
import { Moment } from "../components/Moment";
import type { Connection as Verified } from "../connection";
import { useSession } from "../session";
import { useTitle } from "../title";
import { permission } from "../words";

/** The connection: what is allowed, how long, and the proof behind it. */
export default function Connection() {
  useTitle("Connection");
  const { connection, disconnect } = useSession();
  if (!connection) return null;
  return (
    <>
      <h1>Connection</h1>
      <Lasts />
      <div className="page-body columns">
        <ThisConnection connection={connection} />
        <section className="card danger-area" aria-labelledby="disconnect">
          <h2 id="disconnect">Disconnect</h2>
          <p>
            Erases this connection from this tab. Nothing changes in your Constant Contact account, and you can connect
            again at any time.
          </p>
          <button className="button button-danger" type="button" onClick={disconnect}>Disconnect</button>
        </section>
      </div>
      <section className="section stack-wide" aria-labelledby="developers">
        <div>
          <h2 id="developers">For developers</h2>
          <p className="lede">What came back, and how this browser satisfied itself that it is genuine.</p>
        </div>
        <Checks connection={connection} />
        <Claims connection={connection} />
      </section>
    </>
  );
}

function ThisConnection({ connection }: { connection: Verified }) {
  const { claims, granted, requested } = connection;
  const permissions = [...new Set([...granted, ...requested])];
  return (
    <section className="card" aria-labelledby="this-connection">
      <h2 id="this-connection">This connection</h2>
      <dl className="facts">
        <div><dt>Person</dt><dd>{claims.sub}</dd></div>
        <div><dt>Connected</dt><dd><Moment at={claims.iat * 1000} as="date" /></dd></div>
        <div><dt>Ends</dt><dd><Moment at={claims.exp * 1000} as="date" /></dd></div>
        <div><dt>Kept</dt><dd>In this tab, until it is closed</dd></div>
      </dl>
      <h3>Permissions</h3>
      <ul className="rows">
        {permissions.map((scope) => {
          const given = granted.includes(scope);
          return (
            <li key={scope}>
              <span>{permission(scope)[0]} <code className="hint">{scope}</code></span>{" "}
              <span className={given ? "permission-given" : "permission-given permission-missing"}>
                <Icon path={given ? PASSED : NEITHER} />{given ? "Allowed" : "Not allowed"}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Checks({ connection }: { connection: Verified }) {
  const { claims, keyId } = connection;
  const rfc = (number: number, section: string) => ({
    label: `RFC ${number} §${section}`,
    url: `https://www.rfc-editor.org/rfc/rfc${number}.html#section-${section}`,
  });
  const documentation = {
    label: "Constant Contact OAuth2",
    url: "https://developer.constantcontact.com/api_guide/client_flow.html",
  };
  const checks = [
    ["alg", "The algorithm is the one this page insists on", "RS256", rfc(8725, "3.1")],
    ["kid", "The issuer has published the key", keyId, rfc(7515, "4.1.4")],
    ["signature", "The signature is valid under that key", undefined, rfc(7515, "5.2")],
    ["iss", "The issuer is the configured one", claims.iss, rfc(7519, "4.1.1")],
    ["aud", "The token is meant for this API", [claims.aud].flat().join(", "), rfc(7519, "4.1.3")],
    ["exp", "It has not expired", claims.exp, rfc(7519, "4.1.4")],
    ["iat", "It was issued within the last 24 hours", claims.iat, rfc(7519, "4.1.6")],
    ["sub", "It names a person", claims.sub, rfc(7519, "4.1.2")],
    ["cid", "It was issued to this application", claims.cid, documentation],
    ["platform_user_id", "The person belongs to a Constant Contact account", claims.platform_user_id, documentation],
  ] as const;
  return (
    <section className="card" aria-labelledby="checks">
      <div className="card-head">
        <h3 id="checks">Checks of the access token</h3>
        <p className="hint number">{checks.length} passed</p>
      </div>
      <ul className="checks">
        {checks.map(([name, what, found, section]) => (
          <li className="check" key={name} data-outcome="passed" data-check={name}>
            <p className="check-outcome"><Icon path={PASSED} />Passed</p>
            <div>
              <p className="check-name">{what}</p>
              <p className="check-found">
                {typeof found === "number" ? <Moment at={found * 1000} as="exact" /> : found && <code>{found}</code>}
              </p>
            </div>
            <p className="check-source"><a href={section.url} rel="noreferrer">{section.label}</a></p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Claims({ connection }: { connection: Verified }) {
  return (
    <section className="card" aria-labelledby="token">
      <h3 id="token">The access token, decoded</h3>
      <table className="table" role="table">
        <caption>Claims</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Claim</th>
            <th role="columnheader" scope="col">Value</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {Object.entries(connection.claims).map(([name, value]) => (
            <tr role="row" key={name}>
              <th role="rowheader" scope="row"><code>{name}</code></th>
              <td role="cell"><code>{JSON.stringify(value)}</code></td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
